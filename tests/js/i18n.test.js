import assert from "node:assert/strict";
import { test } from "node:test";

import { filled } from "../../static/js/i18n.js";

test("a placeholder is filled, and one that nothing fills stays", () => {
  assert.equal(filled("{layer}: {n} of {all}", { layer: "dense_1", n: 0 }), "dense_1: 0 of {all}");
});

test("a counted word follows its number", () => {
  const say = (n) => filled("{n} {n|sample is|samples are} laid in", { n });
  assert.equal(say(1), "1 sample is laid in");
  assert.equal(say(0), "0 samples are laid in");
  assert.equal(say("2"), "2 samples are laid in");
});
