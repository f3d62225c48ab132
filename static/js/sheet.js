/** Where it has no room beside the stage, the inspector is a drawer: a line with the chosen number that opens it. */

import { shareOfCell, valueWithShare } from "./alone-words.js";
import { cellName, valueIn } from "./cells.js";
import { byId } from "./dom.js";
import { readable } from "./numbers.js";
import { chosenCell, effect, state } from "./state.js";
import { isDrawer, isMap } from "./viewport.js";

export function mountSheet() {
  const [root, line] = [byId("inspector"), byId("inspector-open")];
  line.addEventListener("click", () => {
    unfold();
    root.focus();
  });
  effect(() => {
    root.classList.toggle("shut", !state.unfolded.value);
    line.querySelector("span")?.replaceChildren(chosen());
  });
}

/** The chosen cell and its value. */
function chosen() {
  if (!chosenCell.value) return "";
  const { frame, tensor, index } = chosenCell.value;
  const wire = valueIn(frame.tensors[tensor], index);
  return cellName({ tensor, index }) + (wire === undefined ? "" : ` = ${valueWithShare(readable(wire), shareOfCell(frame, tensor, index))}`);
}

/** Open the drawer; on a phone with the equation, not the map, above it. */
export function unfold() {
  state.unfolded.value = true;
  if (isMap()) byId("centre").scrollTop = byId("stage").offsetHeight;
}

/**
 * Close the drawer, if it is one; the number stays chosen, and the line has the focus.
 * @returns {boolean} Whether it was one.
 */
export function fold() {
  if (!isDrawer()) return false;
  state.unfolded.value = false;
  byId("inspector-open").focus();
  return true;
}
