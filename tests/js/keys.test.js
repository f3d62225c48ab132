import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { KEYS, actionOf } from "../../static/js/keys.js";

const press = (key, held = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a key means what it is declared to, in its own place alone", () => {
  assert.equal(actionOf(press("."), "transport", true), "step");
  assert.equal(actionOf(press("."), "stage", true), undefined);
  assert.equal(actionOf(press("F"), "stage", true), "figure");
  assert.equal(actionOf(press("?", { shiftKey: true }), "transport", true), "help");
});

test("a key that is held with others is the browser's", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    assert.equal(actionOf(press("f", held), "stage", true), undefined);
    assert.equal(actionOf(press("ArrowLeft", held), "stage", true), undefined);
  }
  assert.equal(actionOf(press("ArrowLeft", { shiftKey: true }), "stage", true), undefined);
});

test("a character written with AltGr is that character", () => {
  const altGraph = { ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" };
  assert.equal(actionOf(press("[", altGraph), "stage", true), "matrix");
});

test("switched off, no letter means anything, and the cursor still moves", () => {
  const named = KEYS.flatMap(({ keys, scope }) => keys.split(" ").map((key) => [key, scope]));
  for (const [key, scope] of named.filter(([key]) => key.length === 1 && !"[]".includes(key))) {
    assert.equal(actionOf(press(key), scope, false), undefined, key);
  }
  assert.equal(actionOf(press("ArrowUp"), "stage", false), "move");
  assert.equal(actionOf(press("]"), "stage", false), "matrix");
});

test("no key is declared twice in one place, where stage and transport share the stage", () => {
  const seen = KEYS.flatMap(({ keys, scope }) => {
    const places = { transport: ["stage", "transport"], page: ["stage", "transport", "figure"] }[scope] ?? [scope];
    return keys.split(" ").flatMap((key) => places.map((place) => `${place} ${key}`));
  });
  assert.deepEqual(seen.filter((one, at) => seen.indexOf(one) !== at), []);
});

test("every key is handled where it is declared, and none is handled that is not", () => {
  const folder = new URL("../../static/js/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "keys.js");
  const sources = files.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]);
  const all = sources.map(([, text]) => text).join("\n");
  for (const { action } of KEYS) assert.match(all, new RegExp(`\\b${action}(:|\\(|,| })`), action);
  // Only what closes or sends the thing that has the focus reads a key by itself.
  for (const [name, text] of sources) {
    const own = [...text.matchAll(/\.key === "([^"]+)"/g)].map(([, key]) => key);
    assert.deepEqual(own.filter((key) => !["Escape", "Enter"].includes(key)), [], name);
  }
});
