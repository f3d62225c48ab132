import assert from "node:assert/strict";
import { test } from "node:test";
import { transposed } from "../../static/js/cells.js";
import { changeTo, disagreeing, fitted } from "../../static/js/pasted.js";
import { lastFrame, runOf } from "./fixtures.js";

const shape = (rows, columns, dtype = "float64") => ({ shape: [rows, columns], dtype });

test("a matrix fits its tensor, a list its column, and a transposed one is told", () => {
  assert.deepEqual(fitted([[1, 2]], shape(1, 2)), { values: [[1, 2]] });
  assert.deepEqual(fitted([[1, 2]], shape(2, 1)), { values: [[1], [2]] });
  assert.deepEqual(fitted([[1, 2, 3], [4, 5, 6]], shape(3, 2)), {
    key: "paste.turned", params: { expected: "(3, 2)", got: "(2, 3)" }, turned: true,
  });
  assert.deepEqual(fitted([[1, 2]], shape(3, 2)), {
    key: "paste.shape", params: { expected: "(3, 2)", got: "(1, 2)" }, turned: false,
  });
  assert.deepEqual(fitted([[0.1]], shape(1, 1, "float32")), { values: [[Math.fround(0.1)]] });
  assert.deepEqual(transposed([[1, 2, 3], [4, 5, 6]]), [[1, 4], [2, 5], [3, 6]]);
});

test("what differs, by how much, and where", () => {
  const tensor = { values: [[1, 100, "NaN"], [0, "Infinity", -2]] };
  assert.deepEqual(disagreeing([[1, 100, NaN], [-0, Infinity, -2]], tensor, 0).cells, []);
  assert.deepEqual(disagreeing([[1, 100.01, NaN], [0, Infinity, -2]], tensor, 1e-3).cells, []);
  const found = disagreeing([[1.5, 101, NaN], [0, Infinity, -2]], tensor, 1e-3);
  assert.deepEqual(found, { cells: [[0, 0], [0, 1]], largest: 1, at: [0, 1] });
  const none = disagreeing([[NaN, 100, 1], [0, -Infinity, -2]], tensor, 1e-3);
  assert.deepEqual(none.cells, [[0, 0], [0, 2], [1, 1]]);
  assert.equal(none.largest, Infinity);
});

test("only the cells that differ are edited, where their value entered", () => {
  const run = runOf();
  const frame = lastFrame(run);
  const values = frame.tensors["dense_1.output"].values.map((row) => [...row]);
  values[1][2] = 9;
  const edit = { tensor: "dense_1.output", index: [1, 2], value: 9 };
  assert.deepEqual(changeTo(run, frame, "dense_1.output", values), { edits: [{ position: 2, ...edit }], changes: {} });
  assert.deepEqual(changeTo(run, frame, "dense_1.output", values, 11).edits, [{ position: 11, ...edit }]);
});

test("a weight of more cells than a run takes edits is given whole; nothing else can be", () => {
  const run = runOf({
    layers: [{ type: "dense", units: 5, initializer: { type: "he" } }, { type: "relu" }, { type: "dense", units: 3, initializer: { type: "he" } }, { type: "softmax" }],
    edits: [
      ...Array.from({ length: 995 }, (_, at) => ({ position: 12 + at, tensor: "dense_2.bias", index: [0, 0], value: 0.5 })),
      { position: 0, tensor: "dense_1.weight", index: [0, 0], value: 0.5 },
    ],
  });
  const frame = lastFrame(run);
  const values = [[1.5, 1.5, 1.5, 1.5, 1.5], [2.5, 2.5, 2.5, 2.5, 2.5]];
  const { edits, changes } = changeTo(run, frame, "dense_1.weight", values);
  assert.deepEqual(edits, []);
  assert.equal(changes.edits.length, 995);
  assert.deepEqual(changes.layers[0], { type: "dense", units: 5, weight: values });
  assert.deepEqual(changes.layers.slice(1), run.spec.layers.slice(1));
  const outputs = Array.from({ length: 4 }, () => [0.5, 0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual(changeTo(run, frame, "dense_1.output", outputs), { key: "paste.many", params: { count: 20, most: 4 } });
});

test("what is not finite cannot be put anywhere", () => {
  const run = runOf();
  const refused = changeTo(run, lastFrame(run), "dense_1.bias", [[1, 2, NaN, 4, 5]]);
  assert.equal(refused.key, "paste.cell");
  assert.deepEqual([refused.params.row, refused.params.column], [0, 2]);
  assert.ok(refused.params.wrong.key.startsWith("edit."));
});
