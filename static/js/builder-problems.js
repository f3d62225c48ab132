/** What the server refuses, beside the control that it is about; what has no control, at the form's head. */

import { cellName } from "./cells.js";
import { byId } from "./dom.js";
import { has, t } from "./i18n.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */
/** @typedef {{code: string, params: Record<string, unknown>, field?: string}} Finding */

const form = /** @type {HTMLFormElement} */ (byId("builder-form"));

/** @returns {Control[]} Those of the form that stand for a field. */
export function controls() {
  return /** @type {Control[]} */ ([...form.elements].filter((one) => /** @type {Control} */ (one).name));
}

/**
 * Nothing is wrong any more with these.
 * @param {Control[]} [accepted]
 */
export function settle(accepted = controls()) {
  for (const control of accepted) say(control, "");
  byId("builder-wrong").textContent = "";
}

/**
 * Say what is wrong where it is wrong, and go to the first.
 * @param {Finding & {errors?: Finding[]}} problem
 * @param {import("./types.js").Edit[]} edits Those of the run.
 */
export function refuse(problem, edits) {
  settle();
  for (const found of problem.errors?.length ? problem.errors : [problem]) {
    const field = fieldOf(found);
    const control = controlOf(field);
    const edit = edits[Number(/^edits.(\d+)/.exec(field)?.[1])];
    if (edit) found.params = { cell: cellName(edit) };
    if (found.code === "fault_unfit") found.params = { fault: t(`builder.field.faults.${found.params.fault}`) };
    if (control) say(control, wrong(control, found));
    else byId("builder-wrong").textContent = sentence([field, found.code], found, field);
  }
  (controls().find((one) => one.ariaInvalid === "true") ?? byId("builder-wrong")).focus();
}

/**
 * A field as the form names it; the server's begins with where it stood in the request.
 * @param {{field?: string}} found
 */
export function fieldOf({ field = "" }) {
  return field.replace(/^body\.?(changes\.?)?/, "");
}

/**
 * The control of a field, else the first of its parts, else that of what it is a part of.
 * @param {string} field
 */
function controlOf(field) {
  const seen = controls().filter((one) => one.offsetParent);
  for (let name = field; name; name = name.replace(/[.[]?[^.[]*$/, "")) {
    const found = seen.find((one) => one.name === name) ?? seen.find((one) => one.name.startsWith(`${name}.`));
    if (found) return found;
  }
  return undefined;
}

/**
 * @param {Control} control
 * @param {string} text
 */
function say(control, text) {
  control.ariaInvalid = text ? "true" : null;
  byId(`${control.id}-wrong`).textContent = text;
}

/**
 * What a control should hold: its range, else its own sentence, else the problem's.
 * @param {Control} control
 * @param {Finding} found
 */
function wrong(control, found) {
  const { min, max } = /** @type {HTMLInputElement} */ (control);
  if (min) return t(`builder.error.${control.dataset.kind}${max && ".range"}`, { min, max });
  return sentence([control.name, found.code], found, control.labels?.[0].textContent ?? "");
}

/**
 * @param {string[]} names The builder's own sentences, best first.
 * @param {Finding} found
 * @param {string} field
 */
function sentence(names, { code, params }, field) {
  return t(names.map((name) => `builder.error.${name}`).find(has) ?? `problem.${code}`, { ...params, field });
}
