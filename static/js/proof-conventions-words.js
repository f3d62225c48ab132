/** What is said of a switch of conventions as a whole. */

import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { beginningOf, largestChange, rowsIn } from "./proof-conventions-read.js";

/** @typedef {import("./proof-conventions-read.js").Conventions} Conventions */

/**
 * What changes, by how much, and where that begins.
 * @param {Conventions} answer
 */
export function switchSentences(answer) {
  const rows = rowsIn(answer);
  const changed = rows.filter((row) => row.changed > 0);
  if (!Object.values(answer.rules).some(({ switched }) => switched)) return [t("proof.conventions.same")];
  if (rows.length === 0) return [t("proof.conventions.nothing")];
  const of = changed.length ? changed : rows;
  const most = largestChange(of);
  const total = (/** @type {"changed" | "rounding" | "together"} */ what) => rows.reduce((sum, row) => sum + row[what], 0);
  const figures = { cells: total("changed") || total("rounding"), tensors: of.length, largest: readable(most.largest, 3), name: most.name };
  if (!changed.length) return [t("proof.conventions.rounds", figures)];
  const [before, after] = answer.loss;
  const first = beginningOf(rows);
  return [
    t("proof.conventions.changes", figures),
    before !== null && after !== null && before !== after ? t("proof.conventions.loss", { from: readable(before, 6), to: readable(after, 6) }) : "",
    first ? t("proof.conventions.begins", { name: first }) : t("proof.conventions.earlier"),
    total("rounding") ? t("proof.conventions.rounds_too", { cells: total("rounding") }) : "",
    total("together") ? t("proof.conventions.together", { cells: total("together") }) : "",
  ].filter(Boolean);
}

/**
 * What one of the two does not have.
 * @param {Conventions} answer
 */
export function missingSentence({ tensors, rules }) {
  const names = Object.entries(tensors).filter(([name, { changed }]) => changed === null && name === "loss.dinput").map(([name]) => name);
  return names.length && rules.head.now !== rules.head.then ? t("proof.conventions.missing", { names: names.join(", ") }) : "";
}
