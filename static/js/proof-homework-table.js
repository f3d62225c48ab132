/** A graded tensor, cell by cell: right or wrong by a glyph, and a wrong one is the way to it on the stage. */

import { button, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { cellVerdict, worstCells } from "./proof-homework-words.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./proof-homework-words.js").Grade} Grade */

/** Cells of a table; of a larger tensor the worst ones are listed. */
const [MOST_CELLS, MOST_LISTED] = [1000, 100];

/**
 * @param {Grade} grade
 * @param {boolean} shown Whether the right numbers stand beside the given ones.
 * @param {(index: Index) => void} open
 * @returns {HTMLElement}
 */
export function gradeTable(grade, shown, open) {
  const [rows, columns] = grade.shape;
  if (rows * columns > MOST_CELLS) return listed(grade, shown, open);
  const heads = [...Array(columns).keys()].map((column) => headCell("col", String(column)));
  const body = grade.given.map((row, r) =>
    make("tr", "", headCell("row", String(r)), ...row.map((_, c) => make("td", grade.right[r][c] ? "" : "wrong", ...cellOf(grade, [r, c], shown, open)))));
  return numberTable([make("td", ""), ...heads], body);
}

/**
 * @param {Grade} grade
 * @param {Index} index
 * @param {boolean} shown
 * @param {(index: Index) => void} open
 * @returns {(Node | string)[]}
 */
function cellOf(grade, index, shown, open) {
  const [row, column] = index;
  const given = readable(grade.given[row][column], 4);
  if (grade.right[row][column]) return [glyph("✓"), given];
  const found = button("cell", "", () => open(index));
  found.append(glyph("✗"), given, ...(shown ? [make("small", "", `→ ${readable(grade.expected[row][column], 4)}`)] : []));
  found.title = `${cellVerdict(grade, index, shown)} ${t("proof.homework.open")}`;
  return [found];
}

/**
 * @param {Grade} grade
 * @param {boolean} shown
 * @param {(index: Index) => void} open
 */
function listed(grade, shown, open) {
  const worst = worstCells(grade);
  const items = worst.slice(0, MOST_LISTED).map((index) => make("li", "", button("cell", cellVerdict(grade, index, shown), () => open(index))));
  const hint = make("p", "hint", t("proof.homework.listed", { listed: items.length, wrong: worst.length }));
  return make("div", "", ...(worst.length > 0 ? [hint, make("ol", "", ...items)] : []));
}

/** @param {"✓" | "✗"} mark */
function glyph(mark) {
  const made = make("b", mark === "✓" ? "right" : "", mark);
  made.role = "img";
  made.ariaLabel = t(mark === "✓" ? "proof.homework.is_right" : "proof.homework.is_wrong");
  return made;
}
