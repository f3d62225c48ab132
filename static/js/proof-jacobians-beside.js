/** Beside a Jacobian: its singular values as bars, and a column of dvalue · J term by term. */

import { headCell, make } from "./dom.js";
import { t } from "./i18n.js";
import { readable, toNumber } from "./numbers.js";
import { barOf, columnTerms } from "./proof-jacobians-read.js";

/** @typedef {import("./proof-jacobians-read.js").Chain} Chain */
/** @typedef {import("./proof-jacobians-now.js").Found} Found */

const [MOST_BARS, MOST_TERMS] = [16, 12];

/**
 * @param {Chain} chain
 * @returns {Node[]}
 */
export function spectrumOf({ singular, without }) {
  if (!singular) return [make("p", "hint", t(without === "too_large" ? "proof.jacobians.too_large" : "proof.jacobians.not_finite"))];
  const { values, tolerance } = singular;
  const rows = values.slice(0, MOST_BARS).map((value, at) => {
    const bar = make("i", "");
    bar.style.inlineSize = `${100 * barOf(value, values[0], tolerance)}%`;
    const said = value > tolerance ? readable(value) : t("proof.jacobians.sigma.zero");
    return make("tr", "", headCell("row", `σ${at + 1}`), make("td", "", said), make("td", "bar", bar));
  });
  const more = values.length - rows.length;
  const rest = more > 0 ? [make("p", "hint", t("proof.jacobians.sigma.more", { n: more, least: readable(/** @type {number} */ (values.at(-1))) }))] : [];
  return [make("table", "", make("tbody", "", ...rows)), ...rest];
}

/**
 * The terms of the k-th column, k counted in the part that is shown.
 * @param {Found} found
 * @param {number} k
 * @returns {Node[]}
 */
export function columnOf({ chain, parts, first }, k) {
  const cells = parts.find(({ name }) => name === "J")?.values;
  if (!chain.dvalue || !chain.product || !cells) return [];
  const total = toNumber(chain.product[first.column + k]);
  const { shown, more, rest } = columnTerms(chain.dvalue, cells, first.row, k, total, MOST_TERMS);
  const heads = ["j", "dvalue[j]", `J[j, ${first.column + k}]`, "dvalue · J"].map((text) => headCell("col", text));
  const rows = shown.map(({ j, slope, cell, value }) => line(String(j), readable(slope), `× ${readable(cell)}`, `= ${readable(value)}`));
  if (more > 0) rows.push(line(t("proof.jacobians.rest", { n: more }), "", "", readable(rest)));
  const foot = make("tfoot", "", line("Σ", "", "", readable(total)));
  return [make("table", "", make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...rows), foot)];
}

/**
 * @param {string} head
 * @param {...string} texts
 */
function line(head, ...texts) {
  return make("tr", "", headCell("row", head), ...texts.map((text) => make("td", "", text)));
}
