/** The stage by mouse and finger: what is under the pointer, and what a click chooses. */

import { openEditor } from "./editor.js";
import { pointFrom, unpoint } from "./hover.js";
import { pointed } from "./lens.js";
import { MatrixView } from "./matrix-view.js";
import { cellOf } from "./pixels.js";
import { unfold } from "./sheet.js";
import { travel } from "./stage-map.js";
import { lineOf } from "./stage-pixels.js";
import { openJacobian, select, state } from "./state.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./stage.js").Stage} Stage */

/**
 * @param {HTMLElement} root
 * @param {{value: Stage | null}} built
 */
export function listenToPointer(root, built) {
  const point = (/** @type {MouseEvent} */ event) => {
    const found = under(built.value, event);
    pointed.value = found;
    if (!found || found.slot.place === "jacobian") unpoint();
    else pointFrom(found.slot.tensor, found.cell);
  };
  root.addEventListener("pointermove", point);
  root.addEventListener("pointerleave", () => {
    pointed.value = null;
    unpoint();
  });
  root.addEventListener("dblclick", () => {
    if (!pointed.value || pointed.value.slot.place === "jacobian") return;
    const { slot, view, index, cell } = pointed.value;
    openEditor(slot.tensor, cell, () => view.boxOf(index));
  });
  root.addEventListener("click", (event) => {
    point(event);
    choose(built.value, event);
  });
}

/**
 * The matrix and the cell under a pointer.
 * @param {Stage | null} stage
 * @param {MouseEvent} event
 * @returns {import("./lens.js").Pointed | null}
 */
function under(stage, event) {
  const view = /** @type {Element} */ (event.target).closest("matrix-view");
  const run = state.run.peek();
  if (!stage || !run || !(view instanceof MatrixView)) return null;
  const slot = [...stage.views].find(([, one]) => one.view === view)?.[0];
  const index = view.cellAt(event);
  if (!slot || !index) return null;
  const { tensor, place } = slot;
  return { slot, view, index, cell: place.endsWith("pixels") ? cellOf(tensor, index, lineOf(run, tensor)) : index };
}

/**
 * @param {Stage | null} stage
 * @param {MouseEvent} event
 */
function choose(stage, event) {
  if (isMap() && travel(event, pointed.value)) return;
  if (!stage || !pointed.value) return;
  const { slot: { tensor, place }, cell } = pointed.value;
  if (place === "jacobian") {
    openJacobian(tensor);
    return;
  }
  select({ tensor, index: cell, position: state.position.value });
  const slot = stage.order.find((one) => one.tensor === tensor);
  if (slot) state.cursor.value = { slot, index: cell };
  if (!isMap()) unfold();
}
