/** The guide: a few stops that point at the real controls. Doing what a stop says leads on as well as its button. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { stand } from "./place.js";
import { effect, signal, state } from "./state.js";
import { recall, remember } from "./storage.js";

/** @typedef {{name: string, at: () => Element | null, done: () => unknown}} Stop `done`: what a person's doing changes. */

/** The first that the page has. @param {...string} selectors */
const find = (...selectors) => () => selectors.map((one) => document.querySelector(one)).find(Boolean) ?? null;

/** @type {Stop[]} */
const STOPS = [
  { name: "step", at: find("#step"), done: () => state.position.value },
  { name: "number", at: find("#stage figure:has(.selected)", "#stage figure"), done: () => JSON.stringify(state.selection.value) },
  { name: "terms", at: find(".terms", "#inspector"), done: () => JSON.stringify(state.selection.value) },
  { name: "jacobian", at: find("#stage .slot.jacobian"), done: () => state.opened.value },
  { name: "edit", at: find("#inspector-edit button", "#stage"), done: () => state.run.value },
  { name: "share", at: find("#share", "#link"), done: () => 0 },
];
/** The place of a stop that the page does not have now. */
const NOWHERE = -1;

const at = signal(NOWHERE);
/** What a stop's doing changes, as it was when the stop began. */
let began = /** @type {unknown} */ (null);
/** @type {Element | null} */
let toured = null;
/** @type {HTMLElement | null} */
let before = null;

const [panel, count, title, text, on, off] = ["tour", "tour-count", "tour-title", "tour-text", "tour-on", "tour-off"].map((id) => byId(id));

/** @param {boolean} linked Whether a link led here: then the guide is offered, and does not stand in the way. */
export function mountGuide(linked) {
  byId("guide").addEventListener("click", start);
  on.addEventListener("click", () => leadTo(at.peek() + 1));
  off.addEventListener("click", end);
  addEventListener("resize", point);
  document.addEventListener("scroll", point, true);
  document.addEventListener("keydown", leave, true);
  effect(() => show(at.value));
  effect(goOn);
  if (recall("guide") !== null) return;
  if (linked) offer();
  else start();
}

function start() {
  before = /** @type {HTMLElement | null} */ (document.activeElement);
  leadTo(0);
  panel.focus();
}

/** A word in the corner, for who followed a link to see something else. */
function offer() {
  remember("guide", "offered");
  at.value = STOPS.length;
  panel.classList.add("offer");
}

/**
 * To a stop, or the next one that the page has.
 * @param {number} stop
 */
function leadTo(stop) {
  remember("guide", "seen");
  panel.classList.remove("offer");
  if (stop > STOPS.length) {
    start();
    return;
  }
  const next = STOPS.findIndex((one, number) => number >= stop && one.at());
  if (next === NOWHERE) end();
  else {
    began = STOPS[next].done();
    at.value = next;
  }
}

function end() {
  const inside = panel.contains(document.activeElement);
  at.value = NOWHERE;
  if (inside) (before && before !== document.body ? before : byId("stage")).focus();
}

/** @param {number} stop */
function show(stop) {
  const name = STOPS[stop]?.name ?? "offer";
  count.textContent = stop < STOPS.length ? t("guide.count", { at: stop + 1, of: STOPS.length }) : "";
  title.textContent = t(`guide.${name}.title`);
  text.textContent = t(`guide.${name}.text`);
  on.textContent = t(stop === STOPS.length ? "guide.start" : stop === STOPS.length - 1 ? "guide.done" : "guide.next");
  off.textContent = t(stop === STOPS.length ? "guide.no" : "guide.skip");
  off.hidden = stop === STOPS.length - 1;
  // A figure that was opened on the way has the page to itself.
  const open = stop !== NOWHERE && !state.opened.value;
  panel.togglePopover(open);
  STOPS[stop]?.at()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  point();
}

/** Stand beside the stop's control, which may be another element than before. */
function point() {
  const target = panel.matches(":popover-open") ? STOPS[at.peek()]?.at() ?? null : null;
  if (toured !== target) {
    toured?.classList.remove("toured");
    toured?.removeAttribute("aria-describedby");
    target?.classList.add("toured");
    if (target && !target.hasAttribute("aria-describedby")) target.setAttribute("aria-describedby", text.id);
    toured = target;
  }
  if (target) stand(panel, target);
}

/** What the stop is about was done: to the next one, without taking the focus from where it was done. */
function goOn() {
  const stop = STOPS[at.value];
  const now = stop?.done();
  const busy = state.opened.value !== null;
  // What follows the state is drawn first.
  if (stop) requestAnimationFrame(point);
  if (stop && now !== began && !busy) queueMicrotask(() => leadTo(at.peek() + 1));
  else if (stop && busy && stop.name === "jacobian") began = NOWHERE;
}

/** @param {KeyboardEvent} event */
function leave(event) {
  if (event.key !== "Escape" || at.peek() === NOWHERE) return;
  if (document.querySelector("dialog[open], :popover-open:not(#tour)")) return;
  event.stopPropagation();
  event.preventDefault();
  end();
}
