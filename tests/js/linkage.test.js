import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, inOrder } from "../../static/js/columns.js";
import { canonical, readsOf } from "../../static/js/linkage.js";
import { costly, lastFrame, runOf } from "./fixtures.js";

const block = (tensor, rows, columns) => ({ tensor, rows, columns });

test("a weight gradient is made of a column of the input and a column of dvalue", () => {
  assert.deepEqual(readsOf(runOf(), "dense_2.dweight", [2, 1]), [
    block("relu_1.output", [0, 4], [2, 3]),
    block("softmax_1.dinput", [0, 4], [1, 2]),
  ]);
});

test("a dense output is made of a row, a column and a bias", () => {
  assert.deepEqual(readsOf(runOf(), "dense_1.output", [3, 4]), [
    block("batch.input", [3, 4], [0, 2]),
    block("dense_1.weight", [0, 2], [4, 5]),
    block("dense_1.bias", [0, 1], [4, 5]),
  ]);
});

test("ReLU is made of one cell, softmax of a row", () => {
  assert.deepEqual(readsOf(runOf(), "relu_1.output", [1, 2]), [block("dense_1.output", [1, 2], [2, 3])]);
  assert.deepEqual(readsOf(runOf(), "softmax_1.output", [1, 2]), [block("dense_2.output", [1, 2], [0, 3])]);
});

test("the loss reads the prediction and the label", () => {
  assert.deepEqual(readsOf(runOf(), "loss.dinput", [2, 1]), [
    block("softmax_1.output", [2, 3], [1, 2]),
    block("batch.target", [2, 3], [0, 1]),
  ]);
  assert.deepEqual(readsOf(runOf(), "loss.value", [0, 0]), [block("loss.output", [0, 4], [0, 1])]);
});

test("the fused head reads scores forward and probabilities backward", () => {
  const run = runOf({ head: "fused" });
  assert.equal(readsOf(run, "loss.output", [0, 0])[0].tensor, "dense_2.output");
  assert.deepEqual(readsOf(run, "softmax_1.dinput", [1, 2])[0], block("softmax_1.output", [1, 2], [2, 3]));
});

test("a parameter is made of something only after an update", () => {
  assert.deepEqual(readsOf(runOf(), "dense_1.bias", [0, 3], 11), []);
  assert.deepEqual(readsOf(runOf(), "dense_1.bias", [0, 3], 12), [block("dense_1.dbias", [0, 1], [3, 4])]);
});

test("data and momentum have no rule, and an alias is its producer's tensor", () => {
  assert.deepEqual(readsOf(runOf(), "data.input", [0, 0]), []);
  assert.equal(canonical(runOf(), "dense_2.input"), "relu_1.output");
  assert.equal(canonical(runOf(), "nothing"), "nothing");
});

test("what a cell reads was written before it", () => {
  const run = runOf();
  const { tensors } = lastFrame(run);
  for (const [name, { computed_at }] of Object.entries(tensors)) {
    for (const read of readsOf(run, name, [0, 0])) {
      assert.ok(tensors[read.tensor].computed_at < computed_at || name === "loss.value", `${name} < ${read.tensor}`);
    }
  }
});

test("the stage has a column a layer, each wire once, each gradient under its variable", () => {
  const columns = columnsOf(runOf());
  assert.deepEqual(columns.map(({ id }) => id), ["batch", "dense_1", "relu_1", "dense_2", "softmax_1", "loss"]);
  const dense = columns[3].slots.map(({ tensor, name, also }) => [tensor, name, also]);
  assert.deepEqual(dense, [
    ["dense_2.weight", "weight", null],
    ["dense_2.bias", "bias", null],
    ["dense_2.output", "output", "softmax_1.input"],
    ["softmax_1.dinput", "dvalue", "softmax_1.dinput"],
    ["dense_2.dweight", "dweight", null],
    ["dense_2.dbias", "dbias", null],
  ]);
  const drawn = inOrder(columns).map(({ tensor }) => tensor);
  assert.equal(new Set(drawn).size, drawn.length);
});

test("what is remembered stands by its parameter, the penalty by the loss, and the keyboard comes to it last", () => {
  const columns = columnsOf(costly());
  const places = columns[1].slots.filter(({ place }) => place.endsWith("memory")).map(({ tensor, name }) => [tensor, name]);
  assert.deepEqual(places, [
    ["dense_1.weight.momentum", "momentum"], ["dense_1.bias.momentum", "momentum"],
    ["dense_1.weight.cache", "cache"], ["dense_1.bias.cache", "cache"],
  ]);
  assert.deepEqual(columns.at(-1).slots.map(({ place }) => place), ["penalty", "target", "output"]);
  const order = inOrder(columns).map(({ tensor }) => tensor);
  assert.equal(new Set(order).size, order.length);
  assert.ok(order.indexOf("loss.penalty") < order.indexOf("loss.dinput"));
  assert.deepEqual(order.slice(-8, -6), ["dense_1.weight.momentum", "dense_1.bias.momentum"]);
});

test("the keyboard's order: forward left to right, backward right to left", () => {
  const order = inOrder(columnsOf(runOf())).map(({ tensor }) => tensor);
  assert.equal(order[0], "batch.input");
  assert.ok(order.indexOf("loss.output") < order.indexOf("loss.dinput"));
  assert.ok(order.indexOf("dense_2.dweight") < order.indexOf("dense_1.dweight"));
  assert.equal(order.at(-1), "dense_1.dinput");
});

test("a fused head's layer has no gradient of its own", () => {
  const places = columnsOf(runOf({ head: "fused" }))[4].slots.map(({ place }) => place);
  assert.deepEqual(places, ["output", "jacobian"]);
});
