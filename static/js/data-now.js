/** What the data's picture shows now: the samples, and the regions of the very weights that are shown. */

import { answers } from "./answers.js";
import { getRegions, getTensor } from "./api.js";
import { batchSamples, isBinary, labelsOf, pictured, placed, pointsOf, regionAt, weightsAt } from "./data-samples.js";
import { t } from "./i18n.js";
import { busy, computed, onStage, state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./types.js").Regions} Regions */
/** @typedef {{run: string, at: number, regions: Regions}} Kept */

const KEPT = 60;

/** @type {ReturnType<typeof answers<Regions>>} */
const asked = answers(KEPT);
/** @type {ReturnType<typeof answers<{values: Matrix | null}>>} */
const tensors = answers(8);

/** The batch on the stage, and which of its samples is chosen. */
export const batchNow = computed(() => {
  if (!onStage.value) return null;
  const { run, frame } = onStage.value;
  const samples = batchSamples(run, frame);
  return { run, frame, kind: pictured(run), samples, chosen: Math.min(state.sample.value, samples.length - 1) };
});

/**
 * The regions of the shown frame: those that came with it, or else the server's. While those are asked for, the ones before.
 * @param {number} resolution
 * @param {() => boolean} wanted
 */
export function regionsNow(resolution, wanted) {
  /** @type {Kept | null} */
  let before = null;
  return computed(() => {
    if (!onStage.value || !wanted()) return null;
    const { run, frame } = onStage.value;
    const at = weightsAt(run, frame);
    const [same, came] = [before?.run === run.id ? before : null, frame.regions];
    const held = came && (busy.value || came.resolution >= resolution) ? { answer: came }
      : same?.at === at && same.regions.resolution >= resolution ? { answer: same.regions }
      : busy.value ? {}
      : asked.of(`${run.id}@${at}/${resolution}`, async () => decoded(await getRegions(run.id, at, resolution)), wanted);
    if (held.answer) before = { run: run.id, at, regions: held.answer };
    const regions = held.answer ?? came ?? (busy.value ? null : same?.regions) ?? null;
    return { held, regions, late: !held.answer && !came };
  });
}

/**
 * All the data as points, once they are here.
 * @param {Regions | null} regions
 */
export function pointsNow(regions) {
  const now = batchNow.value;
  if (!now) return [];
  const { run, frame, samples } = now;
  const [input, target] = [whole(run, frame, "data.input"), whole(run, frame, "data.target")];
  const saidOf = (/** @type {number} */ row, /** @type {[number, number]} */ at) =>
    regions ? regions.samples?.[row] ?? regionAt(regions, at)?.said ?? null : null;
  if (!input || !target) return [];
  const batch = placed(frame.tensors["batch.input"].values ?? [], samples.map(({ label }) => label));
  return pointsOf(lasting(run, input, target), saidOf, batch, samples);
}

/** @type {WeakMap<Matrix, {target: Matrix, found: import("./data-samples.js").Placed[]}>} */
const places = new WeakMap();

/**
 * Where the data are, found out once: there may be thousands.
 * @param {Run} run
 * @param {Matrix} input
 * @param {Matrix} target
 */
function lasting(run, input, target) {
  const known = places.get(input);
  if (known?.target === target) return known.found;
  const found = placed(input, labelsOf(run, target));
  places.set(input, { target, found });
  return found;
}

/**
 * The name of a class; of several binary outputs those of all that are on.
 * @param {Run} run
 */
export function classNames(run) {
  const one = (/** @type {number} */ code) => run.data?.classes[code] ?? t("data.class", { code });
  const flags = isBinary(run) ? run.tensors["batch.target"].shape[1] : 1;
  return (/** @type {number} */ code) => {
    if (flags === 1) return one(code);
    const on = [...Array(flags).keys()].filter((bit) => code & (2 ** bit));
    return on.length ? on.map(one).join(" + ") : t("data.none");
  };
}

/**
 * All the samples' values; what is too large for a frame is asked for.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} name
 */
function whole(run, frame, name) {
  const { values, computed_at: at } = frame.tensors[name];
  if (values) return values;
  return tensors.of(`${run.id}@${at}/${name}`, () => getTensor(run.id, at ?? 0, name), () => true).answer?.values ?? null;
}

/** @param {{resolution: number, x: [number, number], y: [number, number]} & Record<string, any>} wire */
function decoded({ resolution, x, y, classes, share, samples }) {
  const bytes = (/** @type {{bdata: string}} */ { bdata }) => Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  return { resolution, x, y, classes: bytes(classes), share: new Float32Array(bytes(share).buffer), samples: bytes(samples) };
}
