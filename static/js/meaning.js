/** What a cell means, in one sentence: a key of the catalogue and its figures. */

import { readable, toNumber } from "./numbers.js";
import { canonical } from "./linkage.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Index} Index */

const NUDGE = 0.01;

/**
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {Index} index
 * @param {Num} value
 * @returns {import("./narration.js").Said}
 */
export function meaningOf(run, tensor, index, value) {
  const [row, column] = index;
  const [owner, attribute] = tensor.split(".");
  const variable = variableOf(run, owner, attribute);
  if (variable !== null) {
    const change = readable(toNumber(value) * NUDGE, 2);
    return { key: "meaning.gradient", params: { variable: `${variable}[${row}, ${column}]`, change } };
  }
  const kind = owner.replace(/_\d+$/, "");
  const key = tensor.split(".").length > 2 ? "meaning.momentum" : `meaning.${kind}.${attribute}`;
  return { key, params: { row, column, layer: owner } };
}

/**
 * The variable that a gradient is the gradient of; null where the tensor is none.
 * @param {Run} run
 * @param {string} owner
 * @param {string} attribute
 */
function variableOf(run, owner, attribute) {
  if (attribute === "dweight" || attribute === "dbias") return `${owner}.${attribute.slice(1)}`;
  if (attribute !== "dinput") return null;
  return owner === "loss" ? `${run.layers.at(-1)}.output` : canonical(run, `${owner}.input`);
}
