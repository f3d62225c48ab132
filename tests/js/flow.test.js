import assert from "node:assert/strict";
import { test } from "node:test";

import { eachEvent } from "../../static/js/events.js";
import { along, courseOf, dwarfed, inside, tensorAt } from "../../static/js/flow-course.js";

const typed = (array, dtype, shape) => ({ dtype, bdata: Buffer.from(array.buffer).toString("base64"), ...(shape && { shape }) });
const course = { iterations: Array.from({ length: 25 }, (_, n) => 2 * n), rows: [{ name: "dense_1", values: [] }, { name: "dense_2", values: [] }] };

test("a picture's rows are its layers, with the numbers behind the colours", () => {
  const customdata = typed(new Float64Array([1e-4, NaN, 0, Infinity]), "f8", "2, 2");
  const data = [{ type: "heatmap", x: typed(new Int16Array([0, 5]), "i2"), z: [[-4, null], [null, null]], customdata }, { type: "scatter", x: [null] }];
  assert.deepEqual(courseOf({ data, layout: { yaxis: { ticktext: ["dense_1", "dense_2"] } } }), {
    iterations: [0, 5],
    rows: [{ name: "dense_1", values: [1e-4, NaN] }, { name: "dense_2", values: [0, Infinity] }],
  });
});

test("the rows of curves are the curves, what is not finite among them", () => {
  const x = [0, 1];
  const data = [{ type: "scatter", x, y: [2, null] }, { type: "scatter", x, y: typed(new Float64Array([0.5, 0.25]), "f8") }];
  assert.deepEqual(courseOf({ data, layout: {} }), {
    iterations: [0, 1],
    rows: [{ name: "loss", values: [2, NaN] }, { name: "accuracy", values: [0.5, 0.25] }],
  });
});

test("the cursor goes a column, a tenth of the way or to the end, and never beyond", () => {
  const at = (row, column) => ({ row, column });
  assert.deepEqual(along(course, at(0, 0), "ArrowRight"), at(0, 1));
  assert.deepEqual(along(course, at(0, 0), "ArrowLeft"), at(0, 0));
  assert.deepEqual(along(course, at(0, 3), "ArrowDown"), at(1, 3));
  assert.deepEqual(along(course, at(1, 3), "ArrowDown"), at(1, 3));
  assert.deepEqual(along(course, at(1, 3), "PageDown"), at(1, 6));
  assert.deepEqual(along(course, at(1, 2), "PageUp"), at(1, 0));
  assert.deepEqual(along(course, at(1, 3), "End"), at(1, 24));
  assert.deepEqual(along(course, at(1, 3), "Home"), at(1, 0));
  assert.deepEqual(inside({ ...course, iterations: [0, 2] }, at(5, 24)), at(1, 1));
});

test("a gradient is held against the largest of its iteration, where that is another", () => {
  const rows = [["dense_1", 0.001], ["dense_2", 0.02], ["dense_3", NaN], ["dense_4", 0]].map(([name, value]) => ({ name, values: [value] }));
  const flow = { iterations: [0], rows };
  assert.deepEqual(dwarfed(flow, { row: 0, column: 0 }), { times: 20, layer: "dense_2" });
  for (const row of [1, 2, 3]) assert.equal(dwarfed(flow, { row, column: 0 }), null);
  assert.equal(dwarfed({ iterations: [0], rows: [rows[0], { name: "dense_2", values: [0.0015] }] }, { row: 0, column: 0 }), null);
});

test("who goes there is shown what the number is of", () => {
  assert.deepEqual(["dense_2", "relu_1", "sigmoid_3", "test_loss"].map(tensorAt), ["dense_2.dweight", "relu_1.output", "sigmoid_3.output", "loss.value"]);
});

test("events are read whole, in whatever pieces they come", async () => {
  const sent = "event: progress\ndata: {\"reached\": 3}\n\n: still there\n\nid: 4\ndata: größer: ja\n\nevent: end\ndata: {}\n\n";
  const bytes = new TextEncoder().encode(sent);
  for (const size of [1, 7, 1000]) {
    const told = [];
    let at = 0;
    const read = async () => (at < bytes.length ? { value: bytes.slice(at, (at += size)), done: false } : { value: undefined, done: true });
    await eachEvent({ read }, (event, data) => told.push([event, data]));
    assert.deepEqual(told, [["progress", '{"reached": 3}'], ["message", "größer: ja"], ["end", "{}"]]);
  }
});
