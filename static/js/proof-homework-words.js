/** What a grade says, in words. */

import { t } from "./i18n.js";
import { minus, readable, toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {{row: number | null, column: number | null, mistakes: string[]}} GradedLine */
/**
 * @typedef {{
 *   run: string, position: number, tensor: string, shape: Index, samples: number, tolerance: number, absolute: number,
 *   verdict: "right" | "wrong", wrong: number, given: Matrix, expected: Matrix, right: boolean[][], error: Matrix,
 *   mistakes: string[], lines: GradedLine[], factor: number | null, same_as: string | null,
 * }} Grade
 */

/** Mistakes of rows, columns and cells that are told one by one. */
const MOST_LINES = 8;

/**
 * @param {Grade} grade
 * @returns {{head: string, lines: string[]}}
 */
export function gradeSaid(grade) {
  const { verdict, wrong, mistakes, lines, same_as: other } = grade;
  const cells = grade.shape[0] * grade.shape[1];
  if (verdict === "right") return { head: t("proof.homework.right", { cells, share: scale(grade.tolerance) }), lines: [] };
  const head = wrong > 0 ? t("proof.homework.wrong", { wrong, cells }) : t("proof.homework.laid", { cells });
  if (mistakes.length > 0) return { head, lines: [t("proof.homework.explained", { said: named(grade, mistakes) })] };
  const said = lines.slice(0, MOST_LINES).map((line) => t(lineKey(line), { row: line.row, column: line.column, said: named(grade, line.mistakes) }));
  if (lines.length > MOST_LINES) said.push(t("proof.homework.more", { more: lines.length - MOST_LINES }));
  if (other) said.push(t("proof.homework.same", { other }));
  const left = worstCells(grade).filter((cell) => !lines.some((line) => covers(line, cell)));
  if (left.length > 0 && !other) said.push(t("proof.homework.left", { left: left.length, row: left[0][0], column: left[0][1] }));
  return { head, lines: said };
}

/**
 * @param {GradedLine} line
 * @param {Index} cell
 */
function covers({ row, column }, [r, c]) {
  return (row === null || row === r) && (column === null || column === c);
}

/**
 * The wrong cells, the worst first.
 * @param {Grade} grade
 * @returns {Index[]}
 */
export function worstCells({ right, error }) {
  const found = right.flatMap((row, r) => row.flatMap((fine, c) => (fine ? [] : [/** @type {Index} */ ([r, c])])));
  const size = (/** @type {Index} */ [r, c]) => toNumber(error[r][c]);
  // Two infinities are alike.
  return found.sort((one, other) => (size(one) === size(other) ? 0 : size(other) - size(one)));
}

/**
 * A cell in words: what was given, what is right, and how far apart the two are.
 * @param {Grade} grade
 * @param {Index} index
 * @param {boolean} shown Whether the right number is told.
 */
export function cellVerdict({ given, expected, right, error }, [row, column], shown) {
  const params = {
    row, column, given: readable(given[row][column], 6), expected: readable(expected[row][column], 6), error: scale(toNumber(error[row][column])),
  };
  if (right[row][column]) return t("proof.homework.cell.right", params);
  return t(shown ? "proof.homework.cell.shown" : "proof.homework.cell.wrong", params);
}

/** @param {GradedLine} line */
function lineKey({ row, column }) {
  return column === null ? "proof.homework.row" : row === null ? "proof.homework.column" : "proof.homework.cell";
}

/**
 * @param {Grade} grade
 * @param {string[]} mistakes
 */
function named({ samples, factor }, mistakes) {
  const params = { n: samples, factor: minus(String(Number((factor ?? 1).toPrecision(4)))) };
  return mistakes.map((one) => t(`proof.homework.mistake.${one}`, params)).join(t("proof.homework.and"));
}

/** @param {number} share */
function scale(share) {
  return readable(share, 3);
}
