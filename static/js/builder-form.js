/** A draft of a spec and the controls that show it: each follows the other. */

import { controls, settle } from "./builder-problems.js";
import { drafted, given, hints, namesOf, presetOf, read, summary, widths, write } from "./builder-spec.js";
import { button, byId, make } from "./dom.js";
import { t, translate } from "./i18n.js";
import { setName } from "./set-name.js";
import { state } from "./state.js";

/** @typedef {import("./builder-problems.js").Control} Control */

/** @type {Record<string, any>} The rules of each preset of conventions. */
export const rules = JSON.parse(byId("builder-form").dataset.rules ?? "");
/** @type {Record<string, any>} Every optimiser with its defaults. */
const optimizers = JSON.parse(byId("builder-form").dataset.optimizers ?? "");
/** @type {Map<string, import("./builder-spec.js").Dataset>} */
export const datasets = new Map();
/** What is being built: there once the builder was opened. */
export const form = { draft: /** @type {import("./builder-spec.js").Draft} */ ({}) };

byId("builder-form").addEventListener("input", ({ target }) => take(/** @type {Control} */ (target)));
byId("builder-add").addEventListener("click", () => rearrange("add", form.draft.layers.length - 1));
byId("builder-layers").addEventListener("click", ({ target }) => {
  const found = /** @type {Element} */ (target).closest("button");
  if (found) rearrange(found.dataset.act ?? "", numberIn(found.id));
});

/** @param {import("./types.js").Spec} spec */
export function showSpec(spec) {
  form.draft = drafted(spec);
  settle();
  // What is to be found is not shown.
  byId("builder-faults").hidden = state.hunt.peek() !== null;
  /** @type {HTMLDetailsElement} */ (byId("builder-faults")).open = !!spec.faults?.length;
  fill();
}

/** The rows of the layers, and then every control, as the draft has them. */
function fill() {
  const [row, rows] = [byId("builder-layer").innerHTML, byId("builder-layers")];
  rows.innerHTML = form.draft.layers.map((_, at) => row.replaceAll("[]", `[${at}]`)).join("");
  translate(rows);
  showDraft();
}

/** The layers' names, and what can be done with each. */
function nameRows() {
  const [rows, names] = [byId("builder-layers"), namesOf(form.draft.layers)];
  for (const act of rows.querySelectorAll("button")) {
    const at = numberIn(act.id);
    act.title = act.ariaLabel = t(`builder.layer.${act.dataset.act}`, { layer: names[at], at: at + 1, of: names.length });
    act.disabled = at === { up: 0, down: names.length - 1 }[act.dataset.act ?? ""];
  }
  rows.querySelectorAll("legend").forEach((legend, at) => legend.replaceChildren(names[at]));
}

/**
 * Data of one's own, which can be chosen from now on, and are where `chosen` says so.
 * @param {import("./own-spec.js").Upload} data
 * @param {boolean} [chosen]
 */
export function learnUpload(data, chosen = false) {
  datasets.set("upload", { ...data, name: t("builder.choice.dataset.name.upload") });
  if (chosen) form.draft.dataset = datasetOf("upload");
  showDraft();
}

/** What follows from the draft: what is shown, what it adds up to, what it lacks. */
export function showDraft() {
  const data = datasets.get(setName(form.draft.dataset));
  nameRows();
  for (const option of data?.options ?? []) {
    const { minimum = "", maximum = "" } = option;
    Object.assign(byId(`dataset.${option.name}`), { min: minimum, max: maximum });
  }
  /** @type {HTMLOptionElement} */ (byId("dataset.name").querySelector("[value=upload]")).disabled = !datasets.has("upload");
  for (const control of controls()) {
    const value = valueOf(control.name);
    /** @type {HTMLElement} */ (control.closest(".field")).hidden = value === undefined;
    if (control.type === "checkbox") /** @type {HTMLInputElement} */ (control).checked = value;
    else if (control !== document.activeElement) control.value = value ?? "";
  }
  const sum = summary(form.draft, data);
  byId("builder-summary").textContent = sum.parameters === null ? sum.widths : t("builder.summary", sum);
  byId("builder-hints").replaceChildren(...hints(form.draft, rules, data).map(lineOf));
  byId("edits-help").textContent = t("builder.field.edits.help", { edits: form.draft.edits?.length });
}

/** @param {import("./builder-spec.js").Hint} hint */
function lineOf({ key, params, fix }) {
  const line = make("p", fix ? "wanted" : "hint", t(`builder.hint.${key}`, params));
  const settled = () => {
    Object.assign(form.draft, fix);
    fill();
    byId("builder-add").focus();
  };
  if (fix) line.append(button("", t(`builder.fix.${key}`, params), settled));
  return line;
}

/**
 * A field of the draft as its control has it; undefined where it means nothing there.
 * @param {string} name
 */
function valueOf(name) {
  const at = numberIn(name);
  const own = at >= 0 && given(form.draft.layers[at], widths(form.draft, datasets.get(setName(form.draft.dataset)))[at]);
  const fault = faultIn(name);
  if (fault) return form.draft.faults?.includes(fault) ?? false;
  if (name === "edits") return form.draft.edits?.length ? !!form.draft.leave : undefined;
  if (name === "conventions") return presetOf(form.draft.conventions, rules) ?? "own";
  if (name === "dataset.name") return setName(form.draft.dataset);
  if (own && name.includes("initializer")) return name.endsWith("type") ? "given" : undefined;
  return read(form.draft, name);
}

/**
 * What a person entered goes into the draft.
 * @param {Control} control
 */
function take(control) {
  const { name, value, dataset, type } = control;
  if (!name) return;
  settle([control]);
  const layer = form.draft.layers[numberIn(name)];
  // What is no number at all is left for the server to refuse: nothing would mean something else.
  const entered = control.validity.badInput ? "" : value === "" ? null : dataset.kind === "choice" ? value : Number(value);
  const [fault, faults] = [faultIn(name), form.draft.faults ?? []];
  if (fault) form.draft.faults = (faults.includes(fault) ? faults.filter((/** @type {string} */ one) => one !== fault) : [...faults, fault]).sort();
  else if (name === "conventions") Object.assign(form.draft, { conventions: { ...rules[value] }, head: null });
  else if (name === "dataset.name") form.draft.dataset = datasetOf(value);
  else if (name === "optimizer.type") form.draft.optimizer = { ...optimizers[value] };
  else if (name.endsWith("].type")) form.draft.layers[numberIn(name)] = layerOf(value);
  else if (name.endsWith("initializer.type")) Object.assign(layer, started(value), { weight: null, bias: null });
  else write(form.draft, name === "edits" ? "leave" : name, type === "checkbox" ? /** @type {HTMLInputElement} */ (control).checked : entered);
  showDraft();
}

/**
 * Another data set: what it has in common with the one before stays, the rest is its defaults.
 * @param {string} name
 */
function datasetOf(name) {
  const { options = [], upload } = datasets.get(name) ?? {};
  return { ...(upload ? { upload } : { name }), ...Object.fromEntries(options.map((one) => [one.name, form.draft.dataset[one.name] ?? one.default])) };
}

/**
 * @param {string} type
 * @returns {import("./builder-spec.js").Layer}
 */
function layerOf(type) {
  return type === "dense" ? { type, units: 4, ...started("he"), l1: 0, l2: 0 } : { type };
}

/** @param {string} type */
function started(type) {
  return { initializer: type === "normal" ? { type, scale: 0.1 } : { type } };
}

/**
 * @param {string} act
 * @param {number} at The layer's place; a new one comes after it.
 */
function rearrange(act, at) {
  const { layers } = form.draft;
  const to = at + ({ up: -1, down: 1, add: 1 }[act] ?? 0);
  const moved = act === "add" ? [layerOf(layers[at]?.type === "dense" ? "relu" : "dense")] : layers.splice(at, 1);
  if (act !== "remove") layers.splice(to, 0, ...moved);
  settle();
  fill();
  const next = act === "add" ? ["type"] : [act, "up", "down"];
  const found = next.map((one) => document.getElementById(`layers[${to}].${one}`));
  (found.find((one) => one && !one.matches(":disabled")) ?? byId("builder-add")).focus();
}

/**
 * "missing_mean" of "faults.missing_mean".
 * @param {string} name
 */
function faultIn(name) {
  return /^faults.(.*)/.exec(name)?.[1];
}

/**
 * The number of the layer in a name; NaN where there is none.
 * @param {string} name
 */
function numberIn(name) {
  return Number(/\[(\d+)/.exec(name)?.[1]);
}
