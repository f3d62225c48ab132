/** The state in the address: a preset changes the page's history, a step or a cell only its present entry. */

import { presetFragment, readFragment, runFragment, specFragment } from "./fragment.js";
import { holds, opened } from "./forks.js";
import { keep } from "./frames.js";
import { report, runOf } from "./loader.js";
import { batch, effect, select, state } from "./state.js";

/** @typedef {import("./types.js").Boot} Boot */
/** @typedef {import("./fragment.js").Place} Place */

const LONGEST = 16 * 1024;

/** The fragment that this page wrote or read last. */
let written = "";
let newest = 0;

/**
 * Open what the address names, else the run that came with the page.
 * @param {Boot} boot
 */
export function mountNavigation(boot) {
  boot.frames.forEach(keep);
  if (location.hash.length > 1) void follow(boot);
  else openBoot(boot);
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
  void open(boot, { source: { preset }, position: 0, selection: null });
}

/** The link to what is shown now, its spec in it. */
export async function linkNow() {
  const [run, position, selection] = [state.run.value, state.position.value, state.selection.value];
  if (!run) return location.href;
  const fragment = await specFragment(run.spec, position, selection);
  return new URL(fragment.length <= LONGEST ? fragment : runFragment(run.id, position), location.href).href;
}

/** @param {Boot} boot */
function openBoot({ run, opens }) {
  batch(() => {
    state.source.value = { preset: opens.preset };
    state.run.value = run;
    state.position.value = opens.position;
    select(opens.selection);
  });
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
async function open(boot, { source, position, selection }) {
  newest += 1;
  const asked = newest;
  if (!source) return;
  try {
    const boots = "preset" in source && source.preset === boot.opens.preset;
    const run = boots ? boot.run : await runOf(source, boot.presets);
    if (asked !== newest) return;
    batch(() => {
      state.notice.value = null;
      state.opened.value = null;
      state.source.value = source;
      state.run.value = run;
      state.position.value = position;
      select(selection && holds(run, selection.tensor, selection.index) ? selection : null);
    });
    opened(run);
  } catch (error) {
    if (asked !== newest) return;
    if (!state.run.value) openBoot(boot);
    // Menu and address go back to what is shown.
    state.source.value = { ...state.source.value };
    report(error);
  }
}

async function write() {
  const [run, source, position, selection] = [
    state.run.value, state.source.value, state.position.value, state.selection.value,
  ];
  if (!run) return;
  const asked = newest;
  const fragment =
    "preset" in source ? presetFragment(source.preset, position, selection)
    : "run" in source ? runFragment(source.run, position)
    : await specFragment(source.spec, position, selection);
  if (asked !== newest || state.position.peek() !== position || state.selection.peek() !== selection) return;
  if (fragment.length > LONGEST) return;
  written = fragment;
  history.replaceState(null, "", fragment);
}
