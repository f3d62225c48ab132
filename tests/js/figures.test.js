import assert from "node:assert/strict";
import { test } from "node:test";

import { boxesOf, neighbour, within } from "../../static/js/figure-cursor.js";
import { asTables, matricesOf, rowsOf, tracesFor } from "../../static/js/figure-matrices.js";

const typed = (array, dtype, shape) => ({ dtype, bdata: Buffer.from(array.buffer).toString("base64"), shape });

const parts = [
  { name: "J", values: [[1, 2, 3], [4, 5, 6]], xaxis: "x2", yaxis: "y2" },
  { name: "dvalue", values: [[7], [8]], xaxis: "x", yaxis: "y" },
  { name: "dinput", values: [[9, 10, 11]], xaxis: "x3", yaxis: "y3" },
];
const at = (part, row, column) => ({ part, row, column });

test("typed arrays of every kind are read back as rows", () => {
  assert.deepEqual(rowsOf(typed(new Float64Array([0.1, -0, 1e300, NaN]), "f8", "2, 2")), [[0.1, -0], [1e300, NaN]]);
  assert.deepEqual(rowsOf(typed(new Float32Array([0.5, 2, -1]), "f4", "1, 3")), [[0.5, 2, -1]]);
  assert.deepEqual(rowsOf(typed(new BigInt64Array([2n, -1n]), "i8", "2, 1")), [[2], [-1]]);
  assert.deepEqual(rowsOf(typed(new Uint8Array([200]), "u1", "1, 1")), [[200]]);
  assert.deepEqual(rowsOf([[1, 2]]), [[1, 2]]);
});

test("a figure's heatmaps are its matrices, whatever else is drawn over them", () => {
  const z = typed(new Float64Array([1, 2]), "f8", "1, 2");
  const data = [{ type: "heatmap", name: "J", z, xaxis: "x2", yaxis: "y2" }, { type: "scatter" }, { type: "heatmap", z: [[3]] }];
  assert.deepEqual(matricesOf({ data, layout: {} }), [
    { name: "J", values: [[1, 2]], xaxis: "x2", yaxis: "y2" },
    { name: "", values: [[3]], xaxis: "x", yaxis: "y" },
  ]);
});

test("numbers that would overlap are left out", () => {
  const data = [{ type: "heatmap", z: [[1, 2, 3]], texttemplate: "%{text}", xaxis: "x2" }, { type: "scatter" }];
  const figure = { data, layout: { xaxis2: { domain: [0.25, 1] } } };
  assert.deepEqual(tracesFor(figure, 270), data);
  assert.deepEqual(tracesFor(figure, 260).map(({ texttemplate }) => texttemplate), ["", undefined]);
});

test("a narrow figure does without its bar of colours", () => {
  const figure = { data: [{ type: "heatmap", z: [[1]], showscale: true }], layout: {} };
  assert.deepEqual([400, 600].map((width) => tracesFor(figure, width)[0].showscale), [false, true]);
});

test("what is outlined is the cell, and the column that its product sums", () => {
  assert.deepEqual(boxesOf(parts, null), []);
  const own = { rows: 1, columns: 1, width: 3 };
  const thin = { column: 2, columns: 1, width: 1, row: 0 };
  assert.deepEqual(boxesOf(parts, at("J", 1, 2)), [
    { ...thin, part: "J", rows: 2 }, { ...thin, part: "dinput", rows: 1 }, { ...at("J", 1, 2), ...own },
  ]);
  assert.deepEqual(boxesOf(parts, at("dvalue", 1, 0)), [{ ...at("dvalue", 1, 0), ...own }]);
  assert.deepEqual(boxesOf(parts.slice(0, 2), at("J", 0, 0)), [{ ...at("J", 0, 0), ...own }]);
});

test("as tables, dvalue is a row and comes first", () => {
  const tables = asTables(parts);
  assert.deepEqual(tables.map(({ name }) => name), ["dvalue", "J", "dinput"]);
  assert.deepEqual(tables[0].values, [[7, 8]]);
});

test("arrows move within a matrix and stop at its edges", () => {
  assert.deepEqual(neighbour(parts, at("J", 0, 0), "ArrowRight"), at("J", 0, 1));
  assert.deepEqual(neighbour(parts, at("J", 0, 2), "ArrowRight"), at("J", 0, 2));
  assert.deepEqual(neighbour(parts, at("J", 0, 1), "ArrowUp"), at("J", 0, 1));
});

test("arrows cross to the matrix that stands beside, and back to the same row or column", () => {
  assert.deepEqual(neighbour(parts, at("J", 1, 0), "ArrowLeft"), at("dvalue", 1, 0));
  assert.deepEqual(neighbour(parts, at("dvalue", 1, 0), "ArrowRight"), at("J", 1, 0));
  assert.deepEqual(neighbour(parts, at("J", 1, 2), "ArrowDown"), at("dinput", 0, 2));
  assert.deepEqual(neighbour(parts, at("dinput", 0, 2), "ArrowUp"), at("J", 1, 2));
});

test("where there is no dvalue, nothing lies beyond the edge", () => {
  const alone = parts.slice(0, 1);
  assert.deepEqual(neighbour(alone, at("J", 1, 0), "ArrowLeft"), at("J", 1, 0));
  assert.equal(within(alone, at("dvalue", 0, 0)), null);
  assert.deepEqual(within(alone, at("J", 9, 9)), at("J", 1, 2));
});
