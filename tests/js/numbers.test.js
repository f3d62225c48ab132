import assert from "node:assert/strict";
import { test } from "node:test";
import { cellText, readable, toNumber } from "../../static/js/numbers.js";

test("a cell has three decimals, and an exact zero is 0", () => {
  assert.equal(cellText(0.1234), "0.123");
  assert.equal(cellText(-1.5), "-1.500");
  assert.equal(cellText(0), "0");
  assert.equal(cellText(-0), "0");
});

test("what would round to zero is never shown as zero", () => {
  for (const [value, text] of [[-0.00005, "-5e-5"], [0.00049, "5e-4"], [1e-300, "1e-300"]]) {
    assert.equal(cellText(value), text);
  }
});

test("a cell keeps to six characters as numbers grow", () => {
  for (const [value, text] of [[12.3456, "12.346"], [-12.3456, "-12.35"], [1234.56, "1234.6"], [-99999.5, "-1e5"], [1e30, "1e30"]]) {
    assert.equal(cellText(value), text);
  }
});

test("infinities and NaN are named, as numbers and as the wire's words", () => {
  assert.equal(cellText("NaN"), "NaN");
  assert.equal(cellText("-Infinity"), "-∞");
  assert.equal(toNumber("Infinity"), Infinity);
  assert.equal(readable("-Infinity"), "−∞");
});

test("labels are whole", () => {
  assert.equal(cellText(2, true), "2");
  assert.equal(cellText(0, true), "0");
});

test("for reading: four digits at least, and a true minus", () => {
  assert.equal(readable(-0.038216), "−0.03822");
  assert.equal(readable(1.4142135), "1.414");
  assert.equal(readable(12345.678), "12346");
  assert.equal(readable(0.00001234), "1.234e−5");
  assert.equal(readable(0.5, 2), "0.50");
});
