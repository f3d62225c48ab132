import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { derived } from "../../static/js/derive.js";
import { codeLines } from "../../static/js/document-lines.js";
import { filled } from "../../static/js/i18n.js";
import { meaningOf } from "../../static/js/meaning.js";
import { narrate } from "../../static/js/narration.js";
import { figuresOf } from "../../static/js/updates.js";
import { costly, lastFrame, runOf } from "./fixtures.js";

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
    "Backward through softmax_1: each sample’s dvalue row times its own 3×3 Jacobian.",
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

/** The formula of the second update, in English. */
function updated(optimizer) {
  const run = runOf({ optimizer });
  const { key, params } = narrate(run, { ...lastFrame(run, 1), position: 24 });
  return filled(catalogue("en")[key], params).replace(" The gradients shown belong to the weights before this step.", "");
}

test("a decayed learning rate is that of the update", () => {
  const run = runOf({ optimizer: { learning_rate: 1, decay: 0.5 } });
  assert.equal(figuresOf(run, 1).rate, "1");
  assert.match(updated({ learning_rate: 1, decay: 0.5 }), /by learning rate 1 \/ \(1 \+ 0\.5·1\) = 0\.6667\.$/);
});

test("every optimiser's update says its formula, with the figures of this update", () => {
  const adam = { type: "adam", learning_rate: 0.001, beta1: 0.9, beta2: 0.999 };
  assert.deepEqual(
    [
      { type: "sgd", learning_rate: 0.1, momentum: 0.9 },
      { type: "sgd", learning_rate: 0.1, momentum: 0.9, nesterov: true },
      { type: "adagrad", learning_rate: 0.01 },
      { type: "rmsprop", learning_rate: 0.01, rho: 0.99, decay: 1 },
      adam,
      { ...adam, type: "adamw", weight_decay: 0.01 },
    ].map(updated),
    [
      "Update with momentum: momentum = 0.9·momentum + dw, then w = w − lr·momentum, lr = 0.1.",
      "Update with Nesterov momentum: momentum = 0.9·momentum + dw, then w = w − lr·(dw + 0.9·momentum), lr = 0.1.",
      "Update by AdaGrad: cache = cache + dw², then w = w − lr·dw / (√cache + ε), lr = 0.01.",
      "Update by RMSprop: cache = 0.99·cache + 0.01·dw², then w = w − lr·dw / (√cache + ε), lr = 0.01 / (1 + 1·1) = 0.005.",
      "Update by Adam: momentum = 0.9·momentum + 0.1·dw, cache = 0.999·cache + 0.001·dw², then w = w − lr·(momentum / 0.19) / (√(cache / 0.001999) + ε), lr = 0.001.",
      "Update by AdamW: momentum = 0.9·momentum + 0.1·dw, cache = 0.999·cache + 0.001·dw², then w = w − lr·(0.01·w + (momentum / 0.19) / (√(cache / 0.001999) + ε)), lr = 0.001.",
    ],
  );
});

test("a penalty is told where it enters: in the loss, and in the weight's gradient", () => {
  const run = costly();
  const last = { ...lastFrame(run), position: 6 };
  last.tensors["loss.penalty"].values = [[0.25]];
  assert.deepEqual(narrate(run, last), {
    key: "step.loss.penalised", params: { loss: "0.7500", data: "0.5000", penalty: "0.2500", n: 4, right: 2, cells: 4 },
  });
  assert.equal(narrate(run, { ...last, position: 9 }).params.slope, "0.02·weight");
  assert.equal(narrate(run, { ...last, position: 11 }).params.slope, "0.001·sign(weight) + 0.02·weight");
  assert.equal(narrate(run, { ...last, position: 0 }).key, "step.start.memory");
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
  for (const run of [runOf(), costly(), costly({ type: "adagrad" }, ["cache"]), costly({ type: "sgd", momentum: 0.5 }, ["momentum"])]) {
    for (const name of Object.keys(run.tensors)) {
      const { key } = meaningOf(run, name, [0, 0], 1);
      for (const lang of ["en", "zh"]) assert.ok(key in catalogue(lang), `${name}: ${key}`);
    }
  }
});

test("what is remembered of a gradient means another thing to each optimiser", () => {
  const key = (type, memory) => meaningOf(costly({ type }), `dense_1.weight.${memory}`, [1, 2], 1);
  assert.deepEqual(key("adamw", "momentum"), { key: "meaning.memory.mean", params: { variable: "dense_1.weight[1, 2]" } });
  assert.equal(key("sgd", "momentum").key, "meaning.memory.velocity");
  assert.equal(key("adagrad", "cache").key, "meaning.memory.sum");
  assert.equal(key("rmsprop", "cache").key, "meaning.memory.squares");
});

test("the note's own line stands beside what it computes, and nothing else", () => {
  const run = runOf();
  assert.deepEqual(codeLines(run, "dense_2.dweight", 9), [{ code: "self.dweight = np.dot(self.input.T, dvalue)", chapter: "Dense Layer" }]);
  assert.deepEqual(codeLines(run, "softmax_1.output", 9), []);
  assert.deepEqual(codeLines(run, "dense_1.weight", 11), []);
  assert.deepEqual(codeLines(run, "dense_1.weight", 12), [{ code: "w - lr * dw", chapter: "Dense Layer" }]);
  assert.deepEqual(codeLines(runOf({ head: "fused" }), "softmax_1.dinput", 8), []);
});

test("what the note has not is said in its manner, and is not called the note's", () => {
  const lines = (run, name) => codeLines(run, name, 12).map(({ code, chapter }) => `${chapter ? "" : "own: "}${code}`);
  const run = costly({ type: "rmsprop", decay: 0.5 }, ["cache"]);
  assert.deepEqual(lines(run, "dense_1.bias"), ["own: lr = learning_rate / (1 + decay * t)", "own: w - lr * dw / (np.sqrt(cache) + epsilon)"]);
  assert.deepEqual(lines(run, "dense_1.bias.cache"), ["own: rho * cache + (1 - rho) * dw ** 2"]);
  assert.deepEqual(codeLines(run, "dense_1.bias.cache", 11), []);
  assert.deepEqual(lines(run, "dense_2.dweight"), ["self.dweight = np.dot(self.input.T, dvalue)", "own: self.dweight += 2 * l2 * self.weight"]);
  assert.deepEqual(lines(run, "loss.value"), ["own: np.mean(sample_losses) + penalty"]);
});
