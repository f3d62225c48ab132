import assert from "node:assert/strict";
import { test } from "node:test";
import { stepOfHalf } from "../../static/js/positions.js";
import { runOf } from "./fixtures.js";

test("above the turn a column's step goes forward, below it back", () => {
  const run = runOf();
  const names = ["batch", ...run.layers, "loss"];
  const stepName = (column, back) => run.steps[(stepOfHalf(run, column, back, 3) ?? 0) - 1];
  assert.deepEqual(names.map((name) => stepName(name, false)), ["batch", ...run.layers.map((one) => `forward:${one}`), "loss"]);
  assert.deepEqual(run.layers.map((name) => stepName(name, true)), run.layers.map((one) => `backward:${one}`));
  assert.equal(stepName("loss", true), "loss_backward");
  assert.equal(stepOfHalf(run, "batch", true, 3), null);
});

test("a step is one of the iteration that is shown, and a fused head goes back in one", () => {
  const run = runOf();
  assert.equal(stepOfHalf(run, "dense_1", false, 15), run.steps_per_iteration + 2);
  run.steps = run.steps.filter((name) => name !== "backward:softmax_1").map((name) => (name === "loss_backward" ? "fused_backward" : name));
  assert.equal(stepOfHalf(run, "softmax_1", true, 3), stepOfHalf(run, "loss", true, 3));
});
