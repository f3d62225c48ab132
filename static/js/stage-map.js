/** On the phone's map a tap outside what is computed goes to a step: above the turn a layer's way forward, below it back. */

import { byId } from "./dom.js";
import { computedBy, iterationEnds } from "./positions.js";
import { goTo, select, state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./columns.js").Slot} Slot */

/**
 * The position of a column's step, forward or backward, from another position.
 * @param {Run} run
 * @param {string} column
 * @param {boolean} back
 * @param {number} position
 * @returns {number | null} Null where it has none: nothing goes back from the data.
 */
export function stepOfHalf(run, column, back, position) {
  const names =
    column === "batch" ? (back ? [] : ["batch"])
    : column === "loss" ? (back ? ["loss_backward", "fused_backward"] : ["loss"])
    : back ? [`backward:${column}`, "fused_backward"]
    : [`forward:${column}`];
  const step = names.map((name) => run.steps.indexOf(name)).find((at) => at >= 0);
  return step === undefined ? null : iterationEnds(position, run.steps_per_iteration).start + step + 1;
}

/**
 * Go where a tap on the map means.
 * @param {MouseEvent} event
 * @param {{slot: Slot, index: import("./types.js").Index} | null} found The cell under it.
 * @returns {boolean} Whether it meant a step; else it chooses.
 */
export function travel(event, found) {
  const [run, frame] = [state.run.value, state.frame.value];
  const column = /** @type {Element} */ (event.target).closest(".column");
  if (!run || !frame || !column) return false;
  const position = state.position.value;
  if (found) {
    const { slot, index } = found;
    const tensor = slot.place === "jacobian" ? `${slot.tensor}.dinput` : slot.tensor;
    if (frame.tensors[tensor].computed_at !== null) return false;
    const there = computedBy(run, tensor, position);
    goTo(there);
    select({ tensor, index, position: there });
    return true;
  }
  const turn = byId("columns").querySelector(".turn");
  const back = event.clientY > (turn?.getBoundingClientRect().top ?? Infinity);
  const there = stepOfHalf(run, column.id.replace("column-", ""), back, position);
  if (there !== null) goTo(there);
  return there !== null;
}
