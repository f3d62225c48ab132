/** The builder: it sends the form's draft to the server, and shows the run that comes of it or says what is wrong. */

import { createRun, forkRun, getDatasets, getUpload, problemOf } from "./api.js";
import { datasets, form, learnUpload, rules, showDraft, showSpec } from "./builder-form.js";
import { fieldOf, refuse, settle } from "./builder-problems.js";
import { changed, renaming } from "./builder-spec.js";
import { byId } from "./dom.js";
import { change } from "./edits.js";
import { forget } from "./forks.js";
import { t } from "./i18n.js";
import { samePlace } from "./positions.js";
import { setName } from "./set-name.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Edit} Edit */

const dialog = /** @type {HTMLDialogElement} */ (byId("builder"));
const start = /** @type {HTMLSelectElement} */ (byId("builder-start"));

/** @type {import("./types.js").Run} The run that the draft changes. */
let run;
/** The draft that the server is being asked for; "" is none. */
let asking = "";

/**
 * Show the run that is on the stage as a form.
 * @param {Record<string, object>} presets
 */
export function openBuilder(presets) {
  if (!state.run.peek()) return;
  run = /** @type {typeof run} */ (state.run.peek());
  start.value = "run";
  start.onchange = () => tried(() => begin(presets));
  showSpec(run.spec);
  busy("");
  dialog.showModal();
  tried(async () => {
    const { upload } = run.spec.dataset;
    for (const one of datasets.has("iris") ? [] : (await getDatasets()).datasets) datasets.set(one.name, one);
    if (upload) learnUpload(await getUpload(upload));
    showDraft();
  });
}

byId("builder-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const wish = JSON.stringify(form.draft);
  // The same wish twice is asked once.
  if (wish !== asking) tried(() => apply(wish));
});
byId("builder-own").addEventListener("click", () => byId("own-file").click());
dialog.addEventListener("upload", (event) => {
  if (!dialog.open) return;
  event.preventDefault();
  learnUpload(/** @type {CustomEvent} */ (event).detail, true);
  byId("dataset.name").focus();
});
for (const id of ["builder-close", "builder-cancel"]) byId(id).addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  if (asking) forget();
  asking = "";
  // The button is in a menu where there is no room for it.
  if (!byId("build").offsetParent) byId("more-button").focus();
});

/**
 * What goes wrong is said in the form.
 * @param {() => Promise<void>} act
 */
function tried(act) {
  act().catch((error) => refuse(problemOf(error), form.draft.edits ?? []));
}

/**
 * Begin from the run, from a preset, or with no layers.
 * @param {Record<string, object>} presets
 */
async function begin(presets) {
  const from = start.value;
  const spec = from in presets ? (await createRun(presets[from])).spec : run.spec;
  if (from === start.value) showSpec(from === "" ? { ...spec, layers: [] } : spec);
}

/** @param {string} wish */
async function apply(wish) {
  settle();
  busy(wish);
  try {
    await send(() => wish === asking);
    if (wish === asking) dialog.close();
  } catch (error) {
    if (wish === asking) throw error;
  } finally {
    if (wish === asking) busy("");
  }
}

/** @param {string} wish */
function busy(wish) {
  asking = wish;
  byId("builder-apply").textContent = t(wish ? "builder.asking" : "builder.apply");
  byId("builder-apply").ariaBusy = String(!!wish);
}

/**
 * Fork the run; where that was chosen, without the edits that the server refuses.
 * @param {() => boolean} wanted Whether the answer still matters.
 */
async function send(wanted) {
  const changes = changed(run.spec, form.draft, rules, datasets.get(setName(form.draft.dataset)));
  let edits = form.draft.edits ?? [];
  if (edits.length && ("layers" in changes || "head" in changes)) changes.edits = edits = await moved(changes);
  while (wanted() && Object.keys(changes).length) {
    try {
      await change([], changes);
      return;
    } catch (error) {
      const at = /^edits.(\d+)/.exec(fieldOf(problemOf(error)));
      if (!form.draft.leave || !at) throw error;
      changes.edits = edits = edits.toSpliced(Number(at[1]), 1);
    }
  }
}

/**
 * The edits under the layers' new names, and at the same steps.
 * @param {object} changes
 * @returns {Promise<Edit[]>}
 */
async function moved(changes) {
  const named = renaming(form.draft);
  const from = { ...run, steps: run.steps.map(named) };
  const to = await forkRun(run.id, [], { ...changes, edits: [] });
  return (form.draft.edits ?? []).map((/** @type {Edit} */ edit) => ({
    ...edit,
    tensor: named(edit.tensor),
    position: samePlace(from, edit.position, to),
  }));
}
