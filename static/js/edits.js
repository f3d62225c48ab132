/** A change of the run, by whoever makes it, and the way back. */

import { byId } from "./dom.js";
import { canRedo, canUndo, fork, redo, undo } from "./forks.js";
import { listen, listenAtTransport } from "./keys.js";
import { effect } from "./state.js";

/** @typedef {import("./types.js").Edit} Edit */

/**
 * Fork the run that is shown; the change line then says what came of it.
 * @param {Edit[]} edits Appended to the run's.
 * @param {object} [changes] Fields of its spec, replaced whole.
 * @throws {import("./api.js").Problem} The server's refusal, to be shown beside what caused it; nothing has changed.
 */
export async function change(edits, changes = {}) {
  await fork(edits, changes);
}

/** Undo and redo: buttons, and keys where no text is written. */
export function mountUndo() {
  for (const [id, act, can] of /** @type {const} */ ([["undo", undo, canUndo], ["redo", redo, canRedo]])) {
    byId(id).addEventListener("click", act);
    effect(() => void byId(id).toggleAttribute("disabled", !can.value));
  }
  listenAtTransport({ undo, redo });
  listen(byId("inspector"), "transport", { undo, redo });
}
