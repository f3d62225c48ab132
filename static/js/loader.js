/** Position -> frame: at once where it is known, else from the server, and never an older answer over a newer. */

import { Problem, createRun, getRun, problemOf } from "./api.js";
import { known, load } from "./frames.js";
import { iterationEnds } from "./positions.js";
import { batch, busy, effect, state } from "./state.js";
import { hurry, patiently } from "./waiting.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./frames.js").Shown} Shown */

let newest = 0;
/** Why the position just fell back: said until the next step. */
let refused = false;

/** Keep the shown frame where the position is. */
export function mountLoader() {
  effect(() => {
    const [run, position] = [state.run.value, state.position.value];
    // Nothing older may come over a training's frames; once it has ended, its last one is asked for like any other.
    if (busy.value) newest += 1;
    else if (run) void show(run, position);
  });
  addEventListener("online", hurry);
}

/**
 * The run of a preset's spec, a link's spec, or an id.
 * @param {import("./fragment.js").Source} source
 * @param {Record<string, object>} presets
 * @returns {Promise<Run>}
 */
export function runOf(source, presets) {
  if ("run" in source) return getRun(source.run);
  if ("spec" in source) return createRun(source.spec);
  const spec = presets[source.preset];
  return spec ? createRun(spec) : Promise.reject(new Problem("preset_unknown", { preset: source.preset }));
}

/**
 * Say in the person's language what went wrong.
 * @param {unknown} error
 */
export function report(error) {
  const { code, params, field, message } = problemOf(error);
  state.notice.value = { key: `problem.${code}`, params: { ...params, field: field ?? "", detail: message } };
}

/**
 * @param {Run} run
 * @param {number} position
 */
async function show(run, position) {
  newest += 1;
  const asked = newest;
  const wanted = () => asked === newest;
  const now = known(run, position);
  if (now) {
    paint(run, now);
    return;
  }
  try {
    const shown = await patiently(() => load(run, position), wanted);
    if (wanted()) paint(run, shown);
  } catch (error) {
    if (wanted()) failed(run, error);
  }
}

/**
 * @param {Run} run
 * @param {Shown} shown
 */
function paint(run, { frame, last }) {
  batch(() => {
    if (!refused) state.notice.value = null;
    refused = false;
    state.frame.value = frame;
    state.last.value = last;
  });
  // The next iteration is asked for while the last steps of this one are looked at.
  const { end } = iterationEnds(frame.position, run.steps_per_iteration);
  if (frame.position >= end - 1) void load(run, end + 1).catch(() => undefined);
}

/**
 * @param {Run} run
 * @param {unknown} error
 */
function failed(run, error) {
  state.playing.value = false;
  report(error);
  // A position that the server refuses is left again for the one that is shown, or else for the beginning.
  const shown = state.frame.peek();
  refused = state.position.value !== 0;
  state.position.value = shown?.run === run.id ? shown.position : 0;
}
