import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { tabBeside } from "../../static/js/proof-tabs.js";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const names = [.../\{% set tabs = \[([^\]]+)\]/.exec(read("templates/partials/proof.html"))[1].matchAll(/"(\w+)"/g)].map(([, name]) => name);

test("arrows lead round the tabs, Home and End to their ends", () => {
  const tabs = ["a", "b", "c"];
  assert.deepEqual(["ArrowRight", "ArrowLeft", "Home", "End", "x"].map((key) => tabBeside(tabs, "c", key)), ["a", "b", "a", "c", undefined]);
  assert.equal(tabBeside(tabs, "a", "ArrowLeft"), "c");
});

test("every tab has its word, and there is no word beside them", () => {
  const words = Object.keys(JSON.parse(read("static/locales/en.json"))).filter((key) => key.startsWith("proof.tab."));
  assert.deepEqual(words, names.map((name) => `proof.tab.${name}`).sort());
});

test("words of the proof stand nowhere but in the proof: the page comes without them", () => {
  const others = ["static/js", "templates", "templates/partials"]
    .flatMap((folder) => readdirSync(new URL(`${folder}/`, root)).map((file) => `${folder}/${file}`))
    .filter((path) => /\.(js|html)$/.test(path) && !/\/proof[-.]/.test(path));
  assert.deepEqual(others.filter((path) => /["'`]proof\.\w+\./.test(read(path))), []);
});
