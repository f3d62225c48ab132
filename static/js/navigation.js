/** The state in the address: a preset changes the page's history, a step or a cell only its present entry. */

import { byId } from "./dom.js";
import { placeOf, presetFragment, readFragment, runFragment, specFragment } from "./fragment.js";
import { holds, opened } from "./forks.js";
import { keep } from "./frames.js";
import { report, runOf } from "./loader.js";
import { batch, busy, effect, select, state } from "./state.js";
import { openView, viewNow } from "./view.js";
import { patiently } from "./waiting.js";

/** @typedef {import("./types.js").Boot} Boot */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./fragment.js").Place} Place */

const LONGEST = 16 * 1024;

/** The fragment that this page wrote or read last. */
let written = "";
let newest = 0;
let writes = 0;

/**
 * Open what the address names, else the run that came with the page.
 * @param {Boot} boot
 */
export function mountNavigation(boot) {
  boot.frames.forEach(keep);
  if (location.hash.length > 1) void follow(boot);
  else openBoot(boot);
  byId("skip").addEventListener("click", (event) => {
    // The fragment is the page's state: a link within the page must leave it alone.
    event.preventDefault();
    byId("stage").focus();
  });
  addEventListener("hashchange", () => location.hash !== written && void follow(boot));
  effect(() => void write());
}

/**
 * Open a preset, at the beginning of its pass.
 * @param {Boot} boot
 * @param {string} preset
 */
export function openPreset(boot, preset) {
  history.pushState(null, "", presetFragment(preset, 0, null));
  void open(boot, placeOf({ preset }, {}));
}

/**
 * Open what a file says, as another entry of the page's history.
 * @param {Boot} boot
 * @param {Place} place
 */
export function openPlace(boot, place) {
  history.pushState(null, "", location.href);
  return open(boot, place);
}

/**
 * The links to what is shown: one that carries the whole run, or its id where that is too long, and the short
 * address of a preset of which nothing was changed.
 * @param {Run} run
 */
export async function linksNow(run) {
  const [source, ...rest] = [state.source.peek(), ...placeNow()];
  const fragment = await wholeFragment(run, ...rest);
  const short = "preset" in source ? presetFragment(source.preset, ...rest).replace("#", "?") : "";
  const link = (/** @type {string} */ end) => new URL(`/${end}`, location.href).href;
  return { link: link(fragment), carried: fragment.startsWith("#s="), short: short && link(short) };
}

/** @returns {[number, import("./types.js").Cell | null, import("./fragment.js").View]} */
function placeNow() {
  return [state.position.value, state.selection.value, viewNow()];
}

/**
 * The spec as the server shortens it, without its defaults.
 * @param {Run} run
 * @param {ReturnType<typeof placeNow>} place
 */
async function wholeFragment(run, ...place) {
  const { source } = await readFragment(new URL(run.page, location.href).hash);
  const fragment = source && "spec" in source ? await specFragment(source.spec, ...place) : "";
  return fragment && fragment.length <= LONGEST ? fragment : runFragment(run.id, ...place);
}

/** @param {Boot} boot */
function openBoot({ run, opens: { preset, position, selection }, notice = null }) {
  // Run, position and cell of a short address came with the page; how they are looked at is read here.
  const { view } = placeOf(null, Object.fromEntries(new URLSearchParams(location.search)));
  show(run, { source: { preset }, position, selection, view });
  state.notice.value = notice;
}

/** @param {Boot} boot */
async function follow(boot) {
  written = location.hash;
  const place = await readFragment(location.hash).catch(() => null);
  if (place?.source) await open(boot, place);
  else if (!state.run.value) openBoot(boot);
  if (!place) state.notice.value = { key: "notice.link", params: {} };
}

/**
 * @param {Boot} boot
 * @param {Place} place
 */
async function open(boot, place) {
  newest += 1;
  const [asked, before] = [newest, state.run.peek()];
  const wanted = () => asked === newest && state.run.peek() === before;
  const { source } = place;
  if (!source) return;
  try {
    const boots = "preset" in source && source.preset === boot.opens.preset;
    const run = boots ? boot.run : await patiently(() => runOf(source, boot.presets), wanted);
    if (!wanted()) return;
    show(run, place);
    opened(run);
  } catch (error) {
    if (!wanted()) return;
    if (!state.run.value) openBoot(boot);
    // Menu and address go back to what is shown.
    state.source.value = { ...state.source.value };
    report(error);
  }
}

/**
 * @param {Run} run
 * @param {Place} place
 */
function show(run, { source, position, selection: cell, view }) {
  batch(() => {
    state.notice.value = null;
    state.source.value = source ?? { run: run.id };
    state.run.value = run;
    state.position.value = position;
    select(cell && holds(run, cell.tensor, cell.index) ? cell : null);
    openView(run, view);
  });
}

async function write() {
  const [run, source, place] = [state.run.value, state.source.value, placeNow()];
  if (!run) return;
  writes += 1;
  if (busy.value) return;
  const [asked, wrote] = [newest, writes];
  const fragment = "preset" in source ? presetFragment(source.preset, ...place) : await wholeFragment(run, ...place);
  if (asked !== newest || wrote !== writes) return;
  written = fragment;
  // What a short address asked for is in the fragment now; the language stays.
  const lang = /[?&](lang=\w+)/.exec(location.search)?.[1];
  history.replaceState(null, "", (lang ? `?${lang}` : location.pathname) + fragment);
}
