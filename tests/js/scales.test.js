import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { niceRange, rangeText, rgb, signedScale } from "../../static/js/scales.js";

test("a range is 1, 2 or 5 times a power of ten, and holds every value", () => {
  for (const [min, max, range] of [
    [-0.16, 0.1, 0.2], [0, 1, 1], [-1.000001, 0, 2], [0, 2.25, 5], [0, 5.73, 10], [0, 1e-5, 1e-5], [0, 3e-7, 5e-7],
  ]) {
    assert.equal(niceRange(min, max), range);
  }
});

test("nothing at all, and nothing but zeros, is in the range 1", () => {
  assert.equal(niceRange(null, null), 1);
  assert.equal(niceRange(0, 0), 1);
});

test("over many magnitudes the range is the smallest of its kind", () => {
  for (let power = -12; power <= 12; power += 1) {
    for (const mantissa of [1, 1.5, 2, 3.3, 5, 7, 9.999]) {
      const value = Number(`${mantissa}e${power}`);
      const range = niceRange(-value, value / 2);
      assert.ok(value <= range && range < value * 2.5 + Number.MIN_VALUE, `${value}: ${range}`);
      assert.match(range.toExponential(), /^[125]e/);
    }
  }
});

test("a range is printed as people write it", () => {
  assert.equal(rangeText(0.2), "±0.2");
  assert.equal(rangeText(1e-7), "±1e−7");
  assert.equal(rangeText(500), "±500");
  assert.equal(rangeText(Infinity), "", "a target has none");
});

test("zero is the middle of both scales, the ends are the ends, and beyond them too", () => {
  const scales = JSON.parse(readFileSync(new URL("../../static/scales.json", import.meta.url), "utf8"));
  for (const { signed } of Object.values(scales)) {
    const colour = signedScale(signed);
    assert.deepEqual(colour(0, 2), rgb(signed[5]));
    assert.deepEqual(colour(-2, 2), rgb(signed[0]));
    assert.deepEqual(colour(1e9, 2), rgb(signed[10]));
    assert.deepEqual(colour(Infinity, 2), rgb(signed[10]));
  }
});

test("numbers on every colour of the scales have a contrast of 4.5 or more", () => {
  const scales = JSON.parse(readFileSync(new URL("../../static/scales.json", import.meta.url), "utf8"));
  const light = (hex) => {
    const [r, g, b] = rgb(hex).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const { signed, ink } of Object.values(scales)) {
    for (const hex of signed) {
      const [low, high] = [light(hex), light(ink)].sort((a, b) => a - b);
      assert.ok((high + 0.05) / (low + 0.05) >= 4.5, `${ink} on ${hex}`);
    }
  }
});
