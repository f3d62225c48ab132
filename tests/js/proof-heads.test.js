import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnAt, partings, placeAt, placeNear, probabilityText, rounded, runAt, stretchOf } from "../../static/js/proof-heads-read.js";

const agrees = { loss: ["agrees", "agrees"], dinput: ["agrees", "agrees"] };
const heads = {
  loss: "categorical_crossentropy", dtype: "float64", by: "logit", clip: 1e-7, target: [0, 1, 0], axis: [-1, 1],
  logits: [[-1, 0, 0], [1, 0, 0]], ways: { fused: { verdict: agrees }, unclipped: { verdict: agrees }, clipped: { verdict: agrees } },
};
const withVerdict = (one, way, verdict) => ({ ...one, ways: { ...one.ways, [way]: { verdict: { ...agrees, ...verdict } } } });

test("the place is the one whose logit is nearest", () => {
  assert.equal(placeNear(heads, -7), 0);
  assert.equal(placeNear(heads, 0.2), 1);
});

test("a click on the curves is the nearest place, and exactly 0 and 1 stand one step beyond", () => {
  const probability = { axis: ["-Infinity", -20, 0, 20, "Infinity"] };
  assert.deepEqual([-21, -20.2, 0.4, 20, 21].map((x) => placeAt(probability, x)), [0, 1, 2, 3, 4]);
  assert.deepEqual([0, 1, 4].map((at) => drawnAt(probability, at)), [-21, -20, 21]);
  assert.deepEqual([-50, 50].map((x) => placeAt({ axis: [-50, 0, 50] }, x)), [0, 2]);
});

test("a probability near 1 is said by what it leaves, and none is rounded to 0 or 1", () => {
  const text = (z, loss = "binary_crossentropy", rest = []) => probabilityText({ loss, logits: [[z, ...rest]] }, 0);
  assert.equal(text(0), "0.500");
  assert.equal(text(-50), "1.93e−22");
  assert.equal(text(50), "1 − 1.93e−22");
  assert.equal(text(0, "categorical_crossentropy", [0, 0]), "0.333");
  assert.equal(text(-800), "4e−348");
  assert.equal(text(800), "1 − 4e−348");
});

test("who parts in one manner is said at once, with the dtypes in which it does", () => {
  const double = withVerdict(heads, "clipped", { loss: ["clipped", "agrees"] });
  const single = withVerdict(withVerdict(heads, "clipped", { loss: ["clipped", "agrees"] }), "unclipped", { dinput: ["not_finite", "agrees"] });
  assert.deepEqual(partings([{ ...single, dtype: "float32" }, double], 0), [
    { quantity: "loss", verdict: "clipped", who: [{ way: "clipped", dtypes: ["float32", "float64"] }] },
    { quantity: "dinput", verdict: "not_finite", who: [{ way: "unclipped", dtypes: ["float32"] }] },
  ]);
  assert.deepEqual(partings([single, double], 1), []);
});

test("the longest stretch of agreement", () => {
  const of = (text) => stretchOf([...text].map((one) => (one === "a" ? "agrees" : "rounded")));
  assert.deepEqual(["aaa", "xaax", "axaax", "aaxa", "xx", "xa"].map(of), [[0, 2], [1, 2], [2, 3], [0, 1], null, [1, 1]]);
});

test("the run has exactly these logits, the way's head and clip, and opens at its gradient", () => {
  const { spec, position, cell } = runAt(heads, 1, "clipped");
  assert.deepEqual(spec.layers, [{ type: "dense", weight: [[1, 0, 0]] }, { type: "softmax" }]);
  assert.deepEqual([spec.dataset, spec.head, spec.conventions], [{ input: [[1]], target: [1] }, "separate", { clip: 1e-7 }]);
  assert.deepEqual([position, cell.tensor, cell.position], [6, "softmax_1.dinput", 6]);
  assert.deepEqual(runAt(heads, 0, "unclipped").spec.conventions, { clip: 0 });
  const fused = runAt({ ...heads, loss: "binary_crossentropy", target: [0, 1, 0], dtype: "float32" }, 0, "fused");
  assert.deepEqual([fused.spec.head, fused.spec.dtype, fused.spec.dataset.target], ["fused", "float32", [[0, 1, 0]]]);
  assert.deepEqual([fused.position, fused.cell.tensor], [5, "sigmoid_1.dinput"]);
});

test("numbers of one column that round alike are written alike", () => {
  for (const wire of [-1, -0.99999999, -1.00000001]) assert.equal(rounded(wire), "−1");
  assert.deepEqual([0, 20.693147, 1e-9, "Infinity", "NaN"].map(rounded), ["0", "20.69", "1e−9", "∞", "NaN"]);
});
