/** Moving over a figure's cells: within a matrix, and from one to the matrix that stands beside it (pure). */

import { ARROWS } from "./keys.js";

/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {{part: string, row: number, column: number}} FigureCell */
/** @typedef {FigureCell & {rows: number, columns: number, width: number}} Box Outlined from its first cell on. */
/** @typedef {{from: string, arrow: string, to: (cell: FigureCell) => FigureCell}} Passage */

/**
 * dvalue stands to the left of J, the product below it.
 *
 *     dvalue │ J
 *            │ dinput
 * @type {Passage[]}
 */
const PASSAGES = [
  { from: "J", arrow: "ArrowLeft", to: ({ row }) => ({ part: "dvalue", row, column: 0 }) },
  { from: "dvalue", arrow: "ArrowRight", to: ({ row }) => ({ part: "J", row, column: 0 }) },
  { from: "J", arrow: "ArrowDown", to: ({ column }) => ({ part: "dinput", row: 0, column }) },
  { from: "dinput", arrow: "ArrowUp", to: ({ column }) => ({ part: "J", row: Infinity, column }) },
];

/**
 * Where an arrow key leads; at an edge with nothing beyond it, nowhere.
 * @param {Part[]} parts
 * @param {FigureCell} cell
 * @param {string} key
 * @returns {FigureCell}
 */
export function neighbour(parts, cell, key) {
  const [down, right] = ARROWS[key];
  const next = { ...cell, row: cell.row + down, column: cell.column + right };
  const kept = within(parts, next);
  if (kept && kept.row === next.row && kept.column === next.column) return kept;
  const passage = PASSAGES.find(({ from, arrow }) => from === cell.part && arrow === key);
  return (passage && within(parts, passage.to(cell))) ?? cell;
}

/**
 * What is outlined: the cell, and thinly the column of J that its product sums.
 * @param {Part[]} parts
 * @param {FigureCell | null} at
 * @returns {Box[]}
 */
export function boxesOf(parts, at) {
  const cell = at && within(parts, at);
  if (!cell) return [];
  const own = { ...cell, rows: 1, columns: 1, width: 3 };
  const rows = parts.find(({ name }) => name === "J")?.values.length;
  if (!rows || cell.part === "dvalue" || !within(parts, { ...cell, part: "dinput" })) return [own];
  const { column } = cell;
  const thin = { row: 0, column, columns: 1, width: 1 };
  return [{ ...thin, part: "J", rows }, { ...thin, part: "dinput", rows: 1 }, own];
}

/**
 * The nearest cell that the figure has; null where it lacks the matrix.
 * @param {Part[]} parts
 * @param {FigureCell} cell
 * @returns {FigureCell | null}
 */
export function within(parts, { part, row, column }) {
  const values = parts.find(({ name }) => name === part)?.values;
  if (!values) return null;
  const clamp = (/** @type {number} */ at, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, at));
  return { part, row: clamp(row, values.length), column: clamp(column, values[0].length) };
}
