import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../static/js/columns.js";
import { layOut } from "../../static/js/stage-layout.js";
import { costly, runOf } from "./fixtures.js";

const ROOM = { width: 1048, height: 763, map: false, present: "dense_2" };

/** The size of one tensor's matrix. */
function sizeIn(run, room, tensor) {
  const { sizes } = layOut(columnsOf(run), room);
  return [...sizes].find(([slot]) => slot.tensor === tensor && slot.place !== "jacobian")[1];
}

test("where there is room, every number is shown", () => {
  const { sizes, slim } = layOut(columnsOf(runOf()), ROOM);
  assert.equal(slim.size, 0);
  for (const { cell, numbers } of sizes.values()) {
    assert.deepEqual(cell, [42, 20]);
    assert.equal(numbers, true);
  }
});

test("on a low window cells are lower", () => {
  assert.equal(sizeIn(runOf(), { ...ROOM, height: 490 }, "dense_1.output").cell[1], 14);
});

test("what is remembered is as small as the room asks for, side by side no wider than its weight, and takes no number's place", () => {
  const run = costly();
  const rooms = [ROOM, { ...ROOM, height: 480 }];
  assert.deepEqual(rooms.map((room) => sizeIn(run, room, "dense_2.weight.momentum").cell), [[12, 8], [12, 3]]);
  assert.deepEqual([...rooms, { ...ROOM, height: 470 }].map((room) => layOut(columnsOf(run), room).folded), [false, false, true]);
  assert.ok(2 * 5 * sizeIn(run, ROOM, "dense_1.weight.cache").cell[0] + 8 <= 5 * 42);
  assert.equal(sizeIn(run, ROOM, "dense_1.weight").numbers, true);
  assert.equal(sizeIn(run, ROOM, "dense_1.bias.cache").numbers, false);
  run.tensors["dense_1.weight"].shape = run.tensors["dense_1.weight.momentum"].shape = [64, 5];
  assert.equal(64 * sizeIn(run, ROOM, "dense_1.weight.momentum").cell[1], 5 * 8);
});

test("outputs and gradients are all of one height, so that a sample is one line", () => {
  const run = runOf();
  for (const name of Object.keys(run.tensors)) {
    if (/^(batch|loss)|output$|dinput$/.test(name) && name !== "loss.value") run.tensors[name].shape[0] = 60;
  }
  const { sizes } = layOut(columnsOf(run), ROOM);
  const heights = [...sizes]
    .filter(([{ place }]) => ["output", "gradient", "target"].includes(place))
    .map(([{ shape }, { cell }]) => shape[0] * cell[1]);
  assert.equal(new Set(heights.map((height) => height.toFixed(6))).size, 1);
});

test("above 12 columns or 16 rows a matrix is a picture, and its bias with it", () => {
  const run = runOf();
  run.tensors["dense_1.weight"].shape = [2, 13];
  run.tensors["dense_1.bias"].shape = [1, 13];
  assert.equal(sizeIn(run, ROOM, "dense_1.weight").numbers, false);
  assert.equal(sizeIn(run, ROOM, "dense_1.bias").numbers, false);
  run.tensors["dense_1.weight"].shape = [17, 5];
  assert.equal(sizeIn(run, ROOM, "dense_1.weight").numbers, false);
});

test("where not all fit, the step's column keeps its numbers and those far from it shrink", () => {
  const { slim } = layOut(columnsOf(runOf()), { ...ROOM, width: 700 });
  assert.ok(slim.size > 0);
  assert.ok(!slim.has("dense_2"));
  assert.ok(slim.has("batch"));
});

test("the phone's map has no numbers and fits", () => {
  const columns = columnsOf(runOf());
  const { sizes } = layOut(columns, { ...ROOM, width: 366, map: true });
  const widths = columns.map(({ slots }) => Math.max(...slots.map((slot) => sizes.get(slot).cell[0] * slot.shape[1])));
  assert.ok(widths.reduce((sum, width) => sum + width, 8 * columns.length) <= 366);
  assert.ok([...sizes.values()].every(({ numbers }) => !numbers));
});
