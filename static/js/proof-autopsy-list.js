/** What first went wrong, each with its place, its reason and the numbers that it was made of. */

import { cellName } from "./cells.js";
import { button, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { courseRows, narrowest, operandOf, termText, unfinite } from "./proof-autopsy-read.js";
import { goToCell } from "./proof-state.js";

/** @typedef {import("./proof-autopsy-read.js").Finding} Finding */
/** @typedef {import("./types.js").Run} Run */

/**
 * @param {Run} run
 * @param {Finding} finding
 */
export function findingItem(run, finding) {
  const { kind, cell } = finding;
  const go = button("primary", t("proof.autopsy.go"), () => goToCell(cell));
  go.setAttribute("aria-label", t("proof.autopsy.go.cell", { cell: cellName(cell) }));
  const heading = make("h3", "", t(`proof.autopsy.kind.${kind}`));
  return make(
    "li", "finding", make("div", "finding-head", heading, go), make("p", "", whereText(run, finding)), make("p", "", whyText(run, finding)),
    ...operandList(finding), ...termTable(finding), ...courseTable(finding),
  );
}

/**
 * @param {Run} run
 * @param {Finding} finding
 */
function whereText(run, finding) {
  const { kind, cell, iteration, step, cells, until, share } = finding;
  const number = run.steps.indexOf(step) + 1;
  const where = t("proof.autopsy.where", { iteration, number, of: run.steps_per_iteration, step, cell: cellName(cell) });
  if (kind === "vanished") return `${where} ${t("proof.autopsy.share", { share: readable(share ?? 0, 3) })}`;
  if (kind !== "dead") return cells > 1 ? `${where} ${t("proof.autopsy.cells", { cells })}` : where;
  const unit = t(cells > 1 ? "proof.autopsy.units" : "proof.autopsy.unit", { unit: cell.index[1], cells });
  return `${where} ${unit} ${until === null ? t("proof.autopsy.lasting") : t("proof.autopsy.until", { until })}`;
}

/**
 * @param {Run} run
 * @param {Finding} finding
 */
function whyText(run, finding) {
  const { reason, value, limit, explained, terms, course } = finding;
  const dtype = run.tensors[explained.tensor]?.dtype ?? "";
  const least = narrowest(finding);
  return t(`proof.autopsy.reason.${reason}`, {
    value: readable(value), limit: readable(limit), dtype, cell: cellName(explained), term: terms.length ? termText(terms[0]) : "",
    from: readable(course[0]?.norm ?? NaN), to: readable(course[course.length - 1]?.norm ?? NaN),
    wire: least?.tensor ?? "", times: readable(least?.times ?? NaN, 2),
  });
}

/** @param {Finding} finding */
function operandList({ operands }) {
  if (operands.length === 0) return [];
  const items = operands.map((operand) => {
    const { text, cell } = operandOf(operand);
    if (!cell) return make("li", "", text);
    const go = button("", text, () => goToCell(cell));
    go.setAttribute("aria-label", t("proof.autopsy.go.operand", { text }));
    return make("li", "", go);
  });
  return [make("h4", "", t("proof.autopsy.operands")), make("ul", "operands", ...items)];
}

/** @param {Finding} finding */
function termTable(finding) {
  const { terms, terms_total: total, explained } = finding;
  if (terms.length === 0) return [];
  const key = unfinite(finding) ? "proof.autopsy.terms.unfinite" : terms.length < total ? "proof.autopsy.terms.largest" : "proof.autopsy.terms.all";
  const heads = ["number", "product"].map((name) => headCell("col", t(`proof.autopsy.terms.${name}`)));
  const rows = terms.map((term) => make("tr", "", headCell("row", String(term.number)), make("td", "", termText(term))));
  return scrolled(t(key, { count: terms.length, total, cell: cellName(explained) }), numberTable(heads, rows));
}

/** @param {Finding} finding */
function courseTable(finding) {
  if (finding.course.length === 0) return [];
  const heads = ["wire", "norm", "times"].map((name) => headCell("col", t(`proof.autopsy.course.${name}`)));
  const rows = courseRows(finding).map(({ tensor, norm, times }) =>
    make("tr", "", headCell("row", tensor), make("td", "", readable(norm)), make("td", "", times === null ? "" : `× ${readable(times, 2)}`)));
  return scrolled(t("proof.autopsy.course"), numberTable(heads, rows));
}

/**
 * A table under its name, which does not scroll with it.
 * @param {string} name
 * @param {HTMLTableElement} table
 */
function scrolled(name, table) {
  const box = make("div", "autopsy-scroll", table);
  box.tabIndex = 0;
  box.role = "group";
  box.ariaLabel = name;
  return [make("h4", "", name), box];
}
