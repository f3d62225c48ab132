import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, partsOf } from "../../static/js/arrange.js";
import { costly, runOf } from "./fixtures.js";

const PHONE = 366;
const parts = (tensor, position = 11) => partsOf(runOf(), tensor, position);
const at = ({ row, column }) => [row, column];

test("a weight gradient is its input, turned, times dvalue", () => {
  const [result, left, right] = parts("dense_2.dweight");
  assert.deepEqual([result.shape, left.shape, right.shape], [[5, 3], [5, 4], [4, 3]]);
  assert.deepEqual([left.caption, left.turned, right.caption, right.turned], ["= inputᵀ", true, "· dvalue", false]);
});

test("every product's inner lengths agree, and its outer ones are the result's", () => {
  for (const layer of ["dense_1", "dense_2"]) {
    for (const name of ["output", "dweight", "dinput"]) {
      const [result, left, right] = parts(`${layer}.${name}`);
      assert.equal(left.shape[1], right.shape[0]);
      assert.deepEqual(result.shape, [left.shape[0], right.shape[1]]);
    }
  }
});

test("rows go on in the left factor, columns in the right one and the bias", () => {
  const { places, cells, numbers } = arrange(parts("dense_2.output", 4), PHONE);
  assert.deepEqual(places.map(at), [[1, 1], [1, 2], [2, 1], [3, 1]]);
  assert.equal(numbers, true);
  assert.ok(cells.every(([width, height]) => width >= 40 && width <= 45 && height === 26));
});

test("an update is what is kept, and what of each that it reads is added", () => {
  const captions = (optimizer, tensor, memory = []) => partsOf(costly(optimizer, memory), tensor, 24).map(({ caption }) => caption);
  const [both, cache, velocity] = [["momentum", "cache"], ["cache"], ["momentum"]];
  const adam = { type: "adam", learning_rate: 0.01, beta1: 0.9, beta2: 0.99 };
  assert.deepEqual(captions({ type: "sgd", learning_rate: 0.1, decay: 1 }, "dense_1.weight"), ["dense_1.weight = weight", "− 0.05 · dweight"]);
  assert.deepEqual(captions(adam, "dense_1.bias.momentum", both), ["dense_1.bias.momentum = 0.9 · momentum", "+ 0.1 · dbias"]);
  assert.deepEqual(captions({ ...adam, type: "adamw", weight_decay: 0.5 }, "dense_1.bias", both), [
    "dense_1.bias = 0.995 · bias", "− 0.01 · momentum / 0.19", "/ (√(cache / 0.0199) + ε)",
  ]);
  assert.deepEqual(captions({ type: "adagrad" }, "dense_1.weight.cache", cache), ["dense_1.weight.cache = cache", "+ dweight²"]);
  const nesterov = { type: "sgd", learning_rate: 0.1, momentum: 0.9, nesterov: true };
  assert.deepEqual(captions(nesterov, "dense_1.bias", velocity), ["dense_1.bias = bias", "− 0.1 · dbias", "− 0.1 · 0.9 · momentum"]);
  assert.deepEqual(partsOf(costly(adam, both), "dense_1.bias.momentum", 11).map(({ caption }) => caption), ["dense_1.bias.momentum"]);
});

test("a penalty's share stands under the weight gradient", () => {
  const [, , , penalty] = partsOf(costly(), "dense_1.dweight", 11);
  assert.deepEqual([penalty.tensor, penalty.caption, penalty.role], ["dense_1.weight", "+ 0.001·sign(weight) + 0.02·weight", "right"]);
});

test("a bias gradient stands over the columns that it sums", () => {
  assert.deepEqual(arrange(parts("dense_2.dbias"), PHONE).places.map(at), [[1, 1], [2, 1]]);
});

test("what is too wide to line up has its right factor beside the result, then beneath it", () => {
  const of = (inputs, units, samples) => [
    { shape: [inputs, units], role: "result" }, { shape: [inputs, samples], role: "left" }, { shape: [samples, units], role: "right" },
  ];
  assert.deepEqual(arrange(of(5, 3, 8), PHONE).places.map(at), [[1, 1], [2, 1], [1, 2]]);
  assert.deepEqual(arrange(of(4, 5, 8), PHONE).places.map(at), [[1, 1], [3, 1], [2, 1]]);
});

test("what is made cell by cell stands side by side as far as there is room", () => {
  assert.deepEqual(arrange(parts("softmax_1.output", 5), PHONE).places.map(at), [[1, 1], [1, 2]]);
  const wide = parts("relu_1.dinput");
  assert.deepEqual(arrange(wide, 800).places.map(at), [[1, 1], [1, 2], [1, 3]]);
  assert.deepEqual(arrange(wide, 500).places.map(at), [[1, 1], [1, 2], [2, 1]]);
  assert.deepEqual(arrange(wide, PHONE).places.map(at), [[1, 1], [2, 1], [3, 1]]);
});

test("large matrices are pictures, equal counts drawn equally long", () => {
  const { cells, numbers } = arrange(
    [{ shape: [64, 16], role: "result" }, { shape: [64, 20], role: "left" }, { shape: [20, 16], role: "right" }], PHONE,
  );
  assert.equal(numbers, false);
  assert.equal(cells[0][1], cells[1][1]);
  assert.equal(cells[0][0], cells[2][0]);
  assert.ok(16 * cells[0][0] + 20 * cells[1][0] <= PHONE);
});
