import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { learn } from "../../static/js/i18n.js";
import { nameOf, standing } from "../../static/js/runs-names.js";
import { isAbove, missingParents, rootOf, treesOf } from "../../static/js/runs-tree.js";
import { pairsOf, partingOf, sameSteps, searchTo } from "../../static/js/versus-rows.js";
import { runOf } from "./fixtures.js";

learn("en", JSON.parse(readFileSync(new URL("../../static/locales/en.json", import.meta.url), "utf8")));

let made = 0;
const known = (id, parent = null, more = {}) => ({ id, parent, made: (made += 1), data: "iris", layers: "5–3", steps: 12, ...more });
const drawn = (branches) => branches.map(({ run, forks }) => (forks.length > 0 ? [run.id, drawn(forks)] : run.id));
const cell = (value, position = 0) => ({ tensor: "dense_1.weight", index: [2, 3], position, value });

test("forks stand under the run that they were made from, in their order; the tree used last comes first", () => {
  const [a, b, c, d, other] = [known("ra"), known("rb", "ra"), known("rc", "ra"), known("rd", "rb"), known("rother")];
  assert.deepEqual(drawn(treesOf([a, b, c, d, other])), ["rother", ["ra", [["rb", ["rd"]], "rc"]]]);
  // What was used last is at the end, wherever it stands in its tree.
  assert.deepEqual(drawn(treesOf([a, other, c, d, b])), [["ra", [["rb", ["rd"]], "rc"]], "rother"]);
  assert.deepEqual(treesOf([]), []);
});

test("a parent that nobody knows is missing once, and its forks are trees until it comes", () => {
  const [b, c] = [known("rb", "ra"), known("rc", "ra")];
  assert.deepEqual(missingParents([b, c]), ["ra"]);
  assert.deepEqual(drawn(treesOf([b, c])), ["rc", "rb"]);
  assert.deepEqual(missingParents([known("ra"), b, c]), []);
});

test("every run stands in the tree once, even where two servers told the lines in a circle", () => {
  const ring = [known("ra", "rc"), known("rb", "ra"), known("rc", "rb"), known("rd", "rc")];
  assert.deepEqual(drawn(treesOf(ring)), [["ra", [["rb", [["rc", ["rd"]]]]]]]);
  const byId = new Map(ring.map((one) => [one.id, one]));
  for (const one of ring) assert.equal(rootOf(one, byId).id, "ra");
  assert.equal(isAbove(ring[0], ring[3], ring), true);
  assert.equal(isAbove(ring[3], ring[0], ring), false);
});

test("a run is named by its preset, by what was changed, or by its data and layers", () => {
  assert.equal(nameOf(known("ra", null, { preset: "default" })), "Iris 4–5–3");
  assert.equal(nameOf(known("ra")), "Iris 5–3");
  assert.equal(nameOf(known("ra", null, { preset: "no such", data: "no such" })), "no such 5–3");
  const told = (cells, fields = [], count = cells.length) => nameOf(known("rb", "ra", { changes: { cells, fields, count } }));
  assert.equal(told([cell(-0.25)]), "dense_1.weight[2, 3] = −0.25");
  assert.equal(told([cell(0.123456789)]), "dense_1.weight[2, 3] = 0.1235");
  assert.equal(told([cell(3, 495)]), "dense_1.weight[2, 3] = 3 at step 3 of iteration 41");
  assert.equal(told([cell(null)]), "dense_1.weight[2, 3] as before");
  assert.equal(told([cell(1)], [], 7), "7 numbers changed");
  const field = { name: "optimizer.learning_rate", from: "0.1", to: "0.5" };
  assert.equal(told([cell(1)], [field]), "Learning rate 0.1 → 0.5");
  assert.equal(told([], [], 0), "Iris 5–3");
});

test("what is remembered of a run is its loss and how far it was trained", () => {
  assert.equal(standing(undefined), "");
  assert.equal(standing({ position: 13, updates: 1, loss: 0.64810384 }), "Loss 0.648 · 1 update so far");
  assert.equal(standing({ position: 0, updates: 0, loss: null }), "0 updates so far");
});

test("tensors stand in the order in which they are computed, those of one run alone too", () => {
  const [a, b] = [runOf(), runOf()];
  b.tensors = { ...b.tensors, "dense_1.weight.momentum": { shape: [2, 5], dtype: "float64", aliases: [] } };
  const rows = pairsOf(a, b);
  const names = rows.map(({ name }) => name);
  assert.equal(names.some((name) => name.startsWith("data.")), false);
  assert.deepEqual(names.slice(0, 4), [...a.parameters]);
  assert.equal(names[4], "dense_1.weight.momentum");
  assert.deepEqual(rows[4], { name: "dense_1.weight.momentum", inA: false, inB: true });
  const at = (name) => names.indexOf(name);
  for (const [one, next] of [["batch.input", "dense_1.output"], ["dense_1.output", "relu_1.output"], ["softmax_1.output", "loss.output"], ["loss.value", "loss.dinput"], ["dense_2.dweight", "relu_1.dinput"], ["relu_1.dinput", "dense_1.dweight"]]) {
    assert.ok(at(one) < at(next), `${one}, ${next}`);
  }
});

test("two part at the first step that comes out otherwise; what is other from the start is told beside it", () => {
  const parted = (tensors) => partingOf({ tensors: Object.fromEntries(Object.entries(tensors).map(([name, parted_at]) => [name, { parted_at }])) });
  assert.equal(parted({ "batch.input": null }), null);
  assert.deepEqual(parted({ "dense_1.output": 2, "relu_1.output": 3 }), { position: 2, names: ["dense_1.output"], start: [] });
  assert.deepEqual(parted({ "dense_1.weight": 0, "dense_1.output": 2, "batch.input": null }), {
    position: 2, names: ["dense_1.output"], start: ["dense_1.weight"],
  });
  assert.deepEqual(parted({ "dense_1.weight": 0 }), { position: 0, names: ["dense_1.weight"], start: [] });
});

test("partings are looked for some iterations on, and as far as an edit that one of them has alone", () => {
  const edit = (position) => ({ position, tensor: "relu_1.output", index: [0, 0], value: 1 });
  const run = runOf();
  assert.equal(searchTo(run, runOf(), 5), 240);
  assert.equal(searchTo(run, runOf({ edits: [edit(5000)] }), 5), 5000);
  assert.equal(searchTo(runOf({ edits: [edit(5000), edit(7)] }), runOf({ edits: [edit(5000)] }), 30), 264);
});

test("only runs of the same steps have positions in common", () => {
  const [a, b] = [runOf(), runOf()];
  assert.equal(sameSteps(a, b), true);
  assert.equal(sameSteps(a, { ...b, steps: b.steps.slice(1) }), false);
});
