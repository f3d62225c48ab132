/** A digits run's pictures, kept painted. */

import { alone, isAlone } from "./alone.js";
import { shareName } from "./alone-words.js";
import { around, valueIn } from "./cells.js";
import { shownTensor } from "./difference.js";
import { t } from "./i18n.js";
import { pointed } from "./lens.js";
import { SIDE, axisOf, cellOf, pixelOf } from "./pixels.js";
import { rangeNow } from "./ranges.js";
import { chosenCell, effect, onStage, state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./stage-columns.js").SlotView} SlotView */

const ALL = [...Array(SIDE).keys()];

/**
 * The row or the column whose picture is shown: of the sample or unit that is pointed to, else of the chosen one.
 * @param {Run} run
 * @param {string} tensor
 */
export function lineOf(run, tensor) {
  const axis = axisOf(tensor);
  if (!axis && alone.value && isAlone(tensor)) return alone.value.sample;
  const { slot, cell } = pointed.value ?? {};
  const near = slot && (axis ? slot.tensor.startsWith(`${run.layers[0]}.`) : axisOf(slot.tensor) === 0);
  const line = near && cell ? cell[axis] : axis ? state.unit.value : state.sample.value;
  return Math.min(line, (state.frame.value?.tensors[tensor].shape[axis] ?? 1) - 1);
}

/**
 * Keep the pictures painted.
 * @param {{value: import("./stage.js").Stage | null}} built
 */
export function watchPixels(built) {
  effect(() => {
    if (!onStage.value) return;
    const { run, frame } = onStage.value;
    for (const [slot, shown] of built.value?.views ?? []) {
      if (slot.place.endsWith("pixels")) paint(run, frame, slot, shown);
    }
  });
}

/**
 * @param {Run} run
 * @param {import("./types.js").Frame} frame
 * @param {Slot} slot
 * @param {SlotView} shown
 */
function paint(run, frame, { tensor, name, shape }, { view, caption, size }) {
  const line = lineOf(run, tensor);
  const all = shownTensor(frame, tensor);
  const pixel = (/** @type {Index} */ at) => valueIn(all, cellOf(tensor, at, line)) ?? 0;
  const values = all.values ? ALL.map((row) => ALL.map((column) => pixel([row, column]))) : null;
  view.show({ values, shape, ...size.value, whole: false, range: rangeNow(tensor) });
  const title = `${name}[${axisOf(tensor) ? ":, " : ""}${line}]`;
  caption.textContent = title;
  view.setAttribute("aria-label", [t("matrix.pixels", { tensor, title }), shareName(tensor)].join(" ").trim());
  const cell = chosenCell.value;
  const at = cell?.tensor === tensor && pixelOf(tensor, cell.index, line);
  view.mark(at ? [{ ...around(at), kind: "selected" }] : []);
}
