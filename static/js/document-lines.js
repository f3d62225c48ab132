/** The note's own line of code for each tensor, letter for letter. */

import { isFused, typeOf } from "./linkage.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {{code: string, chapter: string}} Line `chapter`: its heading in the note. */

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
  "dense.weight": { code: "w - lr * dw", chapter: DENSE },
  "dense.bias": { code: "w - lr * dw", chapter: DENSE },
  "relu.dinput": { code: "self.dinput = dvalue.copy()\nself.dinput[self.input < 0] = 0", chapter: "ReLu" },
  "softmax.dinput": { code: SOFTMAX.join("\n"), chapter: "Softmax" },
  "sigmoid.dinput": { code: "self.dinput = dvalue * self.output * ( 1 - self.output )", chapter: "Sigmoid" },
  "cce.dinput": {
    code: "self.dinput = - label / y_pred\nself.dinput = self.dinput / n_sample",
    chapter: "Categorical Cross-Entropy loss",
  },
  "bce.dinput": { code: BINARY.join("\n"), chapter: "Binary Cross-Entropy loss" },
};

/**
 * The line that computed this tensor, where the note has one.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {number} position A parameter was computed only by an update.
 * @returns {Line | null}
 */
export function documentLine(run, tensor, position) {
  const [owner, attribute] = tensor.split(".");
  if (run.parameters.includes(tensor) && position < run.steps_per_iteration) return null;
  // The fused head is not in the note.
  if (attribute === "dinput" && isFused(run, owner)) return null;
  const loss = run.spec.loss === "binary_crossentropy" ? "bce" : "cce";
  const kind = owner === "loss" ? loss : typeOf(owner);
  return LINES[`${kind}.${attribute}`] ?? null;
}
