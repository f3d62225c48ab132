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
 */
export function captioned(name, values) {
  const table = tableOf(values);
  table.prepend(make("caption", "", name));
  return table;
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
 * @param {number} index
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
