import assert from "node:assert/strict";
import { test } from "node:test";

import { ruleOf } from "../../static/js/figure-sentence.js";
import { dragged, sampledAt, scoreEdits } from "../../static/js/figure-sample.js";
import { crossEntropy, gradient, jacobian, softmax, total, vectorJacobianProduct } from "../../static/js/softmax.js";
import { lastFrame, runOf } from "./fixtures.js";

const near = (found, wanted) =>
  found.flat().forEach((value, at) => assert.ok(Math.abs(value - wanted.flat()[at]) < 1e-12, `${found} is not ${wanted}`));
const separate = { clip: 1e-7, fused: false };

test("probabilities sum to 1, however large the scores", () => {
  near(softmax([Math.log(1), Math.log(2), Math.log(5)]), [0.125, 0.25, 0.625]);
  near(softmax([1000, 1000]), [0.5, 0.5]);
  assert.deepEqual(softmax([-2000, 0]), [0, 1]);
});

test("rows and columns of J sum to zero", () => {
  const j = jacobian(softmax([0.3, -1.2, 2]));
  near(j.map(total), [0, 0, 0]);
  near(vectorJacobianProduct([1, 1, 1], j), [0, 0, 0]);
  near(jacobian([0.7, 0.3]), [[0.21, -0.21], [-0.21, 0.21]]);
});

test("J is what a small change of a score does", () => {
  const [z, h] = [[0.3, -1.2, 2], 1e-6];
  const j = jacobian(softmax(z));
  z.forEach((_, k) => {
    const [up, down] = [h, -h].map((by) => softmax(z.with(k, z[k] + by)));
    up.forEach((value, row) => assert.ok(Math.abs((value - down[row]) / (2 * h) - j[row][k]) < 1e-9));
  });
});

test("the separate loss is clipped in both passes, the fused one in neither", () => {
  const [z, y] = [[-40, 0], [1, 0]];
  const s = softmax(z);
  near([crossEntropy(z, s, y, separate)], [-Math.log(1e-7)]);
  near([gradient(s, y, 2, separate)[0] * 1e-7], [-0.5]);
  near([crossEntropy(z, s, y, { clip: 1e-7, fused: true })], [40 + Math.log1p(Math.exp(-40))]);
  near(gradient(s, y, 2, { clip: 1e-7, fused: true }), [(s[0] - 1) / 2, s[1] / 2]);
  assert.equal(crossEntropy([-800, 0], [0, 1], y, { clip: 0, fused: false }), Infinity);
  assert.equal(crossEntropy([0, -800], [1, 0], y, { clip: 0, fused: false }), 0);
});

test("apart and fused, the gradient by the scores is the same", () => {
  const y = [0.2, 0.5, 0.3];
  const s = softmax([0.3, -1.2, 2]);
  near(vectorJacobianProduct(gradient(s, y, 4, separate), jacobian(s)), gradient(s, y, 4, { clip: 0, fused: true }));
});

const part = (name, values) => ({ name, values, xaxis: "x", yaxis: "y" });
const parts = [part("J", [[0]]), part("dvalue", [[0]]), part("dinput", [[0]])];

/** The sample 1 of the fixture's run, whose label is 2. */
function sampled(changes) {
  const run = runOf(changes);
  const frame = lastFrame(run);
  frame.tensors["batch.target"] = { ...frame.tensors["batch.target"], dtype: "int64", values: [[0], [2], [1], [0]] };
  return sampledAt(run, frame, "softmax_1", 1);
}

test("a sample is its rows of the frame", () => {
  const found = sampled({});
  assert.deepEqual([found.z, found.y, found.n], [[4, -5, 6], [0, 0, 1], 4]);
  assert.equal(found.loss, found.frame.tensors["loss.output"].values[1][0]);
  assert.deepEqual(found.head, { fused: false, clip: 1e-7 });
});

test("dragged scores make S, J, loss and gradients anew", () => {
  const { sampled: now, parts: made } = dragged(sampled({}), parts, [0, 0, Math.log(2)]);
  near(now.s, [0.25, 0.25, 0.5]);
  near([now.loss], [Math.log(2)]);
  const [j, dvalue, dinput] = made.map(({ values }) => values);
  near(j, jacobian([0.25, 0.25, 0.5]));
  near(dvalue, [[0], [0], [-0.5]]);
  near(dinput, [[0.0625, 0.0625, -0.125]]);
});

test("fused there is no dvalue; behind another loss no gradient is known", () => {
  const fused = dragged(sampled({ head: "fused" }), [parts[0], parts[2]], [0, 0, 0]);
  assert.deepEqual(fused.parts.map(({ name }) => name), ["J", "dinput"]);
  near(fused.parts[1].values, [[1 / 12, 1 / 12, -2 / 12]]);
  const other = dragged(sampled({ loss: "binary_crossentropy" }), parts, [0, 0, 0]);
  assert.deepEqual(other.parts.map(({ name }) => name), ["J"]);
});

test("what is patched stays patched, in its own sample and iteration", () => {
  const at = (position, tensor, row, value) => ({ position, tensor, index: [row, 0], value });
  const edits = [at(7, "loss.dinput", 1, 9), at(7, "loss.dinput", 0, 8), at(19, "loss.dinput", 1, 7)];
  const { parts: made } = dragged(sampled({ edits }), parts, [0, 0, 0]);
  near(made[1].values, [[9], [0], [-0.75]]);
});

test("only the scores that differ are edits, where they entered", () => {
  const from = sampled({});
  assert.deepEqual(scoreEdits(from, from.z, [4, 7, 6]), [{ position: 4, tensor: "dense_2.output", index: [1, 1], value: 7 }]);
  assert.deepEqual(scoreEdits(from, from.z, [...from.z]), []);
});

test("a cell of J is said by its rule and its numbers", () => {
  const from = { run: runOf({ conventions: { relu_at_zero: 1 } }), z: [-0.5, 0.25], s: [0.71, 0.29] };
  assert.equal(ruleOf("softmax_1", from, 0, 0, "0.2059"), "S₀ · (1 − S₀) = 0.710 · (1 − 0.710) = 0.2059");
  assert.equal(ruleOf("softmax_1", from, 0, 1, "−0.2059"), "−S₀ · S₁ = −0.710 · 0.290 = −0.2059");
  assert.equal(ruleOf("sigmoid_1", from, 1, 1, "0.2059"), "σ₁ · (1 − σ₁) = 0.290 · (1 − 0.290) = 0.2059");
  assert.equal(ruleOf("sigmoid_1", from, 0, 1, "0"), "0");
  assert.equal(ruleOf("relu_1", from, 0, 0, "0"), "0 (input₀ = −0.500 < 0)");
  assert.equal(ruleOf("relu_1", from, 1, 1, "1"), "1 (input₁ = 0.250 ≥ 0)");
  assert.equal(ruleOf("dense_1", from, 0, 1, "0.5"), "weight[1, 0] = 0.5");
});
