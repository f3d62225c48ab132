/** The data's picture: what each sample is, what is said of it, and which point a person means. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { roomFor, sampleAt } from "../../static/js/data-gallery.js";
import {
  NO_CLASS, batchSamples, classCount, labelsOf, meant, pictured, placed, pointsOf, reachOf, regionAt, weightsAt,
} from "../../static/js/data-samples.js";
import { lastFrame, runOf } from "./fixtures.js";

/** A run with one or several binary outputs. */
function binary(outputs) {
  const run = runOf({ loss: "binary_crossentropy" });
  for (const name of ["loss.dinput", "softmax_1.output", "batch.target", "data.target"]) run.tensors[name].shape[1] = outputs;
  return run;
}

/** The last frame, with other values in some tensors. */
function frameWith(run, values) {
  const frame = lastFrame(run);
  for (const [name, given] of Object.entries(values)) frame.tensors[name].values = given;
  return frame;
}

test("two features are a plane, digits are pictures, the rest are rows", () => {
  const run = runOf();
  assert.equal(pictured(run), "plane");
  run.tensors["data.input"].shape = [4, 3];
  assert.equal(pictured(run), "rows");
  run.tensors["data.input"].shape = [4, 64];
  assert.equal(pictured(run), "rows");
  run.spec.dataset.name = "digits";
  assert.equal(pictured(run), "digits");
  assert.deepEqual([1, 7, 8].map((outputs) => pictured(binary(outputs))), ["plane", "plane", "rows"]);
});

test("a label is a whole number, the largest share, or the flags that are set", () => {
  const run = runOf();
  assert.deepEqual(labelsOf(run, [[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]]), [1, 0]);
  run.tensors["batch.target"].dtype = "int64";
  assert.deepEqual(labelsOf(run, [[2], [0]]), [2, 0]);
  assert.deepEqual(labelsOf(binary(2), [[0, 0], [1, 0], [0, 1], [1, 1]]), [0, 1, 2, 3]);
  assert.deepEqual([classCount(run), classCount(binary(1)), classCount(binary(3))], [3, 2, 8]);
});

test("what the network says is its largest output, or each output above a half", () => {
  const run = runOf();
  run.tensors["batch.target"].dtype = "int64";
  const target = { "batch.target": [[1], [0], [2], [2]] };
  const outputs = [[0.2, 0.7, 0.1], [0.4, 0.4, 0.2], ["NaN", 0, 0], [0, 0, 1]];
  const said = batchSamples(run, frameWith(run, { ...target, "softmax_1.output": outputs }));
  assert.deepEqual(said, [
    { label: 1, said: 1, share: 0.7 }, { label: 0, said: 0, share: 0.4 },
    { label: 2, said: NO_CLASS, share: NaN }, { label: 2, said: 2, share: 1 },
  ]);
  const flags = binary(2);
  const [one] = batchSamples(flags, frameWith(flags, { "batch.target": [[1, 1]], "softmax_1.output": [[0.75, 0.25]] }));
  assert.deepEqual(one, { label: 3, said: 1, share: 0.5625 });
});

test("before the forward pass it said nothing, and before the batch there are no samples", () => {
  const run = runOf();
  const frame = frameWith(run, { "softmax_1.output": null });
  assert.ok(batchSamples(run, frame).every(({ said }) => said === null));
  assert.deepEqual(batchSamples(run, frameWith(run, { "batch.target": null })), []);
});

test("regions belong to the position that wrote the weights, or moved the data", () => {
  const run = runOf();
  const frame = lastFrame(run, 3);
  const start = 3 * run.steps_per_iteration;
  assert.equal(weightsAt(run, frame), start);
  assert.equal(weightsAt(run, lastFrame(run, 0)), 0);
  frame.tensors["data.input"].computed_at = start + 2;
  assert.equal(weightsAt(run, frame), start + 2);
});

test("a point of the batch is found by where it is; one that was moved stands beside the others", () => {
  const input = [[0, 0], [1, 2], [1, 2], [5, 5]];
  const samples = [{ label: 1, said: 0, share: 1 }, { label: 2, said: 2, share: 1 }];
  const batch = placed([[1, 2], [9, "Infinity"]], samples.map(({ label }) => label));
  const points = pointsOf(placed(input, [0, 1, 1, 2]), (row) => row, batch, samples);
  assert.deepEqual(points.map(({ sample }) => sample), [null, 0, 0, null, 1]);
  assert.deepEqual(points.map(({ label }) => label), [0, 1, 1, 2, 2]);
  assert.deepEqual(points.map(({ said }) => said), [0, 1, 2, 3, 2]);
  assert.deepEqual(points[4].at, [9, Infinity]);
});

test("the cell of a place is read from the top", () => {
  const regions = { resolution: 2, x: [0, 4], y: [-1, 1], classes: [0, 1, 2, 3], share: [0.1, 0.2, 0.3, 0.4] };
  assert.deepEqual(regionAt(regions, [1, 0.5]), { said: 0, share: 0.1 });
  assert.deepEqual(regionAt(regions, [3, -0.5]), { said: 3, share: 0.4 });
  assert.equal(regionAt(regions, [4.1, 0]), null);
  assert.equal(regionAt(regions, [NaN, 0]), null);
});

test("without regions the picture reaches around what is finite", () => {
  const at = (x, y) => ({ at: [x, y], label: 0, said: null, sample: null });
  const { x, y } = reachOf([at(0, 3), at(10, 3), at(Infinity, NaN)]);
  assert.ok(x[0] < 0 && x[1] > 10);
  assert.deepEqual(y, [2, 4]);
  assert.deepEqual(reachOf([]).x, [-1, 1]);
});

test("a person means the batch's sample where one is near, else the nearest point, else none", () => {
  const [near, ours] = [{ at: [3, 0], sample: null }, { at: [8, 0], sample: 5 }];
  const from = (x) => ({ at }) => Math.abs(at[0] - x);
  assert.equal(meant([near, ours], from(2), 10), ours);
  assert.equal(meant([near, ours], from(-5), 10), near);
  assert.equal(meant([near, ours], from(-50), 10), null);
});

test("a gallery shows the page of samples that the chosen one is on", () => {
  const samples = Array(50).fill({ label: 0, said: 0, share: 1 });
  const gallery = { width: 240, height: 140, samples, input: null, chosen: 20, names: String, colours: null };
  assert.deepEqual(roomFor(gallery), { tile: { width: 40, height: 46 }, columns: 6, first: 18, last: 36 });
  assert.equal(sampleAt(gallery, 45, 50), 18 + 6 + 1);
  assert.equal(sampleAt({ ...gallery, chosen: 49 }, 100, 5), 38);
  assert.equal(sampleAt({ ...gallery, chosen: 49 }, 239, 139), null);
  const empty = roomFor({ ...gallery, samples: [], chosen: -1 });
  assert.deepEqual([empty.first, empty.last], [0, 0]);
});
