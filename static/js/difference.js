/** The run that is shown against the one it was forked from, step by step. */

import { alone, isAlone, shareOf } from "./alone.js";
import { valueIn } from "./cells.js";
import { comparable, difference, differing } from "./compare.js";
import { known, load } from "./frames.js";
import { samePlace } from "./positions.js";
import { busy, computed, effect, onStage, signal, state } from "./state.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Tensor} Tensor */

/** @typedef {{before: Tensor | undefined, cells: Index[], less?: Tensor}} Compared */

/** Counts the answers, so that what waits for one looks again. */
const arrived = signal(0);

/** The run before, and the position in it that the shown one stands at. */
const place = computed(() => {
  const [there, before] = [onStage.value, state.before.value];
  if (!there || !before) return null;
  const { run, frame } = there;
  return { before, position: samePlace(run, frame.position, before) };
});

/** The frame of the run before; null where there is none, or not yet. */
export const frameBefore = computed(() => {
  const at = arrived.value >= 0 && place.value;
  return at ? known(at.before, at.position)?.frame ?? null : null;
});

/** @type {WeakMap<Tensor, Compared>} */
const kept = new WeakMap();

/** Ask for the frame of the run before, wherever the shown one goes. */
export function mountDifference() {
  effect(() => {
    // The switch is for one comparison, not for the next one too.
    if (!state.before.value) state.difference.value = false;
  });
  effect(() => {
    const at = place.value;
    if (!at || busy.value || known(at.before, at.position)) return;
    // What the server refuses here is compared with nothing.
    load(at.before, at.position).then(() => (arrived.value += 1), () => undefined);
  });
}

/**
 * The value of a cell in the run before, at the step that is shown.
 * @param {string} name The tensor's canonical name.
 * @param {Index} index
 */
export function valueBefore(name, index) {
  const [now, before] = [state.frame.value?.tensors[name], frameBefore.value?.tensors[name]];
  return comparable(now, before) ? valueIn(before, index) : undefined;
}

/**
 * What the stage shows of a tensor: itself, new − old, or a sample's share. Without values where it has no counterpart.
 * @param {Frame} frame
 * @param {string} name Its canonical name.
 * @returns {Tensor}
 */
export function shownTensor(frame, name) {
  const tensor = frame.tensors[name];
  if (alone.value && isAlone(name) && tensor.computed_at !== null) return shareOf(alone.value, name, tensor);
  if (!state.difference.value || !state.before.value || tensor.computed_at === null) return tensor;
  const found = compared(tensor, name);
  found.less ??= difference(tensor, found.before);
  return found.less;
}

/**
 * The cells of the shown frame whose value is another than in the run before.
 * @param {string} name The tensor's canonical name.
 * @returns {Index[]}
 */
export function changedCells(name) {
  const tensor = place.value && state.frame.value?.tensors[name];
  return tensor ? compared(tensor, name).cells : [];
}

/**
 * @param {Tensor} tensor
 * @param {string} name
 */
function compared(tensor, name) {
  const before = frameBefore.value?.tensors[name];
  const found = kept.get(tensor);
  if (found && found.before === before) return found;
  /** @type {Compared} */
  const made = { before, cells: differing(tensor, before) };
  kept.set(tensor, made);
  return made;
}
