import assert from "node:assert/strict";
import { test } from "node:test";
import { isShared, rowAlone, shareOf } from "../../static/js/alone.js";
import { meaningOf, meaningOfShare } from "../../static/js/meaning.js";
import { lastFrame, runOf } from "./fixtures.js";

const run = runOf();
const { tensors } = lastFrame(run);
const sample = 2;
const figures = { min: -0.5, max: 0.25, norm: 0.6, nan: 0, inf: 0, values: [[0.25, -0.5]] };

test("only the gradients of parameters have a share of every sample", () => {
  assert.deepEqual(Object.keys(tensors).filter(isShared), Object.keys(tensors).filter((name) => /dweight|dbias/.test(name)));
  assert.ok(isShared("dense_1.dbias"));
  assert.ok(!isShared("dense_1.weight") && !isShared("relu_1.dinput"));
});

test("of a gradient with a row a sample the sample's row is left, with its own figures", () => {
  const { values, min, max, norm } = rowAlone(tensors["relu_1.dinput"], sample);
  const row = tensors["relu_1.dinput"].values[sample];
  assert.deepEqual(values, tensors["relu_1.dinput"].values.map((_, at) => (at === sample ? row : [])));
  assert.deepEqual([min, max], [Math.min(...row), Math.max(...row)]);
  assert.ok(Math.abs(norm - Math.hypot(...row)) < 1e-12);
});

test("a share stands in its gradient's place, without values until they are there", () => {
  const whole = tensors["dense_2.dweight"];
  const waiting = shareOf({ at: "r@1", sample, tensors: null }, "dense_2.dweight", whole);
  assert.deepEqual([waiting.values, waiting.norm, waiting.shape], [null, null, whole.shape]);
  const there = { at: "r@1", sample, tensors: { "dense_2.dweight": figures } };
  const share = shareOf(there, "dense_2.dweight", whole);
  assert.deepEqual(share, { ...whole, ...figures });
  // What has not changed is not painted again.
  assert.equal(shareOf(there, "dense_2.dweight", whole), share);
});

test("what a share means is told beside what the whole means", () => {
  const said = meaningOf(run, "dense_2.dweight", [2, 1], -0.0382);
  assert.equal(meaningOfShare({ ...said, key: "meaning.taken" }, sample, 0.0865).key, "alone.taken");
  assert.deepEqual(meaningOfShare(said, sample, 0.0865), {
    key: "alone.meaning",
    params: { variable: "dense_2.weight[2, 1]", change: said.params.change, sample, share: "0.00086" },
  });
});
