/** What a cell of a figure says, in one sentence. */

import { hasFault, passesZero } from "./faults.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/** @typedef {import("./state.js").Opened} Opened */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */
/** @typedef {import("./figure-sample.js").Sampled} Sampled */

/** How far a score is raised in the sentence. */
const NUDGE = 0.01;

/**
 * @param {Opened} opened
 * @param {Part[]} parts
 * @param {FigureCell} cell
 * @param {Sampled | null} sampled A Jacobian's.
 */
export function sentenceOf(opened, parts, { part, row, column }, sampled) {
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
  const made = sampled ? ruleOf(opened.layer, sampled, row, column, value) : value;
  return t(key, { j: row, k: column, value: made, v: readable(change, 2) });
}

/**
 * A cell of J by its rule and its numbers: "S₁ · (1 − S₁) = 0.71 · (1 − 0.71) = 0.2059".
 * @param {string} layer
 * @param {Sampled} sampled
 * @param {number} j
 * @param {number} k
 * @param {string} value
 */
export function ruleOf(layer, { run, z, s }, j, k, value) {
  const [kind] = layer.split("_");
  const [one, other] = [j, k].map((at) => readable(s[at], 3));
  if (kind === "dense" && hasFault(run, "missing_transpose")) return `reshape(weight)[${j}, ${k}] = ${value}`;
  if (kind === "dense") return `weight[${k}, ${j}] = ${value}`;
  if (kind === "relu" && j === k) {
    const passes = passesZero(run) ? ["<", "≥"] : ["≤", ">"];
    return `${value} (input${low(k)} = ${readable(z[k], 3)} ${passes[Number(value !== "0")]} 0)`;
  }
  if (kind === "softmax" && hasFault(run, "softmax_scalar")) return `${j === k ? `S${low(j)} ` : ""}− Σ S² = ${value}`;
  const name = kind === "softmax" ? "S" : "σ";
  if (j === k && kind !== "relu") return `${name}${low(j)} · (1 − ${name}${low(j)}) = ${one} · (1 − ${one}) = ${value}`;
  return kind === "softmax" ? `−S${low(j)} · S${low(k)} = −${one} · ${other} = ${value}` : value;
}

/** @param {number} index Set low. */
function low(index) {
  return [...String(index)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
}
