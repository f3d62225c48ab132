/** Which places a Jacobian may lead between, which part of it is shown, and the cells behind its own (pure). */

import { canonical, isFused, typeOf } from "./linkage.js";
import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */
/** @typedef {"weight" | "diagonal" | "full" | "row"} Structure */
/** @typedef {{layer: string, shape: number[], structure: Structure, zeros: number | null, rank: number | null, largest: number | null}} Factor */
/**
 * @typedef {{
 *   from: string, to: string, sample: number, samples: number, shape: [number, number], layers: Factor[], agrees: boolean | null,
 *   dvalue: Num[] | null, product: Num[] | null, dinput: Num[] | null, without: "not_finite" | "too_large" | null,
 *   singular: {values: number[], rank: number, condition: Num, tolerance: number} | null,
 * }} Chain As the service answers.
 */
/** @typedef {{row: number, column: number}} First The first cell of the part that is shown. */

export const LOSS = "loss.output";

/** Rows and columns that are shown at once: more make cells of two pixels. */
export const PART = 128;

/** Bars reach down to this share of the longest. */
const DECADES = 12;

/**
 * From the input to the loss.
 * @param {Run} run
 */
export function placesOf(run) {
  return ["batch.input", ...run.layers.map((layer) => `${layer}.output`), LOSS];
}

/**
 * The places that a Jacobian from this one leads to: those behind it, of which a fused head may skip one.
 * @param {Run} run
 * @param {string} from
 */
export function behind(run, from) {
  const places = placesOf(run);
  const [layer] = from.split(".");
  const skips = run.layers.includes(layer) && isFused(run, layer);
  return places.slice(places.indexOf(from) + 1).filter((place) => place !== LOSS || !skips);
}

/**
 * The ends that are wanted, or in a run that has none such the nearest: its input and its output.
 * @param {Run} run
 * @param {{from: string, to: string}} wanted
 */
export function settledEnds(run, wanted) {
  const starts = placesOf(run).filter((place) => behind(run, place).length);
  const from = starts.includes(wanted.from) ? wanted.from : "batch.input";
  const ends = behind(run, from);
  const output = ends.filter((place) => place !== LOSS).at(-1) ?? LOSS;
  return { from, to: ends.includes(wanted.to) ? wanted.to : output };
}

/**
 * The shape of the Jacobian: the columns of both places.
 * @param {Run} run
 * @param {{from: string, to: string}} ends
 * @returns {[number, number]}
 */
export function shapeOf(run, { from, to }) {
  return [run.tensors[to].shape[1], run.tensors[from].shape[1]];
}

/**
 * The part that begins at a cell, or as near to it as there is one.
 * @param {[number, number]} shape
 * @param {First} first
 */
export function partFrom([rows, columns], { row, column }) {
  const start = (/** @type {number} */ at, /** @type {number} */ count) => Math.max(0, Math.min(at, Math.floor((count - 1) / PART) * PART));
  const [top, left] = [start(row, rows), start(column, columns)];
  return { top, bottom: Math.min(rows, top + PART), left, right: Math.min(columns, left + PART) };
}

/**
 * The tensors' cells behind a cell of the figure, the nearest first.
 * @param {Run} run
 * @param {Chain} chain
 * @param {FigureCell} cell Counted in the whole.
 * @returns {{tensor: string, index: [number, number]}[]}
 */
export function cellsBehind(run, { from, to, sample, layers }, { part, row, column }) {
  if (part === "dvalue") return [{ tensor: gradientOf(run, to), index: to === LOSS ? [0, 0] : [sample, row] }];
  if (part === "dinput") return [{ tensor: gradientOf(run, from), index: [sample, column] }];
  const [{ layer }] = layers;
  const weight = layers.length === 1 && typeOf(layer) === "dense";
  /** @type {{tensor: string, index: [number, number]}[]} */
  const ends = [{ tensor: to, index: [sample, row] }, { tensor: from, index: [sample, column] }];
  return weight ? [{ tensor: `${layer}.weight`, index: [column, row] }, ...ends] : ends;
}

/**
 * The tensor that holds the loss's gradient at a place; of a sample's own loss that is 1/n, a factor of the mean.
 * @param {Run} run
 * @param {string} place
 */
function gradientOf(run, place) {
  if (place === LOSS) return "loss.value";
  const next = placesOf(run).indexOf(place);
  return next < run.layers.length ? `${run.layers[next]}.dinput` : canonical(run, "loss.dinput");
}

/**
 * How long the bar of a singular value is, from 0 to 1: by powers of ten, for they span many.
 * @param {number} value
 * @param {number} largest
 * @param {number} tolerance
 */
export function barOf(value, largest, tolerance) {
  if (value <= tolerance) return 0;
  return Math.max(0.02, 1 + Math.log10(value / largest) / DECADES);
}

/**
 * How dvalue · J stands to dinput, or why the two are not compared.
 * @param {Pick<Chain, "agrees" | "dvalue" | "dinput">} chain
 */
export function agreementOf({ agrees, dvalue, dinput }) {
  if (agrees !== null) return agrees ? "agrees" : "parts_from";
  if (dvalue && dinput) return "all_nan";
  return dinput ? "no_dvalue" : dvalue ? "no_dinput" : "later";
}

/**
 * ‖row‖.
 * @param {Num[] | null} row
 */
export function normOf(row) {
  return row ? Math.hypot(...row.map(toNumber)) : NaN;
}

/**
 * The terms of dvalue · J in one column: those of the largest size, in their order, and what the others sum to.
 * @param {Num[]} dvalue The whole row.
 * @param {number[][]} part Rows of J from `top` on.
 * @param {number} top
 * @param {number} column In the part.
 * @param {number} total What all sum to.
 * @param {number} most
 */
export function columnTerms(dvalue, part, top, column, total, most) {
  const all = part.map((row, at) => {
    const slope = toNumber(dvalue[top + at]);
    return { j: top + at, slope, cell: row[column], value: slope * row[column] };
  });
  const kept = new Set([...all].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, most));
  const shown = all.filter((one) => kept.has(one));
  const more = dvalue.length - shown.length;
  return { shown, more, rest: total - shown.reduce((sum, { value }) => sum + value, 0) };
}
