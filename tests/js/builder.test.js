import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changed, drafted, given, hints, namesOf, presetOf, read, renaming, summary, widths, write,
} from "../../static/js/builder-spec.js";

const RULES = {
  document: { relu_at_zero: 1, bce_outputs: "sum", clip: 1e-7 },
  book: { relu_at_zero: 0, bce_outputs: "mean", clip: 1e-7 },
  pytorch: { relu_at_zero: 0, bce_outputs: "mean", clip: 0 },
};
const IRIS = { name: "iris", target: "index", samples: 150, features: ["a", "b", "c", "d"], classes: ["x", "y", "z"], options: [] };
const FLAGS = { ...IRIS, name: "quadrants", target: "flags", features: ["x", "y"], classes: ["right", "above"] };

const dense = (units, more = {}) => ({ type: "dense", units, initializer: { type: "he" }, weight: null, bias: null, ...more });
const spec = (changes = {}) => ({
  dataset: { name: "iris", samples: 8 },
  layers: [dense(5), { type: "relu" }, dense(3), { type: "softmax" }],
  loss: "categorical_crossentropy", head: "separate", conventions: { ...RULES.document }, edits: [], seed: 0, ...changes,
});
const matrix = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(1));
const keys = (found) => found.map(({ key, fix }) => (fix ? `${key}!` : key));

test("fields are read and written by the names that the server gives them", () => {
  const draft = drafted(spec());
  assert.equal(read(draft, "layers[0].initializer.type"), "he");
  write(draft, "layers[0].initializer.scale", 0.5);
  write(draft, "seed", 7);
  assert.deepEqual([read(draft, "layers[0].initializer.scale"), draft.seed], [0.5, 7]);
  assert.equal(read(draft, "layers[1].initializer.scale"), undefined);
  assert.equal(read(draft, "layers[9].units"), undefined);
});

test("layers are named by type and count", () => {
  assert.deepEqual(namesOf(spec().layers), ["dense_1", "relu_1", "dense_2", "softmax_1"]);
});

test("only what differs is changed, and a draft says nothing of its own", () => {
  const draft = drafted(spec());
  draft.leave = true;
  assert.deepEqual(changed(spec(), draft, RULES, IRIS), {});
  draft.layers[0].units = 6;
  draft.seed = 1;
  const changes = changed(spec(), draft, RULES, IRIS);
  assert.deepEqual(Object.keys(changes).sort(), ["layers", "seed"]);
  assert.deepEqual(changes.layers[0], dense(6));
});

test("a head that is left to the conventions goes with the name of their preset", () => {
  const draft = { ...drafted(spec()), conventions: { ...RULES.pytorch }, head: null };
  assert.deepEqual(changed(spec(), draft, RULES), { conventions: "pytorch", head: null });
  const own = { relu_at_zero: 0, bce_outputs: "sum", clip: 0 };
  assert.deepEqual(changed(spec(), { ...draft, conventions: own }, RULES), { conventions: own, head: null });
  assert.equal(presetOf(RULES.book, RULES), "book");
  assert.equal(presetOf(own, RULES), undefined);
});

test("weights of one's own stay while their shape fits", () => {
  const own = spec({ layers: [dense(5, { weight: matrix(4, 5), bias: matrix(1, 5) }), { type: "relu" }, dense(3, { bias: matrix(1, 3) })] });
  const draft = drafted(own);
  assert.deepEqual(changed(own, draft, RULES, IRIS), {});
  assert.ok(given(draft.layers[0], 4));
  assert.ok(!given(draft.layers[0], 2));
  draft.layers[0].units = 6;
  const { layers } = changed(own, draft, RULES, IRIS);
  assert.deepEqual([layers[0].weight, layers[0].bias, layers[2].bias], [null, null, matrix(1, 3)]);
  draft.layers[0].units = 5;
  assert.deepEqual(changed(own, draft, RULES, IRIS), {}, "and are back when it fits again");
  const [first] = changed(own, { ...draft, dataset: { name: "moons" } }, RULES, FLAGS).layers;
  assert.deepEqual([first.weight, first.bias], [null, null], "a bias goes with its weight");
});

test("the summary has the widths and counts the parameters", () => {
  assert.deepEqual(summary(drafted(spec()), IRIS), { widths: "4 → 5 → 3", parameters: 43 });
  assert.deepEqual(summary(drafted(spec())), { widths: "? → 5 → 3", parameters: null });
  assert.deepEqual(summary(drafted(spec({ layers: [dense(null)] })), IRIS), { widths: "4 → ?", parameters: null });
  assert.deepEqual(summary(drafted(spec({ dataset: { input: matrix(2, 3), target: [] } }))).widths, "3 → 5 → 3");
  assert.deepEqual(summary(drafted(spec({ layers: [] })), IRIS), { widths: "4", parameters: 0 });
  assert.deepEqual(widths(drafted(spec({ dataset: { name: "blobs", features: 9 } })), FLAGS)[0], 9);
});

test("hints say what data and loss want, and offer it", () => {
  assert.deepEqual(keys(hints(drafted(spec()), RULES, IRIS)), ["outputs"]);
  const few = hints(drafted(spec({ layers: [dense(5), dense(2), { type: "softmax" }] })), RULES, IRIS);
  assert.deepEqual(keys(few), ["outputs!"]);
  assert.deepEqual(few[0].fix.layers.map(({ units }) => units), [5, 3, undefined]);
  const binary = hints(drafted(spec({ loss: "binary_crossentropy" })), RULES, IRIS);
  assert.deepEqual(keys(binary), ["classes!", "sigmoid!"]);
  assert.deepEqual(binary[1].fix.layers.map(({ type }) => type), ["dense", "relu", "dense", "sigmoid"]);
  const flags = hints(drafted(spec({ loss: "binary_crossentropy", layers: [dense(2)] })), RULES, FLAGS);
  assert.deepEqual(keys(flags), ["outputs", "sigmoid!"]);
  assert.deepEqual(flags[1].fix.layers.map(({ type }) => type), ["dense", "sigmoid"]);
  const two = hints(drafted(spec({ loss: "binary_crossentropy" })), RULES, { ...IRIS, classes: ["x", "y"] });
  assert.equal(two[0].params.outputs, 1, "two classes by index are one yes or no");
  assert.deepEqual(keys(hints(drafted(spec({ layers: [] })), RULES, IRIS)), ["outputs", "softmax!"]);
  const pytorch = drafted(spec({ head: null, conventions: RULES.pytorch }));
  assert.deepEqual(keys(hints(pytorch, RULES)), ["fused"]);
  assert.deepEqual(keys(hints({ ...pytorch, layers: [dense(3)] }, RULES)), ["softmax!", "separate"]);
});

test("edits follow their layers", () => {
  const draft = drafted(spec());
  draft.layers.splice(0, 2, { type: "dense", units: 2 });
  const named = renaming(draft);
  assert.equal(named("dense_2.weight"), "dense_2.weight");
  assert.equal(named("dense_1.bias"), "gone.bias");
  draft.layers.unshift({ type: "dense", units: 4 });
  assert.equal(renaming(draft)("backward:dense_2"), "backward:dense_3");
  assert.equal(renaming(draft)("loss.dinput"), "loss.dinput");
});
