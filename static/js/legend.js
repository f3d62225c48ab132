/** What the colours and marks mean at this moment: of the matrix that is pointed to, else chosen, else just written. */

import { alone, isAlone } from "./alone.js";
import { around, valueIn } from "./cells.js";
import { isOld } from "./derive.js";
import { changedCells, shownTensor } from "./difference.js";
import { byId, make } from "./dom.js";
import { editsOf } from "./edit-rules.js";
import { t } from "./i18n.js";
import { pointed } from "./lens.js";
import { canonical } from "./linkage.js";
import { say } from "./live.js";
import { madeOf, pastedCells } from "./marks.js";
import { MatrixView } from "./matrix-view.js";
import { minus, toNumber } from "./numbers.js";
import { directionOf, stepAt } from "./positions.js";
import { rangeNow } from "./ranges.js";
import { kindOf, rangeText } from "./scales.js";
import { chosenCell, computed, effect, onStage, state } from "./state.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./state.js").ScaleBy} ScaleBy */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {Pick<import("./types.js").Cell, "tensor" | "index">} Place */

/** Every tenth of a range, as the bar shows it. */
const TENTHS = [...Array(11).keys()].map((at) => at / 10);

/** The tensor whose colours are explained. */
const subject = computed(() => {
  if (!onStage.value) return "";
  const { run, frame } = onStage.value;
  return pointed.value?.slot.tensor ?? chosenCell.value?.tensor ?? Object.keys(run.tensors).find((name) => frame.tensors[name].computed_at === frame.position) ?? "";
});

/** What is marked on the stage now: a word and a sample of each. */
const present = computed(() => {
  if (!onStage.value) return [];
  const [{ run, frame }, cell] = [onStage.value, chosenCell.value];
  const names = Object.keys(run.tensors).filter((name) => !name.startsWith("data."));
  const some = (/** @type {(name: string) => unknown} */ has) => names.some(has);
  const now = (/** @type {string} */ name) => shownTensor(frame, name);
  const clipped = (/** @type {string} */ name) => {
    const { min, max } = now(name);
    return Math.max(-(min ?? 0), max ?? 0) > rangeNow(name);
  };
  /** @type {[unknown, string, Matrix | null][]} */
  const all = [
    [frame.position > 0 && some((name) => frame.tensors[name].computed_at === frame.position), "wrote", [[0]]],
    [some((name) => frame.tensors[name].computed_at === null), "missing", null],
    [some((name) => isOld(run, frame, name)), "old", [[0.5]]],
    [some((name) => now(name).nan), "nan", [["NaN"]]],
    [some((name) => now(name).inf), "infinite", [["Infinity"]]],
    [(state.contrast.value || alone.value) && some(clipped), "clipped", [[2]]],
    [alone.value && names.some((name) => isAlone(name) && frame.tensors[name].computed_at !== null), "others", [[]]],
    [cell, "selected", [[0]]],
    [cell && madeOf(run, frame, cell).length > 0, "reads", [[0]]],
    [!state.difference.value && some((name) => changedCells(name).length), "differs", [[0]]],
    [!state.difference.value && some((name) => pastedCells(frame, name)?.length), "pasted", [[0]]],
    [some((name) => editsOf(run, frame, name).length), "edited", [[0]]],
  ];
  return all.filter(([there]) => there).map(([, name, values]) => ({ name, values }));
});

/** Build what does not change, and keep the rest as the state is. */
export function mountLegend() {
  const by = /** @type {HTMLSelectElement} */ (byId("scale-by"));
  by.value = recall("scale-by") ?? by.value;
  const chosen = () => {
    state.scaleBy.value = /** @type {ScaleBy} */ (by.value);
    remember("scale-by", by.value);
  };
  chosen();
  by.addEventListener("change", () => {
    chosen();
    sayRange();
  });
  const button = /** @type {HTMLButtonElement} */ (byId("contrast"));
  button.addEventListener("click", () => contrast(state.selection.peek()));
  effect(() => {
    button.ariaPressed = String(Boolean(state.contrast.value));
    button.disabled = !state.contrast.value && !valued(state.selection.value);
  });
  effect(() => {
    const name = subject.value;
    if (onStage.value) byId("legend-now").dataset.direction = directionOf(stepAt(onStage.value.run, onStage.value.frame.position).kind);
    byId("legend-now").replaceChildren(...(name && state.lang.value ? colours(name) : []), ...present.value.map(key));
  });
}

/**
 * Colours as far as a cell's value reaches; asked again, as far as they did before.
 * @param {Place | null} cell
 */
export function contrast(cell) {
  const found = state.contrast.value ? null : valued(cell);
  if (!found && !state.contrast.value) return;
  state.contrast.value = found;
  sayRange();
}

function sayRange() {
  const tensor = subject.value;
  say(t("legend.contrasted", { tensor, range: minus(rangeText(rangeNow(tensor))) }));
}

/**
 * A cell's value, where a range can be made of it.
 * @param {Place | null} cell
 * @returns {import("./state.js").Contrast | null}
 */
function valued(cell) {
  if (!cell || !onStage.value) return null;
  const { run, frame } = onStage.value;
  const tensor = canonical(run, cell.tensor);
  const value = toNumber(valueIn(shownTensor(frame, tensor), cell.index) ?? 0);
  return value && Number.isFinite(value) ? { tensor, value } : null;
}

/**
 * A matrix's name, its bar of colours, and what they mean.
 * @param {string} name
 */
function colours(name) {
  const kind = kindOf(name);
  const meaning = make("span", "meaning", t(state.difference.value ? "legend.of.difference" : isAlone(name) ? "legend.of.share" : `legend.of.${kind}`, { sample: alone.value?.sample }));
  meaning.title = meaning.textContent ?? "";
  const title = make("b", "", name);
  if (kind === "target") return [title, meaning];
  const end = rangeText(rangeNow(name)).slice(1);
  const signed = state.difference.value || !/probability|loss|cache/.test(kind);
  const values = signed ? TENTHS.map((at) => 2 * at - 1) : TENTHS;
  return [title, make("span", "", signed ? `−${end}` : "0"), sample([values], [4, 12]), make("span", "", end), meaning];
}

/** @param {{name: string, values: Matrix | null}} mark */
function key({ name, values }) {
  const view = sample(values, [12, 12]);
  view.classList.add(name);
  const kind = /** @type {"edited"} */ (name.replace("pasted", "differs"));
  if (/^(selected|reads|differs|edited)$/.test(kind)) view.mark([{ ...around([0, 0]), kind }]);
  return make("span", "key", view, t(`legend.${name}`));
}

/**
 * A matrix with the colours of the stage.
 * @param {Matrix | null} values
 * @param {[number, number]} cell
 */
function sample(values, cell) {
  const view = new MatrixView();
  view.ariaHidden = "true";
  view.show({ values, shape: [1, values?.[0].length || 1], cell, numbers: false, whole: false, range: 1 });
  return view;
}
