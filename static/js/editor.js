/** The small field over a cell: type, Enter; Escape leaves it. */

import { cellName, valueIn } from "./cells.js";
import { byId } from "./dom.js";
import { change } from "./edits.js";
import { enteredAt, parseNumber, refusal, whyClosed } from "./edit-rules.js";
import { forget } from "./forks.js";
import { t, worded } from "./i18n.js";
import { say } from "./live.js";
import { stepOf } from "./positions.js";
import { effect, halt, onStage, state } from "./state.js";

/** @typedef {import("./types.js").Index} Index */

/** @type {{tensor: string, index: Index, before: string}} */
let target = { tensor: "", index: [0, 0], before: "" };
/** Whether the server has not answered yet: who leaves the field then changes nothing. */
let waiting = false;

export function mountEditor() {
  const form = byId("editor");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void commit();
  });
  form.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "closed" && waiting) forget();
  });
  // Another run or step, and what was typed belongs to nothing any more.
  effect(() => {
    if (state.run.value && state.position.value >= 0) form.hidePopover();
  });
}

/**
 * Open the field; where the cell cannot be edited, say why in its place.
 * @param {string} tensor Its canonical name.
 * @param {Index} index
 * @param {() => DOMRect} at Where its value stands on the page.
 */
export function openEditor(tensor, index, at) {
  halt();
  const there = onStage.peek();
  if (!there) return;
  const { run, frame } = there;
  const [form, input] = [byId("editor"), field()];
  const why = whyClosed(run, frame, tensor);
  const value = valueIn(frame.tensors[tensor], index) ?? "";
  target = { tensor, index, before: String(value) };
  form.classList.toggle("closed", why !== null);
  byId("editor-name").textContent = cellName({ tensor, index });
  refuse(why ? t(why.key, why.params) : "");
  input.value = target.before;
  if (!why) offerPlaces(menu(), run, frame, tensor, index);
  menu().hidden = menu().length < 2;
  form.showPopover();
  // Choosing the cell may have made room for the inspector: then the cell moves once more.
  const place = () => lieOver(form, why ? form : input, at());
  place();
  requestAnimationFrame(() => requestAnimationFrame(place));
  if (!why) input.select();
}

/**
 * The field itself lies over the cell, as far as the window allows.
 * @param {HTMLElement} form
 * @param {HTMLElement} over
 * @param {DOMRect} at
 */
function lieOver(form, over, at) {
  const fit = (/** @type {number} */ from, /** @type {number} */ size, /** @type {number} */ room) =>
    `${Math.max(8, Math.min(from, room - size - 8))}px`;
  form.style.setProperty("left", fit(at.left - over.offsetLeft, form.offsetWidth, innerWidth));
  form.style.setProperty("top", fit(at.top - over.offsetTop, form.offsetHeight, innerHeight));
}

/**
 * Where an edit of a cell may take effect, in words: where its value entered, or here.
 * @param {HTMLSelectElement} places
 * @param {import("./types.js").Run} run
 * @param {import("./types.js").Frame} frame
 * @param {string} tensor
 * @param {Index} index
 */
export function offerPlaces(places, run, frame, tensor, index) {
  const entered = enteredAt(run, frame, tensor, index);
  const { step } = stepOf(entered, run.steps_per_iteration);
  const first = entered % run.steps_per_iteration === 0 ? t("edit.start") : t("edit.entered", { step });
  places.replaceChildren(new Option(first, String(entered)));
  if (entered === frame.position) return;
  const here = t("edit.here", { step: stepOf(frame.position, run.steps_per_iteration).step });
  places.add(new Option(here, String(frame.position)));
}

async function commit() {
  const [run, asked, text] = [state.run.peek(), target, field().value];
  if (!run || text === asked.before) return byId("editor").hidePopover();
  const value = parseNumber(text);
  const wrong = refusal(run, asked.tensor, value);
  if (wrong || value === null) return refuse(wrong ? t(wrong.key, wrong.params) : "");
  refuse("");
  waiting = true;
  try {
    await change([{ position: Number(menu().value), tensor: asked.tensor, index: asked.index, value }]);
  } catch (error) {
    if (asked === target) refuse(worded(error));
  } finally {
    waiting = false;
  }
}

/** @param {string} why Nothing where nothing is wrong. */
function refuse(why) {
  byId("editor-error").textContent = why;
  field().setAttribute("aria-invalid", String(why !== ""));
  if (why) say(why);
}

function field() {
  return /** @type {HTMLInputElement} */ (byId("editor-value"));
}

function menu() {
  return /** @type {HTMLSelectElement} */ (byId("editor-place"));
}
