/** Frames by position: an iteration is fetched once, the steps within it are derived. */

import { getFrame, getTensor } from "./api.js";
import { derived, needsItsOwnFrame } from "./derive.js";
import { iterationEnds } from "./positions.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {{frame: Frame, last: Frame}} Shown `last`: the last frame of the same iteration. */

const KEPT = 200;

/** @type {Map<string, Frame>} */
const kept = new Map();

/**
 * Keep a frame that came with the page.
 * @param {Frame} frame
 */
export function keep(frame) {
  kept.set(key(frame.run, frame.position), frame);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
}

/**
 * What to show at a position, if it can be told without asking.
 * @param {Run} run
 * @param {number} position
 * @returns {Shown | null}
 */
export function known(run, position) {
  const { end } = iterationEnds(position, run.steps_per_iteration);
  const last = kept.get(key(run.id, end));
  if (!last) return null;
  const own = kept.get(key(run.id, position));
  if (own) return { frame: own, last };
  return asksForItself(run, position) ? null : { frame: derived(run, last, position), last };
}

/**
 * The same, asking for what is missing.
 * @param {Run} run
 * @param {number} position
 * @returns {Promise<Shown>}
 */
export async function load(run, position) {
  const { start, end } = iterationEnds(position, run.steps_per_iteration);
  const wanted = needsItsOwnFrame(run, position) ? [start, end, position] : [start, end];
  await Promise.all([...new Set(wanted)].map((at) => ask(run, at)));
  const shown = known(run, position);
  if (!shown) throw new Error("frame: asked for and not kept");
  return shown;
}

/**
 * @param {Run} run
 * @param {number} position
 */
function asksForItself(run, position) {
  const { start } = iterationEnds(position, run.steps_per_iteration);
  return position === start || needsItsOwnFrame(run, position);
}

/**
 * @param {Run} run
 * @param {number} position
 */
async function ask(run, position) {
  if (kept.has(key(run.id, position))) return;
  const frame = await getFrame(run.id, position);
  const large = Object.entries(frame.tensors).filter(([, one]) => one.values === undefined && one.computed_at !== null);
  const shown = large.filter(([name]) => !name.startsWith("data."));
  await Promise.all(
    shown.map(async ([name, tensor]) => {
      tensor.values = (await getTensor(run.id, position, name)).values;
    }),
  );
  keep(frame);
}

/**
 * @param {string} run
 * @param {number} position
 */
function key(run, position) {
  return `${run}@${position}`;
}
