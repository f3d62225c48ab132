/** The dialog that takes a whole matrix: put it in a tensor's place, or see where the tensor differs from it. */

import { shapeName, transposed } from "./cells.js";
import { byId, make } from "./dom.js";
import { whyClosed } from "./edit-rules.js";
import { offerPlaces } from "./editor.js";
import { change } from "./edits.js";
import { t, worded } from "./i18n.js";
import { readable } from "./numbers.js";
import { parseMatrix } from "./parse-matrix.js";
import { changeTo, disagreeing, fitted } from "./pasted.js";
import { state } from "./state.js";
import { captioned } from "./table.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("paste-dialog"));
const text = /** @type {HTMLTextAreaElement} */ (byId("paste-text"));
const [places, tolerance] = ["paste-place", "paste-tolerance"].map((id) => /** @type {HTMLSelectElement} */ (byId(id)));

let tensor = "";
/** @type {number[][] | null} What was pasted, in the tensor's shape. */
let matrix = null;

text.addEventListener("input", read);
byId("paste-turn").addEventListener("click", turn);
byId("paste-replace").addEventListener("click", () => void replace());
byId("paste-compare").addEventListener("click", compare);
byId("paste-clear").addEventListener("click", () => {
  state.compared.value = null;
  read();
});

/**
 * @param {string} name Its canonical name.
 * @param {string} [pasted]
 */
export function showPaste(name, pasted = "") {
  const [run, frame] = [state.run.peek(), state.frame.peek()];
  if (!run || !frame?.tensors[name]) return;
  const { shape } = frame.tensors[name];
  if (pasted || tensor !== name) text.value = pasted;
  tensor = name;
  byId("paste-title").textContent = t("paste.title", { tensor, shape: shapeName(shape) });
  const why = whyClosed(run, frame, name);
  if (!why) offerPlaces(places, run, frame, name, [0, 0]);
  byId("paste-edit").hidden = why !== null;
  byId("paste-closed").textContent = why ? t(why.key, why.params) : "";
  read();
  if (!dialog.open) dialog.showModal();
  text.focus();
}

/** Read what stands in the field, and say what it comes to. */
function read() {
  const shown = state.frame.peek()?.tensors[tensor];
  if (!shown) return;
  byId("paste-table").replaceChildren();
  byId("paste-clear").hidden = !state.compared.value;
  const parsed = text.value.trim() ? parseMatrix(text.value) : { key: "paste.hint", params: {} };
  const found = "values" in parsed ? fitted(parsed.values, shown) : parsed;
  matrix = "values" in found ? found.values : null;
  byId("paste-turn").hidden = !("turned" in found && found.turned);
  for (const id of ["paste-replace", "paste-compare"]) byId(id).toggleAttribute("disabled", !matrix || !shown.values);
  refuse("key" in found && text.value.trim() ? t(found.key, found.params) : "");
  say(matrix ? t("paste.preview", { rows: shown.shape[0], columns: shown.shape[1], ...counted(0) }) : "key" in found && !text.value.trim() ? t("paste.hint") : "");
}

function turn() {
  const parsed = parseMatrix(text.value);
  if (!("values" in parsed)) return;
  text.value = transposed(parsed.values).map((row) => row.join(", ")).join("\n");
  read();
  text.focus();
}

async function replace() {
  const [run, frame] = [state.run.peek(), state.frame.peek()];
  if (!run || !frame || !matrix) return;
  const { position } = frame;
  const place = Number(places.value);
  const made = changeTo(run, frame, tensor, matrix, places.selectedIndex > 0 && place === position ? place : undefined);
  if ("key" in made) {
    const { wrong, ...params } = /** @type {any} */ (made.params);
    refuse(t(made.key, { ...params, ...(wrong && { said: t(wrong.key, wrong.params) }) }));
    return;
  }
  try {
    await change(made.edits, made.changes);
    dialog.close();
  } catch (error) {
    refuse(worded(error));
  }
}

/** Mark what differs on the stage, and show both numbers. */
function compare() {
  const frame = state.frame.peek();
  const shown = frame?.tensors[tensor];
  if (!frame || !shown?.values || !matrix) return;
  const { cells, largest, at } = disagreeing(matrix, shown, Number(tolerance.value));
  state.compared.value = { run: frame.run, tensor, computed_at: shown.computed_at, cells };
  read();
  const where = `[${at.join(", ")}]`;
  say(cells.length > 0 ? t("paste.differs", { ...counted(Number(tolerance.value)), largest: readable(largest), where }) : t("paste.agrees"));
  const table = captioned(t("paste.both"), shown.values);
  for (const [row, column] of cells) {
    table.tBodies[0].rows[row]?.cells[column + 1].append(make("b", "differs", `≠ ${readable(matrix[row][column], 6)}`));
  }
  byId("paste-table").replaceChildren(table);
}

/** @param {number} share */
function counted(share) {
  const shown = state.frame.peek()?.tensors[tensor];
  const count = shown && matrix ? disagreeing(matrix, shown, share).cells.length : 0;
  return { count, cells: (matrix ?? []).flat().length };
}

/** @param {string} why */
function refuse(why) {
  byId("paste-error").textContent = why;
  text.setAttribute("aria-invalid", String(why !== ""));
}

/** @param {string} what */
function say(what) {
  byId("paste-said").textContent = what;
}
