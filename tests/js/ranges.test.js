import assert from "node:assert/strict";
import { test } from "node:test";
import { cellOf, pixelOf, pixelSlots } from "../../static/js/pixels.js";
import { glyphOf, kindOf, niceRange, rangeFor, rangeText } from "../../static/js/scales.js";
import { runOf } from "./fixtures.js";

const EXTENTS = {
  "dense_1.weight": { min: -1.5, max: 1 }, "dense_1.bias": { min: 0, max: 0 }, "dense_1.output": { min: -4, max: 3 },
  "dense_1.dweight": { min: -0.1, max: 0.02 }, "dense_1.dbias": { min: null, max: null }, "batch.target": { min: 0, max: 100 },
};

test("each tensor is of a kind", () => {
  const kinds = {
    "batch.input": "activation", "relu_1.output": "activation", "softmax_1.output": "probability", "dense_1.weight": "weight",
    "dense_1.bias": "weight", "relu_1.dinput": "gradient", "loss.dinput": "gradient", "loss.output": "loss", "loss.value": "loss",
    "batch.target": "target", softmax_1: "jacobian", "dense_1.weight.momentum": "momentum", "dense_1.bias.cache": "cache",
  };
  for (const [name, kind] of Object.entries(kinds)) assert.equal(kindOf(name), kind, name);
});

test("a range is a tensor's own, its kind's, or the whole stage's, labels aside", () => {
  const range = (name, by) => rangeFor(name, EXTENTS, by, null);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.dweight", by)), [0.1, 0.1, 5]);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.dbias", by)), [1, 0.1, 5]);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.bias", by)), [1, 2, 5]);
  assert.equal(range("batch.target", "stage"), Infinity);
});

test("contrast reaches as far as the scale is shared", () => {
  const contrast = { tensor: "dense_1.weight", value: -0.03 };
  const range = (name, by) => rangeFor(name, EXTENTS, by, contrast);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.weight", by)), [0.05, 0.05, 0.05]);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.bias", by)), [1, 0.05, 0.05]);
  assert.deepEqual(["tensor", "kind", "stage"].map((by) => range("dense_1.output", by)), [5, 5, 0.05]);
});

test("what a colour cannot say has a glyph of its own", () => {
  const glyphs = [NaN, Infinity, -Infinity, 2.1, -2.1, 2, -2, 0].map((value) => glyphOf(value, 2));
  assert.deepEqual(glyphs, ["nan", "infinity", "minus_infinity", "over", "under", null, null, null]);
  assert.equal(glyphOf(7, Infinity), null);
});

test("the largest numbers have a finite range", () => {
  assert.equal(niceRange(0, 1.7e308), Number.MAX_VALUE);
  assert.equal(rangeText(Number.MAX_VALUE), "±2e308");
});

test("a digit's picture shows each of its 64 numbers where it stands", () => {
  assert.deepEqual(cellOf("dense_1.weight", [1, 3], 5), [11, 5]);
  assert.deepEqual(cellOf("batch.input", [1, 3], 5), [5, 11]);
  for (const tensor of ["dense_1.weight", "batch.input", "dense_1.dinput"]) {
    assert.deepEqual(pixelOf(tensor, cellOf(tensor, [7, 2], 4), 4), [7, 2]);
    assert.equal(pixelOf(tensor, cellOf(tensor, [7, 2], 4), 3), null);
  }
});

test("only a digits run has such pictures", () => {
  const run = runOf({ dataset: { name: "digits" } });
  assert.deepEqual(pixelSlots(run), []);
  run.tensors["batch.input"].shape = run.tensors["dense_1.dinput"].shape = [4, 64];
  run.tensors["dense_1.weight"].shape = run.tensors["dense_1.dweight"].shape = [64, 5];
  assert.deepEqual(pixelSlots(run).map(({ tensor }) => tensor), ["batch.input", "dense_1.weight", "dense_1.dinput", "dense_1.dweight"]);
  run.spec.dataset.name = "iris";
  assert.deepEqual(pixelSlots(run), []);
});
