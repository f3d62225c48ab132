/** The sample of a Jacobian's figure: what its frame holds of it, and what dragged scores would make of it (pure). */

import { hasFault } from "./faults.js";
import { canonical, isFused } from "./linkage.js";
import { toNumber } from "./numbers.js";
import { entryOf, stepOf } from "./positions.js";
import { crossEntropy, gradient, jacobian, softmax, vectorJacobianProduct } from "./softmax.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./figure-matrices.js").Part} Part */
/**
 * A row of the layer's input and output, and of the target where the layer is the last: `head` is the softmax's
 * loss, and null where something else stands behind it.
 * @typedef {{
 *   run: Run, frame: Frame, layer: string, sample: number, z: number[], s: number[], y: number[] | null, n: number,
 *   fused: boolean, head: import("./softmax.js").Head | null, loss: number | null,
 * }} Sampled
 */

/**
 * @param {Run} run
 * @param {Frame} frame At which the layer's output is computed.
 * @param {string} layer
 * @param {number} sample
 * @returns {Sampled}
 */
export function sampledAt(run, frame, layer, sample) {
  const row = (/** @type {string} */ name) => (frame.tensors[canonical(run, name)]?.values?.[sample] ?? []).map(toNumber);
  const [z, s] = [row(`${layer}.input`), row(`${layer}.output`)];
  const last = layer === run.layers.at(-1);
  const target = row("batch.target");
  const labels = frame.tensors["batch.target"].dtype.startsWith("int");
  const y = last ? (labels ? s.map((_, j) => Number(j === target[0])) : target) : null;
  const fused = isFused(run, layer);
  const follows = last && layer.startsWith("softmax") && run.spec.loss === "categorical_crossentropy";
  const head = follows ? { fused, clip: run.spec.conventions?.clip ?? 1e-7, ...(hasFault(run, "unsigned_label") && { wraps: true }) } : null;
  const n = hasFault(run, "missing_mean") ? 1 : frame.tensors[`${layer}.output`].shape[0];
  return { run, frame, layer, sample, z, s, y, n, fused, head, loss: row("loss.output")[0] ?? null };
}

/**
 * The sample under other scores. What patches of the run hold fast stays; what something else than the loss makes of
 * the probabilities is not known, and its parts are left out.
 * @param {Sampled} from
 * @param {Part[]} parts
 * @param {number[]} z
 * @returns {{sampled: Sampled, parts: Part[]}}
 */
export function dragged(from, parts, z) {
  const { layer, y, n, head } = from;
  const s = patched(from, `${layer}.output`, softmax(z));
  const j = jacobian(s, !from.fused && hasFault(from.run, "softmax_scalar"));
  /** @type {Record<string, number[][]>} */
  const values = { J: j };
  let { loss } = from;
  if (head && y) {
    const slope = patched(from, head.fused ? `${layer}.dinput` : "loss.dinput", gradient(s, y, n, head));
    values.dvalue = slope.map((one) => [one]);
    values.dinput = [head.fused ? slope : patched(from, `${layer}.dinput`, vectorJacobianProduct(slope, j))];
    if (loss !== null) [loss] = patched(from, "loss.output", [crossEntropy(z, s, y, head)]);
  }
  const known = parts.filter(({ name }) => values[name]).map((part) => ({ ...part, values: values[part.name] }));
  return { sampled: { ...from, z, s, loss }, parts: known };
}

/**
 * What a drag changes in the run.
 * @param {Sampled} sampled
 * @param {number[]} before
 * @param {number[]} z
 * @returns {import("./types.js").Edit[]}
 */
export function scoreEdits({ run, frame, layer, sample }, before, z) {
  const tensor = canonical(run, `${layer}.input`);
  const position = entryOf(run, frame, tensor);
  return z.flatMap((value, k) => (value === before[k] ? [] : [{ position, tensor, index: /** @type {[number, number]} */ ([sample, k]), value }]));
}

/**
 * @param {Sampled} sampled
 * @param {string} name
 * @param {number[]} values A row of that tensor, as its step would write it.
 */
function patched({ run, frame, sample }, name, values) {
  const iteration = (/** @type {number} */ position) => stepOf(position, run.steps_per_iteration).iteration;
  const now = iteration(frame.tensors[name].computed_at ?? frame.position);
  const held = (run.spec.edits ?? []).filter(
    ({ tensor, index, position }) =>
      tensor === name && index[0] === sample && position <= frame.position && iteration(position) === now,
  );
  return values.map((value, k) => held.findLast(({ index }) => index[1] === k)?.value ?? value);
}
