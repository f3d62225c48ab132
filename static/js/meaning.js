/** What a cell means, in one sentence: a key of the catalogue and its figures. */

import { readable, toNumber } from "./numbers.js";
import { canonical, typeOf } from "./linkage.js";
import { memoryOf, updateOf } from "./updates.js";

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
    const params = { variable: `${variable}[${row}, ${column}]`, change };
    // A faulty backward pass says nothing of the loss.
    if (run.spec.faults?.length) return { key: "meaning.taken", params };
    return { key: value === 0 ? "meaning.no_gradient" : "meaning.gradient", params };
  }
  if (memoryOf(tensor)) return { key: `meaning.memory.${remembered(run, tensor)}`, params: { variable: `${owner}.${attribute}[${row}, ${column}]` } };
  const costly = tensor === "loss.value" && "loss.penalty" in run.tensors ? ".penalised" : "";
  const name = nameIn(run, tensor, column, toNumber(value));
  const key = `meaning.${typeOf(owner)}.${attribute}${costly}`;
  const params = { row, column, layer: owner };
  return name === undefined ? { key, params } : { key: `${key}.named`, params: { ...params, name } };
}

/**
 * What the data call a feature, a label, or an output.
 * @param {Run} run
 * @param {string} tensor
 * @param {number} column
 * @param {number} value
 * @returns {string | undefined}
 */
function nameIn({ data, tensors, layers }, tensor, column, value) {
  if (!data) return undefined;
  const [, width] = tensors[tensor].shape;
  if (/^(batch|data)\.input$/.test(tensor)) return data.features[column];
  if (/^(batch|data)\.target$/.test(tensor)) return width === 1 ? data.classes[value] : undefined;
  if (tensor !== `${layers.at(-1)}.output` || !tensor.startsWith("softmax")) return undefined;
  // Digits are called as they are numbered.
  return data.classes[column] === String(column) ? undefined : data.classes[column];
}

/**
 * What an optimiser remembers of the gradients in a tensor.
 * @param {Run} run
 * @param {string} tensor
 */
function remembered(run, tensor) {
  const update = updateOf(run);
  if (memoryOf(tensor) === "cache") return update === "adagrad" ? "sum" : "squares";
  return update.startsWith("adam") ? "mean" : "velocity";
}

/**
 * The same of a gradient's cell of which one sample's share is shown.
 * @param {import("./narration.js").Said} said
 * @param {number} sample
 * @param {Num} share
 * @returns {import("./narration.js").Said}
 */
export function meaningOfShare({ key, params }, sample, share) {
  return { key: key === "meaning.taken" ? "alone.taken" : "alone.meaning", params: { ...params, sample, share: readable(toNumber(share) * NUDGE, 2) } };
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

/**
 * The variable from which a cell's walk along the chain rule begins: it, or what it is the gradient of.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @returns {string | null} Null where no path leads to the loss.
 */
export function walkFrom(run, tensor) {
  const [owner, attribute] = tensor.split(".");
  const from = variableOf(run, owner, attribute) ?? tensor;
  // A fused loss reads the scores, not the probabilities.
  if (run.spec.head === "fused" && from === `${run.layers.at(-1)}.output`) return null;
  return run.parameters.includes(from) || /^batch\.input$|\.output$/.test(from) ? from : null;
}
