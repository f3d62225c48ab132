/** Two runs at one position: what is shown of them, and where they part. */

import { getComparison } from "./api.js";
import { difference } from "./compare.js";
import { known, load } from "./frames.js";
import { worded } from "./i18n.js";
import { iterationEnds, samePlace } from "./positions.js";
import { batch, computed, effect, signal } from "./state.js";
import { partingOf, sameSteps, searchTo } from "./versus-rows.js";
import { patiently } from "./waiting.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Tensor} Tensor */
/** @typedef {import("./frames.js").Shown} Shown */
/** @typedef {{run: Run, name: string}} Side */
/** @typedef {{sides: [Side, Side], same: boolean}} Pair `same`: they have the same steps, and so every position in common. */
/** @typedef {{pair: Pair, position: number, shown: [Shown, Shown]}} Now `position`: in the first run's counting. */

export const pair = signal(/** @type {Pair | null} */ (null));
export const place = signal(0);
/** The two frames that are shown; they may be behind `place` while the server is asked. */
export const now = signal(/** @type {Now | null} */ (null));
/** What the server found of where they part, once it has. */
export const comparison = signal(/** @type {import("./versus-rows.js").Comparison | null} */ (null));
export const trouble = signal("");

/** @type {WeakMap<Tensor, {before: Tensor, less: Tensor}>} */
const kept = new WeakMap();
let newest = 0;

/** The first position at which they part; null where they do not, as far as is known. */
export const parting = computed(() => comparison.value && partingOf(comparison.value));

/**
 * @param {Side} a
 * @param {Side} b
 * @param {number} position
 */
export function compareRuns(a, b, position) {
  batch(() => {
    pair.value = { sides: [a, b], same: sameSteps(a.run, b.run) };
    place.value = position;
    for (const each of [now, comparison]) each.value = null;
    trouble.value = "";
  });
}

/** Nothing is compared any more, and nothing asked. */
export function dropPair() {
  newest += 1;
  pair.value = null;
}

/**
 * B − A of a tensor, the same object as long as both are the same.
 * @param {Tensor} a
 * @param {Tensor} b
 */
export function lessOf(a, b) {
  const found = kept.get(b);
  if (found?.before === a) return found.less;
  const less = difference(b, a);
  kept.set(b, { before: a, less });
  return less;
}

/**
 * Where the second run stands when the first is at a position.
 * @param {Pair} two
 * @param {number} position
 */
export function placeInB({ sides: [a, b], same }, position) {
  return same ? position : samePlace(a.run, position, b.run);
}

effect(() => {
  const [two, position] = [pair.value, place.value];
  if (two) void show(two, position);
});
effect(() => {
  const [two, position] = [pair.value, place.value];
  if (two?.same) void seek(two, position);
});

/**
 * @param {Pair} two
 * @param {number} position
 */
async function show(two, position) {
  newest += 1;
  const asked = newest;
  const wanted = () => asked === newest;
  const at = [position, placeInB(two, position)];
  const there = two.sides.map(({ run }, side) => known(run, at[side]));
  if (there[0] && there[1]) {
    arrive(two, position, [there[0], there[1]]);
    return;
  }
  try {
    const both = () => Promise.all([load(two.sides[0].run, at[0]), load(two.sides[1].run, at[1])]);
    const shown = await patiently(both, wanted, (error) => (trouble.value = worded(error)));
    if (wanted()) arrive(two, position, shown);
  } catch (error) {
    if (!wanted()) return;
    const before = now.peek();
    // A position that is refused is left again for the one that is shown, or else for the beginning.
    if (before || position > 0) place.value = before?.position ?? 0;
    trouble.value = worded(error);
  }
}

/**
 * @param {Pair} two
 * @param {number} position
 * @param {[Shown, Shown]} shown
 */
function arrive(two, position, shown) {
  batch(() => {
    now.value = { pair: two, position, shown };
    trouble.value = "";
  });
  // The next iteration is asked for while the last steps of this one are looked at.
  const [a] = two.sides;
  const { end } = iterationEnds(position, a.run.steps_per_iteration);
  if (position < end - 1) return;
  for (const { run } of two.sides) void load(run, iterationEnds(placeInB(two, end + 1), run.steps_per_iteration).start).catch(() => undefined);
}

/**
 * Ask where they part, unless that is known as far as here.
 * @param {Pair} two
 * @param {number} position
 */
async function seek(two, position) {
  const [a, b] = two.sides.map(({ run }) => run);
  const before = comparison.peek();
  const open = before && Object.entries(before.tensors).some(([name, { parted_at: at }]) => at === null && !/^(data|batch)\./.test(name));
  if (before && (before.position >= position || !open)) return;
  const wanted = () => pair.peek() === two && (comparison.peek()?.position ?? -1) < position;
  const ask = (/** @type {number} */ until) => patiently(() => getComparison(a.id, b.id, until), wanted);
  try {
    const found = await ask(searchTo(a, b, position)).catch((error) => {
      // So far no replay reaches: then as far as one does.
      const limit = error.code === "too_long" ? Number(error.params.limit) : -1;
      if (limit < position) throw error;
      return ask(limit);
    });
    if (wanted()) comparison.value = found;
  } catch (error) {
    // Where the frames are refused too, that is said with them.
    if (wanted()) trouble.value = worded(error);
  }
}
