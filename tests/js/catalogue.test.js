import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { KEYS } from "../../static/js/keys.js";
import { KINDS } from "../../static/js/scales.js";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const files = (folder) =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|html)$/.test(entry.name))
    .map((entry) => readFileSync(`${entry.parentPath ?? entry.path}/${entry.name}`, "utf8"));

const [en, zh] = ["en", "zh"].map((lang) => JSON.parse(read(`static/locales/${lang}.json`)));
const sources = [...files("static/js"), ...files("templates")].join("\n");

/** Families whose keys are put together from names; each is held to its names by a test of its own. */
const FAMILIES = ["csv.", "preset.", "help.", "transport.", "problem.", "rule.", "note.", "meaning.", "origin.", "walk.by.", "step.", "turn.", "guide.", "figure.", "flow.lead.", "change.", "legend.",
  "proof.check.",
  "proof.autopsy.kind.", "proof.autopsy.reason.", "proof.autopsy.terms.", "proof.autopsy.course.", "signs.",
  "proof.conventions.",
  "proof.heads.",
  "proof.homework.mistake.",
  "proof.hunt.",
  "proof.tab.",
  "builder.field.", "builder.choice.", "builder.section.", "builder.layer.", "builder.hint.", "builder.fix.", "builder.error."];

/** What may be the same in both languages: formulas. */
const FORMULAS = /^(rule\.|note\.sigmoid\.parameter-gradients$)/;

test("both languages have the same keys, in order", () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  assert.deepEqual(Object.keys(en), [...Object.keys(en)].sort());
});

test("nothing is left untranslated, and each text is filled with the same names", () => {
  const names = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();
  for (const [key, text] of Object.entries(en)) {
    assert.ok(zh[key].trim(), key);
    assert.deepEqual(names(zh[key]), names(text), key);
    if (!FORMULAS.test(key)) assert.notEqual(zh[key], text, key);
  }
});

test("every key that the page asks for is there", () => {
  const asked = [
    ...sources.matchAll(/\bt\(\s*"([\w.-]+)"/g),
    ...sources.matchAll(/\bt\["([\w.-]+)"\]/g),
    ...sources.matchAll(/data-t(?:-label)?="([\w.-]+)"/g),
    ...sources.matchAll(/\bkey: "(\w+\.[\w.-]+)"/g),
  ].map(([, key]) => key);
  assert.ok(asked.length > 60);
  assert.deepEqual([...new Set(asked)].filter((key) => !(key in en)), []);
});

test("no key is there that nothing asks for", () => {
  const unused = Object.keys(en).filter(
    (key) => !sources.includes(`"${key}"`) && !sources.includes(`'${key}'`) && !FAMILIES.some((one) => key.startsWith(one)),
  );
  assert.deepEqual(unused, []);
});

test("the families have the members that are asked for", () => {
  const have = (family) => Object.keys(en).filter((key) => key.startsWith(family));
  const keys = new Set(KEYS.flatMap(({ action, scope }) => [`help.${action}`, `help.in.${scope}`]));
  const own = have("help.").filter((key) => !sources.includes(`"${key}"`));
  assert.deepEqual(own, [...keys].sort());
  assert.deepEqual(have("origin."), ["data", "edited", "given", "initial", "zero"].map((name) => `origin.${name}`));
  const told = ["again", "cell", "cells", "gradient", "later", "loss", "loss_stays", "most", "nothing", "open", "redo", "run", "undo"];
  assert.deepEqual(have("change."), told.map((name) => `change.${name}`));
  const kinds = [...KINDS.map(([, kind]) => kind), "weight"];
  const marks = ["clipped", "differs", "edited", "infinite", "missing", "nan", "old", "others", "pasted", "reads", "selected", "wrote"];
  const legend = [...["by.kind", "by.stage", "by.tensor"], ...kinds.map((kind) => `of.${kind}`), ...marks];
  const put = have("legend.").filter((key) => !sources.includes(`"${key}"`));
  assert.deepEqual(put, legend.map((name) => `legend.${name}`).sort());
  assert.deepEqual(have("turn."), ["backward", "forward", "mirror"].map((name) => `turn.${name}`));
});

test("what is put together of a family and a name is there for every name, and nothing beside it", () => {
  const names = (pattern, text) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();
  const js = (name) => read(`static/js/${name}.js`);
  const server = (folder) =>
    readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
      .map((entry) => readFileSync(`${entry.parentPath ?? entry.path}/${entry.name}`, "utf8")).join("\n");
  const family = (prefix) => have(prefix).filter((key) => !sources.includes(`"${key}"`)).map((key) => key.slice(prefix.length));
  const have = (prefix) => Object.keys(en).filter((key) => key.startsWith(prefix));

  const stops = [...names(/\{ name: "(\w+)", at:/g, js("tour")), "offer"];
  assert.deepEqual(family("guide."), stops.flatMap((name) => [`${name}.text`, `${name}.title`]).sort());

  const ways = ["binary_crossentropy", "categorical_crossentropy", "fused", "dense", "relu", "sigmoid", "softmax"];
  assert.deepEqual(family("walk.by."), [...names(/why: "(\w+)"/g, js("walk-path")), "weight", ...ways].sort());

  assert.deepEqual(have("rule."), ["bce", "cce", "dense", "relu", "sigmoid", "softmax"].map((name) => `rule.${name}`));
  const outputs = ["dense", "relu", "sigmoid", "softmax", "loss"].map((kind) => `${kind}.output`);
  const values = ["batch.input", "batch.target", "data.input", "data.target", "dense.bias", "dense.weight", "loss.value"];
  const memories = ["mean", "squares", "sum", "velocity"].map((name) => `memory.${name}`);
  const reasons = [...names(/\bwrong\([\w\s[\]]+, "(\w+)"/g, server("app")), "decimal_comma", "number"].sort();
  assert.deepEqual(have("csv."), reasons.map((name) => `csv.${name}`));
  const named = ["batch.input.named", "batch.target.named", "data.input.named", "data.target.named", "softmax.output.named"];
  assert.deepEqual(family("meaning."), [...named, ...outputs, ...values, "loss.penalty", "loss.value.penalised", ...memories].sort());
  const activations = ["sigmoid.parameters", "sigmoid.parameter-gradients", "softmax.parameters", "relu.parameters"];
  const columns = ["batch.parameters", "loss.gradients", "relu.parameter-gradients", "relu.parameter-gradients.strict"];
  assert.deepEqual(family("note."), [...activations, ...columns].sort());

  const layers = ["dense", "relu", "sigmoid", "softmax"];
  const passes = ["backward", "forward"].flatMap((pass) => layers.map((name) => `step.${pass}.${name}`));
  const steps = ["start", "batch", "loss", "loss.cells", "loss_backward.bce", "loss_backward.cce", "fused_backward", "update"];
  const penalised = ["backward.dense", "loss", "loss.cells"].map((name) => `${name}.penalised`);
  const updates = ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"].map((name) => `update.${name}`);
  steps.push(...penalised, ...updates, "start.memory", "backward.relu.strict");
  assert.deepEqual(have("step."), [...passes, ...steps.map((name) => `step.${name}`)].sort());

  // A code of the service stands in its source; each that it raises has its words.
  const app = server("app");
  const raised = names(/Problem\(\s*"(\w+)"/g, `${app}\n${sources}`);
  assert.ok(raised.length > 20, raised.join());
  assert.deepEqual(raised.filter((code) => !(`problem.${code}` in en)), []);
  assert.deepEqual(family("problem.").filter((code) => !`${app}\n${sources}`.includes(`"${code}"`)), []);

  assert.deepEqual(family("preset."), ["default", ...names(/^ {4}"(\w+)": \{$/gm, read("app/presets.py"))].sort());
  assert.deepEqual(family("flow.lead."), ["curves", ...have("figure.flow.").map((key) => key.slice("figure.flow.".length))]);
  assert.deepEqual(family("transport."), ["next", "previous"]);
  assert.deepEqual(family("builder.layer."), ["add", "down", "remove", "up"]);
  const found = names(/found\.push\(\{ key: "(\w+)"/g, js("builder-spec"));
  assert.deepEqual(have("builder.hint."), [...found, "fused", "separate", "sigmoid", "softmax"].sort().map((name) => `builder.hint.${name}`));
  assert.deepEqual(have("builder.fix."), [...found, "sigmoid", "softmax"].sort().map((name) => `builder.fix.${name}`));
  for (const kind of ["integer", "integer.range", "number", "number.range"]) assert.ok(`builder.error.${kind}` in en, kind);
  for (const key of [...family("figure."), ...family("builder.error."), ...family("proof.heads.")]) {
    const last = key.split(".").at(-1);
    assert.ok(new RegExp(`["'.\`/]${last}\\b|\\b${last}[:"']`).test(`${app}\n${sources}`), key);
  }
});

test("in English every counted noun follows its number, and no text has a brace too many", () => {
  for (const text of [...Object.values(en), ...Object.values(zh)]) {
    assert.equal(text.replace(/\{\w+(\|[^{}|]*\|[^{}|]*)?\}/g, "").search(/[{}|]/), -1, text);
  }
  const stiff = /\{(n|count|cells|samples|updates|rows|columns|features)\} (samples|terms|cells|updates|features|numbers|values|answers)\b/;
  assert.deepEqual(Object.keys(en).filter((key) => stiff.test(en[key])), []);
});
