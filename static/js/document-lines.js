/** The note's own line of code for each tensor, letter for letter; of what the note has not, one in its manner. */

import { hasFault } from "./faults.js";
import { isFused, typeOf } from "./linkage.js";
import { memoryOf, parameterOf, penaltyOf, updateOf } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {{code: string, chapter: string | null}} Line `chapter`: its heading in the note; null where it is not in it. */

const DENSE = "Dense Layer";
const SOFTMAX = [
  "for each, (single_output, single_dvalue) in enumerate(zip(self.output, dvalue)):",
  "    self.dinput[each] = np.dot(single_dvalue,",
  "                        np.diagflat(single_output)-np.dot(single_output.T,single_output))",
];
const BINARY = [
  "y_pred = np.clip(y_pred, 1e-7, 1 - 1e-7)",
  "self.dinput = - y_true / y_pred + (1 - y_true) / (1 - y_pred)",
  "self.dinput = self.dinput / n_sample",
];

/** @type {Record<string, Line>} */
const LINES = {
  "dense.output": { code: "self.output = np.dot(input, self.weight) + self.bias", chapter: DENSE },
  "dense.dweight": { code: "self.dweight = np.dot(self.input.T, dvalue)", chapter: DENSE },
  "dense.dinput": { code: "self.dinput = np.dot(dvalue, self.weight.T)", chapter: DENSE },
  "dense.dbias": { code: "self.dbias = np.sum(dvalue, axis=0, keepdims=True)", chapter: DENSE },
  "relu.dinput": { code: "self.dinput = dvalue.copy()\nself.dinput[self.input < 0] = 0", chapter: "ReLu" },
  "softmax.dinput": { code: SOFTMAX.join("\n"), chapter: "Softmax" },
  "sigmoid.dinput": { code: "self.dinput = dvalue * self.output * ( 1 - self.output )", chapter: "Sigmoid" },
  "cce.dinput": {
    code: "self.dinput = - label / y_pred\nself.dinput = self.dinput / n_sample",
    chapter: "Categorical Cross-Entropy loss",
  },
  "bce.dinput": { code: BINARY.join("\n"), chapter: "Binary Cross-Entropy loss" },
};

const MEAN = "beta1 * momentum + (1 - beta1) * dw";
const SQUARES = "beta2 * cache + (1 - beta2) * dw ** 2";
const UNBIASED = "m = momentum / (1 - beta1 ** (t + 1))\nc = cache / (1 - beta2 ** (t + 1))\n";

/**
 * How a parameter is updated, and before it what is remembered of it; the note has only `w - lr * dw`.
 * @type {Record<import("./updates.js").Update, Record<string, string>>}
 */
const UPDATES = {
  sgd: { parameter: "w - lr * dw" },
  momentum: { momentum: "mu * momentum + dw", parameter: "w - lr * momentum" },
  nesterov: { momentum: "mu * momentum + dw", parameter: "w - lr * (dw + mu * momentum)" },
  adagrad: { cache: "cache + dw ** 2", parameter: "w - lr * dw / (np.sqrt(cache) + epsilon)" },
  rmsprop: { cache: "rho * cache + (1 - rho) * dw ** 2", parameter: "w - lr * dw / (np.sqrt(cache) + epsilon)" },
  adam: { momentum: MEAN, cache: SQUARES, parameter: `${UNBIASED}w - lr * m / (np.sqrt(c) + epsilon)` },
  adamw: { momentum: MEAN, cache: SQUARES, parameter: `${UNBIASED}w - lr * (m / (np.sqrt(c) + epsilon) + weight_decay * w)` },
};

/**
 * The lines that computed this tensor.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {number} position A parameter was computed only by an update.
 * @returns {Line[]}
 */
export function codeLines(run, tensor, position) {
  const [owner, attribute] = tensor.split(".");
  if (parameterOf(run, tensor)) return position < run.steps_per_iteration ? [] : updateLines(run, tensor);
  // The fused head is not in the note.
  if (attribute === "dinput" && isFused(run, owner)) return [];
  const loss = run.spec.loss === "binary_crossentropy" ? "bce" : "cce";
  const kind = owner === "loss" ? loss : typeOf(owner);
  const line = LINES[`${kind}.${attribute}`];
  return [...(line ? [line] : []), ...penaltyLines(run, tensor).map((code) => ({ code, chapter: null }))];
}

/**
 * @param {Run} run
 * @param {string} tensor
 * @returns {Line[]}
 */
function updateLines(run, tensor) {
  const [update, memory] = [updateOf(run), memoryOf(tensor)];
  const code = UPDATES[update][memory || "parameter"];
  const decay = !memory && run.spec.optimizer?.decay ? [{ code: "lr = learning_rate / (1 + decay * t)", chapter: null }] : [];
  // The note's line says what is meant; what is not in the note, what this run does.
  if (update !== "sgd" && hasFault(run, "wrong_sign")) return [...decay, { code: code.replace(" - lr", " + lr"), chapter: null }];
  return [...decay, { code, chapter: update === "sgd" ? DENSE : null }];
}

/**
 * @param {Run} run
 * @param {string} tensor
 */
function penaltyLines(run, tensor) {
  const [owner, attribute] = tensor.split(".");
  if (tensor === "loss.value" && "loss.penalty" in run.tensors) return ["np.mean(sample_losses) + penalty"];
  const penalties = run.layers.map((layer) => penaltyOf(run, layer));
  const written = (/** @type {typeof penalties} */ all, /** @type {string} */ l1, /** @type {string} */ l2) =>
    [...(all.some((one) => one?.l1) ? [l1] : []), ...(all.some((one) => one?.l2) ? [l2] : [])].join(" + ");
  if (tensor === "loss.penalty") return [written(penalties, "l1 * np.abs(w).sum()", "l2 * (w ** 2).sum()")];
  const slope = attribute === "dweight" ? written([penaltyOf(run, owner)], "l1 * np.sign(self.weight)", "2 * l2 * self.weight") : "";
  return slope ? [`self.dweight += ${slope}`] : [];
}
