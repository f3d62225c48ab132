/** What is said of a Jacobian: of the whole, of one of its factors, of a cell. */

import { t } from "./i18n.js";
import { readable, toNumber } from "./numbers.js";
import { inWhole } from "./proof-jacobians-draw.js";
import { agreementOf, normOf } from "./proof-jacobians-read.js";

/** @typedef {import("./proof-jacobians-read.js").Chain} Chain */

/** How far a value is raised in a sentence. */
const NUDGE = 0.01;
const STRUCTURES = {
  weight: "proof.jacobians.weight",
  diagonal: "proof.jacobians.diagonal",
  full: "proof.jacobians.full",
  row: "proof.jacobians.row",
};
const AGREEMENTS = {
  agrees: "proof.jacobians.agrees",
  parts_from: "proof.jacobians.parts_from",
  all_nan: "proof.jacobians.all_nan",
  no_dinput: "proof.jacobians.no_dinput",
  no_dvalue: "proof.jacobians.no_dvalue",
  later: "proof.jacobians.later",
};

/**
 * What the whole matrix is and does, and whether the backward pass agrees.
 * @param {Chain} chain
 */
export function whatItDoes(chain) {
  const { from: start, to: end, shape: [rows, columns], layers: { length: n }, singular, dvalue, dinput } = chain;
  const said = [t(n > 1 ? "proof.jacobians.what" : "proof.jacobians.what.one", { from: start, to: end, sample: chain.sample, rows, columns, n })];
  if (singular && singular.rank === 0) said.push(t("proof.jacobians.nothing"));
  else if (singular) {
    const { rank, values, condition } = singular;
    const words = { rank, most: values.length, largest: readable(values[0]) };
    said.push(t("proof.jacobians.rank", words), rank < values.length ? t("proof.jacobians.flat") : t("proof.jacobians.condition", { condition: readable(toNumber(condition)) }));
  }
  const norms = { before: readable(normOf(dvalue)), after: readable(normOf(dinput)) };
  return [said.join(" "), t(AGREEMENTS[agreementOf(chain)], norms)];
}

/**
 * A factor's name and shape, what kind of matrix it is, and what it does.
 * @param {import("./proof-jacobians-read.js").Factor} of
 */
export function factorLines({ layer, shape: [rows, columns], structure, zeros, rank, largest }) {
  const known = rank === null || largest === null ? [] : [t("proof.jacobians.of", { rank, largest: readable(largest, 3) })];
  return [`${layer} (${rows}, ${columns})`, t(STRUCTURES[structure], { zeros: zeros ?? 0, n: rows }), ...known];
}

/**
 * What a cell of the figure says.
 * @param {import("./proof-jacobians-now.js").Found} shown
 * @param {import("./figure-cursor.js").FigureCell} cell
 */
export function cellSentence(shown, cell) {
  const number = shown.parts.find(({ name }) => name === cell.part)?.values[cell.row][cell.column] ?? NaN;
  const value = readable(number);
  const { row: j, column: k } = inWhole(cell, shown);
  if (cell.part === "dvalue") return t("figure.dvalue", { j, value });
  if (cell.part === "dinput") return t("figure.dinput", { k, value });
  const { from: start, to: end, sample: n } = shown.chain;
  return t("proof.jacobians.cell", { j, k, value, from: start, to: end, sample: n, step: NUDGE, change: readable(number * NUDGE, 2) });
}
