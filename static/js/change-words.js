/** What one run has been told otherwise than another, in words. */

import { has, t } from "./i18n.js";
import { state } from "./state.js";

/**
 * "Learning rate 0.1 → 0.5, Seed 0 → 1".
 * @param {import("./changes.js").Field[]} fields
 */
export function fieldsSaid(fields) {
  return fields.map(({ name, from, to }) => {
    if (name === "faults") return faultsSaid(from, to);
    const [old, now] = [from, to].map((value) => either(`builder.choice.${name}.${value}`, value));
    return either(`builder.field.${name}`, name) + (from === to ? "" : ` ${old} → ${now}`);
  }).join(", ");
}

/**
 * "Faults — → 1/n left out"; while one is to be found, not which.
 * @param {string} from Their names, a space between them.
 * @param {string} to
 */
function faultsSaid(from, to) {
  const [old, now] = [from, to].map((names) => names.split(" ").map((name) => either(`builder.field.faults.${name}`, name)).join(" + "));
  return state.hunt.value ? t("builder.section.faults") : `${t("builder.section.faults")} ${old} → ${now}`;
}

/**
 * The builder's word, where it has one.
 * @param {string} key
 * @param {string} plain
 */
function either(key, plain) {
  return has(key) ? t(key) : plain;
}
