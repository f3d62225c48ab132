import assert from "node:assert/strict";
import { test } from "node:test";
import { readRunFile, runFile } from "../../static/js/run-file.js";
import { runOf } from "./fixtures.js";

const cell = { tensor: "dense_2.dweight", index: [2, 1], position: 11 };
const file = (text, size = text.length) => ({ name: "a.json", size, text: async () => text });
const code = (problem) => problem.code;

test("a run comes back from its file as it went", async () => {
  const run = runOf({ layers: [{ type: "softmax" }] });
  const view = { sample: "2", scale: "stage" };
  const place = await readRunFile(file(runFile(run, 11, cell, view)));
  assert.deepEqual(place, { source: { spec: run.spec }, position: 11, selection: cell, view });
});

test("what is no run file is said to be none", async () => {
  for (const text of ["", "{", "[]", "null", "1", '{"version":1}', '{"version":1,"spec":{}}', '{"spec":{"layers":[]}}']) {
    await assert.rejects(readRunFile(file(text)), (error) => code(error) === "file_unknown", text);
  }
  await assert.rejects(readRunFile(file('{"version":2,"spec":{"layers":[]}}')), (error) => code(error) === "file_newer");
});

test("a file too large is not read", async () => {
  const large = { name: "a.json", size: 17 * 2 ** 20, text: () => assert.fail("it was read") };
  await assert.rejects(readRunFile(large), (error) => code(error) === "file_too_large");
});

test("nothing that stands in a file is trusted", async () => {
  const text = JSON.stringify({ version: 1, spec: { layers: [] }, position: "x", selection: { tensor: "<b>" }, view: 3 });
  assert.deepEqual(await readRunFile(file(text)), {
    source: { spec: { layers: [] } }, position: 0, selection: null, view: {},
  });
});
