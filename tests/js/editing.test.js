import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf } from "../../static/js/changes.js";
import { blocksOf, difference, differing, furthest } from "../../static/js/compare.js";
import { editOf, enteredAt, parseNumber, refusal, whyClosed } from "../../static/js/edit-rules.js";
import { apart, signed, signedText } from "../../static/js/numbers.js";
import { derived } from "../../static/js/derive.js";
import { lastFrame, runOf } from "./fixtures.js";

const tensor = (values) => ({ shape: [values.length, values[0].length], dtype: "float64", computed_at: 1, values });

test("a typed number is one of JSON's, with either minus sign", () => {
  const good = { "0.5": 0.5, " -2 ": -2, "−0.25": -0.25, "1e-3": 0.001, "1E−3": 0.001, "0": 0, "-0": -0, "12.50": 12.5 };
  for (const [text, value] of Object.entries(good)) assert.equal(parseNumber(text), value, text);
  for (const text of ["", "x", "0,5", ".5", "1.", "+1", "007", "NaN", "Infinity", "0x10", "1 2", "--1"]) {
    assert.equal(parseNumber(text), null, text);
  }
});

test("what is typed must fit the tensor", () => {
  const run = runOf();
  const why = (tensor, value, of = run) => refusal(of, tensor, value)?.key ?? null;
  assert.equal(why("dense_1.weight", null), "edit.number");
  assert.equal(why("dense_1.weight", Infinity), "edit.large");
  assert.equal(why("dense_1.weight", 1e300), null);
  assert.equal(why("dense_1.weight", 1e300, runOf({ dtype: "float32" })), "edit.large");
  run.tensors["batch.target"].dtype = "int64";
  assert.deepEqual(refusal(run, "batch.target", 3), { key: "edit.label", params: { last: 2 } });
  for (const [value, key] of [[0, null], [2, null], [1.5, "edit.label"], [-1, "edit.label"]]) {
    assert.equal(why("batch.target", value), key, String(value));
  }
  run.tensors["batch.target"].dtype = "float64";
  for (const [value, key] of [[0.3, null], [1, null], [1.5, "edit.share"], [-0.1, "edit.share"]]) {
    assert.equal(why("batch.target", value), key, String(value));
  }
});

test("what is not there, and what nothing reads, cannot be edited", () => {
  const run = runOf();
  const last = lastFrame(run);
  assert.deepEqual(whyClosed(run, derived(run, last, 6), "dense_2.dweight"), { key: "matrix.missing", params: { position: 9, step: 9 } });
  assert.equal(whyClosed(run, last, "loss.value").key, "edit.loss");
  assert.equal(whyClosed(run, last, "loss.output").key, "edit.loss");
  last.tensors["loss.penalty"] = last.tensors["loss.value"];
  assert.equal(whyClosed(run, last, "loss.penalty").key, "edit.loss");
  for (const name of ["loss.dinput", "batch.input", "dense_1.bias", "dense_2.dbias"]) assert.equal(whyClosed(run, last, name), null);
});

test("a value entered with its tensor's step, or with the edit of that very cell since", () => {
  const edit = (tensor, position, index) => ({ tensor, position, index, value: 1 });
  const run = runOf({ edits: [edit("relu_1.output", 29, [1, 1]), edit("dense_1.weight", 6, [0, 0]), edit("dense_1.weight", 26, [0, 1])] });
  const frame = lastFrame(run, 2);
  assert.equal(enteredAt(run, frame, "relu_1.output", [0, 0]), 27);
  assert.equal(enteredAt(run, frame, "relu_1.output", [1, 1]), 29);
  assert.equal(enteredAt(run, frame, "dense_1.weight", [0, 0]), 24);
  assert.equal(enteredAt(run, frame, "dense_1.weight", [0, 1]), 26);
  assert.equal(enteredAt(run, frame, "batch.input", [0, 0]), 25);
  assert.equal(enteredAt(run, frame, "data.input", [0, 0]), 0);
  assert.equal(editOf(run, frame, "dense_1.weight", [0, 0]), undefined);
  // Right after an update, what is old entered before it.
  const updated = { ...lastFrame(run, 0), position: 12 };
  assert.equal(enteredAt(run, updated, "relu_1.output", [0, 0]), 3);
  assert.equal(enteredAt(run, updated, "dense_1.weight", [0, 1]), 12);
});

test("new minus old, with a range of its own", () => {
  const [now, before] = [tensor([[1, 2], ["NaN", 5]]), tensor([[1, 4], ["NaN", "Infinity"]])];
  assert.deepEqual(differing(now, before), [[0, 1], [1, 1]]);
  const less = difference(now, before);
  assert.deepEqual(less.values, [[0, -2], [0, "-Infinity"]]);
  assert.deepEqual([less.min, less.max, less.norm, less.nan, less.inf], [-2, 0, 2, 0, 1]);
  for (const other of [undefined, tensor([[1, 2]]), { ...before, values: null }]) {
    assert.equal(difference(now, other).values, null);
    assert.deepEqual(differing(now, other), []);
  }
});

test("the cell that moved furthest, among those that are asked about", () => {
  const now = { a: tensor([[1, 2]]), b: tensor([[0, -3]]), c: tensor([[9]]) };
  const before = { a: tensor([[1, 1]]), b: tensor([[0, 0]]) };
  assert.deepEqual(furthest(now, before, () => true), { name: "b", index: [0, 1], by: -3 });
  assert.deepEqual(furthest(now, before, (name) => name === "a"), { name: "a", index: [0, 1], by: 1 });
  assert.equal(furthest(now, now, () => true), null);
});

test("marked cells are few rectangles, and cover each cell once", () => {
  const cells = [[0, 1], [0, 2], [1, 1], [1, 2], [2, 1], [2, 2], [3, 0], [3, 2], [4, 2]];
  assert.deepEqual(blocksOf(cells), [
    { rows: [0, 3], columns: [1, 3] }, { rows: [3, 4], columns: [0, 1] }, { rows: [3, 5], columns: [2, 3] },
  ]);
  assert.deepEqual(blocksOf([[0, 0], [2, 0]]).length, 2);
});

test("what two specs say otherwise", () => {
  const edit = (value, position = 0) => ({ tensor: "dense_1.weight", index: [0, 1], position, value });
  const spec = { dataset: { name: "iris", samples: 8 }, layers: [{ type: "dense", units: 5 }, { type: "relu" }], optimizer: { learning_rate: 0.1 }, edits: [edit(1)] };
  assert.deepEqual(changesOf(spec, { ...spec, edits: [edit(2)] }).cells, [{ tensor: "dense_1.weight", index: [0, 1], position: 0 }]);
  assert.equal(changesOf(spec, { ...spec, edits: [edit(1), edit(1, 3)] }).cells.length, 1);
  assert.deepEqual(changesOf(spec, { ...spec, optimizer: { learning_rate: -0.5 } }).fields, [{ name: "optimizer.learning_rate", from: "0.1", to: "−0.5" }]);
  assert.deepEqual(changesOf(spec, { ...spec, dataset: { name: "moons", noise: 0.1 } }).fields, [{ name: "dataset.name", from: "iris", to: "moons" }]);
  assert.deepEqual(changesOf(spec, { ...spec, dataset: { input: [[1]], target: [[0]] } }).fields, [{ name: "dataset.name", from: "iris", to: "given" }]);
  const [{ from, to }] = changesOf(spec, { ...spec, layers: [{ type: "dense", units: 4 }] }).fields;
  assert.deepEqual([from, to], ["dense 5–relu", "dense 4"]);
  const adam = { type: "adam", learning_rate: 0.001, beta1: 0.9 };
  const sgd = { type: "sgd", learning_rate: 0.1, momentum: 0.9 };
  assert.deepEqual(changesOf({ ...spec, optimizer: sgd }, { ...spec, optimizer: adam }).fields, [{ name: "optimizer.type", from: "sgd", to: "adam" }]);
  const costly = { ...spec, layers: [{ type: "dense", units: 5, l2: 0.01 }, { type: "relu" }] };
  assert.deepEqual(changesOf(spec, costly).fields, [{ name: "layers.l2", from: "—", to: "0.01" }]);
  assert.deepEqual(changesOf(spec, spec), { cells: [], fields: [] });
});

test("differences are written with their sign, and two numbers so that they can be told apart", () => {
  assert.deepEqual([signed(0.0971), signed(-0.205), signed(0)], ["+0.0971", "−0.205", "0"]);
  assert.deepEqual([signedText(0.5), signedText(-0.5), signedText(0), signedText(4e-6), signedText("NaN"), signedText(2, true)], [
    "+0.500", "-0.500", "0", "+4e-6", "NaN", "+2",
  ]);
  assert.deepEqual(apart(-0.472, 0.5), ["−0.472", "0.500"]);
  assert.deepEqual(apart(0.12341, 0.12344), ["0.12341", "0.12344"]);
});
