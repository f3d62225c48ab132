/** The softmax's Jacobian of the chosen sample, small, in its column. */

import { answers, pending } from "./answers.js";
import { getJacobian } from "./api.js";
import { isOld } from "./derive.js";
import { hasFault } from "./faults.js";
import { t } from "./i18n.js";
import { toNumber } from "./numbers.js";
import { iterationEnds, nextStepOf, samePlace } from "./positions.js";
import { rangeNow } from "./ranges.js";
import { rangeText } from "./scales.js";
import { jacobian } from "./softmax.js";
import { busy, effect, onStage, state } from "./state.js";

/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./stage-columns.js").SlotView} SlotView */

const KEPT = 100;

/** @type {ReturnType<typeof answers<import("./types.js").Jacobian>>} */
const jacobians = answers(KEPT);
/** @type {Map<string, string[]>} The one that each layer shows, and the one that it is compared with. */
const wanted = new Map();

/**
 * Show it once the step that uses it has run; it is asked for once an iteration and sample.
 * @param {{value: Stage | null}} built
 */
export function watchJacobian(built) {
  effect(() => {
    if (!onStage.value) return;
    const { run, frame } = onStage.value;
    for (const [slot, shown] of built.value?.views ?? []) {
      if (slot.place === "jacobian") follow(run, frame, slot, shown);
    }
  });
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {Slot} slot Whose tensor is the layer.
 * @param {SlotView} shown
 */
function follow(run, frame, slot, shown) {
  const layer = slot.tensor;
  const gradient = frame.tensors[`${layer}.dinput`];
  const sample = Math.min(state.sample.value, gradient.shape[0] - 1);
  describe(run, frame, slot, shown, sample);
  shown.figure.querySelector(".problem")?.remove();
  const written = gradient.computed_at;
  if (written === null) {
    draw(slot, shown, null);
    return;
  }
  if (busy.value) {
    const row = frame.tensors[`${layer}.output`].values?.[sample];
    draw(slot, shown, row ? jacobian(row.map(toNumber), hasFault(run, "softmax_scalar")) : null);
    return;
  }
  const { end } = iterationEnds(written, run.steps_per_iteration);
  const of = (/** @type {Run} */ { id }, /** @type {number} */ at) => {
    const key = `${id}@${at}/${layer}/${sample}`;
    return jacobians.of(key, () => getJacobian(id, at, layer, sample), () => wanted.get(layer)?.includes(key) ?? false);
  };
  const before = state.difference.value ? state.before.value : null;
  const at = before ? samePlace(run, end, before) : 0;
  wanted.set(layer, [`${run.id}@${end}/${layer}/${sample}`, `${before?.id}@${at}/${layer}/${sample}`]);
  const held = of(run, end);
  const values = held.answer?.jacobian ?? null;
  draw(slot, shown, before ? less(values, of(before, at).answer?.jacobian) : values);
  if (held.again) shown.figure.append(pending(held, ""));
}

/**
 * New − old, where both are there and alike.
 * @param {Matrix | null} now
 * @param {Matrix | undefined} before
 */
function less(now, before) {
  const alike = now?.length === before?.length;
  return now && before && alike ? now.map((row, r) => row.map((value, c) => toNumber(value) - toNumber(before[r][c]))) : null;
}

/**
 * @param {Slot} slot
 * @param {SlotView} shown
 * @param {Matrix | null} values
 */
function draw(slot, shown, values) {
  const all = (values ?? []).flat().map(toNumber).filter(Number.isFinite);
  const range = rangeNow(slot.tensor, { min: Math.min(0, ...all), max: Math.max(0, ...all) });
  const { cell, numbers } = shown.size.value;
  shown.view.show({ values, shape: slot.shape, cell, numbers, whole: false, signed: state.difference.value, range });
  shown.range.textContent = values ? rangeText(range) : "";
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {Slot} slot
 * @param {SlotView} shown
 * @param {number} sample
 */
function describe(run, frame, slot, shown, sample) {
  const name = `${slot.tensor}.dinput`;
  const written = frame.tensors[name].computed_at;
  const said = written === null ? t("matrix.missing", nextStepOf(run, name, frame.position)) : "";
  const [rows, columns] = slot.shape;
  const label = t("matrix.jacobian", { layer: slot.tensor, sample, rows, columns, said });
  shown.view.title = said;
  shown.view.setAttribute("aria-label", label.trim());
  shown.figure.classList.toggle("wrote", written === frame.position && frame.position > 0);
  shown.figure.classList.toggle("old", isOld(run, frame, name));
  const also = shown.caption.querySelector(".also");
  if (also) also.textContent = t("stage.sample", { sample });
}
