/** A training's stream from bytes, and what of its records the curves show. */

import assert from "node:assert/strict";
import test from "node:test";

import { epochsOf, heightOf, iterationAt, lossRange, traced } from "../../static/js/curve.js";
import { positionIn } from "../../static/js/positions.js";
import { frameIn, messageReader } from "../../static/js/train-messages.js";

/**
 * @param {object} header
 * @param {ArrayBufferView[]} [arrays] Each a multiple of 8 bytes long.
 */
function message(header, arrays = []) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  padded.set(text);
  const parts = [padded, ...arrays.map((one) => new Uint8Array(one.buffer, one.byteOffset, one.byteLength))];
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  const bytes = new Uint8Array(4 + length);
  new DataView(bytes.buffer).setUint32(0, length, true);
  new DataView(bytes.buffer).setUint32(4, padded.length, true);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param {Uint8Array[]} parts */
function joined(...parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const tensor = { computed_at: 3, min: 0, max: 1, norm: 1, nan: 0, inf: 0 };
const header = {
  run: "r", position: 11, iteration: 0, step: "backward:dense_1", loss: 0.5, accuracy: 0.75,
  tensors: {
    "dense_1.weight": { ...tensor, shape: [2, 3], dtype: "float32", at: 0 },
    "dense_1.bias": { ...tensor, shape: [1, 2], dtype: "float64", nan: 1, inf: 1, at: 24 },
    "batch.target": { ...tensor, shape: [2, 1], dtype: "int64", at: 40 },
    "data.input": { ...tensor, shape: [150, 4], dtype: "float32" },
  },
  records: [{ iteration: 0, loss: 0.5, accuracy: 0.75, test_loss: null, test_accuracy: null, layers: {} }],
};
const arrays = [
  new Float32Array([0.1, -2, 3, 4, 5, 6]), new Float64Array([NaN, -Infinity]), new BigInt64Array([2n, 0n]),
];

test("messages are found however their bytes are cut", () => {
  const bytes = joined(message(header, arrays), message({ ...header, position: 23, end: true }, arrays));
  for (const size of [1, 3, 7, 64, 1000, bytes.length]) {
    const read = messageReader();
    const found = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...read(bytes.slice(at, at + size)));
    assert.deepEqual(found.map((one) => [one.header.position, one.header.end]), [[11, undefined], [23, true]]);
    assert.deepEqual(found.map(frameIn).map((one) => one.tensors["dense_1.weight"].values?.[1]), [[4, 5, 6], [4, 5, 6]]);
  }
});

test("a frame of the stream is what would be asked for", () => {
  const [found] = messageReader()(message(header, arrays));
  const frame = frameIn(found);
  const { "dense_1.weight": weight, "dense_1.bias": bias, "batch.target": target, "data.input": data } = frame.tensors;
  assert.deepEqual(weight, { ...tensor, shape: [2, 3], dtype: "float32", values: [[Math.fround(0.1), -2, 3], [4, 5, 6]] });
  assert.deepEqual(bias.values, [["NaN", "-Infinity"]]);
  assert.deepEqual(target.values, [[2], [0]]);
  assert.equal("values" in data, false);
  const { records, tensors, ...rest } = header;
  assert.deepEqual({ ...frame, tensors: Object.keys(frame.tensors) }, { ...rest, tensors: Object.keys(tensors) });
  assert.deepEqual(found.header.records, records);
});

test("its regions are views of its bytes", () => {
  const regions = { resolution: 2, x: [0, 1], y: [-1, 1], classes: { at: 0 }, share: { at: 8 }, samples: { at: 24 } };
  const data = { "data.input": { ...tensor, shape: [3, 2], dtype: "float32" } };
  const parts = [new Uint8Array([0, 1, 1, 0, 0, 0, 0, 0]), new Float32Array([1, 0.5, 0.75, 0.25]), new Uint8Array([2, 0, 1, 0, 0, 0, 0, 0])];
  const [found] = messageReader()(message({ ...header, tensors: data, regions }, parts));
  const { classes, share, samples, ...rest } = frameIn(found).regions ?? assert.fail();
  assert.deepEqual(rest, { resolution: 2, x: [0, 1], y: [-1, 1] });
  assert.deepEqual([...classes], [0, 1, 1, 0]);
  assert.deepEqual([...share], [1, 0.5, 0.75, 0.25]);
  assert.deepEqual([...(samples ?? [])], [2, 0, 1]);
  assert.equal("regions" in frameIn(messageReader()(message(header, arrays))[0]), false);
});

/** @param {(import("../../static/js/types.js").Num)[]} losses */
function recordsOf(losses) {
  return losses.map((loss, iteration) => ({ iteration, loss, accuracy: 0.5, test_loss: null, test_accuracy: null, layers: {} }));
}

test("losses reach from 0, or over as many decades as they have", () => {
  assert.deepEqual(lossRange(recordsOf([1.1, 0.9, "NaN", 0.2]), false), [0, 2]);
  assert.deepEqual(lossRange(recordsOf([1.1, 0.04]), true), [0.01, 2]);
  assert.deepEqual(lossRange(recordsOf([1, "Infinity", 0]), true), [0.1, 1]);
  assert.deepEqual(lossRange(recordsOf([1, 1e-12]), true), [1e-6, 1]);
  assert.deepEqual(lossRange([], false), [0, 1]);
});

test("a value's height is linear, or that of its logarithm", () => {
  assert.equal(heightOf(0.5, [0, 2], false), 0.25);
  assert.ok(Math.abs(heightOf(0.1, [0.01, 1], true) - 0.5) < 1e-12);
  assert.equal(heightOf(0, [0.01, 1], true), 0);
  assert.equal(heightOf(9, [0, 1], false), 1);
});

test("a pixel shows the first, least, most and last of what it stands for", () => {
  const all = recordsOf([5, 1, 9, 4, 7, 7, 7, 7]);
  const { lines, gaps } = traced(all, "loss", (iteration) => Math.floor(iteration / 4), (value) => value);
  assert.deepEqual(lines, [[[0, 5], [0, 1], [0, 9], [0, 4], [1, 7]]]);
  assert.deepEqual(gaps, []);
});

test("a loss that is no number leaves a gap, and says where", () => {
  const { lines, gaps } = traced(recordsOf([1, 2, "NaN", "Infinity", 3]), "loss", (iteration) => iteration, (value) => value);
  assert.deepEqual(lines, [[[0, 1], [1, 2]], [[4, 3]]]);
  assert.deepEqual(gaps, [2, 3]);
});

test("what was not measured has no line", () => {
  assert.deepEqual(traced(recordsOf([1, 2]), "test_loss", (iteration) => iteration, (value) => value).lines, []);
});

test("ten thousand records are a few points a pixel", () => {
  const all = recordsOf([...Array(10_000).keys()].map((one) => Math.sin(one)));
  const { lines: [line] } = traced(all, "loss", (iteration) => (iteration / 9999) * 300, (value) => value);
  assert.ok(line.length <= 4 * 301);
  assert.equal(line.at(-1)?.[1], Math.sin(9999));
});

test("a point of the curve is an iteration that is known", () => {
  assert.equal(iterationAt(0.5, 999, 999), 500);
  assert.equal(iterationAt(0.5, 999, 99), 99);
  assert.equal(iterationAt(-1, 999, 999), 0);
});

test("the same step of another iteration; from the beginning its last gradient", () => {
  assert.equal(positionIn(400, 3, 12), 4803);
  assert.equal(positionIn(400, 12, 12), 4812);
  assert.equal(positionIn(400, 0, 12), 4811);
});

test("iterations are epochs where a batch is part of the data", () => {
  const run = (/** @type {number} */ batch) =>
    /** @type {any} */ ({ tensors: { "data.input": { shape: [150, 4] }, "batch.input": { shape: [batch, 4] } } });
  assert.equal(epochsOf(run(32), 1000), 200);
  assert.equal(epochsOf(run(150), 1000), null);
});
