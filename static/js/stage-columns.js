/** The stage's elements: a section a column, a figure a matrix. */

import { make, button } from "./dom.js";
import { passesZero } from "./faults.js";
import { has, t } from "./i18n.js";
import { isFused } from "./linkage.js";
import { MatrixView } from "./matrix-view.js";
import { setName } from "./set-name.js";
import { openJacobian, openTensor, signal } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./stage-layout.js").Size} Size */
/**
 * @typedef {{
 *   figure: HTMLElement, view: MatrixView, caption: HTMLElement, range: HTMLElement, norm: HTMLElement | null,
 *   size: import("./state.js").Signal<Size>,
 * }} SlotView
 */

/** The rows of a column, top to bottom, and the places in each. */
const ROWS = /** @type {const} */ ([
  ["parameters", ["penalty", "weight", "bias", "pixels"]],
  ["outputs", ["target", "output"]],
  ["gradients", ["gradient"]],
  ["parameter-gradients", ["dweight", "dbias", "jacobian", "dpixels"]],
]);

/**
 * Build all columns anew.
 * @param {HTMLElement} root
 * @param {Run} run
 * @param {Column[]} columns
 * @returns {Map<Slot, SlotView>}
 */
export function buildColumns(root, run, columns) {
  /** @type {Map<Slot, SlotView>} */
  const views = new Map();
  root.style.setProperty("grid-template-columns", `repeat(${columns.length}, auto)`);
  const sections = columns.map((column) => columnElement(run, column, views));
  sections.forEach((section, at) => section.style.setProperty("grid-column", String(at + 1)));
  root.replaceChildren(...sections, turn());
  return views;
}

/**
 * @param {Run} run
 * @param {Column} column
 * @param {Map<Slot, SlotView>} views
 */
function columnElement(run, column, views) {
  const title = make("div", "head", make("b", "", column.id), make("span", "rule", rule(column)));
  const section = make("div", "column", title);
  section.id = `column-${column.id}`;
  for (const [name, places] of ROWS) {
    const slots = column.slots.filter(({ place }) => /** @type {readonly string[]} */ (places).includes(place));
    const row = make("div", `row ${name}`);
    const note = noteFor(run, column, name);
    if (note && (slots.length === 0 || column.id === "loss")) row.append(note);
    if (name === "parameters") row.append(...memoryElements(column, views));
    for (const slot of slots) {
      const shown = slotElement(column, slot);
      views.set(slot, shown);
      row.append(shown.figure);
    }
    section.append(row);
  }
  const norm = make("div", "norm");
  section.append(norm);
  const normed = column.slots.find(({ place }) => place === "dweight") ?? column.slots.find(({ place }) => place === "gradient");
  const shown = normed && views.get(normed);
  if (shown) shown.norm = norm;
  return section;
}

/**
 * What the optimiser remembers, above what it is remembered of: side by side, the bias's under the weight's.
 * @param {Column} column
 * @param {Map<Slot, SlotView>} views
 */
function memoryElements(column, views) {
  const slots = column.slots.filter(({ place }) => place.endsWith("memory"));
  const blocks = [...new Set(slots.map(({ name }) => name))].map((name) => make("div", "", ...slots.filter((slot) => slot.name === name).map((slot) => {
    const shown = slotElement(column, slot);
    views.set(slot, shown);
    return shown.figure;
  })));
  return blocks.length > 0 ? [make("div", "memories", ...blocks)] : [];
}

/**
 * @param {Column} column
 * @param {Slot} slot
 * @returns {SlotView}
 */
function slotElement(column, slot) {
  const view = /** @type {MatrixView} */ (document.createElement("matrix-view"));
  view.setAttribute("role", "img");
  // A picture has a name from the start; what it holds is said once it is there.
  view.setAttribute("aria-label", slot.tensor);
  const range = make("span", "range");
  const caption = slot.place === "jacobian" ? jacobianCaption(slot) : tensorCaption(slot);
  const figure = make("figure", `slot ${slot.place}`, make("figcaption", "", caption, range), view);
  figure.dataset.column = column.id;
  return { figure, view, caption, range, norm: null, size: signal(/** @type {Size} */ ({ cell: [1, 1], numbers: false })) };
}

/** @param {Slot} slot */
function tensorCaption(slot) {
  const open = button("open", slot.name, () => openTensor(slot.tensor));
  if (slot.also) open.append(" ", make("span", "also", `= ${slot.also}`));
  open.tabIndex = -1;
  open.title = t("open.tensor", { tensor: slot.tensor });
  return open;
}

/** @param {Slot} slot */
function jacobianCaption(slot) {
  const open = button("open", t("stage.jacobian"), () => openJacobian(slot.tensor));
  open.append(" ", make("span", "also"));
  open.tabIndex = -1;
  open.title = t("open.jacobian", { layer: slot.tensor });
  return open;
}

/** @param {Column} column */
function rule(column) {
  const key = `rule.${column.kind}`;
  return has(key) ? t(key) : "";
}

/**
 * A word where a column has no matrix.
 * @param {Run} run
 * @param {Column} column
 * @param {string} row
 */
function noteFor(run, column, row) {
  if (column.id === "loss" && row === "parameters") return make("div", "total");
  const fused = row === "gradients" && isFused(run, column.id);
  const strict = column.kind === "relu" && !passesZero(run) ? ".strict" : "";
  const key = fused ? "note.fused" : `note.${column.id === "loss" ? "loss" : column.kind}.${row}${strict}`;
  const named = setName(run.spec.dataset);
  const data = { upload: t("builder.choice.dataset.name.upload"), given: "data" }[named] ?? named;
  return has(key) ? make("p", "note", t(key, { data })) : null;
}

function turn() {
  const say = (/** @type {string} */ key) => make("span", key, t(`turn.${key}`));
  return make("div", "turn", say("forward"), say("mirror"), say("backward"));
}
