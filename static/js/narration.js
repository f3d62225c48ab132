/** The sentence of a step: a key of the catalogue and its figures. */

import { valueIn } from "./cells.js";
import { readable, toNumber } from "./numbers.js";
import { stepAt, stepOf } from "./positions.js";
import { canonical, typeOf } from "./linkage.js";
import { figuresOf, memoryOf, penaltyOf, slopeText, updateOf } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {{key: string, params: Record<string, string | number>}} Said */

/**
 * @param {Run} run
 * @param {Frame} frame
 * @returns {Said}
 */
export function narrate(run, frame) {
  const { kind, layer } = stepAt(run, frame.position);
  if (layer !== null) return ofLayer(run, frame, kind, layer);
  const [n, features] = frame.tensors["batch.input"].shape;
  switch (kind) {
    case "start":
      return { key: Object.keys(run.tensors).some(memoryOf) ? "step.start.memory" : "step.start", params: {} };
    case "batch":
      return { key: "step.batch", params: { n, features } };
    case "loss":
      return lossSaid(run, frame, n);
    case "loss_backward":
      return { key: `step.loss_backward.${run.spec.loss === "binary_crossentropy" ? "bce" : "cce"}`, params: { n } };
    case "fused_backward":
      return { key: "step.fused_backward", params: { layer: run.layers[run.layers.length - 1], n } };
    default:
      return updateSaid(run, frame.position);
  }
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} kind
 * @param {string} layer
 * @returns {Said}
 */
function ofLayer(run, frame, kind, layer) {
  const type = typeOf(layer);
  const input = frame.tensors[canonical(run, `${layer}.input`)];
  const output = frame.tensors[`${layer}.output`];
  const [n, a] = input.shape;
  const b = output.shape[1];
  /** @type {Record<string, string | number>} */
  const params = { layer, n, a, b, c: b, cells: n * b };
  const penalty = kind === "backward" && penaltyOf(run, layer);
  if (penalty) return { key: "step.backward.dense.penalised", params: { ...params, slope: slopeText(penalty) } };
  if (type !== "relu") return { key: `step.${kind}.${type}`, params };
  if (kind === "forward") {
    params.zeros = count(output.values, (value) => value === 0);
    return { key: "step.forward.relu", params };
  }
  // Of a faulty run a step is told as it is meant.
  const atZero = run.spec.conventions?.relu_at_zero !== 0;
  params.blocked = count(input.values, (value) => (atZero ? value < 0 : value <= 0));
  return { key: atZero ? "step.backward.relu" : "step.backward.relu.strict", params };
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {number} n
 * @returns {Said}
 */
function lossSaid(run, frame, n) {
  const { right, all } = answersOf(run, frame);
  const loss = frame.loss === null ? "" : readable(frame.loss);
  const key = all > n ? "step.loss.cells" : "step.loss";
  const cost = valueIn(frame.tensors["loss.penalty"], [0, 0]);
  if (cost === undefined || frame.loss === null) return { key, params: { loss, n, right, cells: all } };
  const data = readable(toNumber(frame.loss) - toNumber(cost));
  return { key: `${key}.penalised`, params: { loss, data, penalty: readable(cost), n, right, cells: all } };
}

/**
 * The rule of the optimiser, with its figures at this update.
 * @param {Run} run
 * @param {number} position
 * @returns {Said}
 */
function updateSaid(run, position) {
  const update = updateOf(run);
  const { iteration } = stepOf(position, run.steps_per_iteration);
  return { key: update === "sgd" ? "step.update" : `step.update.${update}`, params: figuresOf(run, iteration + 1) };
}

/**
 * How many answers are right, of how many; a binary loss counts cell by cell.
 * @param {Run} run
 * @param {Frame} frame
 */
export function answersOf(run, frame) {
  const [n, outputs] = frame.tensors[`${run.layers.at(-1)}.output`].shape;
  const all = run.spec.loss === "binary_crossentropy" ? n * outputs : n;
  return { right: Math.round((frame.accuracy ?? 0) * all), all };
}

/**
 * @param {import("./types.js").Matrix | null | undefined} values
 * @param {(value: number) => boolean} wanted
 */
function count(values, wanted) {
  return (values ?? []).flat().filter((value) => wanted(toNumber(value))).length;
}

