/** What a served figure of the check shows, read back from it, and what is said of it (pure). */

import { listOf, matricesOf, rowsOf } from "./figure-matrices.js";
import { ARROWS } from "./keys.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./proof-check-now.js").Row} Row */
/**
 * @typedef {{
 *   rows: number, columns: number, numeric: number[][], analytic: number[][], error: number[][], why: Map<string, string>,
 *   parts: import("./figure-matrices.js").Part[],
 * }} Twice A gradient found twice; `why`: in words, by "row,column", where the two cannot be compared.
 */

/** What is compared and differs by more is wrong. */
const WRONG = 1e-7;

/**
 * @param {import("./figure-matrices.js").Figure} figure
 * @returns {Twice}
 */
export function twiceOf(figure) {
  const parts = matricesOf(figure);
  const [numeric, analytic] = parts.map(({ values }) => values);
  const error = rowsOf(figure.data.find(({ name, type }) => name === "error" && type === "heatmap")?.customdata ?? []);
  /** @type {Map<string, string>} */
  const why = new Map();
  for (const { type, customdata = [], x = [], y = [] } of figure.data) {
    const words = /** @type {unknown[]} */ (customdata);
    if (type !== "scatter" || typeof words[0] !== "string") continue;
    const [columns, rows] = [listOf(x), listOf(y)];
    rows.forEach((row, at) => why.set(`${row},${columns[at]}`, String(words[at])));
  }
  return { rows: numeric.length, columns: numeric[0].length, numeric, analytic, error, why, parts };
}

/**
 * Right, wrong, or neither.
 * @param {Twice} twice
 * @param {Index} cell
 * @returns {"right" | "wrong" | "uncompared"}
 */
export function verdictAt({ error, why }, [row, column]) {
  return why.has(`${row},${column}`) ? "uncompared" : error[row][column] > WRONG ? "wrong" : "right";
}

/**
 * The same of a whole gradient.
 * @param {Row} row
 * @returns {"right" | "wrong" | "uncompared"}
 */
export function verdictOf({ wrong, compared }) {
  return wrong ? "wrong" : compared ? "right" : "uncompared";
}

export const MARKS = { right: "✓", wrong: "✗", uncompared: "?" };

/**
 * Where a key leads from a cell, within the gradient.
 * @param {Pick<Twice, "rows" | "columns">} size
 * @param {Index | null} cell
 * @param {string} key
 * @returns {Index}
 */
export function cellBeside({ rows, columns }, cell, key) {
  if (!cell) return [0, 0];
  const [down, right] = ARROWS[key];
  const clamp = (/** @type {number} */ at, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, at));
  return [clamp(cell[0] + down, rows), clamp(cell[1] + right, columns)];
}

/**
 * The gradient to look at first: what the first wrong step wrote, else the one with the largest error.
 * @param {Row[]} rows
 * @param {import("./proof-check-now.js").Wrong | null} first
 * @returns {Row | undefined}
 */
export function worthLooking(rows, first) {
  const [owner, attribute] = (first?.cell.tensor ?? "").split(".");
  // Of an update that goes uphill: the gradient that it goes along.
  const wanted = [`${owner}.${attribute}`, `${owner}.d${attribute}`];
  return rows.find(({ name }) => wanted.includes(name)) ?? rows.toSorted((a, b) => Number(b.worst) - Number(a.worst))[0];
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A step, which is always one.
 * @param {number} step
 */
export function powerOfTwo(step) {
  const power = Math.round(Math.log2(step));
  return `2${power < 0 ? "⁻" : ""}${[...String(Math.abs(power))].map((digit) => RAISED[Number(digit)]).join("")}`;
}
