import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf } from "../../static/js/changes.js";
import { meaningOf } from "../../static/js/meaning.js";
import { csvSaid, firstRun, isWords, outlook } from "../../static/js/own-spec.js";
import { runOf } from "./fixtures.js";

const column = (name, line = null, got = null) => ({ name, different: 3, line, got });

test("a column of words is told from a column of numbers with a mistake in it", () => {
  const columns = [column("id", 2, "n1"), column("a"), column("b", 4, "?"), column("gap", 2, ""), column("c", 2, "1,5")];
  const preview = { delimiter: ";", header: true, samples: 4, label: "id", columns, rows: [["n1", "1", "2", "", "1,5"], ["n2", "3", "4", "5", "2"]] };
  assert.deepEqual(columns.map((one) => isWords(preview, one)), [true, false, false, false, false]);
});

test("a table is opened with a network that fits it", () => {
  const data = { upload: "ab".repeat(32), label: "kind", target: "index", samples: 150, features: ["a", "b"], classes: ["x", "y", "z"], options: [] };
  const spec = firstRun(data);
  assert.deepEqual(spec.dataset, { upload: data.upload, test_fraction: 0.25 });
  assert.deepEqual(spec.layers.map(({ type, units }) => units ?? type), [8, "relu", 3, "softmax"]);
  assert.deepEqual(spec.batch, { size: 12, order: "shuffled" });
  // So few are taken all at once.
  assert.ok(!("batch" in firstRun({ ...data, samples: 16 })));
  assert.deepEqual(outlook(2, column("kind")), { key: "own.net", params: { net: "2 → 8 → 3", classes: 3, most: 1000 }, fits: true });
  assert.equal(outlook(0, column("kind")).key, "own.none");
  assert.equal(outlook(1, { ...column("kind"), different: 1 }).key, "own.one");
  assert.equal(outlook(1, { ...column("kind"), different: 1001 }).fits, false);
});

test("what is wrong with a table is said by its reason", () => {
  const params = { line: 3, column: "a", reason: "number", got: "?" };
  assert.deepEqual(csvSaid({ code: "csv_invalid", params }, "t.csv"), { key: "csv.number", params });
  assert.deepEqual(csvSaid({ code: "body_too_large", params: { limit: 16 } }, "t.csv"), {
    key: "problem.file_too_large", params: { limit: 16, name: "t.csv" },
  });
  assert.deepEqual(csvSaid({ code: "offline", params: {} }, "t.csv").key, "problem.offline");
});

test("cells mean what the data call them", () => {
  const run = { ...runOf(), data: { features: ["width", "height", "a", "b"], classes: ["cat", "dog", "2"] } };
  const said = (tensor, index, value) => meaningOf(run, tensor, index, value);
  assert.deepEqual(said("batch.input", [3, 1], 0.5), {
    key: "meaning.batch.input.named", params: { row: 3, column: 1, layer: "batch", name: "height" },
  });
  assert.equal(said("batch.target", [3, 0], 1).params.name, "dog");
  assert.equal(said("softmax_1.output", [3, 0], 0.2).params.name, "cat");
  assert.equal(said("softmax_1.output", [3, 2], 0.2).key, "meaning.softmax.output");
  assert.equal(said("dense_1.output", [3, 0], 0.2).key, "meaning.dense.output");
  assert.equal(meaningOf({ ...run, data: null }, "batch.input", [3, 1], 0.5).key, "meaning.batch.input");
});

test("another table is another data set", () => {
  const spec = (dataset) => ({ dataset, layers: [], loss: "" });
  const [one, two] = ["a", "b"].map((digit) => ({ upload: digit.repeat(64), seed: 0 }));
  assert.deepEqual(changesOf(spec({ name: "iris" }), spec(one)).fields, [{ name: "dataset.name", from: "iris", to: "upload" }]);
  assert.deepEqual(changesOf(spec(one), spec({ ...two, seed: 1 })).fields, [
    { name: "dataset.upload", from: "aaaaaa…", to: "bbbbbb…" }, { name: "dataset.seed", from: "0", to: "1" },
  ]);
});
