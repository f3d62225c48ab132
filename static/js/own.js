/** Data of one's own: a file is looked at, its label chosen, and a run made of it. */

import { expectSmall, problemOf, previewTable, uploadTable } from "./api.js";
import { byId, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { openPlace } from "./navigation.js";
import { csvSaid, firstRun, isWords, MOST_COUNTED, outlook } from "./own-spec.js";
import { effect, signal } from "./state.js";

/** @typedef {import("./own-spec.js").Column} Column */
/** @typedef {{file: File, preview: import("./own-spec.js").Preview | null, problem: import("./api.js").Problem | null}} Looked */

/** Columns of the table that are shown; the others can be the label all the same. */
const SHOWN = 40;
const DELIMITERS = { ",": "own.comma", ";": "own.semicolon", "\t": "own.tab" };

const dialog = /** @type {HTMLDialogElement} */ (byId("own"));
const labels = /** @type {HTMLSelectElement} */ (byId("own-label"));

const looked = signal(/** @type {Looked | null} */ (null));
const label = signal("");
/** The columns that are left out. */
const without = signal(/** @type {Set<string>} */ (new Set()));
const going = signal(false);
/** @type {import("./types.js").Boot} */
let page;

/**
 * Look at a file, and ask which column is the label.
 * @param {import("./types.js").Boot} boot
 * @param {File} file
 */
export async function openOwn(boot, file) {
  page = boot;
  const asked = (looked.value = { file, preview: null, problem: null });
  going.value = false;
  if (!dialog.open) dialog.showModal();
  try {
    expectSmall(file);
    const preview = await previewTable(file);
    if (looked.peek() !== asked) return;
    label.value = preview.label;
    without.value = new Set(preview.columns.filter((one) => isWords(preview, one)).map(({ name }) => name));
    looked.value = { file, preview, problem: null };
    labels.focus();
  } catch (error) {
    if (looked.peek() === asked) looked.value = { ...asked, problem: problemOf(error) };
  }
}

labels.addEventListener("change", () => (label.value = labels.value));
byId("own-go").addEventListener("click", () => void go());
byId("own-other").addEventListener("click", () => byId("own-file").click());
dialog.addEventListener("close", () => (looked.value = null));
byId("own-table").addEventListener("change", ({ target }) => {
  const { value, checked } = /** @type {HTMLInputElement} */ (target);
  const left = new Set(without.peek());
  if (checked) left.delete(value);
  else left.add(value);
  without.value = left;
});

/** The table is kept, and taken by the builder where that is open; else it is a new run. */
async function go() {
  const now = looked.peek();
  if (!now || going.peek()) return;
  going.value = true;
  looked.value = { ...now, problem: null };
  const asked = looked.peek();
  try {
    const data = await uploadTable(now.file, label.peek(), leftOut());
    if (looked.peek() !== asked) return;
    dialog.close();
    const taken = !byId("builder").dispatchEvent(new CustomEvent("upload", { detail: data, cancelable: true }));
    const spec = firstRun(data);
    // Where the whole backward pass is there, and nothing is updated yet.
    const position = 2 * spec.layers.length + 3;
    if (!taken) await openPlace(page, { source: { spec }, position, selection: null, view: {} });
  } catch (error) {
    if (looked.peek() === asked && asked) looked.value = { ...asked, problem: problemOf(error) };
  } finally {
    going.value = false;
  }
}

/**
 * What was found in the file.
 * @param {import("./own-spec.js").Preview} preview
 */
function saidOf({ samples: rows, columns: { length: columns }, delimiter, header }) {
  if (!delimiter) return t("own.arrays", { rows, columns });
  return t("own.said", { rows, columns, delimiter: t(DELIMITERS[delimiter]), header: t(header ? "own.headed" : "own.bare") });
}

function leftOut() {
  return [...without.value].filter((name) => name !== label.value);
}

effect(() => {
  const now = looked.value;
  if (!now) return;
  const { file: { name }, preview, problem } = now;
  byId("own-title").textContent = t("own.title", { name });
  byId("own-said").textContent = preview ? saidOf(preview) : problem ? "" : t("own.reading", { name });
  const said = problem && csvSaid(problem, name);
  byId("own-wrong").textContent = said ? t(said.key, { field: problem?.field, ...said.params }) : "";
  byId("own-choices").hidden = byId("own-go").hidden = !preview;
});

effect(() => {
  const preview = looked.value?.preview;
  if (!preview) return;
  labels.replaceChildren(...preview.columns.map(({ name }) => new Option(name, name)));
  labels.value = label.peek();
});

effect(() => {
  const preview = looked.value?.preview;
  if (!preview) return;
  const table = byId("own-table");
  const at = table.contains(document.activeElement) ? document.activeElement?.id : "";
  const columns = preview.columns.slice(0, SHOWN);
  const heads = columns.map((column, n) => headOf(column, n, isWords(preview, column)));
  const rows = preview.rows.map((row) => make("tr", "", ...row.slice(0, SHOWN).map((cell, n) => make("td", kindOf(columns[n]), cell))));
  table.replaceChildren(numberTable(heads, rows));
  if (at) byId(at).focus();
});

effect(() => {
  const preview = looked.value?.preview;
  byId("own-go").textContent = t(going.value ? "own.going" : "own.go");
  byId("own-go").ariaBusy = String(going.value);
  const chosen = preview?.columns.find(({ name }) => name === label.value);
  if (!preview || !chosen) return;
  const { key, params, fits } = outlook(preview.columns.length - 1 - leftOut().length, chosen);
  byId("own-net").textContent = t(key, params);
  byId("own-go").toggleAttribute("disabled", !fits);
});

/** @param {Column} column */
function kindOf({ name }) {
  return name === label.value ? "label" : without.value.has(name) ? "left" : "";
}

/**
 * A column's name, whether it is taken, and what it holds.
 * @param {Column} column
 * @param {number} at
 * @param {boolean} words
 */
function headOf(column, at, words) {
  const { name, different, line, got } = column;
  const kind = kindOf(column);
  const box = make("input", "");
  Object.assign(box, { type: "checkbox", id: `own-column-${at}`, value: name, checked: !kind, disabled: words });
  const count = t("own.different", { count: different > MOST_COUNTED ? `${MOST_COUNTED}+` : different });
  const holds = line === null || kind === "label" ? count : words ? t("own.words", { different: count }) : t(got ? "own.mistake" : "own.gap", { line, got });
  const named = kind === "label" ? make("b", "", `${name} — ${t("own.is_label")}`) : make("label", "check", box, name);
  const cell = headCell("col", named, make("small", line !== null && !words && !kind ? "wrong" : "", holds));
  cell.className = kind;
  return cell;
}
