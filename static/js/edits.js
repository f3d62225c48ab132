/** A change of the run, by whoever makes it: a fork, and then one line that says what came of it. */

import { fork } from "./forks.js";

/** @typedef {import("./types.js").Edit} Edit */

/**
 * Fork the run that is shown, and say what changed.
 * @param {Edit[]} edits Appended to the run's.
 * @param {object} [changes] Fields of its spec, replaced whole.
 * @throws {import("./api.js").Problem} The server's refusal, to be shown beside what caused it; nothing has changed.
 */
export async function change(edits, changes = {}) {
  await fork(edits, changes);
}
