import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gradedAt, homeworkOf, roundedOff, sentAs } from "../../static/js/proof-homework-read.js";
import { worstCells } from "../../static/js/proof-homework-words.js";

test("what printing rounded off is half a unit of the last decimal", () => {
  const close = ({ absolute, share, decimals }, wanted) => {
    assert.equal(decimals, wanted.decimals);
    assert.ok(Math.abs(absolute - wanted.absolute) <= wanted.absolute * 1e-12);
    assert.ok(Math.abs(share - wanted.share) <= wanted.share * 1e-12);
  };
  close(roundedOff("[[ 0.12345678 -1.5       ]\n [ 0.          2.        ]]"), { decimals: 8, absolute: 5e-9, share: 0 });
  close(roundedOff("tensor([[0.1235, -1.5000]])"), { decimals: 4, absolute: 5e-5, share: 0 });
  close(roundedOff("[[1.00000000e-05 2.50000000e+02]]"), { decimals: 8, absolute: 0, share: 5e-9 });
  // JSON writes what is exact: an exponent without decimals has lost none.
  close(roundedOff("[[1e-05, 0.12345678901234568]]"), { decimals: 17, absolute: 5e-18, share: 0 });
});

test("whole and short numbers are meant as they stand", () => {
  for (const text of ["", "1 2 3", "[[1, 0.5], [0.25, 0.125]]", "1e3 2e-4", "array([[1, 2]], dtype=float32)"]) {
    assert.deepEqual(roundedOff(text), { decimals: 0, absolute: 0, share: 0 }, text);
  }
});

test("numbers that JSON has none for travel as words, a printed list as the column that is meant", () => {
  assert.deepEqual(sentAs([[1, NaN], [Infinity, -Infinity]], [2, 2]), [[1, "NaN"], ["Infinity", "-Infinity"]]);
  assert.deepEqual(sentAs([[1, 2, 3]], [3, 1]), [1, 2, 3]);
  assert.deepEqual(sentAs([[1, 2, 3]], [1, 3]), [[1, 2, 3]]);
});

const RUN = {
  steps: ["batch", "forward:dense_1", "forward:softmax_1", "loss", "loss_backward", "backward:softmax_1", "backward:dense_1", "update"],
  steps_per_iteration: 8,
  tensors: Object.fromEntries(["data.input", "batch.input", "dense_1.weight", "dense_1.output", "loss.value", "loss.dinput", "dense_1.dinput", "dense_1.dweight"].map((name) => [name, { shape: [2, 2] }])),
};

test("a tensor is graded where it is shown, else where its iteration computes it", () => {
  const frame = (computed) => ({ position: 10, tensors: { "dense_1.dweight": { computed_at: computed } } });
  assert.equal(gradedAt(RUN, frame(null), "dense_1.dweight"), 15);
  assert.equal(gradedAt(RUN, { ...frame(7), position: 8 }, "dense_1.dweight"), 8);
});

test("gradients come first, and the data are nobody's homework", () => {
  assert.deepEqual(homeworkOf(RUN), { gradients: ["dense_1.dweight", "loss.dinput", "dense_1.dinput"], others: ["dense_1.weight", "dense_1.output", "loss.value"] });
});

test("the worst cell is told first", () => {
  const grade = { right: [[true, false], [false, false]], error: [[0, 0.5], ["Infinity", 0.75]] };
  assert.deepEqual(worstCells(grade), [[1, 0], [1, 1], [0, 1]]);
});

test("every mistake that the engine names has its words", () => {
  const root = new URL("../../", import.meta.url);
  const read = (path) => readFileSync(new URL(path, root), "utf8");
  const [, listed] = /Mistake = Literal\[(.*?)\]/s.exec(read("engine/grade.py"));
  const named = [...listed.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  const words = Object.keys(JSON.parse(read("static/locales/en.json"))).filter((key) => key.startsWith("proof.homework.mistake."));
  assert.deepEqual(words, named.map((name) => `proof.homework.mistake.${name}`).sort());
});
