import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientAt, gradientOf, onward, pathsFrom, product, stopsOf, toLoss } from "../../static/js/walk-path.js";
import { passOf } from "./pass.js";

const close = (got, wanted, why) => assert.ok(Math.abs(got - wanted) < 1e-12, `${why}: ${got}, expected ${wanted}`);

/** Every path from a cell to the loss, as its product. */
function products(run, frame, spot) {
  const ways = onward(run, frame, spot);
  return ways.length === 0 ? [1] : ways.flatMap((way) => products(run, frame, way).map((rest) => product([way.local, rest])));
}

for (const kind of ["relu", "sigmoid"]) {
  for (const head of ["separate", "fused"]) {
    test(`all paths of a cell sum to its gradient: ${kind}, ${head}`, () => {
      const { run, frame } = passOf(kind, head);
      const starts = ["dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias", "batch.input", "dense_1.output"];
      for (const tensor of starts) {
        const [rows, columns] = frame.tensors[tensor].shape;
        for (let row = 0; row < rows; row += 1) {
          for (let column = 0; column < columns; column += 1) {
            const spot = { tensor, index: [row, column] };
            const all = products(run, frame, spot);
            close(all.reduce((so, one) => so + one, 0), gradientAt(run, frame, spot), `${tensor}[${spot.index}]`);
            assert.equal(all.length, pathsFrom(run, frame, spot));
          }
        }
      }
    });
  }
}

test("what a weight costs is a path of its own, and with it the paths still sum to the gradient", () => {
  const { run, frame } = passOf("relu", "separate");
  run.spec.layers = [{ type: "dense", l1: 0.1, l2: 0.2 }];
  const { "dense_1.weight": weight, "dense_1.dweight": gradient } = frame.tensors;
  gradient.values = gradient.values.map((row, r) => row.map((value, c) => value + 0.1 * Math.sign(weight.values[r][c]) + 0.4 * weight.values[r][c]));
  const spot = { tensor: "dense_1.weight", index: [0, 1] };
  const all = products(run, frame, spot);
  close(all.reduce((so, one) => so + one, 0), gradientAt(run, frame, spot), "the sum");
  assert.equal(all.length, pathsFrom(run, frame, spot));
  const [way] = onward(run, frame, spot).filter(({ tensor }) => tensor === "loss.penalty");
  close(way.local, -0.1 + 0.4 * -0.6, "the slope");
  const stops = stopsOf(run, toLoss(run, frame, [{ ...spot, local: 1, why: "" }, way]));
  assert.deepEqual(stops.map(({ tensor }) => tensor), ["dense_1.weight", "loss.penalty", "loss.value", "dense_1.dweight"]);
  close(product(stops.at(-1).factors), way.local, "there and back");
});

test("a walk goes through every step's tensor, forward and back, and brings the same product", () => {
  const { run, frame } = passOf("relu", "separate");
  const path = toLoss(run, frame, [{ tensor: "dense_1.weight", index: [1, 0], local: 1, why: "" }]);
  const stops = stopsOf(run, path);
  assert.deepEqual(stops.map(({ tensor }) => tensor), [
    "dense_1.weight", "dense_1.output", "relu_1.output", "dense_2.output", "softmax_1.output", "loss.output", "loss.value",
    "loss.dinput", "softmax_1.dinput", "dense_2.dinput", "relu_1.dinput", "dense_1.dweight",
  ]);
  assert.deepEqual(stops.at(-1).index, [1, 0]);
  close(product(stops.at(-1).factors), product(stops[6].factors), "there and back");
  assert.equal(stops.filter(({ back }) => back).length, 5);
});

test("by itself a walk goes on through the cell that carries most", () => {
  const { run, frame } = passOf("sigmoid", "separate");
  const [, first] = toLoss(run, frame, [{ tensor: "dense_2.weight", index: [0, 1], local: 1, why: "" }]);
  const shares = onward(run, frame, { tensor: "dense_2.weight", index: [0, 1] }).map((way) => Math.abs(way.local * gradientAt(run, frame, way)));
  assert.equal(first.index[0], shares.indexOf(Math.max(...shares)));
});

test("a slope of 0 lets nothing through, whatever comes", () => {
  assert.equal(product([Infinity, 0, NaN]), 0);
  assert.ok(Number.isNaN(product([Infinity, NaN])));
});

test("the slope of ReLU at 0 is the run's convention", () => {
  for (const slope of [0, 1]) {
    const { run, frame } = passOf("relu", "separate");
    run.spec.conventions = { relu_at_zero: slope };
    frame.tensors["dense_1.output"].values[0][0] = 0;
    assert.equal(onward(run, frame, { tensor: "dense_1.output", index: [0, 0] })[0].local, slope);
  }
});

test("a gradient stands where its variable's reader puts it; the losses have none", () => {
  const { run } = passOf("relu", "fused");
  assert.equal(gradientOf(run, "dense_2.output"), "softmax_1.dinput");
  assert.equal(gradientOf(run, "dense_1.bias"), "dense_1.dbias");
  assert.equal(gradientOf(run, "loss.value"), null);
});

for (const head of ["separate", "fused"]) {
  for (const faults of [["missing_mean"], ["unsigned_label"], ["missing_mean", "unsigned_label"]]) {
    test(`on the way forward the loss's slope is the right one: ${faults}, ${head}`, () => {
      const { run, frame } = passOf("relu", head);
      const there = head === "fused" ? "dense_2.output" : "softmax_1.output";
      const gradient = frame.tensors[gradientOf(run, there)];
      const [rows, columns] = gradient.shape;
      const spots = Array.from({ length: rows * columns }, (_, at) => ({ tensor: there, index: [Math.floor(at / columns), at % columns] }));
      const right = spots.map((spot) => onward(run, frame, spot)[0].local);
      run.spec.faults = faults;
      const mean = faults.includes("missing_mean") ? rows : 1;
      const label = (row, value, column) => frame.tensors["batch.target"].values[row][0] !== column || !faults.includes("unsigned_label") ? value : head === "fused" ? value + 256 / rows : value * -255;
      gradient.values = gradient.values.map((line, row) => line.map((value, column) => mean * label(row, value, column)));
      spots.forEach((spot, at) => close(onward(run, frame, spot)[0].local, right[at], `${spot.index}`));
    });
  }
}
