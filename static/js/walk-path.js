/**
 * The chain rule, cell by cell: from a variable forward to the loss, and back along the gradients.
 *
 *   weight[a,u] → output[n,u] → … → loss.output[n,0] → loss.value[0,0]
 *   the product of the local derivatives along one such path is its share of dweight[a,u]; all paths sum to it
 */

import { valueIn } from "./cells.js";
import { hasFault } from "./faults.js";
import { canonical, isFused, typeOf } from "./linkage.js";
import { toNumber } from "./numbers.js";
import { penaltyOf } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {{tensor: string, index: Index}} Spot */
/**
 * @typedef {Spot & {local: number, why: string, from?: Spot}} Hop A further cell, what it grows by when the one
 *   before grows by 1, by which rule, and the cell that holds that number.
 * @typedef {Hop & {factors: number[], back: boolean}} Stop Its factors are those of the product so far.
 * @typedef {{frame: Frame, path: Hop[], at: number, home: import("./types.js").Cell}} Walk
 *   `frame`: where the whole pass is done; `path`: forward; `at`: the stop, forward and back.
 */

/**
 * The tensor that holds the loss's gradient by this one; null where none does.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 */
export function gradientOf(run, tensor) {
  const [owner, attribute] = tensor.split(".");
  if (owner === "loss") return null;
  return canonical(run, run.parameters.includes(tensor) ? `${owner}.d${attribute}` : `${readerOf(run, tensor) ?? "loss"}.dinput`);
}

/**
 * The layer that reads a wire; undefined where that is the loss.
 * @param {Run} run
 * @param {string} tensor
 */
function readerOf(run, tensor) {
  return run.layers.find((layer) => canonical(run, `${layer}.input`) === tensor);
}

/**
 * Every cell that reads this one on the way to the loss, each with its local derivative, as the backward pass has it.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Spot} spot
 * @returns {Hop[]}
 */
export function onward(run, frame, spot) {
  const { tensor, index: [row, column] } = spot;
  const [owner, attribute] = tensor.split(".");
  const at = (/** @type {string} */ name, /** @type {Index} */ index) => valueAt(frame, { tensor: name, index });
  const samples = frame.tensors["batch.input"].shape[0];
  if (tensor === "loss.value") return [];
  if (tensor === "loss.penalty") return [{ tensor: "loss.value", index: [0, 0], local: 1, why: "added" }];
  if (tensor === "loss.output") return [{ tensor: "loss.value", index: [0, 0], local: 1 / samples, why: "mean" }];
  const reader = run.parameters.includes(tensor) ? owner : readerOf(run, tensor);
  if (!reader || isFused(run, reader)) {
    return [{ tensor: "loss.output", index: [row, 0], local: slopeOfLoss(run, frame, spot), why: reader ? "fused" : run.spec.loss }];
  }
  const [output, input] = [`${reader}.output`, canonical(run, `${reader}.input`)];
  const kind = typeOf(reader);
  /**
   * @param {Index} index Of the output.
   * @returns {Omit<Hop, "tensor" | "index">}
   */
  const slope = ([n, u]) => {
    const s = at(output, [n, u]);
    /** @param {Spot} from */
    const read = (from) => ({ local: valueAt(frame, from), why: attribute === "weight" ? "weight" : kind, from });
    if (attribute === "bias") return { local: 1, why: "bias" };
    if (attribute === "weight") return read({ tensor: input, index: [n, row] });
    if (kind === "dense") return read({ tensor: `${reader}.weight`, index: [column, u] });
    if (kind === "sigmoid") return { local: s * (1 - s), why: kind };
    if (kind === "softmax") return { local: s * (Number(u === column) - at(output, [n, column])), why: kind };
    const x = at(input, [n, u]);
    return { local: Number((run.spec.conventions?.relu_at_zero ?? 1) ? x >= 0 : x > 0), why: kind };
  };
  const parameter = reader === owner && run.parameters.includes(tensor);
  const rows = parameter ? count(samples) : [row];
  const columns = !parameter && (kind === "dense" || kind === "softmax") ? count(frame.tensors[output].shape[1]) : [column];
  const ways = rows.flatMap((n) => columns.map((u) => ({ tensor: output, index: /** @type {Index} */ ([n, u]), ...slope([n, u]) })));
  const penalty = attribute === "weight" && penaltyOf(run, owner);
  if (!penalty) return ways;
  const weight = at(tensor, [row, column]);
  const local = penalty.l1 * Math.sign(weight) + 2 * penalty.l2 * weight;
  return [...ways, { tensor: "loss.penalty", index: [0, 0], local, why: "penalty" }];
}

/**
 * How the loss changes with a cell, as the backward pass computed it.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Spot} spot
 */
export function gradientAt(run, frame, { tensor, index }) {
  const name = gradientOf(run, tensor);
  if (name) return valueAt(frame, { tensor: name, index });
  return tensor === "loss.output" ? 1 / frame.tensors["loss.output"].shape[0] : 1;
}

/**
 * How a sample's own loss changes with what the loss reads: n times the mean's gradient, mended where that is faulty.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Spot} spot
 */
function slopeOfLoss(run, frame, spot) {
  const [row, column] = spot.index;
  const target = frame.tensors["batch.target"];
  const whole = hasFault(run, "missing_mean") ? 1 : frame.tensors["batch.input"].shape[0];
  const slope = whole * gradientAt(run, frame, spot);
  const sparse = target.shape[1] === 1 && run.spec.loss === "categorical_crossentropy";
  const label = valueAt(frame, { tensor: "batch.target", index: [row, sparse ? 0 : column] });
  if (!hasFault(run, "unsigned_label") || label !== (sparse ? column : 1)) return slope;
  // There −1 became 255: as a factor, or where the head is fused as a summand.
  const outputs = run.spec.conventions?.bce_outputs === "mean" && run.spec.loss === "binary_crossentropy" ? target.shape[1] : 1;
  return run.spec.head === "fused" ? slope - 256 / outputs : slope / -255;
}

/**
 * What of a gradient goes through a hop.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Hop} to
 */
export function carried(run, frame, to) {
  return product([to.local, gradientAt(run, frame, to)]);
}

/**
 * A path prolonged to the loss, at each hop through the cell that carries most.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Hop[]} path
 * @returns {Hop[]}
 */
export function toLoss(run, frame, path) {
  const ways = onward(run, frame, path[path.length - 1]);
  const sizes = ways.map((way) => Math.abs(carried(run, frame, way)) || 0);
  return ways.length === 0 ? path : toLoss(run, frame, [...path, ways[sizes.indexOf(Math.max(...sizes))]]);
}

/**
 * A path's stops: forward to the loss, and back along the gradients of the same cells.
 * @param {Run} run
 * @param {Hop[]} path
 * @returns {Stop[]}
 */
export function stopsOf(run, path) {
  const locals = path.map(({ local }) => local);
  const forward = path.map((one, at) => ({ ...one, factors: locals.slice(1, at + 1), back: false }));
  const backward = path.flatMap(({ index, tensor }, at) => {
    const gradient = gradientOf(run, tensor);
    // What led from the cell onward leads back to its gradient.
    return gradient ? [{ ...path[at + 1], tensor: gradient, index, factors: locals.slice(at + 1).reverse(), back: true }] : [];
  });
  return [...forward, ...backward.reverse()];
}

/**
 * How many paths lead from a cell to the loss: the cells of a tensor are alike, and through the penalty leads one.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Spot} spot
 * @returns {number}
 */
export function pathsFrom(run, frame, spot) {
  const ways = onward(run, frame, spot);
  const costs = ways.filter((way) => way.tensor === "loss.penalty").length;
  return ways.length === 0 ? 1 : costs + (ways.length - costs) * pathsFrom(run, frame, ways[0]);
}

/**
 * A product in which 0 lets nothing through, whatever comes.
 * @param {number[]} factors
 */
export function product(factors) {
  return factors.includes(0) ? 0 : factors.reduce((so, one) => so * one, 1);
}

/**
 * @param {Frame} frame
 * @param {Spot} spot
 */
export function valueAt(frame, { tensor, index }) {
  return toNumber(valueIn(frame.tensors[tensor], index) ?? "NaN");
}

/** @param {number} size */
function count(size) {
  return Array.from({ length: size }, (_, at) => at);
}
