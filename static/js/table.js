/** Any matrix as a real table, in a dialog. */

import { byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { minus, readable, toNumber } from "./numbers.js";
import { state } from "./state.js";

const MOST_ROWS = 500;

/**
 * Show a tensor's numbers as they stand now.
 * @param {string} tensor Its canonical name.
 */
export function openTable(tensor) {
  const found = state.frame.value?.tensors[tensor];
  byId("table-title").textContent = found ? `${tensor} (${found.shape.join(", ")})` : tensor;
  byId("table-content").replaceChildren(found?.values ? tableOf(found.values) : make("p", "", t("table.missing")));
  /** @type {HTMLDialogElement} */ (byId("table")).showModal();
}

/**
 * A table with its name above it.
 * @param {string} name
 * @param {import("./types.js").Matrix} values
 * @param {boolean} [summed] Whether each row and each column ends with its sum.
 */
export function captioned(name, values, summed = false) {
  const table = tableOf(values);
  if (summed) addSums(table, values.map((row) => row.map(toNumber)));
  table.prepend(make("caption", "", name));
  return table;
}

/**
 * @param {HTMLTableElement} table
 * @param {number[][]} values
 */
function addSums(table, values) {
  const sum = (/** @type {number[]} */ numbers) => {
    const [total, size] = [numbers, numbers.map(Math.abs)].map((all) => all.reduce((a, b) => a + b));
    // What rounding leaves is none of a sum's.
    return make("td", "sum", exact(Math.abs(total) <= 1e-6 * size ? 0 : total));
  };
  table.rows[0].append(head("col", "Σ"));
  values.forEach((row, at) => table.tBodies[0].rows[at]?.append(sum(row)));
  const below = values[0].map((_, column) => sum(values.map((row) => row[column])));
  table.append(make("tfoot", "", make("tr", "", head("row", "Σ"), ...below)));
}

/** @param {import("./types.js").Matrix} values */
function tableOf(values) {
  const heads = values[0].map((_, column) => head("col", column));
  const rows = values.slice(0, MOST_ROWS).map((row, at) => {
    const cells = row.map((value) => make("td", "", exact(value)));
    return make("tr", "", head("row", at), ...cells);
  });
  return make("table", "numbers", make("thead", "", make("tr", "", make("td", ""), ...heads)), make("tbody", "", ...rows));
}

/**
 * @param {"row" | "col"} scope
 * @param {number | string} index
 */
function head(scope, index) {
  const cell = make("th", "", String(index));
  cell.scope = scope;
  return cell;
}

/** @param {import("./types.js").Num} value */
function exact(value) {
  return Number.isInteger(toNumber(value)) ? minus(String(value)) : readable(value, 6);
}
