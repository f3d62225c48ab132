/** Any matrix as a real table, in a dialog. */

import { isAlone } from "./alone.js";
import { shareName } from "./alone-words.js";
import { shapeName } from "./cells.js";
import { shownTensor } from "./difference.js";
import { byId, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { minus, readable, toNumber } from "./numbers.js";
import { state } from "./state.js";

const MOST_ROWS = 500;

/**
 * Show a tensor's numbers as they stand now.
 * @param {string} tensor Its canonical name.
 */
export function openTable(tensor) {
  const [run, frame] = [state.run.value, state.frame.value];
  if (!run || !frame) return;
  const { values, shape, computed_at: known } = shownTensor(frame, tensor);
  const name = [tensor, shapeName(shape), shareName(tensor)].join(" ").trim();
  byId("table-title").textContent = state.difference.value ? t("difference.spoken", { value: name }) : name;
  const none = t(known === null ? "table.missing" : isAlone(tensor) ? "alone.asking" : "difference.alone", { sample: state.sample.value });
  byId("table-content").replaceChildren(values ? tableOf(values) : make("p", "", none));
  /** @type {HTMLDialogElement} */ (byId("table")).showModal();
}

/**
 * A table with its name above it.
 * @param {string} name
 * @param {import("./types.js").Matrix} values
 * @param {boolean} [summed] Whether each row and each column ends with its sum.
 */
export function captioned(name, values, summed = false) {
  const table = tableOf(summed ? withSums(values.map((row) => row.map(toNumber))) : values);
  if (summed) for (const last of table.querySelectorAll("thead th:last-child, tr:last-child > th:first-child")) last.textContent = "Σ";
  table.prepend(make("caption", "", name));
  return table;
}

/**
 * Each row with its sum at its end, and the columns' sums below.
 * @param {number[][]} values
 */
function withSums(values) {
  // What rounding leaves is none of a sum's.
  const sum = (/** @type {number[]} */ all) => Number(all.reduce((a, b) => a + b).toFixed(9));
  const rows = values.map((row) => [...row, sum(row)]);
  return [...rows, rows[0].map((_, k) => sum(rows.map((row) => row[k])))];
}

/** @param {import("./types.js").Matrix} values */
function tableOf(values) {
  const heads = (values.find((row) => row.length) ?? []).map((_, column) => headCell("col", String(column)));
  const rows = values.slice(0, MOST_ROWS).map((row, at) => {
    const cells = heads.map((_, column) => make("td", "", column in row ? exact(row[column]) : ""));
    return make("tr", "", headCell("row", String(at)), ...cells);
  });
  return numberTable([make("td", ""), ...heads], rows);
}

/** @param {import("./types.js").Num} value */
function exact(value) {
  return Number.isInteger(toNumber(value)) ? minus(String(value)) : readable(value, 6);
}
