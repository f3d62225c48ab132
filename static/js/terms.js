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
  const rows = shown.map((term) => termRow(term, wide, alike, choose));
  const rest = all - shown.length;
  const foot = make("tr", "");
  const words = rest > 0 ? t("terms.some", { count: all, shown: shown.length }) : t("terms.sum", { count: all });
  const label = make("th", "", words);
  label.scope = "row";
  label.colSpan = wide;
  foot.append(label, make("td", "", readable(value)));
  const table = make("table", "terms", heading(shown[0].factors, wide, alike), make("tbody", "", ...rows), make("tfoot", "", foot));
  table.setAttribute("aria-label", t("terms.label"));
  return make("div", "scroll", table);
}

/** @param {Factor[]} factors */
function labels(factors) {
  return factors.map(({ label }) => label).join(" ");
}

/**
 * @param {Factor[]} factors
 * @param {number} wide
 * @param {boolean} alike Whether one heading serves all rows.
 */
function heading(factors, wide, alike) {
  const names = Array.from({ length: wide }, (_, at) => (alike ? factors[at].label : at === 0 ? t("terms.factors") : ""));
  const cells = [...names.map((name, at) => (at > 0 && alike ? `× ${name}` : name)), t("terms.share")];
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
 * @param {number} wide
 * @param {boolean} alike
 * @param {(cell: Cell) => void} choose
 */
function termRow({ value, factors }, wide, alike, choose) {
  const cells = Array.from({ length: wide }, (_, at) => make("td", "", ...(factors[at] ? factorParts(factors[at], at, alike, choose) : [])));
  return make("tr", "", ...cells, make("td", "", `= ${readable(value, 3)}`));
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
