/** The chosen cell: what it means, the note's line of code, the formula, its numbers, and both directions. */

import { answers, pending } from "./answers.js";
import { getExplanation } from "./api.js";
import { documentLine } from "./document-lines.js";
import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { canonical } from "./linkage.js";
import { meaningOf } from "./meaning.js";
import { readable, toNumber } from "./numbers.js";
import { computedBy, stepOf } from "./positions.js";
import { batch, effect, goTo, select, state } from "./state.js";
import { openTable } from "./table.js";
import { termsTable } from "./terms.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Explanation} Explanation */

const MOST_USERS = 12;
const MOST_KEPT = 500;

/** @type {ReturnType<typeof answers<Explanation>>} */
const explanations = answers(MOST_KEPT);
let wanted = "";

export function mountInspector() {
  const [root, content] = [byId("inspector"), byId("inspector-content")];
  effect(() => {
    const [run, frame, cell] = [state.run.value, state.frame.value, state.selection.value];
    wanted = "";
    root.classList.toggle("empty", cell === null);
    if (!run || !frame || frame.run !== run.id) return;
    content.replaceChildren(...(cell ? about(run, frame, cell) : [make("p", "hint", t("inspector.empty"))]));
  });
  byId("inspector-close").addEventListener("click", close);
  root.addEventListener("keydown", (event) => event.key === "Escape" && close());
}

function close() {
  select(null);
  byId("stage").focus();
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {Cell} cell
 * @returns {Node[]}
 */
function about(run, frame, cell) {
  const tensor = canonical(run, cell.tensor);
  const [row, column] = cell.index;
  const title = make("h2", "name", `${tensor}[${row}, ${column}]`);
  const found = frame.tensors[tensor];
  if (!found || found.computed_at === null) return [title, missing(run, frame, tensor)];
  const key = `${run.id}/${tensor}/${row},${column}@${found.computed_at}`;
  wanted = key;
  const held = explanations.of(key, () => ask(run.id, frame.position, { ...cell, tensor }), () => wanted === key);
  const known = held.answer;
  const value = found.values?.[row]?.[column] ?? known?.value ?? 0;
  const said = meaningOf(run, tensor, cell.index, value);
  const line = documentLine(run, tensor, frame.position);
  return [
    title,
    make("p", "value", found.dtype.startsWith("int") ? String(value) : readable(value)),
    make("p", "meaning", t(said.key, said.params)),
    ...(known ? formula(known) : []),
    ...(line ? [code(line.code), make("p", "source", t("inspector.source", { chapter: line.chapter }))] : []),
    ...(known ? [known.terms.length > 0 ? termsTable(known, choose) : leaf(known)] : [pending(held, "inspector.asking")]),
    ...(known ? usedBy(known) : []),
    actions(tensor),
  ];
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 */
function missing(run, frame, tensor) {
  const position = computedBy(run, tensor, frame.position);
  const { step } = stepOf(position, run.steps_per_iteration);
  const go = button("", t("inspector.go", { step }), () => goTo(position));
  return make("div", "meaning", make("p", "", t("matrix.missing", { step })), go);
}

/** @param {string} text */
function code(text) {
  const line = make("pre", "code", text);
  line.tabIndex = 0;
  return line;
}

/** @param {Explanation} known */
function formula({ formula: { symbolic, numeric } }) {
  return [symbolic, numeric].filter(Boolean).map((text) => {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    const line = make("div", "formula", ...parsed.body.childNodes);
    line.tabIndex = 0;
    line.setAttribute("role", "group");
    line.setAttribute("aria-label", t(text === symbolic ? "inspector.formula" : "inspector.numbers"));
    return line;
  });
}

/** @param {Explanation} known */
function leaf({ origin }) {
  return make("p", "hint", t(`origin.${origin ?? "data"}`));
}

/** @param {Explanation} known */
function usedBy({ used_by: cells }) {
  if (cells.length === 0) return [];
  const links = cells.slice(0, MOST_USERS).map((cell) => button("cell", nameOf(cell), () => choose(cell)));
  const rest = cells.length - links.length;
  const more = rest > 0 ? [make("span", "hint", t("inspector.more", { count: rest }))] : [];
  return [make("h3", "", t("inspector.used_by")), make("div", "cells", ...links, ...more)];
}

/** @param {string} tensor */
function actions(tensor) {
  const figure = button("", t("inspector.figure"), () => {
    state.opened.value = { kind: "tensor", tensor };
  });
  return make("div", "actions", figure, button("", t("inspector.table"), () => openTable(tensor)));
}

/** @param {Cell} cell */
function nameOf({ tensor, index }) {
  return `${tensor}[${index.join(", ")}]`;
}

/**
 * Move to a cell; to its own position too, where its value is not the one that is shown.
 * @param {Cell} cell
 */
function choose(cell) {
  const shown = state.frame.value?.tensors[cell.tensor]?.computed_at;
  batch(() => {
    if (shown !== cell.position && !cell.tensor.startsWith("data.")) goTo(cell.position);
    select({ ...cell, position: state.position.value });
  });
}

/**
 * @param {string} run
 * @param {number} position
 * @param {Cell} cell
 */
async function ask(run, position, { tensor, index }) {
  const answer = await getExplanation(run, position, tensor, ...index);
  answer.terms.sort((a, b) => Math.abs(toNumber(b.value)) - Math.abs(toNumber(a.value)));
  return answer;
}
