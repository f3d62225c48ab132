import assert from "node:assert/strict";
import { test } from "node:test";
import { derived, isOld, needsItsOwnFrame } from "../../static/js/derive.js";
import { computedBy, directionOf, iterationEnds, placeAsked, samePlace, stepAt, stepOf, turnOf } from "../../static/js/positions.js";
import { lastFrame, runOf } from "./fixtures.js";

test("a position is the step that led to it", () => {
  assert.deepEqual(stepOf(0, 12), { iteration: 0, step: 0 });
  assert.deepEqual(stepOf(9, 12), { iteration: 0, step: 9 });
  assert.deepEqual(stepOf(12, 12), { iteration: 0, step: 12 });
  assert.deepEqual(stepOf(13, 12), { iteration: 1, step: 1 });
});

test("an iteration's ends are its update before and its last gradient", () => {
  assert.deepEqual(iterationEnds(0, 12), { start: 0, end: 11 });
  assert.deepEqual(iterationEnds(11, 12), { start: 0, end: 11 });
  assert.deepEqual(iterationEnds(12, 12), { start: 12, end: 23 });
});

test("steps know their layer and their direction", () => {
  const run = runOf();
  assert.deepEqual(stepAt(run, 9), { kind: "backward", layer: "dense_2" });
  assert.deepEqual(stepAt(run, 18), { kind: "loss", layer: null });
  assert.equal(stepAt(run, 24).kind, "update");
  assert.deepEqual(["batch", "forward", "loss", "loss_backward", "fused_backward", "update", "start"].map(directionOf), [
    "forward", "forward", "forward", "backward", "backward", "update", "none",
  ]);
  assert.equal(turnOf(run), 7);
});

test("what is hatched says which step computes it, as that step's frame has it", () => {
  const run = runOf();
  const last = lastFrame(run);
  for (const [name, { computed_at }] of Object.entries(last.tensors)) {
    if (computed_at > 0) assert.equal(computedBy(run, name, 0), computed_at, name);
  }
  assert.equal(computedBy(run, "dense_2.dweight", 14), 21);
});

test("a fused head's step computes its own layer's gradient, and no other's", () => {
  const steps = ["batch", "forward:dense_1", "forward:softmax_1", "loss", "fused_backward", "backward:dense_1", "update"];
  const run = { ...runOf(), steps, steps_per_iteration: steps.length };
  assert.deepEqual(["softmax_1.dinput", "dense_1.dweight", "dense_1.dinput"].map((name) => computedBy(run, name, 0)), [5, 6, 6]);
});

test("a step in between holds what was written until then, and nothing later", () => {
  const run = runOf();
  const last = lastFrame(run, 2);
  for (let position = 25; position < 36; position += 1) {
    const frame = derived(run, last, position);
    assert.equal(frame.position, position);
    assert.equal(frame.step, run.steps[position - 25]);
    for (const [name, tensor] of Object.entries(frame.tensors)) {
      const there = last.tensors[name].computed_at <= position;
      assert.equal(tensor.computed_at !== null, there, `${name} @ ${position}`);
      assert.equal(tensor.values, there ? last.tensors[name].values : null);
    }
    assert.equal(frame.loss, position >= 30 ? 0.75 : null);
    assert.equal(frame.accuracy, position >= 30 ? 0.5 : null);
  }
});

test("only an edit after its tensor's own step needs a frame of its own", () => {
  const edits = (...pairs) => runOf({ edits: pairs.map(([tensor, position]) => ({ tensor, position, index: [0, 0], value: 1 })) });
  const run = edits(["dense_1.weight", 12], ["relu_1.output", 29]);
  assert.equal(needsItsOwnFrame(run, 13), false);
  assert.equal(needsItsOwnFrame(run, 30), true);
  assert.equal(needsItsOwnFrame(run, 40), false);
  assert.equal(needsItsOwnFrame(edits(["relu_1.output", 27], ["batch.input", 25]), 30), false);
  assert.equal(needsItsOwnFrame(edits(["dense_1.weight", 35]), 30), true);
});

test("right after an update, all but parameters and data is old", () => {
  const run = runOf();
  const frame = lastFrame(run);
  frame.position = 12;
  for (const parameter of run.parameters) frame.tensors[parameter].computed_at = 12;
  assert.equal(isOld(run, frame, "dense_1.weight"), false);
  assert.equal(isOld(run, frame, "data.input"), false);
  assert.equal(isOld(run, frame, "batch.input"), true);
  assert.equal(isOld(run, frame, "dense_2.dweight"), true);
  assert.equal(isOld(run, lastFrame(run), "dense_2.dweight"), false);
});

test("updates and steps are a position, or the key of why they are none", () => {
  assert.deepEqual(placeAsked(["3", "7"], 12), { position: 43 });
  assert.deepEqual(placeAsked(["0", "12"], 12), { position: 12 });
  for (const wrong of ["", "-1", "1.5", "1e3", "99999999999"]) {
    assert.deepEqual(placeAsked([wrong, "7"], 12), { key: "goto.updates" });
    assert.deepEqual(placeAsked(["3", wrong], 12), { key: "goto.step" });
  }
  assert.deepEqual(placeAsked(["3", "13"], 12), { key: "goto.step" });
});

test("the same place in a net with other steps is the same step, or the last gradient where there is no such step", () => {
  const run = runOf();
  const per = run.steps_per_iteration;
  const other = { steps: run.steps.filter((step) => step !== run.steps[1]), steps_per_iteration: per - 1 };
  assert.equal(samePlace(run, 0, other), 0);
  assert.equal(samePlace(run, per + 1, other), per);
  assert.equal(samePlace(run, per + 2, other), 2 * (per - 1) - 1);
  assert.equal(samePlace(run, per + 3, other), per - 1 + 2);
});
