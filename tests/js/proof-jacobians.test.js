import assert from "node:assert/strict";
import { test } from "node:test";
import { LOSS, agreementOf, barOf, behind, cellsBehind, columnTerms, normOf, partFrom, placesOf, settledEnds, shapeOf } from "../../static/js/proof-jacobians-read.js";

const tensors = Object.fromEntries([["batch.input", [8, 4]], ["dense_1.output", [8, 5]], ["relu_1.output", [8, 5]], ["dense_2.output", [8, 3]],
  ["softmax_1.output", [8, 3]], [LOSS, [8, 1]]].map(([name, shape]) => [name, { shape, aliases: [] }]));
const run = { layers: ["dense_1", "relu_1", "dense_2", "softmax_1"], spec: { head: "separate" }, tensors };
const fused = { ...run, spec: { head: "fused" } };

test("a Jacobian leads from a place to those behind it; the fused head goes past one", () => {
  assert.deepEqual(placesOf(run), Object.keys(tensors));
  assert.deepEqual(behind(run, "dense_2.output"), ["softmax_1.output", LOSS]);
  assert.deepEqual(behind(run, LOSS), []);
  assert.deepEqual(behind(fused, "dense_2.output"), ["softmax_1.output", LOSS]);
  assert.deepEqual(behind(fused, "softmax_1.output"), []);
});

test("what a run has no place for gives way to its input and its output", () => {
  assert.deepEqual(settledEnds(run, { from: "batch.input", to: "" }), { from: "batch.input", to: "softmax_1.output" });
  assert.deepEqual(settledEnds(run, { from: "relu_1.output", to: "dense_1.output" }), { from: "relu_1.output", to: "softmax_1.output" });
  assert.deepEqual(settledEnds(run, { from: "sigmoid_4.output", to: LOSS }), { from: "batch.input", to: LOSS });
  assert.deepEqual(settledEnds(run, { from: "softmax_1.output", to: "" }), { from: "softmax_1.output", to: LOSS });
  assert.deepEqual(settledEnds(fused, { from: "softmax_1.output", to: LOSS }), { from: "batch.input", to: LOSS });
  assert.deepEqual(shapeOf(run, { from: "batch.input", to: "relu_1.output" }), [5, 4]);
});

test("a large one is shown in parts, none of which begins beyond its end", () => {
  assert.deepEqual(partFrom([3, 4], { row: 0, column: 0 }), { top: 0, bottom: 3, left: 0, right: 4 });
  assert.deepEqual(partFrom([300, 128], { row: 256, column: 128 }), { top: 256, bottom: 300, left: 0, right: 128 });
  assert.deepEqual(partFrom([300, 300], { row: 9000, column: -128 }), { top: 256, bottom: 300, left: 0, right: 128 });
});

test("behind each cell of the figure stand cells of the run", () => {
  const whole = { from: "batch.input", to: "softmax_1.output", sample: 2, layers: [{ layer: "dense_1" }, { layer: "softmax_1" }] };
  const at = (chain, part) => cellsBehind(run, chain, { part, row: 1, column: 3 }).map(({ tensor, index }) => `${tensor} ${index}`);
  assert.deepEqual(at(whole, "J"), ["softmax_1.output 2,1", "batch.input 2,3"]);
  assert.deepEqual(at(whole, "dvalue"), ["loss.dinput 2,1"]);
  assert.deepEqual(at(whole, "dinput"), ["dense_1.dinput 2,3"]);
  assert.deepEqual(at({ ...whole, to: "dense_1.output", layers: [{ layer: "dense_1" }] }, "J")[0], "dense_1.weight 3,1", "J is Wᵀ");
  assert.deepEqual(at({ ...whole, to: LOSS }, "dvalue"), ["loss.value 0,0"]);
  assert.deepEqual(at({ ...whole, to: "relu_1.output" }, "dvalue"), ["dense_2.dinput 2,1"]);
});

test("bars shrink with the powers of ten, and what rounds to 0 has none", () => {
  assert.equal(barOf(5, 5, 1e-15), 1);
  assert.ok(Math.abs(barOf(5e-6, 5, 1e-15) - 0.5) < 1e-9);
  assert.equal(barOf(1e-16, 5, 1e-15), 0);
  assert.equal(barOf(1e-14, 5, 1e-15), 0.02);
});

test("the terms of a column are the largest, and the others one number", () => {
  const part = [[1, 2], [3, 4], [5, 6]];
  const { shown, more, rest } = columnTerms([10, 0, -1, 7], part, 0, 1, 20 + 0 - 6 + 7, 2);
  assert.deepEqual(shown, [{ j: 0, slope: 10, cell: 2, value: 20 }, { j: 2, slope: -1, cell: 6, value: -6 }]);
  assert.deepEqual([more, rest], [2, 7], "one of them below the part that is shown");
  assert.equal(normOf([3, 4]), 5);
  assert.ok(Number.isNaN(normOf(["NaN"])));
});

test("what cannot be compared is told from what agrees, from what differs, and from what is still to come", () => {
  const row = ["NaN", 1];
  assert.equal(agreementOf({ agrees: true, dvalue: row, dinput: row }), "agrees");
  assert.equal(agreementOf({ agrees: false, dvalue: row, dinput: row }), "parts_from");
  assert.equal(agreementOf({ agrees: null, dvalue: row, dinput: row }), "all_nan");
  assert.equal(agreementOf({ agrees: null, dvalue: null, dinput: row }), "no_dvalue");
  assert.equal(agreementOf({ agrees: null, dvalue: row, dinput: null }), "no_dinput");
  assert.equal(agreementOf({ agrees: null, dvalue: null, dinput: null }), "later");
});
