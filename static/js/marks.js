/** What is marked in a matrix, on the stage and in the equation. */

import { alone, isAlone } from "./alone.js";
import { around } from "./cells.js";
import { blocksOf } from "./compare.js";
import { changedCells } from "./difference.js";
import { editOf, editsOf } from "./edit-rules.js";
import { canonical, readsOf } from "./linkage.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./matrix-view.js").Mark} Mark */

/**
 * The marks of each matrix by its name: what is chosen, what that reads, what differs, was edited or is pointed to.
 * @param {Run} run
 * @param {Frame} frame
 * @param {import("./types.js").Cell | null} cell The chosen one.
 */
export function marking(run, frame, cell) {
  const chosen = cell && canonical(run, cell.tensor);
  const reads = cell ? madeOf(run, frame, cell) : [];
  return (/** @type {string} */ tensor) => {
    const of = (/** @type {import("./linkage.js").Block[]} */ blocks) => blocks.filter((block) => block.tensor === tensor);
    const edited = frame.run === run.id && frame.tensors[tensor] ? editsOf(run, frame, tensor) : [];
    const differing = state.difference.value || isAlone(tensor) ? [] : pastedCells(frame, tensor) ?? changedCells(tensor);
    return /** @type {Mark[]} */ ([
      ...othersIn(tensor, frame).map((block) => ({ ...block, kind: "others" })),
      ...of(reads).map((block) => ({ ...block, kind: "reads" })),
      ...blocksOf(differing).map((block) => ({ ...block, kind: "differs" })),
      ...edited.map(({ index }) => ({ ...around(index), kind: "edited" })),
      ...(cell && tensor === chosen ? [{ ...around(cell.index), kind: "selected" }] : []),
      ...of(state.hover.value?.blocks ?? []).map((block) => ({ ...block, kind: "hover" })),
    ]);
  };
}

/**
 * What the chosen cell is made of; nothing, where someone wrote over it.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Pick<import("./types.js").Cell, "tensor" | "index">} cell
 */
export function madeOf(run, frame, { tensor, index }) {
  const name = canonical(run, tensor);
  const edited = frame.run === run.id && frame.tensors[name] && editOf(run, frame, name, index);
  return edited ? [] : readsOf(run, name, index, frame.position);
}

/**
 * What of a forward matrix belongs to other samples than the one shown alone: its rows above and below.
 * @param {string} tensor
 * @param {Frame} frame
 */
function othersIn(tensor, frame) {
  const on = alone.value;
  if (!on || !/^batch\.|\.output$/.test(tensor)) return [];
  const [rows, columns] = frame.tensors[tensor].shape;
  const bands = /** @type {Index[]} */ ([[0, on.sample], [on.sample + 1, rows]]).filter(([from, to]) => from < to);
  return bands.map((rows) => ({ rows, columns: /** @type {Index} */ ([0, columns]) }));
}

/**
 * Where a pasted matrix differs from what is shown, as long as that is what it was compared with.
 * @param {import("./types.js").Frame} frame
 * @param {string} tensor
 */
export function pastedCells({ run, tensors }, tensor) {
  const found = state.compared.value;
  const same = found?.tensor === tensor && found.run === run && found.computed_at === tensors[tensor].computed_at;
  return same ? found.cells : null;
}
