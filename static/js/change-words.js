/** What one run has been told otherwise than another, in words. */

import { has, t } from "./i18n.js";

/**
 * "Learning rate 0.1 → 0.5, Seed 0 → 1".
 * @param {import("./changes.js").Field[]} fields
 */
export function fieldsSaid(fields) {
  return fields.map(({ name, from, to }) => {
    const [old, now] = [from, to].map((value) => either(`builder.choice.${name}.${value}`, value));
    return either(`builder.field.${name}`, name) + (from === to ? "" : ` ${old} → ${now}`);
  }).join(", ");
}

/**
 * The builder's word, where it has one.
 * @param {string} key
 * @param {string} plain
 */
function either(key, plain) {
  return has(key) ? t(key) : plain;
}
