import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { derived } from "../../static/js/derive.js";
import { documentLine } from "../../static/js/document-lines.js";
import { filled } from "../../static/js/i18n.js";
import { meaningOf } from "../../static/js/meaning.js";
import { learningRate, narrate } from "../../static/js/narration.js";
import { lastFrame, runOf } from "./fixtures.js";

const catalogue = (lang) =>
  JSON.parse(readFileSync(new URL(`../../static/locales/${lang}.json`, import.meta.url), "utf8"));

/** The sentence of a position, in English. */
function sentence(run, position) {
  const last = lastFrame(run);
  const frame = position === 0 || position === 12 ? { ...last, position } : derived(run, last, position);
  const { key, params } = narrate(run, frame);
  return filled(catalogue("en")[key], params);
}

test("every step of an iteration has its sentence", () => {
  const run = runOf();
  assert.deepEqual(Array.from({ length: 13 }, (_, position) => sentence(run, position)), [
    "Nothing has run yet: only the weights and biases exist.",
    "4 samples are laid in, 2 features each.",
    "Forward through dense_1: output is input times weight plus bias, (4, 2)·(2, 5) → (4, 5).",
    "Forward through relu_1: 0 of 20 values were not positive and became 0.",
    "Forward through dense_2: output is input times weight plus bias, (4, 5)·(5, 3) → (4, 3).",
    "Forward through softmax_1: each row becomes probabilities that sum to 1.",
    "Loss 0.7500: the mean over 4 samples; 2 of 4 are right.",
    "Backward through the loss: only the true class of each sample gets a gradient, −1 / (its probability × 4).",
    "Backward through softmax_1: each sample's dvalue row times its own 3×3 Jacobian.",
    "Backward through dense_2: its weight gradient is input-transposed times dvalue, (5, 4)·(4, 3) → (5, 3).",
    "Backward through relu_1: dvalue passes where the input was not negative; 8 of 20 are blocked.",
    "Backward through dense_1: its weight gradient is input-transposed times dvalue, (2, 4)·(4, 5) → (2, 5).",
    "Update: every weight moves against its gradient by learning rate 0.1. The gradients shown belong to the weights before this step.",
  ]);
});

test("with the slope 0 at 0, ReLU's sentence says so", () => {
  const run = runOf({ conventions: { relu_at_zero: 0, bce_outputs: "sum", clip: 0 } });
  assert.match(sentence(run, 10), /where the input was positive/);
});

test("a fused head goes back in one step", () => {
  const run = runOf({ head: "fused" });
  run.steps.splice(6, 2, "fused_backward");
  run.steps_per_iteration = run.steps.length;
  assert.equal(sentence(run, 7), "Backward through softmax_1 and the loss at once: (prediction − target) / 4.");
});

test("a decayed learning rate is that of the update", () => {
  const run = runOf({ optimizer: { learning_rate: 1, decay: 0.5 } });
  assert.equal(learningRate(run, 12), 1);
  assert.equal(learningRate(run, 24), 1 / 1.5);
});

test("in both languages every sentence is filled with the same figures", () => {
  const [en, zh] = [catalogue("en"), catalogue("zh")];
  const names = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();
  for (const key of Object.keys(en).filter((one) => one.startsWith("step."))) {
    assert.deepEqual(names(zh[key]), names(en[key]), key);
  }
});

test("a gradient's meaning names its variable and what 0.01 of it does", () => {
  const run = runOf();
  assert.deepEqual(meaningOf(run, "dense_2.dweight", [2, 1], -0.0078), {
    key: "meaning.gradient",
    params: { variable: "dense_2.weight[2, 1]", change: "−7.8e−5" },
  });
  assert.equal(meaningOf(run, "softmax_1.dinput", [0, 1], 1).params.variable, "dense_2.output[0, 1]");
  assert.equal(meaningOf(run, "loss.dinput", [0, 1], 1).params.variable, "softmax_1.output[0, 1]");
});

test("every tensor has a meaning in both languages", () => {
  const run = runOf();
  for (const name of Object.keys(run.tensors)) {
    const { key } = meaningOf(run, name, [0, 0], 1);
    for (const lang of ["en", "zh"]) assert.ok(key in catalogue(lang), `${name}: ${key}`);
  }
});

test("the note's own line stands beside what it computes, and nothing else", () => {
  const run = runOf();
  assert.equal(documentLine(run, "dense_2.dweight", 9)?.code, "self.dweight = np.dot(self.input.T, dvalue)");
  assert.equal(documentLine(run, "softmax_1.output", 9), null);
  assert.equal(documentLine(run, "dense_1.weight", 11), null);
  assert.equal(documentLine(run, "dense_1.weight", 12)?.code, "w - lr * dw");
  assert.equal(documentLine(runOf({ head: "fused" }), "softmax_1.dinput", 8), null);
});
