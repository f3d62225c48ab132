import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf } from "../../static/js/changes.js";
import { partsOf } from "../../static/js/arrange.js";
import { codeLines } from "../../static/js/document-lines.js";
import { readsOf } from "../../static/js/linkage.js";
import { narrate } from "../../static/js/narration.js";
import { judgement, shuffled, triesOf } from "../../static/js/proof-hunt-words.js";
import { lastFrame, runOf } from "./fixtures.js";

const shown = { step: "loss_backward", cell: { tensor: "loss.dinput", index: [0, 0], position: 7 }, value: 2, meant: 1 };

test("only what shows is looked for, and the last fault comes last", () => {
  const faults = { missing_mean: shown, relu_at_zero: null, wrong_sign: shown, bias_not_summed: shown };
  assert.deepEqual(shuffled(faults, "", () => 0.5), ["missing_mean", "wrong_sign", "bias_not_summed"]);
  assert.deepEqual(shuffled(faults, "missing_mean", () => 0.5), ["wrong_sign", "bias_not_summed", "missing_mean"]);
  const chances = [0.9, 0.1, 0.4];
  assert.deepEqual(shuffled(faults, "", () => chances.shift()), ["wrong_sign", "bias_not_summed", "missing_mean"]);
  assert.deepEqual(shuffled({ relu_at_zero: null }, "", () => 0.5), []);
});

test("a cell that is pointed at twice is one try", () => {
  const at = (position) => ({ cell: { tensor: "dense_1.bias", index: [0, 1], position } });
  assert.equal(triesOf([at(3), at(12), at(3)]), 2);
});

test("a judgement is said with the cell and its numbers", () => {
  const judged = { cell: shown.cell, verdict: "consequence", value: -2, meant: -2, expected: "NaN", faults: [] };
  const params = { cell: "loss.dinput[0, 0]", value: "−2", meant: "−2", expected: "NaN" };
  assert.deepEqual(judgement(judged), { key: "proof.hunt.consequence", params });
});

test("a faulty run is outlined, written and told as it computes", () => {
  const run = runOf({ faults: ["bias_not_summed", "input_overwritten", "missing_transpose", "relu_at_zero", "wrong_sign"] });
  const [frame, update] = [lastFrame(run), run.steps_per_iteration];
  const captions = (name) => partsOf(run, name, 11).slice(1).map(({ caption }) => caption);
  assert.deepEqual(captions("dense_2.dbias"), ["= dvalue[0]"]);
  assert.deepEqual(captions("dense_2.dweight"), ["= dinputᵀ", "· dvalue"]);
  assert.deepEqual(captions("dense_2.dinput"), ["= dvalue", "· reshape(weight)"]);
  // Of (5, 3) as (3, 5): column 4 is what stands 4, 9 and 14 in its order.
  const weights = readsOf(run, "dense_2.dinput", [0, 4]).filter(({ tensor }) => tensor === "dense_2.weight");
  assert.deepEqual(weights.map(({ rows, columns }) => [rows[0], columns[0]]), [[1, 1], [3, 0], [4, 2]]);
  assert.equal(partsOf(run, "dense_2.weight", update)[1].caption, "+ 0.1 · dweight");
  assert.equal(codeLines(run, "dense_2.weight", update)[0].code, "w - lr * dw", "the note's own line is the note's");
  const momentum = runOf({ faults: ["wrong_sign"], optimizer: { learning_rate: 0.1, decay: 0, momentum: 0.9 } });
  assert.equal(codeLines(momentum, "dense_2.weight", update)[0].code, "w + lr * momentum");
});

test("a faulty step is told as it is meant, by the run's own conventions", () => {
  const told = (spec) => {
    const run = runOf(spec);
    return narrate(run, { ...lastFrame(run), position: 10 }).key;
  };
  assert.equal(told({ faults: ["relu_at_zero"] }), "step.backward.relu");
  assert.equal(told({ faults: ["relu_at_zero"], conventions: { relu_at_zero: 0 } }), "step.backward.relu.strict");
  assert.equal(told({ conventions: { relu_at_zero: 0 } }), "step.backward.relu.strict");
});

test("faults are told by their names", () => {
  const [none, one, two] = [[], ["missing_mean"], ["missing_mean", "wrong_sign"]].map((faults) => runOf({ faults }).spec);
  assert.deepEqual(changesOf(none, one).fields, [{ name: "faults", from: "—", to: "missing_mean" }]);
  assert.deepEqual(changesOf(two, one).fields, [{ name: "faults", from: "missing_mean wrong_sign", to: "missing_mean" }]);
});
