/** The dialog of runs: forks under their parents; one is opened, two are compared. */

import { button, byId, make } from "./dom.js";
import { t, worded } from "./i18n.js";
import { openPlace } from "./navigation.js";
import { samePlace } from "./positions.js";
import { askAncestors, runOfKnown, sourceOfKnown } from "./runs-ask.js";
import { keepSeen, knownRuns } from "./runs-known.js";
import { nameOf, standing } from "./runs-names.js";
import { isAbove, rootOf, treesOf } from "./runs-tree.js";
import { state } from "./state.js";
import { openVersus } from "./versus.js";
import { viewNow } from "./view.js";

/** @typedef {import("./types.js").Boot} Boot */
/** @typedef {import("./runs-known.js").Known} Known */
/** @typedef {import("./runs-tree.js").Branch} Branch */

const dialog = /** @type {HTMLDialogElement} */ (byId("runs"));

/** @type {Boot} */
let boot;
/** The ids that are ticked, the one ticked last at the end. @type {string[]} */
let ticked = [];

byId("runs-compare").addEventListener("click", () => void tried(compare));
dialog.addEventListener("close", () => {
  // The button is in a menu where there is no room for it.
  if (!byId("runs-open").offsetParent) byId("more-button").focus();
});

/** @param {Boot} given */
export function openRuns(given) {
  boot = given;
  keepSeen();
  const run = state.run.peek();
  const parent = knownRuns().some(({ id }) => id === run?.parent) ? run?.parent : null;
  ticked = run ? [...(parent ? [parent] : []), run.id] : [];
  say("");
  draw();
  dialog.showModal();
  const here = /** @type {HTMLElement | null} */ (byId("runs-list").querySelector("[aria-current]"));
  here?.focus();
  here?.scrollIntoView({ block: "nearest" });
  void askAncestors(() => dialog.open, draw);
}

function draw() {
  const focused = document.activeElement?.id;
  byId("runs-list").replaceChildren(...treesOf(knownRuns()).map(item));
  if (focused) document.getElementById(focused)?.focus();
  settle();
}

/**
 * @param {Branch} branch
 * @returns {HTMLElement}
 */
function item({ run, forks }) {
  const name = nameOf(run);
  const box = make("input", "");
  box.type = "checkbox";
  box.id = `tick-${run.id}`;
  box.checked = ticked.includes(run.id);
  box.setAttribute("aria-label", t("runs.tick", { name }));
  box.addEventListener("change", () => tick(run.id, box.checked));
  const opens = button("name", name, () => void tried(() => visit(run)));
  opens.id = `open-${run.id}`;
  const here = run.id === state.run.peek()?.id;
  if (here) opens.setAttribute("aria-current", "true");
  const said = [here ? t("runs.here") : "", standing(run.seen)].filter(Boolean).join(" · ");
  const line = make("div", "run", box, opens, make("span", "hint", said));
  return make("li", "", line, ...(forks.length > 0 ? [make("ul", "", ...forks.map(item))] : []));
}

/**
 * Two are compared: a third takes the place of the one ticked first.
 * @param {string} id
 * @param {boolean} on
 */
function tick(id, on) {
  ticked = [...ticked.filter((one) => one !== id), ...(on ? [id] : [])].slice(-2);
  settle();
}

function settle() {
  for (const box of byId("runs-list").querySelectorAll("input")) box.checked = ticked.some((id) => box.id === `tick-${id}`);
  byId("runs-compare").toggleAttribute("disabled", ticked.length !== 2);
}

async function compare() {
  const pair = knownRuns().filter(({ id }) => ticked.includes(id)).sort((one, other) => one.made - other.made);
  // What was changed is B − A.
  const [a, b] = isAbove(pair[1], pair[0], knownRuns()) ? pair.reverse() : pair;
  const [first, second] = await Promise.all([a, b].map(runOfKnown));
  const shown = state.run.peek();
  const position = shown ? samePlace(shown, state.position.peek(), first) : 0;
  openVersus({ run: first, name: nameOf(a) }, { run: second, name: nameOf(b) }, position, (run, at) => {
    const entry = run.id === a.id ? a : b;
    void tried(() => show(entry, at));
  });
}

/**
 * To the stage: a run of the same tree where the stage is now, another where it was left.
 * @param {Known} entry
 */
async function visit(entry) {
  const [shown, known] = [state.run.peek(), new Map(knownRuns().map((one) => [one.id, one]))];
  const present = shown && known.get(shown.id);
  const related = present && rootOf(present, known) === rootOf(known.get(entry.id) ?? entry, known);
  const { seen, steps } = entry;
  const position = related ? samePlace(shown, state.position.peek(), await runOfKnown(entry)) : seen?.position ?? steps - 1;
  await show(entry, position);
}

/**
 * @param {Known} entry
 * @param {number} position
 */
async function show(entry, position) {
  await runOfKnown(entry);
  const { open: _open, ...view } = viewNow();
  const source = await sourceOfKnown(entry, boot.presets);
  dialog.close();
  await openPlace(boot, { source, position, selection: state.selection.peek(), view });
  byId("stage").focus();
}

/** @param {() => Promise<void>} act What goes wrong in it is said in the dialog. */
async function tried(act) {
  say("");
  try {
    await act();
  } catch (error) {
    say(worded(error));
  }
}

/** @param {string} what */
function say(what) {
  byId("runs-trouble").textContent = what;
}
