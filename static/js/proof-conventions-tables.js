/** The tables of the tab on conventions: what each rule does, and which tensors change. */

import { button, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { readable, toNumber } from "./numbers.js";
import { LETTERS, CONVENTION_RULES, rowsIn } from "./proof-conventions-read.js";

/** @typedef {import("./proof-conventions-read.js").Conventions} Conventions */
/** @typedef {import("./proof-conventions-read.js").RuleName} RuleName */

/** @param {Conventions} answer */
export function rulesTable(answer) {
  const heads = ["rule", "now", "then", "does"].map((name) => headCell("col", t(`proof.conventions.${name}`)));
  const rows = CONVENTION_RULES.map((name) => {
    const rule = answer.rules[name];
    const head = headCell("row", make("b", "letter", LETTERS[name]), ` ${ruleTitle(name)}`);
    const values = [rule.now, rule.then].map((value) => make("td", "", valueText(name, value)));
    const row = make("tr", rule.switched ? "" : "same", head, ...values, make("td", "does", doesText(rule)));
    row.dataset.rule = name;
    return row;
  });
  return numberTable(heads, rows);
}

/**
 * @param {Conventions} answer
 * @param {string} shown The tensor that is looked at.
 * @param {(name: string) => void} choose
 */
export function tensorsTable(answer, shown, choose) {
  const heads = ["tensor", "cells", "largest", "by"].map((name) => headCell("col", t(`proof.conventions.${name}`)));
  const rows = rowsIn(answer).map(({ name, cells, changed, rounding, largest, rules, together }) => {
    const opens = button("cell", name, () => choose(name));
    if (name === shown) opens.setAttribute("aria-current", "true");
    const letters = [...rules.map((rule) => LETTERS[rule]), together ? LETTERS.together : "", changed ? "" : LETTERS.rounding];
    const count = changed ? t("proof.conventions.of", { changed, cells }) : t("proof.conventions.rounded", { rounding, cells });
    const row = make("tr", "", headCell("row", opens), make("td", "", count), make("td", "", readable(largest, 3)), make("td", "letters", letters.join("")));
    row.dataset.tensor = name;
    return row;
  });
  return numberTable(heads, rows);
}

/** @param {RuleName} name */
export function ruleTitle(name) {
  return t(name === "head" ? "builder.field.head" : `builder.field.conventions.${name}`);
}

/**
 * @param {RuleName} name
 * @param {any} value A number or a word.
 */
function valueText(name, value) {
  if (name === "clip") return toNumber(value) ? readable(value) : t("proof.conventions.unclipped");
  return t(name === "head" ? `builder.choice.head.${value}` : `builder.choice.conventions.${name}.${value}`);
}

/** @param {import("./proof-conventions-read.js").Rule} rule */
function doesText({ changed, rounding, reason, params }) {
  if (!changed) {
    const figures = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, readable(value, 3)]));
    return t(`proof.conventions.why.${reason}`, { ...figures, rounding });
  }
  return t("proof.conventions.alone", { changed });
}
