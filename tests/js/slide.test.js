/** The keys of the page's own sliders. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { slid } from "../../static/js/slide.js";

const press = (key, held = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("arrows go one, Page keys far, up and right to more; nothing leads beyond an end", () => {
  const at = (key, now = 20) => slid(press(key), { now, most: 50, page: 10 });
  assert.deepEqual(["ArrowRight", "ArrowUp", "PageUp", "End"].map((key) => at(key)), [21, 21, 30, 50]);
  assert.deepEqual(["ArrowLeft", "ArrowDown", "PageDown", "Home"].map((key) => at(key)), [19, 19, 10, 0]);
  assert.deepEqual([at("ArrowDown", 0), at("PageDown", 3), at("PageUp", 45)], [0, 0, 50]);
});

test("other keys, and those with another held, are not the slider's", () => {
  for (const one of [press("Tab"), press("a"), press("ArrowLeft", { altKey: true }), press("End", { ctrlKey: true }), press("PageUp", { metaKey: true })]) {
    assert.equal(slid(one, { now: 5, most: 9, page: 3 }), undefined);
  }
});
