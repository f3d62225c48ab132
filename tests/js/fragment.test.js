import assert from "node:assert/strict";
import { inflateRawSync } from "node:zlib";
import { test } from "node:test";
import { placeOf, presetFragment, readFragment, runFragment, specFragment } from "../../static/js/fragment.js";

const cell = { tensor: "dense_2.dweight", index: [2, 1], position: 11 };

test("a preset, a position and a cell come back as they went", async () => {
  const fragment = presetFragment("default", 11, cell);
  assert.equal(fragment, "#preset=default&p=11&sel=dense_2.dweight,2,1");
  assert.deepEqual(await readFragment(fragment), {
    source: { preset: "default" }, position: 11, selection: cell, view: {},
  });
  assert.deepEqual(await readFragment(presetFragment("golden", 0, null)), {
    source: { preset: "golden" }, position: 0, selection: null, view: {},
  });
});

test("a spec comes back as it went, and is raw deflate of JSON in base64url", async () => {
  const spec = { dataset: { name: "iris" }, layers: [{ type: "softmax" }], note: "σ ≥ 鸢尾花" };
  const fragment = await specFragment(spec, 7, cell);
  assert.match(fragment, /^#s=[A-Za-z0-9_-]+$/);
  assert.deepEqual(JSON.parse(inflateRawSync(Buffer.from(fragment.slice(3), "base64url")).toString()), {
    spec, p: 7, sel: cell,
  });
  assert.deepEqual(await readFragment(fragment), {
    source: { spec }, position: 7, selection: { ...cell, position: 7 }, view: {},
  });
});

test("a run by its id", async () => {
  assert.deepEqual(await readFragment(runFragment("rabc", 3)), {
    source: { run: "rabc" }, position: 3, selection: null, view: {},
  });
});

const view = { sample: "2", open: "softmax_1", difference: "1", scale: "stage", contrast: "dense_1.weight,-0.5" };

test("how a run is looked at travels in every kind of link", async () => {
  const fragments = [
    presetFragment("default", 11, cell, view), runFragment("rabc", 11, cell, view),
    await specFragment({ layers: [] }, 11, cell, view),
  ];
  for (const fragment of fragments) {
    const place = await readFragment(fragment);
    assert.deepEqual(place.view, view, fragment);
    assert.deepEqual(place.selection, cell);
    assert.equal(place.position, 11);
  }
});

test("nothing that was written is trusted", () => {
  const hostile = placeOf({ spec: {} }, { p: -1, sel: { tensor: "<b>", index: {} }, sample: { toString: null }.sample, spec: 1 });
  assert.deepEqual(hostile, { source: { spec: {} }, position: 0, selection: null, view: { sample: "undefined", spec: "1" } });
  assert.equal(placeOf(null, { sel: { tensor: "a.b", index: [1, 2, 3] } }).selection, null);
});

test("another field than the deflated one never is the spec", async () => {
  assert.equal((await readFragment("#spec=1&source=2&p=3")).source, null);
});

test("nothing, nonsense and a hostile cell say nothing", async () => {
  assert.equal((await readFragment("")).source, null);
  assert.equal((await readFragment("#preset=default&p=-4")).position, 0);
  assert.equal((await readFragment("#preset=default&p=1e9")).position, 0);
  assert.equal((await readFragment("#preset=default&sel=<img>,1,2")).selection, null);
  await assert.rejects(readFragment("#s=not-deflate"));
});
