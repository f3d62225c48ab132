import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { cellBeside, powerOfTwo, twiceOf, verdictAt, verdictOf, worthLooking } from "../../static/js/proof-check-read.js";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const typed = (array, dtype, shape) => ({ dtype, bdata: Buffer.from(array.buffer).toString("base64"), ...(shape && { shape }) });

const FIGURE = {
  data: [
    { type: "heatmap", name: "numeric", z: [[1, 2, 0], [3, 4, 5]], xaxis: "x", yaxis: "y" },
    { type: "heatmap", name: "analytic", z: [[1, 2, 9], [3, -4, 5]], xaxis: "x2", yaxis: "y2" },
    {
      type: "heatmap", name: "error", z: [[-16, -9, null], [-7, 0, -16]], xaxis: "x3", yaxis: "y3",
      customdata: typed(new Float64Array([0, 1e-9, NaN, 1e-7, 2, 0]), "f8", "2, 3"),
    },
    { type: "scatter", name: "error", x: [1], y: [1], customdata: typed(new Float64Array([2]), "f8"), text: ["✗"] },
    { type: "scatter", name: "error", x: typed(new Int8Array([2]), "i1"), y: typed(new Int8Array([0]), "i1"), customdata: ["a kink"], text: ["?"] },
  ],
  layout: {},
};

test("a figure's cells are read back with their errors, and with why they are not compared", () => {
  const twice = twiceOf(FIGURE);
  assert.deepEqual([twice.rows, twice.columns, twice.numeric[1], twice.analytic[1]], [2, 3, [3, 4, 5], [3, -4, 5]]);
  assert.deepEqual([...twice.why], [["0,2", "a kink"]]);
  assert.deepEqual(twice.error[1], [1e-7, 2, 0]);
  assert.deepEqual(twice.parts.map(({ name, xaxis }) => name + xaxis), ["numericx", "analyticx2", "errorx3"]);
});

test("beyond the tolerance a cell is wrong; one that is not compared is neither", () => {
  const verdicts = [0, 1].map((row) => [0, 1, 2].map((column) => verdictAt(twiceOf(FIGURE), [row, column])));
  assert.deepEqual(verdicts, [["right", "right", "uncompared"], ["right", "wrong", "right"]]);
  const row = { wrong: 0, compared: 3 };
  assert.deepEqual([row, { ...row, wrong: 1 }, { wrong: 0, compared: 0 }].map(verdictOf), ["right", "wrong", "uncompared"]);
});

test("the cursor stays within the gradient, and begins in its first cell", () => {
  const size = { rows: 2, columns: 3 };
  assert.deepEqual(["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"].map((key) => cellBeside(size, [1, 2], key)), [[1, 2], [1, 2], [1, 1], [0, 2]]);
  assert.deepEqual(cellBeside(size, null, "ArrowRight"), [0, 0]);
});

test("a step is written as the power that it is", () => {
  assert.deepEqual([2 ** -8, 2 ** -29, 0.25, 1].map(powerOfTwo), ["2⁻⁸", "2⁻²⁹", "2⁻²", "2⁰"]);
});

test("what the first wrong step wrote is looked at first, of an update its gradient, else the worst", () => {
  const rows = [{ name: "loss.dinput", worst: 1e-9 }, { name: "dense_1.dweight", worst: "Infinity" }, { name: "dense_1.dbias", worst: 1 }];
  const first = (tensor) => ({ cell: { tensor } });
  assert.equal(worthLooking(rows, first("dense_1.dbias")).name, "dense_1.dbias");
  assert.equal(worthLooking(rows, first("dense_1.bias")).name, "dense_1.dbias");
  assert.equal(worthLooking(rows, null).name, "dense_1.dweight");
  assert.equal(worthLooking([], null), undefined);
});

test("every reason of the engine has its words, and there are no others", () => {
  const [, list] = /^REASONS.*= \((.*)\)$/m.exec(read("engine/check/result.py"));
  const reasons = [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name).filter((name) => name !== "compared");
  const words = Object.keys(JSON.parse(read("static/locales/en.json"))).filter((key) => key.startsWith("proof.check.because."));
  assert.deepEqual(words, reasons.map((name) => `proof.check.because.${name}`).sort());
});

test("each word of the check is asked for by the page or by the figure", () => {
  const sources = ["proof-check", "proof-check-draw", "proof-check-made", "proof-check-read"].map((name) => read(`static/js/${name}.js`));
  const all = [...sources, read("templates/partials/proof-check.html"), read("app/check_figure.py")].join("\n");
  const words = Object.keys(JSON.parse(read("static/locales/en.json"))).filter((key) => /^proof\.check\.(?!because)/.test(key));
  assert.deepEqual(words.filter((key) => !new RegExp(`["'\`. {]${key.split(".").at(-1)}\\b`).test(all)), []);
});
