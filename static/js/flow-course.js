/** What a served figure of a run's history shows, read back from it, and a cursor that moves over it (pure). */

import { listOf, rowsOf } from "./figure-matrices.js";
import { ARROWS } from "./keys.js";

/** @typedef {import("./figure-matrices.js").Figure} Figure */
/** @typedef {{name: string, values: number[]}} Row A layer, or a curve. */
/** @typedef {{rows: Row[], iterations: number[]}} Course A number for each row and iteration. */
/** @typedef {{row: number, column: number}} Spot */

export const CURVES = ["loss", "accuracy", "test_loss", "test_accuracy"];

/**
 * A picture's rows are its layers, with the numbers that its colours stand for; those of curves are the curves.
 * @param {Figure} figure
 * @returns {Course}
 */
export function courseOf({ data, layout }) {
  const [first] = data;
  const iterations = listOf(first.x ?? []);
  if (first.type !== "heatmap") {
    return { iterations, rows: data.map(({ y = [] }, row) => ({ name: CURVES[row], values: listOf(y).map((value) => value ?? NaN) })) };
  }
  const values = rowsOf(first.customdata ?? []);
  return { iterations, rows: layout.yaxis.ticktext.map((/** @type {string} */ name, /** @type {number} */ row) => ({ name, values: values[row] })) };
}

/**
 * Where a key leads; nowhere beyond an edge.
 * @param {Course} course
 * @param {Spot} spot
 * @param {string} key An arrow, Home, End, or a page's, which is a tenth of the way.
 * @returns {Spot}
 */
export function along(course, { row, column }, key) {
  const page = Math.ceil(course.iterations.length / 10);
  /** @type {Record<string, [number, number]>} */
  const leaps = { Home: [0, -Infinity], End: [0, Infinity], PageUp: [0, -page], PageDown: [0, page] };
  const [down, right] = leaps[key] ?? ARROWS[key];
  return inside(course, { row: row + down, column: column + right });
}

/**
 * The nearest spot that there is.
 * @param {Course} course
 * @param {Spot} spot
 */
export function inside({ rows, iterations }, { row, column }) {
  const clamp = (/** @type {number} */ at, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, at));
  return { row: clamp(row, rows.length), column: clamp(column, iterations.length) };
}

/**
 * How many times smaller a number is than the largest of its iteration, and whose that is; null where it hardly is.
 * @param {Course} course
 * @param {Spot} spot
 */
export function dwarfed({ rows }, { row, column }) {
  const own = rows[row].values[column];
  const finite = rows.filter(({ values }) => Number.isFinite(values[column]));
  if (!(own > 0) || finite.length < 2) return null;
  const largest = finite.reduce((a, b) => (b.values[column] > a.values[column] ? b : a));
  const times = largest.values[column] / own;
  return times >= 2 && Number.isFinite(own) ? { times, layer: largest.name } : null;
}

/**
 * What is chosen on the stage by who goes there: what the layer's number is of.
 * @param {string} name A row's.
 */
export function tensorAt(name) {
  if (CURVES.includes(name)) return "loss.value";
  return name.startsWith("dense") ? `${name}.dweight` : `${name}.output`;
}
