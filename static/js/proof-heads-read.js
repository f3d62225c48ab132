/** What the answer about separate and fused heads says at one place, and the run that has just its numbers (pure). */

import { minus, readable, toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {"fused" | "unclipped" | "clipped"} Way */
/** @typedef {"loss" | "dinput"} Quantity */
/** @typedef {"agrees" | "clipped" | "rounded" | "not_finite"} Verdict */
/** @typedef {{loss: Num[], dvalue: Matrix | null, dinput: Matrix, verdict: Record<Quantity, Verdict[]>}} Passed */
/**
 * @typedef {{
 *   loss: string, dtype: "float32" | "float64", by: "logit" | "probability", clip: number, target: number[], axis: Num[],
 *   logits: number[][], prediction: number[][], jacobian: number[][][], ways: Record<Way, Passed>,
 *   exact: {loss: Num[], dinput: Matrix},
 * }} Heads
 */
/** @typedef {{quantity: Quantity, verdict: Verdict, who: {way: Way, dtypes: string[]}[]}} Parting Who parts from the truth in one manner. */

/** @type {Way[]} */
export const WAYS = ["fused", "unclipped", "clipped"];
/** @type {Quantity[]} */
export const QUANTITIES = ["loss", "dinput"];

/**
 * The place whose moved logit is nearest.
 * @param {Heads} heads
 * @param {number} logit
 */
export function placeNear({ logits }, logit) {
  const away = logits.map(([moved]) => Math.abs(moved - logit));
  return away.indexOf(Math.min(...away));
}

/**
 * The place that a figure draws there: exactly 0 and 1 stand beyond the last power of ten.
 * @param {Heads} heads
 * @param {number} x
 */
export function placeAt({ axis }, x) {
  const away = axis.map((at) => Math.abs(toNumber(at) - x)).map((far) => (far === Infinity ? 2 : far));
  const ends = Math.abs(x) > Math.abs(toNumber(axis[1])) + 0.5;
  if (ends) return x < 0 ? 0 : axis.length - 1;
  return away.indexOf(Math.min(...away));
}

/**
 * Where a figure draws a place.
 * @param {Heads} heads
 * @param {number} at
 */
export function drawnAt({ axis }, at) {
  const x = toNumber(axis[at]);
  return Number.isFinite(x) ? x : Math.sign(x) * (Math.abs(toNumber(axis[1])) + 1);
}

/**
 * The moved output's true probability: near 1 as what it leaves, which no decimal shows.
 * @param {Heads} heads
 * @param {number} at
 */
export function probabilityText({ loss, logits }, at) {
  const [moved, ...rest] = logits[at];
  const against = loss === "categorical_crossentropy" ? Math.log(rest.reduce((sum, z) => sum + Math.exp(z), 0)) : 0;
  const own = 1 / (1 + Math.exp(against - moved));
  return own <= 0.99 ? exponential(moved - against) : `1 − ${exponential(against - moved)}`;
}

/**
 * 1 / (1 + e^−x), also where it is less than the least number.
 * @param {number} x
 */
function exponential(x) {
  const share = 1 / (1 + Math.exp(-x));
  if (share > 0) return readable(share, 3);
  const power = Math.floor(x / Math.LN10);
  return minus(`${Math.round(10 ** (x / Math.LN10 - power))}e${power}`);
}

/**
 * A number as it stands in a column: what rounds to −1 as −1, not as −1.0000 beside it.
 * @param {Num} wire
 */
export function rounded(wire) {
  return readable(Number(toNumber(wire).toPrecision(4)));
}

/**
 * Who leaves the truth at a place, those in one manner together.
 * @param {Heads[]} several Of each dtype one, of the same question.
 * @param {number} at
 * @returns {Parting[]}
 */
export function partings(several, at) {
  /** @type {Map<string, Parting>} */
  const found = new Map();
  for (const quantity of QUANTITIES) for (const way of WAYS) for (const { dtype, ways } of several) {
    const verdict = ways[way].verdict[quantity][at];
    if (verdict === "agrees") continue;
    const key = `${quantity} ${verdict}`;
    const parting = found.get(key) ?? { quantity, verdict, who: [] };
    const one = parting.who.find((known) => known.way === way);
    if (one) one.dtypes.push(dtype);
    else parting.who.push({ way, dtypes: [dtype] });
    found.set(key, parting);
  }
  return [...found.values()];
}

/**
 * The first and the last place of the longest stretch on which a way agrees; null where there is none.
 * @param {Verdict[]} verdicts
 * @returns {[number, number] | null}
 */
export function stretchOf(verdicts) {
  /** @type {[number, number] | null} */
  let longest = null;
  let start = 0;
  for (let at = 0; at <= verdicts.length; at += 1) {
    if (verdicts[at] === "agrees") continue;
    if (at > start && (!longest || at - start > longest[1] - longest[0] + 1)) longest = [start, at - 1];
    start = at + 1;
  }
  return longest;
}

/**
 * A run of one sample whose logits are exactly these, computed in one of the ways; and the gradient in it.
 * @param {Heads} heads
 * @param {number} at
 * @param {Way} way
 */
export function runAt({ loss, dtype, clip, target, logits }, at, way) {
  const categorical = loss === "categorical_crossentropy";
  const layer = categorical ? "softmax" : "sigmoid";
  const spec = {
    dataset: { input: [[1]], target: categorical ? [target.indexOf(1)] : [target] },
    layers: [{ type: "dense", weight: [logits[at]] }, { type: layer }],
    loss,
    head: way === "fused" ? "fused" : "separate",
    conventions: { clip: way === "clipped" ? clip : 0 },
    optimizer: { type: "sgd", learning_rate: 1 },
    dtype,
  };
  // batch, dense, the layer, the loss; then the loss's gradient and the layer's, which fused are one step.
  const position = way === "fused" ? 5 : 6;
  return { spec, position, cell: { tensor: `${layer}_1.dinput`, index: /** @type {import("./types.js").Index} */ ([0, 0]), position } };
}
