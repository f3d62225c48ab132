/** The numbers at the slider's place: each way's loss and gradient in both dtypes, and every cell of one. */

import { button, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { minus, toNumber } from "./numbers.js";
import { QUANTITIES, WAYS, probabilityText, rounded, stretchOf } from "./proof-heads-read.js";
import { niceRange } from "./scales.js";
import { state } from "./state.js";
import { palette } from "./theme.js";

/** @typedef {import("./proof-heads-read.js").Heads} Heads */
/** @typedef {import("./proof-heads-read.js").Way} Way */
/** @typedef {import("./types.js").Num} Num */

/**
 * Loss and gradient of the moved logit, true and each way, with the mark of what differs.
 * @param {Heads[]} both
 * @param {number} at
 * @param {(way: Way) => void} open
 */
export function readingsOf(both, at, open) {
  const quantities = QUANTITIES.map((quantity) => spanning(headCell("col", t(`proof.heads.${quantity}`)), both.length));
  const kinds = QUANTITIES.flatMap(() => both.map(({ dtype }) => headCell("col", dtype)));
  const numbers = (/** @type {(heads: Heads) => {loss: Num[], dinput: Num[][]}} */ of) =>
    QUANTITIES.map((quantity) => both.map((one) => (quantity === "loss" ? of(one).loss[at] : of(one).dinput[at][0])));
  const exact = make("tr", "", headCell("row", t("proof.heads.exact")), ...numbers(({ exact: one }) => one).flat().map((one) => make("td", "", rounded(one))), make("td", ""));
  const rows = WAYS.map((way) => {
    const cells = numbers(({ ways }) => ways[way]).flatMap((values, q) => values.map((value, d) =>
      marked(make("td", "", rounded(value)), both[d].ways[way].verdict[QUANTITIES[q]][at] === "agrees")));
    const opens = button("", t("proof.heads.open"), () => open(way));
    opens.setAttribute("aria-label", t("proof.heads.open.way", { way: t(`proof.heads.way.${way}`) }));
    return make("tr", "", headCell("row", t(`proof.heads.way.${way}`)), ...cells, make("td", "", opens));
  });
  const table = numberTable([make("td", ""), ...quantities, make("td", "")], [exact, ...rows]);
  table.tHead?.append(make("tr", "", make("td", ""), ...kinds, make("td", "")));
  return table;
}

/**
 * From the logits to their gradient, each way, a column an output.
 * @param {Heads} heads
 * @param {number} at
 */
export function cellsOf({ logits, prediction, target, ways, exact }, at) {
  const { clipped, unclipped, fused } = ways;
  const heads = logits[at].map((_, output) => headCell("col", output ? String(output) : t("proof.heads.moved")));
  const rows = [
    row(t("proof.heads.cells.logits"), logits[at]),
    row("ŷ", prediction[at]),
    row("y", target),
    row(way("fused", "dinput = ŷ − y"), fused.dinput[at]),
    ...[["unclipped", unclipped], ["clipped", clipped]].flatMap(([name, one]) => {
      const { dvalue, dinput } = /** @type {import("./proof-heads-read.js").Passed} */ (one);
      return [
        row(way(String(name), name === "clipped" ? "dvalue (clip ŷ)" : "dvalue"), dvalue?.[at] ?? []),
        row(way(String(name), "dinput = dvalue · J"), dinput[at]),
      ];
    }),
    row(way("exact", "dinput"), exact.dinput[at]),
  ];
  return numberTable([make("td", ""), ...heads], rows);

  function way(/** @type {string} */ name, /** @type {string} */ formula) {
    return `${t(name === "exact" ? "proof.heads.exact" : `proof.heads.way.${name}`)}: ${formula}`;
  }
}

/**
 * @param {Heads} heads
 * @param {number} at
 */
export function jacobianOf({ jacobian }, at) {
  const heads = jacobian[at].map((_, k) => headCell("col", String(k)));
  const table = numberTable([make("td", ""), ...heads], jacobian[at].map((values, j) => row(String(j), values)));
  table.prepend(make("caption", "", t("proof.heads.jacobian")));
  return table;
}

/**
 * Between which places each way agrees.
 * @param {Heads[]} both
 */
export function stretchesOf(both) {
  const heads = QUANTITIES.flatMap((quantity) => both.map(({ dtype }) => headCell("col", t(`proof.heads.${quantity}`), make("br", ""), dtype)));
  const rows = WAYS.map((way) => {
    const cells = QUANTITIES.flatMap((quantity) => both.map((one) => make("td", "", between(one, stretchOf(one.ways[way].verdict[quantity])))));
    return make("tr", "", headCell("row", t(`proof.heads.way.${way}`)), ...cells);
  });
  return numberTable([make("td", ""), ...heads], rows);
}

/**
 * @param {Heads} heads
 * @param {[number, number] | null} ends
 */
function between(heads, ends) {
  if (!ends) return t("proof.heads.nowhere");
  const text = (/** @type {number} */ at) => (heads.by === "probability" ? probabilityText(heads, at) : minus(String(heads.axis[at])));
  const all = ends[0] === 0 && ends[1] === heads.axis.length - 1;
  return all ? t("proof.heads.everywhere") : `${text(ends[0])} … ${text(ends[1])}`;
}

/**
 * @param {string} name
 * @param {Num[]} values
 */
function row(name, values) {
  const numbers = values.map(toNumber).filter(Number.isFinite);
  const range = niceRange(Math.min(0, ...numbers), Math.max(0, ...numbers));
  const { colour } = palette(state.theme.value);
  const cells = values.map((wire) => {
    const cell = make("td", Number.isFinite(toNumber(wire)) ? "" : "differs", rounded(wire));
    if (Number.isFinite(toNumber(wire))) cell.style.setProperty("background", `rgb(${colour(toNumber(wire), range)})`);
    return cell;
  });
  return make("tr", "", headCell("row", name), ...cells);
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {boolean} right
 */
function marked(cell, right) {
  cell.classList.toggle("differs", !right);
  const mark = make("span", "mark", right ? "✓" : "≠");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", t(right ? "proof.heads.right" : "proof.heads.wrong"));
  cell.append(" ", mark);
  return cell;
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {number} columns
 */
function spanning(cell, columns) {
  cell.colSpan = columns;
  cell.scope = "colgroup";
  return cell;
}
