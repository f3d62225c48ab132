/** Which tab of the proof is looked at, and the way from it to the stage. */

import { byId } from "./dom.js";
import { batch, goTo, select, signal } from "./state.js";

/** @typedef {"check" | "jacobians" | "heads" | "conventions" | "hunt" | "homework" | "autopsy"} Tab */

export const proof = {
  /** null while the dialog is closed: an effect that follows it does nothing then. */
  tab: signal(/** @type {Tab | null} */ (null)),
};

/** Close the dialog; the stage has the focus. */
export function leaveProof() {
  /** @type {HTMLDialogElement} */ (byId("proof")).close();
  byId("stage").focus();
}

/**
 * To the stage, at a cell's position, with the cell open in the inspector.
 * @param {import("./types.js").Cell} cell
 */
export function goToCell(cell) {
  batch(() => {
    goTo(cell.position);
    select(cell);
  });
  leaveProof();
}
