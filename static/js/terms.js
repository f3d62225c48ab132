/** What a cell is made of, as a table: a term a row, largest first, adding up to the value. */

import { button, make } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/** @typedef {import("./types.js").Explanation} Explanation */
/** @typedef {import("./types.js").Term} Term */
/** @typedef {import("./types.js").Factor} Factor */
/** @typedef {import("./types.js").Cell} Cell */

const MOST = 40;

/**
 * @param {Explanation} explanation Its terms sorted.
 * @param {(cell: Cell) => void} choose
 */
export function termsTable({ terms, terms_total: all, value }, choose) {
  const shown = terms.slice(0, MOST);
  const wide = Math.max(...shown.map(({ factors }) => factors.length));
  const alike = shown.every(({ factors }) => labels(factors) === labels(shown[0].factors));
  const axis = alike ? summedOver(shown) : null;
  const rows = shown.map((term) => termRow(term, axis, wide, alike, choose));
  const rest = all - shown.length;
  const foot = make("tr", "");
  const words = rest > 0 ? t("terms.some", { count: all, shown: shown.length }) : t("terms.sum", { count: all });
  const label = make("th", "", words);
  label.scope = "row";
  label.colSpan = wide + (axis === null ? 0 : 1);
  foot.append(label, make("td", "", readable(value)));
  const table = make("table", "terms", heading(shown[0].factors, axis, wide, alike), make("tbody", "", ...rows), make("tfoot", "", foot));
  table.setAttribute("aria-label", t("terms.label"));
  return make("div", "scroll", table);
}

/**
 * The axis that the sum runs over, where every term's first factor is a cell of one row or column.
 * @param {Term[]} terms
 * @returns {0 | 1 | null}
 */
function summedOver(terms) {
  const cells = terms.map(({ factors: [{ derived, cells }] }) => (derived ? undefined : cells[0]));
  const varies = (/** @type {0 | 1} */ axis) => new Set(cells.map((cell) => cell?.index[axis])).size > 1;
  if (cells.some((cell) => cell?.tensor !== cells[0]?.tensor) || varies(0) === varies(1)) return null;
  return varies(0) ? 0 : 1;
}

/** @param {Factor[]} factors */
function labels(factors) {
  return factors.map(({ label }) => label).join(" ");
}

/**
 * @param {Factor[]} factors
 * @param {0 | 1 | null} axis
 * @param {number} wide
 * @param {boolean} alike Whether one heading serves all rows.
 */
function heading(factors, axis, wide, alike) {
  const names = Array.from({ length: wide }, (_, at) => (alike ? factors[at].label : at === 0 ? t("terms.factors") : ""));
  const index = axis === null ? [] : [t(axis === 0 ? "terms.row" : "terms.column")];
  const cells = [...index, ...names.map((name, at) => (at > 0 && alike ? `× ${name}` : name)), t("terms.share")];
  return make("thead", "", make("tr", "", ...cells.map((text) => (text ? columnHead(text) : make("td", "")))));
}

/** @param {string} text */
function columnHead(text) {
  const cell = make("th", "", text);
  cell.scope = "col";
  return cell;
}

/**
 * @param {Term} term
 * @param {0 | 1 | null} axis
 * @param {number} wide
 * @param {boolean} alike
 * @param {(cell: Cell) => void} choose
 */
function termRow({ value, factors }, axis, wide, alike, choose) {
  const index = axis === null ? [] : [make("td", "label", String(factors[0].cells[0].index[axis]))];
  const cells = Array.from({ length: wide }, (_, at) => make("td", "", ...(factors[at] ? factorParts(factors[at], at, alike, choose) : [])));
  return make("tr", "", ...index, ...cells, make("td", "", `= ${readable(value, 3)}`));
}

/**
 * @param {Factor} factor
 * @param {number} at
 * @param {boolean} alike
 * @param {(cell: Cell) => void} choose
 */
function factorParts(factor, at, alike, choose) {
  const parts = [at > 0 ? "× " : "", alike ? "" : make("span", "label", `${factor.label} `)];
  const text = readable(factor.value, 3);
  if (factor.cells.length === 0) return [...parts, text];
  const [cell] = factor.cells;
  const link = button("cell", text, () => choose(cell));
  link.title = factor.cells.slice(0, 4).map(({ tensor, index }) => `${tensor}[${index.join(", ")}]`).join("  ");
  link.setAttribute("aria-label", `${factor.label} ${text}, ${cell.tensor}[${cell.index.join(", ")}]`);
  return [...parts, link];
}
