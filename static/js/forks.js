/** Every change makes a new run; undo and redo lead back and forth between them. */

import { forkRun, getRun } from "./api.js";
import { canonical } from "./linkage.js";
import { samePlace } from "./positions.js";
import { batch, computed, signal, state } from "./state.js";
import { patiently } from "./waiting.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./fragment.js").Source} Source */
/** @typedef {{run: Run, source: Source}} Visit */
/** @typedef {{from: Run, to: Run, how: "change" | "undo" | "redo" | "open"}} Move */

const past = signal(/** @type {Visit[]} */ ([]));
const future = signal(/** @type {Visit[]} */ ([]));
let newest = 0;

/** How the run that is shown came after the one before. */
export const moved = signal(/** @type {Move | null} */ (null));
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);

/**
 * Fork the run that is shown. Nothing changes where the server refuses.
 * @param {Edit[]} edits Appended to the run's.
 * @param {object} [changes] Fields of its spec, replaced whole.
 * @returns {Promise<Run | null>} The new run; null where something newer was asked for meanwhile.
 * @throws {import("./api.js").Problem} The server's refusal.
 */
export async function fork(edits, changes = {}) {
  const [run, source] = [state.run.peek(), state.source.peek()];
  if (!run) return null;
  newest += 1;
  const asked = newest;
  const wanted = () => asked === newest && state.run.peek() === run;
  const made = await patiently(() => forkRun(run.id, edits, changes), wanted).catch((error) => {
    if (wanted()) throw error;
    return null;
  });
  if (!made || !wanted()) return null;
  if (made.id === run.id) return made;
  batch(() => {
    past.value = [...past.value, { run, source }];
    future.value = [];
    show({ run: made, source: { spec: made.spec } });
    moved.value = { from: run, to: made, how: "change" };
  });
  return made;
}

/**
 * Whether to compare them would show the fault that a person is looking for.
 * @param {Run} one
 * @param {Run} other
 */
export function tellsFault(one, other) {
  return state.hunt.peek() !== null && String(one.spec.faults) !== String(other.spec.faults);
}

/** What was asked for last is no longer wanted. */
export function forget() {
  newest += 1;
}

/** The run before the last change. */
export function undo() {
  travel(past, future);
}

/** The change that was undone last. */
export function redo() {
  travel(future, past);
}

/**
 * Another run was opened, which no change led to: there is nothing to undo, and its parent is asked for.
 * @param {Run} run
 */
export function opened(run) {
  newest += 1;
  const asked = newest;
  batch(() => {
    past.value = [];
    future.value = [];
    state.before.value = null;
    moved.value = null;
  });
  if (!run.parent) return;
  getRun(run.parent).then(
    (parent) => {
      if (asked !== newest) return;
      if (tellsFault(parent, run)) return;
      state.before.value = parent;
      moved.value = { from: parent, to: run, how: "open" };
    },
    // A server that has never seen the parent compares with nothing.
    () => undefined,
  );
}

/**
 * @param {typeof past} from
 * @param {typeof past} to
 */
function travel(from, to) {
  const [run, visit] = [state.run.peek(), from.value.at(-1)];
  if (!run || !visit) return;
  newest += 1;
  batch(() => {
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, { run, source: state.source.peek() }];
    show(visit);
    moved.value = { from: run, to: visit.run, how: from === past ? "undo" : "redo" };
  });
}

/** @param {Visit} visit */
function show({ run, source }) {
  const [shown, cell, opened] = [state.run.peek(), state.selection.peek(), state.opened.peek()];
  if (shown) state.position.value = samePlace(shown, state.position.peek(), run);
  state.run.value = run;
  state.source.value = source;
  const before = past.value.at(-1)?.run ?? null;
  state.before.value = before && tellsFault(before, run) ? null : before;
  state.playing.value = false;
  if (cell && !holds(run, cell.tensor, cell.index)) state.selection.value = null;
  const name = opened?.kind === "jacobian" ? `${opened.layer}.output` : opened?.tensor;
  if (name && !holds(run, name, [0, 0])) state.opened.value = null;
}

/**
 * @param {Run} run
 * @param {string} tensor
 * @param {import("./types.js").Index} index
 */
export function holds(run, tensor, [row, column]) {
  const shape = run.tensors[canonical(run, tensor)]?.shape;
  return shape !== undefined && row < shape[0] && column < shape[1];
}
