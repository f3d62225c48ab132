/** The tab on conventions: one switch, and what it changes in the run on the stage. */

import { pending } from "./answers.js";
import { byId, make } from "./dom.js";
import { fork } from "./forks.js";
import { t, worded } from "./i18n.js";
import { iterationEnds } from "./positions.js";
import { conventions, followConventions, ownPreset, triedPreset, switchedName, switching } from "./proof-conventions-now.js";
import { rowsIn, zeroing } from "./proof-conventions-read.js";
import { rulesTable, tensorsTable } from "./proof-conventions-tables.js";
import { lookAtTensor, lookThroughTensor } from "./proof-conventions-tensor.js";
import { missingSentence, switchSentences } from "./proof-conventions-words.js";
import { effect, goTo, onStage, signal, state } from "./state.js";

const panel = byId("proof-conventions");
const part = (/** @type {string} */ name) => byId(`proof-conventions-${name}`);
const use = part("use");
const choices = /** @type {NodeListOf<HTMLInputElement>} */ (panel.querySelectorAll("[name='proof-conventions-preset']"));
/** Why the fork was refused. */
const refused = signal("");

let mounted = false;

export function showConventions() {
  if (mounted) return;
  mounted = true;
  for (const choice of choices) choice.addEventListener("change", () => (conventions.chosen.value = choice.value));
  use.addEventListener("click", () => void forked(() => fork([], switching.peek()?.answer?.changes)));
  part("zero").addEventListener("click", () => void forked(zeroed));
  part("end").addEventListener("click", () => {
    const run = state.run.peek();
    if (run) goTo(iterationEnds(state.position.peek(), run.steps_per_iteration).end);
  });
  followConventions();
  effect(tell);
  lookThroughTensor();
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
  said("said", switchSentences(answer));
  part("rules").replaceChildren(rulesTable(answer));
  keptFocus(part("tensors"), tensorsTable(answer, switchedName.value, lookAtTensor));
  part("missing").textContent = missingSentence(answer);
  part("zero").hidden = answer.rules.relu_at_zero.reason !== "no_zero";
  part("end").hidden = !Object.values(answer.rules).some(({ reason }) => reason === "not_yet");
  use.hidden = Object.keys(answer.changes).length === 0;
  part("refused").textContent = refused.value;
  part("dropped").textContent = answer.dropped ? t("proof.conventions.dropped", { dropped: answer.dropped }) : "";
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
