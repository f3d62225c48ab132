/** What a cell is made of, as a table: a term a row, by size or in the order of the sum, adding up to the value. */

import { alone, isShared } from "./alone.js";
import { showAlone } from "./alone-control.js";
import { cellName } from "./cells.js";
import { button, headCell, make } from "./dom.js";
import { pointing } from "./hover.js";
import { t } from "./i18n.js";
import { readable, toNumber } from "./numbers.js";
import { state } from "./state.js";
import { remember } from "./storage.js";
import { follow } from "./trail.js";

/** @typedef {import("./types.js").Explanation} Explanation */
/** @typedef {import("./types.js").Term} Term */
/** @typedef {import("./types.js").Factor} Factor */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {{terms: Term[], axis: 0 | 1 | null, wide: number, alike: boolean, shared: boolean}} Shape
 *   `alike`: one heading serves all rows; `wide`: columns; `shared`: every sample has a term, its share. */
/** @typedef {{row: HTMLElement, term: Term}} Row */

const MOST = 40;
/** Factors that stand in columns though the terms are not alike. */
const MOST_APART = 2;

/**
 * @param {Explanation} explanation
 * @param {boolean} whole Whether all its terms are shown, or the first ones.
 * @param {() => void} showAll
 * @returns {{table: HTMLElement, rows: Row[]}}
 */
export function termsTable({ cell, terms, terms_total: total, value }, whole, showAll) {
  const sorted = terms.map((term, at) => ({ term, at }));
  if (state.termsBy.value === "size") sorted.sort((a, b) => size(b.term) - size(a.term));
  const shown = whole ? sorted : sorted.slice(0, MOST);
  const alike = terms.every(({ factors }) => labels(factors) === labels(terms[0].factors));
  const axis = alike ? summedOver(terms) : null;
  const most = Math.max(...terms.map(({ factors }) => factors.length));
  // Long products that are not alike would only push each other out of the panel.
  const shape = { terms, axis, alike, shared: isShared(cell.tensor), wide: alike || most <= MOST_APART ? most : 1 };
  const rows = shown.map(({ term, at }) => termRow(term, at, shape));
  const foot = [sumRow(shape, t("terms.sum", { count: total }), toNumber(value))];
  if (shown.length < total) {
    const sum = shown.reduce((sum, { term }) => sum + toNumber(term.value), 0);
    foot.unshift(sumRow(shape, t("terms.rest", { count: total - shown.length }), toNumber(value) - sum));
  }
  const table = make("table", "terms", heading(shape), make("tbody", "", ...rows.map(({ row }) => row)), make("tfoot", "", ...foot));
  table.setAttribute("aria-label", t("terms.label"));
  const more = shown.length < terms.length ? [button("", t("show_all", { count: terms.length }), showAll)] : [];
  return { table: make("div", "scroll", table, ...more), rows };
}

/**
 * What a penalty adds to a gradient's cell; null where there is none, or not all terms are known.
 * @param {Explanation} explanation
 */
export function penaltyIn({ cell, terms, terms_total: total }) {
  const added = isShared(cell.tensor) && terms.length === total ? terms.filter((term) => sampleOfTerm(term) === undefined) : [];
  return added.length ? added.reduce((sum, term) => sum + toNumber(term.value), 0) : null;
}

/**
 * The sample whose share of a parameter's gradient a term is: what a penalty adds begins with a number of no cell.
 * @param {Term} term
 * @returns {number | undefined}
 */
function sampleOfTerm({ factors }) {
  return factors[0].cells[0]?.index[0];
}

/** @param {Term} term */
function size({ value }) {
  return Math.abs(toNumber(value)) || 0;
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

/** @param {Shape} shape */
function heading({ terms: [{ factors }], axis, wide, alike, shared }) {
  const names = Array.from({ length: wide }, (_, at) => (alike ? factors[at].label : at === 0 ? t("terms.factors") : ""));
  const heads = names.map((name, at) => (name ? headCell("col", at > 0 && alike ? `× ${name}` : name) : make("td", "")));
  const order = t(shared ? "terms.row" : axis === null ? "terms.order" : axis === 0 ? "terms.row" : "terms.column");
  const by = (/** @type {"size" | "order"} */ what, /** @type {string} */ text) => {
    const sort = button("sort", text, () => {
      state.termsBy.value = what;
      remember("terms", what);
    });
    sort.title = t(what === "size" ? "terms.by_size" : "terms.by_order");
    sort.dataset.key = what;
    const head = headCell("col", sort);
    if (state.termsBy.value === what) head.ariaSort = what === "size" ? "descending" : "ascending";
    return head;
  };
  return make("thead", "", make("tr", "", by("order", order), ...heads, by("size", t("terms.share"))));
}

/**
 * @param {Shape} shape
 * @param {string} words
 * @param {number} value
 */
function sumRow({ wide }, words, value) {
  const label = headCell("row", words);
  label.colSpan = wide + 1;
  return make("tr", "", label, make("td", "", readable(value)));
}

/**
 * @param {Term} term
 * @param {number} at Its place in the sum.
 * @param {Shape} shape
 * @returns {Row}
 */
function termRow(term, at, { axis, wide, alike, shared }) {
  const { value, factors } = term;
  const number = axis === null ? at + 1 : factors[0].cells[0].index[axis];
  const index = make("td", "label", shared ? sampleButton(sampleOfTerm(term)) : String(number));
  const written = factors.map((factor, at) => factorParts(factor, at, alike));
  const together = () => make("td", "product", ...written.map((one) => make("span", "", ...one)));
  const parts = wide < factors.length ? [together()] : Array.from({ length: wide }, (_, at) => make("td", "", ...(written[at] ?? [])));
  const cells = factors.flatMap(({ cells }) => cells);
  return { row: pointing(make("tr", "", index, ...parts, make("td", "", `= ${readable(value, 3)}`)), cells), term };
}

/**
 * Shows the sample of a share alone, or all again.
 * @param {number | undefined} sample
 */
function sampleButton(sample) {
  if (sample === undefined) return "—";
  const on = alone.value?.sample === sample;
  const choose = button("lone", String(sample), () => showAlone(!on, sample));
  choose.ariaPressed = String(on);
  choose.ariaLabel = choose.title = t("alone.label", { sample });
  choose.dataset.key = `sample ${sample}`;
  return choose;
}

/**
 * @param {Factor} factor
 * @param {number} at
 * @param {boolean} alike
 */
function factorParts(factor, at, alike) {
  const parts = [at > 0 ? "× " : "", alike ? "" : make("span", "label", `${factor.label} `)];
  const text = shortly(toNumber(factor.value));
  if (factor.cells.length === 0) return [...parts, text];
  const link = button("cell", text, () => follow(factor.cells[0]));
  link.title = factor.cells.slice(0, 4).map(cellName).join("  ");
  link.setAttribute("aria-label", `${factor.label} ${text}, ${cellName(factor.cells[0])}`);
  return [...parts, link];
}

/**
 * Three digits would make 1 of what an update keeps.
 * @param {number} value
 */
function shortly(value) {
  return value > 0.99 && value < 1 ? String(Number(value.toPrecision(6))) : readable(value, 3);
}
