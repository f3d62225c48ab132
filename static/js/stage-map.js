/** On the phone's map a tap outside what is computed goes to a step: above the turn a layer's way forward, below it back. */

import { byId } from "./dom.js";
import { computedBy, stepOfHalf } from "./positions.js";
import { goTo, state } from "./state.js";

/** @typedef {import("./columns.js").Slot} Slot */

/**
 * Go where a tap on the map means.
 * @param {MouseEvent} event
 * @param {{slot: Slot, index: import("./types.js").Index} | null} found What is under it.
 * @returns {boolean} Whether it meant a step; else it chooses.
 */
export function travel(event, found) {
  const [run, frame] = [state.run.value, state.frame.value];
  const column = /** @type {Element} */ (event.target).closest(".column");
  if (!run || !frame || !column) return false;
  const position = state.position.value;
  if (found) {
    const { slot } = found;
    const tensor = slot.place === "jacobian" ? `${slot.tensor}.dinput` : slot.tensor;
    if (frame.tensors[tensor].computed_at !== null) return false;
    goTo(computedBy(run, tensor, position));
    return true;
  }
  const turn = byId("columns").querySelector(".turn");
  const back = event.clientY > (turn?.getBoundingClientRect().top ?? Infinity);
  const there = stepOfHalf(run, column.id.replace("column-", ""), back, position);
  if (there !== null) goTo(there);
  return there !== null;
}
