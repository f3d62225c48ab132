/** What the answer about the first failures says, in words' parts (pure). */

import { cellName } from "./cells.js";
import { readable, toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Factor} Factor */
/** @typedef {{number: number, value: Num, factors: Factor[]}} NumberedTerm */
/**
 * @typedef {{
 *   kind: import("./signs.js").Sign, cell: Cell, iteration: number, step: string, cells: number, share: number | null,
 *   until: number | null, reason: string, explained: Cell, value: Num, operands: Factor[], terms: NumberedTerm[],
 *   terms_total: number, limit: number, course: {tensor: string, norm: Num}[],
 * }} Finding
 * @typedef {{run: string, stop: number, searched: number, vanished: number, findings: Finding[]}} Autopsy
 */

/**
 * An operand: "dense_2.weight[1, 2] = 1e308", with the cell to go to where it is just that cell's value.
 * @param {Factor} operand
 * @returns {{text: string, cell: Cell | null}}
 */
export function operandOf({ label, value, derived, cells }) {
  const cell = !derived && cells.length === 1 ? cells[0] : null;
  return { text: `${cell ? cellName(cell) : label} = ${readable(value)}`, cell };
}

/**
 * A term written out: "input · weight = 3.476 · 1e308 = ∞".
 * @param {NumberedTerm} term
 */
export function termText({ factors, value }) {
  const [names, numbers] = [factors.map(({ label }) => (/ [−+] /.test(label) ? `(${label})` : label)), factors.map((factor) => wrapped(factor.value))].map((parts) => parts.join(" · "));
  return factors.length > 1 ? `${names} = ${numbers} = ${readable(value)}` : `${factors[0].label} = ${readable(value)}`;
}

/**
 * Whether the terms are some that are not finite, not just the largest.
 * @param {Finding} finding
 */
export function unfinite({ reason }) {
  return !["never_positive", "small_factors", "sum_overflow", "edited"].includes(reason);
}

/**
 * The way back with what each step left of the gradient; null for the first.
 * @param {Finding} finding
 */
export function courseRows({ course }) {
  return course.map(({ tensor, norm }, at) => {
    const before = at ? toNumber(course[at - 1].norm) : NaN;
    return { tensor, norm, times: before > 0 ? toNumber(norm) / before : null };
  });
}

/**
 * The step of the way that left least of the gradient.
 * @param {Finding} finding
 */
export function narrowest(finding) {
  const rows = courseRows(finding).filter(({ times }) => times !== null);
  const least = Math.min(...rows.map(({ times }) => Number(times)));
  return rows.find(({ times }) => times === least) ?? null;
}

/** @param {Num} value */
function wrapped(value) {
  return toNumber(value) < 0 ? `(${readable(value)})` : readable(value);
}
