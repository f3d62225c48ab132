/** One sample's share of every gradient: what is shown while that sample is looked at alone. */

import { answers } from "./answers.js";
import { getShares } from "./api.js";
import { withFigures } from "./compare.js";
import { stepOf } from "./positions.js";
import { kindOf } from "./scales.js";
import { computed, onStage, state } from "./state.js";

/** @typedef {import("./types.js").Tensor} Tensor */
/** @typedef {import("./types.js").Figures} Figures */
/** @typedef {{at: string, sample: number, tensors: Record<string, Figures> | null}} Alone `tensors`: once they are there. */

const KEPT = 60;
/** @type {Figures} */
const NOTHING = { min: null, max: null, norm: null, nan: null, inf: null, values: null };

/** @type {ReturnType<typeof answers<{tensors: Record<string, Figures>}>>} */
const shares = answers(KEPT);
/** @type {Alone | null} The newest that came. */
let newest = null;
/** @type {WeakMap<Tensor, {of: unknown, share: Tensor}>} */
const kept = new WeakMap();

/** How many samples the shown batch has. */
export const batchSize = computed(() => onStage.value?.frame.tensors["batch.input"].shape[0] ?? 0);

/** The chosen sample: the last one, of a batch that has not so many. */
export const sampleNow = computed(() => Math.max(0, Math.min(state.sample.value, batchSize.value - 1)));

/** What is asked for: the shares of all of an iteration's gradients at once. */
const wanted = computed(() => {
  if (!state.alone.value || !onStage.value) return null;
  const [{ run, frame }, sample] = [onStage.value, sampleNow.value];
  const position = (stepOf(frame.position, run.steps_per_iteration).iteration + 1) * run.steps_per_iteration - 1;
  const at = `${run.id}@${position}`;
  return { run: run.id, position, sample, at, key: `${at}/${sample}` };
});

/** Its answer as far as it is there. */
export const answered = computed(() => {
  const one = wanted.value;
  return one ? shares.of(one.key, () => getShares(one.run, one.position, one.sample), () => wanted.peek()?.key === one.key) : {};
});

/** The sample that is shown alone: of the same iteration the one before, until the newly chosen one's shares are there. */
export const alone = computed(() => {
  const [one, { answer, problem }] = [wanted.value, answered.value];
  if (!one) return null;
  if (answer) newest = { at: one.at, sample: one.sample, tensors: answer.tensors };
  else if (problem || newest?.at !== one.at) newest = { at: one.at, sample: one.sample, tensors: null };
  return newest;
});

/**
 * Whether of this tensor only the sample's share is shown.
 * @param {string} name
 */
export function isAlone(name) {
  return alone.value !== null && kindOf(name) === "gradient";
}

/**
 * Whether a tensor is the gradient of a parameter, to which every sample adds a share of its own.
 * @param {string} name
 */
export function isShared(name) {
  return /\.d(weight|bias)$/.test(name);
}

/**
 * A sample's share of a gradient, without values until they are there; of one that has a row a sample, its row.
 * @param {Alone} one
 * @param {string} name
 * @param {Tensor} tensor
 * @returns {Tensor}
 */
export function shareOf(one, name, tensor) {
  const found = kept.get(tensor);
  if (found?.of === one) return found.share;
  const own = isShared(name) ? one.tensors?.[name] ?? NOTHING : rowAlone(tensor, one.sample);
  const share = { ...tensor, ...own };
  kept.set(tensor, { of: one, share });
  return share;
}

/**
 * @param {Tensor} tensor
 * @param {number} sample
 * @returns {Figures}
 */
export function rowAlone({ values }, sample) {
  return withFigures((values ?? []).map((row, n) => (n === sample ? row : [])));
}
