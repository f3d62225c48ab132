/** The tab on what first went wrong: how far it is looked for, and what was found, in the order in which it came. */

import { byId } from "./dom.js";
import { t, worded } from "./i18n.js";
import { askAutopsy, autopsy, stopAutopsy } from "./proof-autopsy-now.js";
import { findingItem } from "./proof-autopsy-list.js";
import { proof } from "./proof-state.js";
import { busy, effect, shownStep, state } from "./state.js";

/** Iterations that are searched of a run of which no more is known. */
const USUAL = 100;

const last = /** @type {HTMLInputElement} */ (byId("proof-autopsy-last"));
const share = /** @type {HTMLSelectElement} */ (byId("proof-autopsy-vanished"));
const progress = /** @type {HTMLProgressElement} */ (byId("proof-autopsy-progress"));
const [form, computing, halted, list] = ["form", "computing", "halt", "list"].map((name) => byId(`proof-autopsy-${name}`));

let mounted = false;
/** What stands in the list. */
let listed = "";

export function showAutopsy() {
  if (!mounted) mount();
  const [run, asked] = [state.run.peek(), autopsy.asked.peek()];
  if (!run || busy.peek()) return;
  const stop = reached();
  if (asked?.run === run.id && asked.stop >= stop) return;
  last.value = String(stop - 1);
  ask();
}

function mount() {
  mounted = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  share.addEventListener("change", ask);
  halted.addEventListener("click", () => {
    stopAutopsy();
    last.focus();
  });
  effect(askAutopsy);
  effect(showProgress);
  effect(showVerdict);
  effect(showFindings);
}

/** As far as the run is known, but a hundred iterations at least. */
function reached() {
  let stop = Math.max(USUAL, shownStep.peek().iteration + 1);
  for (const iteration of state.records.peek().keys()) stop = Math.max(stop, iteration + 1);
  return stop;
}

function ask() {
  const end = Math.max(0, Math.floor(last.valueAsNumber) || 0);
  last.value = String(end);
  autopsy.asked.value = { run: state.run.peek()?.id ?? "", stop: end + 1, vanished: share.value };
}

function showProgress() {
  const [searched, problem, asked] = [autopsy.searched.value, autopsy.problem.value, autopsy.asked.value];
  if (proof.tab.value !== "autopsy") return;
  computing.hidden = searched === null;
  byId("proof-autopsy").ariaBusy = String(searched !== null);
  progress.max = asked?.stop ?? 1;
  progress.value = searched ?? 0;
  progress.ariaValueText = byId("proof-autopsy-at").textContent = t("proof.autopsy.computing", { at: searched ?? 0, of: asked?.stop ?? 0 });
  byId("proof-autopsy-problem").textContent = problem ? worded(problem) : "";
  last.ariaInvalid = String(!!problem);
}

function showVerdict() {
  const [found, searching] = [answerHere(), autopsy.searched.value !== null];
  if (proof.tab.value !== "autopsy") return;
  const text = !found || searching ? "" : verdict(found);
  const said = byId("proof-autopsy-said");
  if (said.textContent !== text) said.textContent = text;
}

function showFindings() {
  const [found, run] = [answerHere(), state.run.value];
  if (proof.tab.value !== "autopsy") return;
  const findings = found?.findings ?? [];
  const key = JSON.stringify([run?.id, findings, state.lang.value]);
  // What stays the same keeps the focus that is in it.
  if (!run || listed === key) return;
  listed = key;
  list.replaceChildren(...findings.map((finding) => findingItem(run, finding)));
}

/** What was found in the run on the stage. */
function answerHere() {
  const answer = autopsy.found.value?.answer;
  return answer && answer.run === state.run.value?.id ? answer : null;
}

/** @param {import("./proof-autopsy-read.js").Autopsy} answer */
function verdict({ searched, findings, vanished }) {
  const [first] = findings;
  if (!first) return t("proof.autopsy.sound", { searched, vanished });
  return t("proof.autopsy.verdict", { searched, count: findings.length, first: t(`signs.${first.kind}`), iteration: first.iteration });
}
