/** The tab on conventions: one switch, and what it changes in the run on the stage. */

import { pending } from "./answers.js";
import { byId, make } from "./dom.js";
import { fork } from "./forks.js";
import { t, worded } from "./i18n.js";
import { listen } from "./keys.js";
import { readable } from "./numbers.js";
import { iterationEnds } from "./positions.js";
import { drawSwitched, markSwitched, openSwitched } from "./proof-conventions-draw.js";
import { conventions, followConventions, ownPreset, triedPreset, switchedName, switchedTensor, switching } from "./proof-conventions-now.js";
import { beginningOf, firstChanged, largestChange, rowsIn, steppedIn, windowsOf, zeroing } from "./proof-conventions-read.js";
import { rulesTable, tensorsTable } from "./proof-conventions-tables.js";
import { goToCell } from "./proof-state.js";
import { batch, effect, goTo, onStage, signal, state } from "./state.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./proof-conventions-read.js").Conventions} Conventions */

const panel = byId("proof-conventions");
const part = (/** @type {string} */ name) => byId(`proof-conventions-${name}`);
const [matrices, use, open] = ["matrices", "use", "open"].map(part);
const choices = /** @type {NodeListOf<HTMLInputElement>} */ (panel.querySelectorAll("[name='proof-conventions-preset']"));
const windows = ["rows", "columns"].map((name) => /** @type {HTMLSelectElement} */ (part(name)));
/** The width that a matrix may take; why the fork was refused. */
const [room, refused] = [signal(0), signal("")];

let mounted = false;

export function showConventions() {
  if (mounted) return;
  mounted = true;
  for (const choice of choices) choice.addEventListener("change", () => (conventions.chosen.value = choice.value));
  windows.forEach((select, side) => select.addEventListener("change", () => moveWindow(side, Number(select.value))));
  use.addEventListener("click", () => void forked(() => fork([], switching.peek()?.answer?.changes)));
  open.addEventListener("click", () => openCell());
  part("zero").addEventListener("click", () => void forked(zeroed));
  part("end").addEventListener("click", () => {
    const run = state.run.peek();
    if (run) goTo(iterationEnds(state.position.peek(), run.steps_per_iteration).end);
  });
  part("table").addEventListener("click", openSwitched);
  listen(matrices, "figure", { move: step, leap: step, open: openCell, table: openSwitched });
  new ResizeObserver(() => (room.value = matrices.clientWidth - 8)).observe(matrices);
  followConventions();
  for (const follow of [tell, tellTensor, tellWindows, tellCell]) effect(follow);
}

function tell() {
  for (const choice of choices) {
    choice.checked = choice.value === triedPreset.value;
    part(`own-${choice.value}`).textContent = choice.value === ownPreset.value ? t("proof.conventions.own") : "";
  }
  const now = switching.value;
  if (!now) return;
  const { answer } = now;
  part("waiting").replaceChildren(...(answer ? [] : [pending(now, "proof.conventions.asking")]));
  part("now").hidden = !answer;
  const rows = answer ? rowsIn(answer) : [];
  part("chosen").hidden = rows.length === 0;
  part("which").hidden = rows.length === 0;
  if (!answer) return;
  said("said", sentences(answer));
  part("rules").replaceChildren(rulesTable(answer));
  keptFocus(part("tensors"), tensorsTable(answer, switchedName.value, look));
  part("missing").textContent = missing(answer);
  part("zero").hidden = answer.rules.relu_at_zero.reason !== "no_zero";
  part("end").hidden = !Object.values(answer.rules).some(({ reason }) => reason === "not_yet");
  use.hidden = Object.keys(answer.changes).length === 0;
  part("refused").textContent = refused.value;
  part("dropped").textContent = answer.dropped ? t("proof.conventions.dropped", { dropped: answer.dropped }) : "";
}

/**
 * What changes, by how much, and where that begins.
 * @param {Conventions} answer
 */
function sentences(answer) {
  const rows = rowsIn(answer);
  const changed = rows.filter((row) => row.changed > 0);
  if (!Object.values(answer.rules).some(({ switched }) => switched)) return [t("proof.conventions.same")];
  if (rows.length === 0) return [t("proof.conventions.nothing")];
  const of = changed.length ? changed : rows;
  const most = largestChange(of);
  const total = (/** @type {"changed" | "rounding" | "together"} */ what) => rows.reduce((sum, row) => sum + row[what], 0);
  const figures = { cells: total("changed") || total("rounding"), tensors: of.length, largest: readable(most.largest, 3), name: most.name };
  if (!changed.length) return [t("proof.conventions.rounds", figures)];
  const [before, after] = answer.loss;
  const first = beginningOf(rows);
  return [
    t("proof.conventions.changes", figures),
    before !== null && after !== null && before !== after ? t("proof.conventions.loss", { from: readable(before, 6), to: readable(after, 6) }) : "",
    first ? t("proof.conventions.begins", { name: first }) : t("proof.conventions.earlier"),
    total("rounding") ? t("proof.conventions.rounds_too", { cells: total("rounding") }) : "",
    total("together") ? t("proof.conventions.together", { cells: total("together") }) : "",
  ].filter(Boolean);
}

/**
 * What one of the two does not have.
 * @param {Conventions} answer
 */
function missing({ tensors, rules }) {
  const names = Object.entries(tensors).filter(([name, { changed }]) => changed === null && name === "loss.dinput").map(([name]) => name);
  return names.length && rules.head.now !== rules.head.then ? t("proof.conventions.missing", { names: names.join(", ") }) : "";
}

function tellTensor() {
  const now = switchedTensor.value;
  if (!now || !room.value) return;
  const { answer, name } = now;
  part("name").textContent = name;
  part("asking").replaceChildren(...(answer ? [] : [pending(now, "proof.conventions.asking")]));
  if (!answer || !state.theme.value) return;
  const at = conventions.cursor.peek();
  const [rows, columns] = [answer.rows, answer.columns];
  const inside = at && at[0] >= rows[0] && at[0] < rows[1] && at[1] >= columns[0] && at[1] < columns[1];
  if (!inside) conventions.cursor.value = firstChanged(answer);
  drawSwitched(answer, room.value);
  matrices.dataset.drawn = now.path;
}

function tellWindows() {
  const now = switchedTensor.value;
  const shape = now && switching.value?.answer?.tensors[now.name]?.shape;
  if (!shape) return;
  windows.forEach((select, side) => {
    const all = windowsOf(shape[side]);
    const label = /** @type {HTMLElement} */ (select.closest("label"));
    label.hidden = all.length < 2;
    select.replaceChildren(...all.map(([first, last]) => new Option(`${first} – ${last - 1}`, String(first))));
    select.value = String((side ? now.columns : now.rows)[0]);
  });
}

function tellCell() {
  const [cell] = [conventions.cursor.value, switchedTensor.value?.answer, state.lang.value, room.value];
  const text = cell ? markSwitched() : "";
  part("cell").textContent = text;
  open.hidden = !text;
}

/** @param {string} key */
function step(key) {
  const [shown, at] = [switchedTensor.peek()?.answer, conventions.cursor.peek()];
  if (!shown || !at) return false;
  conventions.cursor.value = steppedIn(shown, at, key);
  return true;
}

/** @param {string} name */
function look(name) {
  batch(() => {
    conventions.tensor.value = name;
    conventions.corner.value = [0, 0];
    conventions.cursor.value = null;
  });
}

/**
 * @param {number} side
 * @param {number} first
 */
function moveWindow(side, first) {
  const corner = /** @type {Index} */ ([...conventions.corner.peek()]);
  corner[side] = first;
  batch(() => {
    conventions.corner.value = corner;
    conventions.cursor.value = null;
  });
}

function openCell() {
  const [now, shown, index] = [switching.peek(), switchedTensor.peek(), conventions.cursor.peek()];
  if (!now || !shown || !index) return false;
  goToCell({ tensor: shown.name, index, position: now.place.position });
  return true;
}

/** An input of a ReLU that is exactly 0, for there is none. */
function zeroed() {
  const there = onStage.peek();
  const edit = there && zeroing(there.run, there.frame);
  return edit ? fork([edit]) : Promise.resolve(null);
}

/** @param {() => Promise<unknown>} act What makes another run; the conventions that are tried stay. */
async function forked(act) {
  refused.value = "";
  conventions.chosen.value = triedPreset.peek();
  try {
    await act();
    byId("proof-conventions-presets").focus();
  } catch (error) {
    refused.value = worded(error);
  }
}

/**
 * New sentences, unless they are the same: they would be spoken again.
 * @param {string} name
 * @param {string[]} texts
 */
function said(name, texts) {
  const place = part(name);
  if (place.textContent !== texts.join("")) place.replaceChildren(...texts.map((text) => make("p", "", text)));
}

/**
 * A new table; a focus on one of its buttons stays on it.
 * @param {HTMLElement} place
 * @param {HTMLElement} table
 */
function keptFocus(place, table) {
  const focused = [...place.querySelectorAll("button")].findIndex((one) => one === document.activeElement);
  place.replaceChildren(table);
  place.querySelectorAll("button")[focused]?.focus();
}
