import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  LETTERS, CONVENTION_RULES, WINDOW_SIDE, beginningOf, firstChanged, followed, largestChange, lettersOf, rowsIn, steppedIn, windowsOf, zeroing,
} from "../../static/js/proof-conventions-read.js";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const en = JSON.parse(read("static/locales/en.json"));
const PRESETS = {
  document: { relu_at_zero: 1, bce_outputs: "sum", clip: 1e-7 },
  book: { relu_at_zero: 0, bce_outputs: "mean", clip: 1e-7 },
  pytorch: { relu_at_zero: 0, bce_outputs: "mean", clip: 0 },
};
const run = (conventions, head, loss = "categorical_crossentropy", last = "softmax_1") => ({
  layers: ["dense_1", last], spec: { conventions, head, loss },
});
const tensor = (changed, rules = {}, more = {}) => ({ shape: [2, 3], changed, rounding: 0, together: 0, largest: 0.5, rules, ...more });

test("a run follows a preset where its rules and its head are the preset's", () => {
  assert.equal(followed(run(PRESETS.document, "separate"), PRESETS), "document");
  assert.equal(followed(run(PRESETS.document, "fused"), PRESETS), undefined);
  assert.equal(followed(run(PRESETS.book, "separate"), PRESETS), "book");
  assert.equal(followed(run(PRESETS.pytorch, "fused"), PRESETS), "pytorch");
  assert.equal(followed(run(PRESETS.pytorch, "separate"), PRESETS), undefined);
  // What has no fused head is PyTorch's without one.
  assert.equal(followed(run(PRESETS.pytorch, "separate", "categorical_crossentropy", "sigmoid_1"), PRESETS), "pytorch");
  assert.equal(followed(run(PRESETS.pytorch, "fused", "binary_crossentropy", "sigmoid_1"), PRESETS), "pytorch");
  assert.equal(followed(run({ ...PRESETS.book, clip: 0.1 }, "separate"), PRESETS), undefined);
});

test("what changes is told in its order, with the rules that do it", () => {
  const tensors = {
    "dense_1.weight": tensor(0),
    "loss.dinput": tensor(null, {}, { rounding: null, together: null, largest: null }),
    "dense_1.dinput": tensor(0, { head: { changed: 0, largest: 1e-17 } }, { rounding: 4, largest: 1e-17 }),
    "dense_1.dweight": tensor(2, { bce_outputs: { changed: 2, largest: 0.5 }, relu_at_zero: { changed: 1, largest: 0.1 } }),
  };
  const rows = rowsIn({ tensors });
  assert.deepEqual(rows.map(({ name, cells, changed, rounding, rules }) => [name, cells, changed, rounding, rules]), [
    ["dense_1.dinput", 6, 0, 4, []],
    ["dense_1.dweight", 6, 2, 0, ["relu_at_zero", "bce_outputs"]],
  ]);
  assert.equal(beginningOf(rows), "dense_1.dweight");
  assert.equal(largestChange(rows).name, "dense_1.dweight");
  assert.equal(largestChange([...rows, { ...rows[0], name: "loss.value", largest: "NaN" }]).name, "loss.value");
});

test("where the outputs of a layer differ, the weights did before", () => {
  const rows = (...names) => rowsIn({ tensors: Object.fromEntries(names.map((name) => [name, tensor(1)])) });
  assert.equal(beginningOf(rows("dense_1.weight", "dense_1.output", "loss.output")), null);
  assert.equal(beginningOf(rows("loss.output", "loss.dinput", "dense_1.weight")), "loss.output");
});

test("each rule has a letter of its own, and each of the server's reasons its words", () => {
  assert.equal(new Set(Object.values(LETTERS)).size, CONVENTION_RULES.length + 2);
  assert.equal(lettersOf(["relu_at_zero", "bce_outputs", "together"]), "RB+");
  assert.equal(lettersOf([]), "");
  const engine = read("engine/switch.py");
  assert.match(engine, new RegExp(`RULES.*= \\(${CONVENTION_RULES.map((name) => `"${name}"`).join(", ")}\\)`));
  const reasons = Object.keys(en).filter((key) => key.startsWith("proof.conventions.why.")).map((key) => key.split(".").at(-1));
  const service = read("app/api/conventions.py");
  for (const reason of reasons) assert.ok(`${engine}${service}`.includes(`"${reason}"`), reason);
  const said = [...engine.matchAll(/(?:return \(?|else )"(\w+)"/g), ...service.matchAll(/"reason": "(\w+)" if|else "(\w+)"\}|\["params"\] = "(\w+)"/g)];
  for (const [, ...words] of said) assert.ok(words.filter(Boolean).every((word) => reasons.includes(word)), words.join());
});

test("a large tensor is looked at through windows, and the cursor stays in them", () => {
  assert.deepEqual(windowsOf(3), [[0, 3]]);
  assert.deepEqual(windowsOf(2 * WINDOW_SIDE + 1), [[0, WINDOW_SIDE], [WINDOW_SIDE, 2 * WINDOW_SIDE], [2 * WINDOW_SIDE, 2 * WINDOW_SIDE + 1]]);
  const window = { rows: [64, 66], columns: [0, 3] };
  assert.deepEqual(steppedIn(window, [64, 0], "ArrowUp"), [64, 0]);
  assert.deepEqual(steppedIn(window, [64, 0], "ArrowDown"), [65, 0]);
  assert.deepEqual(steppedIn(window, [65, 1], "ArrowDown"), [65, 1]);
  assert.deepEqual(steppedIn(window, [64, 1], "End"), [64, 2]);
  assert.deepEqual(steppedIn(window, [64, 1], "Home"), [64, 0]);
  assert.deepEqual(steppedIn(window, [64, 1], "PageDown"), [65, 1]);
  assert.deepEqual(steppedIn(window, [65, 1], "PageUp"), [64, 1]);
});

test("the cursor begins where a rule changes something", () => {
  const by = [[[], ["head", "rounding"].slice(1)], [["clip"], []]];
  assert.deepEqual(firstChanged({ rows: [4, 6], columns: [2, 4], by }), [5, 2]);
  assert.deepEqual(firstChanged({ rows: [4, 6], columns: [2, 4], by: [[[], ["rounding"]], [[], []]] }), [4, 3]);
  assert.deepEqual(firstChanged({ rows: [4, 6], columns: [2, 4], by: [[[], []], [[], []]] }), [4, 2]);
});

test("the zero that shows ReLU's rule is where most of a gradient comes through", () => {
  const aliases = (...names) => ({ aliases: names, shape: [1, 2] });
  const here = {
    layers: ["dense_1", "relu_1", "dense_2"], parameters: ["dense_1.weight"], steps_per_iteration: 12,
    tensors: { "dense_1.output": aliases("relu_1.input"), "dense_2.dinput": aliases("relu_1.dvalue") },
  };
  const frame = (values) => ({ position: 35, tensors: { "dense_1.output": { computed_at: 26 }, "dense_2.dinput": { values } } });
  assert.deepEqual(zeroing(here, frame([[0.25, -0.5], [0.5, 0]])), { position: 26, tensor: "dense_1.output", index: [0, 1], value: 0 });
  assert.equal(zeroing(here, frame([[0, 0]])), null);
  assert.equal(zeroing({ ...here, layers: ["dense_1"] }, frame([[1]])), null);
});
