/** What a cell of a figure says, in one sentence. */

import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/** @typedef {import("./state.js").Opened} Opened */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */

/** How far a score is raised in the sentence. */
const NUDGE = 0.01;

/**
 * @param {Opened} opened
 * @param {Part[]} parts
 * @param {FigureCell} cell
 */
export function sentenceOf(opened, parts, { part, row, column }) {
  const values = parts.find(({ name }) => name === part)?.values ?? [];
  const number = values[row][column];
  const value = readable(number);
  if (opened.kind === "tensor") {
    const [rows, columns] = [values.length, values[0].length];
    return t("cell.spoken", { value, row: row + 1, rows, column: column + 1, columns, tensor: opened.tensor });
  }
  if (part === "dvalue") return t("figure.dvalue", { j: row, value });
  if (part === "dinput") return t("figure.dinput", { k: column, value });
  const softmax = opened.layer.startsWith("softmax");
  const key = softmax ? (number < 0 ? "figure.lowers" : "figure.raises") : "figure.changes";
  const change = softmax ? Math.abs(number) * NUDGE : number * NUDGE;
  return t(key, { j: row, k: column, value, v: readable(change, 2) });
}
