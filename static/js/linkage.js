/**
 * Which cells a cell is read from: every rule by index letters, as in einsum.
 *
 * `au: {input: "na", dvalue: "nu"}` says of dweight: cell [a, u] reads input[n, a] and dvalue[n, u] for every n.
 * A letter that both sides share is equal, one that only the read side has ranges over all, `0` is the index 0,
 * and `*` is all of what is there. What is read is therefore always a rectangle.
 */

import { hasFault } from "./faults.js";
import { parameterOf, penalised, penaltyOf, readByUpdate } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {{tensor: string, rows: Index, columns: Index}} Block Rows and columns from, and to before. */
/** @typedef {{produced: string, reads: Record<string, string>}} Rule A read is an attribute of the same layer, or a whole name. */

/** @type {Record<string, Record<string, Rule>>} */
const RULES = {
  dense: {
    output: { produced: "nu", reads: { input: "na", weight: "au", bias: "0u" } },
    dweight: { produced: "au", reads: { input: "na", dvalue: "nu" } },
    dbias: { produced: "0u", reads: { dvalue: "nu" } },
    dinput: { produced: "na", reads: { dvalue: "nu", weight: "au" } },
  },
  relu: {
    output: { produced: "nu", reads: { input: "nu" } },
    dinput: { produced: "nu", reads: { dvalue: "nu", input: "nu" } },
  },
  sigmoid: {
    output: { produced: "nu", reads: { input: "nu" } },
    dinput: { produced: "nu", reads: { dvalue: "nu", output: "nu" } },
  },
  softmax: {
    output: { produced: "nj", reads: { input: "nk" } },
    dinput: { produced: "nk", reads: { dvalue: "nj", output: "nj" } },
  },
  loss: {
    output: { produced: "n0", reads: { prediction: "nj", target: "n*" } },
    value: { produced: "00", reads: { output: "n0" } },
    dinput: { produced: "nj", reads: { prediction: "nj", target: "nj" } },
  },
  fused: {
    output: { produced: "n0", reads: { logits: "nj", target: "n*" } },
    value: { produced: "00", reads: { output: "n0" } },
    dinput: { produced: "nj", reads: { prediction: "nj", target: "n*" } },
  },
};

/**
 * What a layer reads that is spoiled: by the fault, and the type and attribute.
 * @type {Record<string, Record<string, Rule>>}
 */
const SPOILED = {
  bias_not_summed: { "dense.dbias": { produced: "0u", reads: { dvalue: "0u" } } },
  input_overwritten: { "dense.dweight": { produced: "au", reads: { dinput: "na", dvalue: "nu" } } },
};

/**
 * The canonical name of a tensor under any of its names.
 * @param {Run} run
 * @param {string} name
 */
export function canonical(run, name) {
  if (name in run.tensors) return name;
  const found = Object.entries(run.tensors).find(([, tensor]) => tensor.aliases.includes(name));
  return found ? found[0] : name;
}

/**
 * "dense" of "dense_2".
 * @param {string} layer
 */
export function typeOf(layer) {
  return layer.replace(/_\d+$/, "");
}

/**
 * Whether a layer is one with the loss behind it.
 * @param {Run} run
 * @param {string} layer
 */
export function isFused(run, layer) {
  return run.spec.head === "fused" && layer === run.layers.at(-1);
}

/**
 * What a cell of this tensor is made of, as blocks of the tensors that its step read.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {Index} index
 * @param {number} position A parameter, and what is remembered of it, is made of something only after an update.
 * @returns {Block[]}
 */
export function readsOf(run, tensor, index, position = 0) {
  const [owner, attribute] = tensor.split(".");
  const parameter = parameterOf(run, tensor);
  if (parameter && position < run.steps_per_iteration) return [];
  const rule = parameter ? updateRule(run, parameter, tensor) : ruleFor(run, owner, attribute);
  if (!rule) return [];
  const known = new Map([...rule.produced].map((letter, axis) => [letter, index[axis]]));
  return Object.entries(rule.reads).flatMap(([local, letters]) => {
    const name = nameOf(run, owner, local);
    const shape = run.tensors[name]?.shape;
    if (!shape) return [];
    if (attribute === "dinput" && local === "weight" && hasFault(run, "missing_transpose")) return poured(name, shape, index[1]);
    // A label that says its class by number stands in the one column for all of them.
    const axes = name === "batch.target" && shape[1] === 1 ? `${letters[0]}0` : letters;
    const [rows, columns] = [0, 1].map((axis) => span(axes[axis], known, shape[axis]));
    return [{ tensor: name, rows, columns }];
  });
}

/**
 * @param {Run} run
 * @param {string} owner
 * @param {string} attribute
 * @returns {Rule | undefined}
 */
function ruleFor(run, owner, attribute) {
  const costly = penalised(run);
  if (owner === "loss" && attribute === "penalty") return { produced: "00", reads: Object.fromEntries(costly.map((name) => [name, "**"])) };
  if (owner === "loss") return withPenalty(costly.length > 0 && attribute === "value", RULES[run.spec.head === "fused" ? "fused" : "loss"][attribute], { penalty: "00" });
  if (attribute === "dinput" && isFused(run, owner)) {
    // Only softmax's fused gradient reads the sum of the sample's targets.
    return RULES[run.spec.loss === "binary_crossentropy" ? "loss" : "fused"].dinput;
  }
  const kind = typeOf(owner);
  const spoiled = Object.keys(SPOILED).filter((fault) => hasFault(run, fault)).map((fault) => SPOILED[fault][`${kind}.${attribute}`]);
  const rule = spoiled.find(Boolean) ?? RULES[kind]?.[attribute];
  return withPenalty(attribute === "dweight" && penaltyOf(run, owner), rule, { weight: "au" });
}

/**
 * The weights that come to stand in a column when a weight is poured into the shape of its transpose, row by row.
 * @param {string} tensor
 * @param {Index} shape The weight's.
 * @param {number} column
 * @returns {Block[]}
 */
function poured(tensor, [inputs, units], column) {
  return Array.from({ length: units }, (_, unit) => {
    const at = unit * inputs + column;
    const [row, place] = [Math.floor(at / units), at % units];
    return { tensor, rows: [row, row + 1], columns: [place, place + 1] };
  });
}

/**
 * @param {unknown} there
 * @param {Rule | undefined} rule
 * @param {Record<string, string>} more What a penalty makes it read.
 */
function withPenalty(there, rule, more) {
  return there && rule ? { ...rule, reads: { ...rule.reads, ...more } } : rule;
}

/**
 * Cell by cell, from the same cell of each.
 * @param {Run} run
 * @param {string} parameter
 * @param {string} tensor It, or what is remembered of it.
 * @returns {Rule}
 */
function updateRule(run, parameter, tensor) {
  return { produced: "rc", reads: Object.fromEntries(readByUpdate(run, parameter, tensor).map((name) => [name, "rc"])) };
}

/**
 * @param {Run} run
 * @param {string} owner
 * @param {string} local
 */
function nameOf(run, owner, local) {
  const last = run.layers.at(-1);
  if (local === "prediction") return `${last}.output`;
  if (local === "target") return "batch.target";
  if (local === "logits") return canonical(run, `${last}.input`);
  return local.includes(".") ? local : canonical(run, `${owner}.${local}`);
}

/**
 * @param {string} letter
 * @param {Map<string, number>} known
 * @param {number} size
 * @returns {Index}
 */
function span(letter, known, size) {
  if (letter === "0") return [0, 1];
  const at = known.get(letter);
  return at === undefined ? [0, size] : [at, at + 1];
}
