/** Two runs, a tensor a row: which rows there are, in the order in which they are computed, and where the two part. */

import { computedBy, iterationEnds } from "./positions.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {{name: string, inA: boolean, inB: boolean}} Row */
/** @typedef {{parted_at: number | null, norm: Num | null, largest: Num | null}} Compared */
/**
 * @typedef {{a: string, b: string, position: number, searched: number, tensors: Record<string, Compared>}} Comparison
 * @typedef {{position: number, names: string[], start: string[]}} Parting `start`: what is other before any step.
 */

/** Iterations: other decay or momentum shows only in the second update. */
const AHEAD = 20;

/**
 * What both or one of them have: first the parameters and what the optimiser keeps, then step by step.
 * @param {Run} a
 * @param {Run} b
 * @returns {Row[]}
 */
export function pairsOf(a, b) {
  const names = [...new Set([...Object.keys(a.tensors), ...Object.keys(b.tensors)])].filter((name) => !name.startsWith("data."));
  const order = (/** @type {string} */ name) => (name in a.tensors ? stepOfTensor(a, name) : stepOfTensor(b, name));
  return names
    .map((name) => ({ name, inA: name in a.tensors, inB: name in b.tensors }))
    .sort((one, other) => order(one.name) - order(other.name));
}

/**
 * @param {Run} run
 * @param {string} name
 */
function stepOfTensor(run, name) {
  return run.parameters.some((parameter) => name === parameter || name.startsWith(`${parameter}.`)) ? 0 : computedBy(run, name, 0);
}

/** @param {Run} a @param {Run} b */
export function sameSteps(a, b) {
  return String(a.steps) === String(b.steps);
}

/**
 * The first step at which anything parts, and what does there; null where nothing has. What is other from the start,
 * as an edited weight, parts at a step only with what is computed from it.
 * @param {Comparison} comparison
 * @returns {Parting | null}
 */
export function partingOf({ tensors }) {
  const parted = Object.entries(tensors).flatMap(([name, { parted_at: at }]) => (at === null ? [] : [{ name, at }]));
  if (parted.length === 0) return null;
  const namesAt = (/** @type {number} */ position) => parted.filter(({ at }) => at === position).map(({ name }) => name);
  const later = parted.filter(({ at }) => at > 0);
  const position = later.length > 0 ? Math.min(...later.map(({ at }) => at)) : 0;
  return { position, names: namesAt(position), start: position > 0 ? namesAt(0) : [] };
}

/**
 * How far partings are looked for: some iterations on from what is shown, and at least to where an edit enters that only
 * one of the two has.
 * @param {Run} a
 * @param {Run} b
 * @param {number} position
 */
export function searchTo(a, b, position) {
  const [ours, theirs] = [a, b].map((run) => new Map((run.spec.edits ?? []).map((edit) => [JSON.stringify(edit), edit.position])));
  const alone = [...[...ours].filter(([edit]) => !theirs.has(edit)), ...[...theirs].filter(([edit]) => !ours.has(edit))];
  const first = alone.length > 0 ? Math.min(...alone.map(([, at]) => at)) : 0;
  const each = a.steps_per_iteration;
  return Math.max(iterationEnds(position, each).start + AHEAD * each, first);
}
