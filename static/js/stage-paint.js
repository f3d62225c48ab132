/** One matrix of the stage: its picture, its caption, and what is said of it. */

import { noteShare, normed, shareSaid } from "./alone-words.js";
import { isOld } from "./derive.js";
import { changedCells, frameBefore, shownTensor } from "./difference.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { readable, toNumber } from "./numbers.js";
import { nextStepOf } from "./positions.js";
import { rangeNow } from "./ranges.js";
import { rangeText } from "./scales.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Tensor} Tensor */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./stage-layout.js").Size} Size */
/** @typedef {import("./stage-columns.js").SlotView} SlotView */

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {Slot} slot
 * @param {Size} size
 * @param {SlotView} shown
 */
export function paintSlot(run, frame, slot, size, shown) {
  const before = shown.size.peek();
  if (before.numbers !== size.numbers || String(before.cell) !== String(size.cell)) shown.size.value = size;
  shown.figure.style.setProperty("--wide", `${size.cell[0] * slot.shape[1]}px`);
  if (/jacobian|pixels/.test(slot.place)) return;
  const tensor = shownTensor(frame, slot.tensor);
  const whole = tensor.dtype.startsWith("int") || (slot.place === "target" && isWhole(tensor));
  const range = rangeNow(slot.tensor);
  const values = tensor.computed_at === null ? null : tensor.values ?? null;
  shown.view.show({ values, shape: tensor.shape, ...size, whole, signed: state.difference.value, range });
  const counts = counted(tensor, range);
  shown.range.textContent = [...counts, rangeText(range)].join(" ");
  const old = isOld(run, frame, slot.tensor);
  shown.figure.classList.toggle("old", old);
  const wrote = frame.position > 0 && tensor.computed_at === frame.position;
  shown.figure.classList.toggle("wrote", wrote);
  const unmatched = values === null && tensor.computed_at !== null && state.difference.value && frameBefore.value !== null;
  shown.view.dataset.alone = unmatched ? t("difference.no_match") : "";
  noteShare(shown.caption, slot.tensor);
  const share = shareSaid(slot.tensor, values !== null);
  const stands = [standing(run, frame, slot, old), share || compared(slot.tensor, unmatched)].join(" ").trim();
  shown.view.title = stands;
  const said = [...counts, stands].join(" ");
  const [rows, columns] = tensor.shape;
  shown.view.setAttribute("aria-label", t("matrix.label", { tensor: slot.tensor, rows, columns, said }).trim());
  if (shown.norm) {
    const value = tensor.norm === null ? "—" : readable(tensor.norm, 3);
    const name = `${state.difference.value ? "Δ" : ""}${slot.name.split(".").at(-1)}`;
    shown.norm.replaceChildren(make("span", "name", `‖${normed(slot.tensor, name)}‖ `), value);
  }
}

/**
 * How a matrix stands to that of the run before.
 * @param {string} name
 * @param {boolean} unmatched Whether it should be compared, and there is nothing to compare it with.
 */
function compared(name, unmatched) {
  const count = changedCells(name).length;
  return unmatched ? t("difference.alone") : count > 0 ? t("difference.count", { count }) : "";
}

/**
 * Whether a target's flags are all 0 or 1, and so need no decimals.
 * @param {Tensor} tensor
 */
function isWhole({ values }) {
  return (values ?? []).flat().every((value) => Number.isInteger(toNumber(value)));
}

/**
 * Where a matrix is not simply there: not computed yet, or left over from before the update.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Slot} slot
 * @param {boolean} old
 */
function standing(run, frame, slot, old) {
  if (frame.tensors[slot.tensor].computed_at === null) {
    return t("matrix.missing", nextStepOf(run, slot.tensor, frame.position));
  }
  const before = Math.floor(frame.position / run.steps_per_iteration) - 1;
  return old ? t("matrix.old", { update: before }) : "";
}

/**
 * How many of a tensor's values no colour can say.
 * @param {Tensor} tensor
 * @param {number} range
 */
function counted({ nan, inf, min, max, values }, range) {
  const reaches = Math.max(-(min ?? 0), max ?? 0) > range;
  const clipped = reaches ? (values ?? []).flat().filter((value) => Math.abs(toNumber(value)) > range).length - (inf ?? 0) : 0;
  return [nan ? `${nan} NaN` : "", inf ? `${inf} ∞` : "", clipped ? t("stage.clipped", { count: clipped }) : ""].filter(Boolean);
}
