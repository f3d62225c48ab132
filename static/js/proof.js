/**
 * The dialog of the proof: is this gradient right?
 *
 * Nothing of it comes with the page. When it is first opened, /parts/proof sends its markup and its words (the keys
 * that begin with "proof.", in the present language; i18n fetches the other language whole when it is chosen), and
 * css/proof.css its styles; each tab's module comes when the tab is first shown.
 */

import { Problem, address, getAnswer } from "./api.js";
import { byId, make } from "./dom.js";
import { has, learnPart, t, translate } from "./i18n.js";
import { report } from "./loader.js";
import { proof } from "./proof-state.js";
import { TABS, tabBeside } from "./proof-tabs.js";
import { effect, onStage, state } from "./state.js";

/** @typedef {import("./proof-state.js").Tab} Tab */

const WORD = "proof.title";

/** @type {Promise<void> | null} */
let coming = null;
let shown = /** @type {Tab} */ ("check");

/**
 * Open the dialog.
 * @param {Tab} [tab] Else the one that was looked at last.
 */
export async function openProof(tab = shown) {
  if (!(await prepareProof())) return;
  const dialog = /** @type {HTMLDialogElement} */ (byId("proof"));
  if (!dialog.open) dialog.showModal();
  look(tab);
  byId(`proof-tab-${tab}`).focus();
}

/**
 * Fetch its markup and its words.
 * @returns {Promise<boolean>} Whether they are there.
 */
export async function prepareProof() {
  coming ??= fetched();
  try {
    await coming;
    return true;
  } catch (error) {
    coming = null;
    report(error);
    return false;
  }
}

async function fetched() {
  const styles = styled();
  let part;
  do {
    const lang = state.lang.peek();
    part = await getAnswer(`/parts/proof?lang=${lang}`);
    learnPart(lang, WORD, part.words);
  } while (!has(WORD));
  await styles;
  document.body.append(document.createRange().createContextualFragment(part.markup));
  translate(byId("proof"));
  mount();
}

/** @returns {Promise<void>} */
function styled() {
  return new Promise((resolve, reject) => {
    const link = make("link", "");
    link.rel = "stylesheet";
    link.href = address("/static/css/proof.css");
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Problem("offline"));
    });
    document.head.append(link);
  });
}

function mount() {
  for (const name of names()) byId(`proof-tab-${name}`).addEventListener("click", () => look(name));
  byId("proof-tabs").addEventListener("keydown", (event) => {
    const name = tabBeside(names(), shown, event.key);
    if (!name) return;
    event.preventDefault();
    look(/** @type {Tab} */ (name));
    byId(`proof-tab-${name}`).focus();
  });
  byId("proof").addEventListener("close", () => {
    proof.tab.value = null;
    // The button is in a menu where there is no room for it; who went to the stage stays there.
    const there = document.activeElement?.checkVisibility() && document.activeElement !== document.body;
    if (!there && !byId("proof-open").offsetParent) byId("more-button").focus();
  });
  effect(() => {
    const name = proof.tab.value;
    if (name && onStage.value && state.lang.value) void show(name);
  });
}

/** @param {Tab} name */
function look(name) {
  shown = name;
  for (const one of names()) {
    const tab = byId(`proof-tab-${one}`);
    tab.ariaSelected = String(one === name);
    tab.tabIndex = one === name ? 0 : -1;
    byId(`proof-${one}`).hidden = one !== name;
  }
  byId(`proof-tab-${name}`).scrollIntoView({ block: "nearest", inline: "nearest" });
  proof.tab.value = name;
}

/** @param {Tab} name */
async function show(name) {
  const trouble = byId("proof-trouble");
  trouble.textContent = "";
  /** @type {(() => void) | undefined} */
  let shows;
  try {
    shows = await TABS[name]?.();
  } catch {
    if (proof.tab.peek() === name) trouble.textContent = t("problem.offline");
  }
  if (proof.tab.peek() === name) shows?.();
}

/** The tabs that the markup has, in their order. */
function names() {
  return [...byId("proof-tabs").children].map(({ id }) => /** @type {Tab} */ (id.replace("proof-tab-", "")));
}
