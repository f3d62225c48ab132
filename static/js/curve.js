/** Curves over iterations: where a value stands, and what of thousands of records a few hundred pixels can show (pure). */

import { niceRange } from "./scales.js";
import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").HistoryRecord} HistoryRecord */
/** @typedef {"loss" | "test_loss" | "accuracy" | "test_accuracy"} Measure */
/** @typedef {[number, number]} Point */

/** A loss of 0 has no logarithm: it stands at the bottom of this many decades. */
const DECADES = 6;

/**
 * How far up the losses reach, and down where the scale is of logarithms.
 * @param {Iterable<HistoryRecord>} records
 * @param {boolean} log
 * @returns {Point}
 */
export function lossRange(records, log) {
  let [least, most] = [Infinity, 0];
  for (const { loss, test_loss } of records) {
    for (const value of [toNumber(loss), toNumber(test_loss ?? NaN)]) {
      if (!(value > 0) || !Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const top = niceRange(0, most);
  if (!log) return [0, top];
  const bottom = 10 ** Math.floor(Math.log10(Math.min(least, top / 10)));
  return [Math.max(bottom, top / 10 ** DECADES), top];
}

/**
 * How high a value stands, from 0 to 1.
 * @param {number} value
 * @param {Point} range
 * @param {boolean} log
 */
export function heightOf(value, [low, high], log) {
  const at = log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.max(0, Math.min(1, at));
}

/**
 * The lines of a measure: within a pixel's width its first, least, most and last value; a new line after every gap.
 * @param {Iterable<HistoryRecord>} records In order.
 * @param {Measure} measure
 * @param {(iteration: number) => number} x
 * @param {(value: number) => number} y
 * @returns {{lines: Point[][], gaps: number[]}} `gaps`: the pixels at which a value is no finite number.
 */
export function traced(records, measure, x, y) {
  /** @type {Point[][]} */
  const lines = [];
  const gaps = new Set();
  let open = /** @type {Point[] | null} */ (null);
  let bucket = /** @type {number[]} */ ([]);
  let at = NaN;
  const flush = () => {
    if (bucket.length === 0) return;
    if (!open) lines.push((open = []));
    const distinct = [bucket[0], Math.min(...bucket), Math.max(...bucket), bucket[bucket.length - 1]];
    for (const one of distinct.filter((value, index) => value !== distinct[index - 1])) open.push([at, y(one)]);
    bucket = [];
  };
  for (const record of records) {
    const value = record[measure];
    if (value === null) continue;
    const pixel = Math.round(x(record.iteration));
    if (pixel !== at) flush();
    at = pixel;
    if (Number.isFinite(toNumber(value))) bucket.push(toNumber(value));
    else {
      flush();
      open = null;
      gaps.add(pixel);
    }
  }
  flush();
  return { lines, gaps: [...gaps] };
}

/**
 * The iteration at a share of the width.
 * @param {number} share
 * @param {number} last The axis's.
 * @param {number} reached The last one that is known.
 */
export function iterationAt(share, last, reached) {
  return Math.max(0, Math.min(reached, Math.round(share * last)));
}

/**
 * "1,000 iterations are 21.3 epochs": null where every batch holds all samples.
 * @param {import("./types.js").Run} run
 * @param {number} iterations
 */
export function epochsOf({ tensors }, iterations) {
  const [samples, batch] = ["data.input", "batch.input"].map((name) => tensors[name].shape[0]);
  return batch < samples ? iterations / Math.ceil(samples / batch) : null;
}
