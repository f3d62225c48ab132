import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { courseRows, narrowest, operandOf, termText, unfinite } from "../../static/js/proof-autopsy-read.js";
import { firstUnfinite, signsOf } from "../../static/js/signs.js";

const cell = { tensor: "dense_2.weight", index: [1, 2], position: 36 };
const factor = (label, value, derived = false, cells = [cell]) => ({ label, value, derived, cells });

test("an operand that is a cell's value is that cell, another its label", () => {
  assert.deepEqual(operandOf(factor("weight", 1e308)), { text: "dense_2.weight[1, 2] = 1e308", cell });
  assert.deepEqual(operandOf(factor("ln ŷ", "-Infinity", true)), { text: "ln ŷ = −∞", cell: null });
  assert.deepEqual(operandOf(factor("μ", 0.9, true, [])), { text: "μ = 0.9000", cell: null });
});

test("a term is written with its names, its numbers and what they make", () => {
  assert.equal(termText({ number: 1, value: "Infinity", factors: [factor("input", 3.5), factor("weight", 1e308)] }), "input · weight = 3.500 · 1e308 = ∞");
  assert.equal(termText({ number: 0, value: "NaN", factors: [factor("dvalue", "-Infinity"), factor("J[j,k]", 0, true)] }), "dvalue · J[j,k] = (−∞) · 0 = NaN");
  const slope = [factor("dvalue", 2), factor("output", 0.75), factor("1 − σ", 0.25, true)];
  assert.equal(termText({ number: 0, value: 0.375, factors: slope }), "dvalue · output · (1 − σ) = 2 · 0.7500 · 0.2500 = 0.3750");
  assert.equal(termText({ number: 4, value: -1000, factors: [factor("bias", -1000)] }), "bias = −1000");
});

test("of a sum of finite terms the largest are shown, of others what is not finite", () => {
  assert.deepEqual(["sum_overflow", "never_positive", "product_overflow", "zero_times_inf"].map((reason) => unfinite({ reason })), [false, false, true, true]);
});

test("the way back says what each step left of the gradient", () => {
  const course = [["loss.dinput", 0.8], ["sigmoid_2.dinput", 0.2], ["dense_2.dinput", 0.4], ["sigmoid_1.dinput", 0], ["dense_1.dinput", 0]]
    .map(([tensor, norm]) => ({ tensor, norm }));
  assert.deepEqual(courseRows({ course }).map(({ times }) => times), [null, 0.25, 2, 0, null]);
  assert.equal(narrowest({ course }).tensor, "sigmoid_1.dinput");
  assert.equal(narrowest({ course: course.slice(0, 1) }), null);
});

/** A run of two dense layers and a ReLU between whose last frame holds these. */
function shown(tensors, { batch = 8, slope = 1, faults = [] } = {}) {
  const own = { "relu_1.dinput": { aliases: ["dense_1.dvalue"] }, "loss.dinput": { aliases: ["dense_2.dvalue"] }, "dense_1.output": { aliases: ["relu_1.input"] } };
  const shapes = { "batch.input": { shape: [batch, 2], aliases: [] }, "data.input": { shape: [8, 2], aliases: [] } };
  const run = { layers: ["dense_1", "relu_1", "dense_2"], tensors: { ...own, ...shapes }, spec: { conventions: { relu_at_zero: slope }, faults } };
  const plain = { nan: 0, inf: 0, values: [[1, 2], [3, 0]], norm: 1 };
  return signsOf(run, { tensors: { "dense_1.output": plain, "relu_1.dinput": plain, "loss.dinput": plain, ...tensors } });
}

test("an iteration's signs are what its last frame shows", () => {
  assert.deepEqual(shown({}), []);
  assert.deepEqual(shown({ "loss.output": { nan: 0, inf: 2 }, "dense_1.dbias": { nan: 1, inf: 0 } }), ["nan", "inf"]);
  assert.deepEqual(shown({ "dense_1.output": { nan: 0, inf: 0, values: [[-1, 2], [-3, 0]] } }), ["dead"]);
  assert.deepEqual(shown({ "relu_1.dinput": { nan: 0, inf: 0, norm: 0.0099 } }), ["vanished"]);
  assert.deepEqual(shown({ "relu_1.dinput": { nan: 0, inf: 0, norm: 0.01 } }), []);
  assert.deepEqual(shown({ "relu_1.dinput": { nan: 0, inf: 0, norm: 1e3 } }), []);
});

test("what is not known, or is silent in one of many batches, is no sign", () => {
  assert.deepEqual(shown({ "dense_1.output": { nan: null, inf: null, values: null }, "relu_1.dinput": { nan: null, inf: null, norm: null } }), []);
  assert.deepEqual(shown({ "dense_1.output": { nan: 0, inf: 0, values: [[-1, 2], [-1, 0]] } }, { batch: 4 }), []);
  // Of a large tensor no values come with the frame.
  assert.deepEqual(shown({ "dense_1.output": { nan: 0, inf: 0 } }), []);
});

test("a unit whose largest input is 0 is dead where no gradient passes there", () => {
  const zero = { "dense_1.output": { nan: 0, inf: 0, values: [[0, 2], [-1, 1]] } };
  assert.deepEqual(shown(zero), []);
  assert.deepEqual(shown(zero, { slope: 0 }), ["dead"]);
  assert.deepEqual(shown(zero, { faults: ["relu_at_zero"] }), ["dead"]);
  assert.deepEqual(shown({ "dense_1.output": { nan: 1, inf: 0, values: [["NaN", 2], [-1, 1]] } }), ["nan"]);
});

test("of a training the first iteration counts whose loss or norms are no finite numbers", () => {
  const record = (iteration, loss, gradient) => [iteration, { iteration, loss, layers: { dense_1: { weight: 1, gradient }, relu_1: { dead: 0 } } }];
  assert.equal(firstUnfinite(new Map()), null);
  assert.equal(firstUnfinite(new Map([record(0, 1, 1), record(1, 2, 0)])), null);
  assert.deepEqual(firstUnfinite(new Map([record(9, "NaN", "NaN"), record(7, "Infinity", "NaN"), record(5, 1, 1)])), { iteration: 7, signs: ["nan", "inf"] });
  assert.deepEqual(firstUnfinite(new Map([record(0, 1, 1), record(4, 1, "Infinity")])), { iteration: 4, signs: ["inf"] });
});

test("every reason and every kind that the server may give has words", () => {
  const schema = readFileSync(new URL("../../app/schemas/autopsies.py", import.meta.url), "utf8");
  const [kinds, reasons] = ["kind", "reason"].map((field) =>
    [...new RegExp(`${field}: Literal\\[([^\\]]*)`).exec(schema)[1].matchAll(/"(\w+)"/g)].map(([, name]) => name));
  const words = JSON.parse(readFileSync(new URL("../../static/locales/en.json", import.meta.url), "utf8"));
  const have = (family) => Object.keys(words).filter((key) => key.startsWith(family)).map((key) => key.slice(family.length)).sort();
  assert.deepEqual(have("proof.autopsy.kind."), [...kinds].sort());
  assert.deepEqual(have("proof.autopsy.reason."), [...reasons].sort());
  for (const kind of kinds) assert.ok(`signs.${kind}` in words);
});
