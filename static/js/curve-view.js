/** The curves of loss and accuracy on one canvas, and over them the scrubber: whatever point is chosen, the stage goes there. */

import { epochsOf, heightOf, iterationAt, lossRange, traced } from "./curve.js";
import { blank, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { minus, percent, readable } from "./numbers.js";
import { positionIn } from "./positions.js";
import { niceRange } from "./scales.js";
import { slid } from "./slide.js";
import { busy, computed, effect, goTo, shownStep, signal, state } from "./state.js";
import { recall, remember } from "./storage.js";
import { palette } from "./theme.js";

/** @typedef {import("./types.js").HistoryRecord} HistoryRecord */

/** Room beside the curves for the figures of the axes, in pixels. */
const [LEFT, RIGHT, FOOT, GAP] = [44, 8, 14, 14];
/** The loss's part of the height. */
const SHARE = 0.6;
/** Iterations that Page Up and Page Down go, as a part of all. */
const PAGE = 0.1;

const log = signal(recall("log") === "true");
const size = signal([0, 0]);
/** The iteration that a person wants to see, until the one before is there. */
const aim = signal(/** @type {number | null} */ (null));

const records = computed(() => [...state.records.value.values()]);
/** The last iteration that is known. */
export const lastKnown = computed(() => records.value.at(-1)?.iteration ?? -1);
/** The last one of the axis: while a training is on, it has room to grow, but not to its end where that is far. */
const last = computed(() => {
  const end = busy.value ? (state.training.value?.stop ?? 0) - 1 : 0;
  return Math.max(1, lastKnown.value, Math.min(end, niceRange(0, Math.max(100, lastKnown.value * 1.2))));
});
/** The iteration that is shown, or about to be. */
const here = computed(() => aim.value ?? shownStep.value.iteration);
const range = computed(() => lossRange(records.value, log.value));

export function mountCurve() {
  const root = byId("curve");
  new ResizeObserver(() => (size.value = [root.clientWidth, root.clientHeight])).observe(root);
  effect(draw);
  effect(mark);
  effect(legend);
  effect(follow);
  byId("curve-log").addEventListener("click", () => {
    log.value = !log.value;
    remember("log", String(log.value));
  });
  effect(() => void (byId("curve-log").ariaPressed = String(log.value)));
  const point = (/** @type {PointerEvent} */ event) => {
    const share = (event.clientX - root.getBoundingClientRect().left - LEFT) / (root.clientWidth - LEFT - RIGHT);
    aim.value = iterationAt(share, last.value, lastKnown.value);
  };
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    point(event);
  });
  root.addEventListener("pointermove", (event) => event.buttons && point(event));
  root.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.round(lastKnown.value * PAGE));
    const to = slid(event, { now: here.value, most: lastKnown.value, page });
    if (to === undefined) return;
    event.preventDefault();
    aim.value = to;
  });
}

/** Go there once the stage has arrived where it went before: it is never asked for more than one at a time. */
function follow() {
  const [to, run, frame] = [aim.value, state.run.value, state.frame.value];
  if (to === null || !run) return;
  if (!busy.value && (frame?.run !== run.id || frame.position !== state.position.value)) return;
  aim.value = null;
  goTo(positionIn(to, shownStep.peek().step, run.steps_per_iteration));
}

/** @param {number} iteration */
function x(iteration) {
  return LEFT + (iteration / last.value) * (size.value[0] - LEFT - RIGHT);
}

function draw() {
  const [[width, height], all] = [size.value, records.value];
  const canvas = /** @type {HTMLCanvasElement} */ (byId("curve-canvas"));
  if (all.length === 0 || width === 0) return;
  const { ink } = palette(state.theme.value);
  const style = getComputedStyle(canvas);
  const [muted, hair, blue] = ["--muted", "--hair", "--test"].map((name) => style.getPropertyValue(name));
  const context = blank(canvas, width, height);
  context.font = `11px ${style.fontFamily}`;
  context.textBaseline = "middle";
  const high = (height - FOOT - GAP - 12) * SHARE;
  const panels = /** @type {const} */ ([
    { top: 6, high, measures: ["loss", "test_loss"], range: range.value, log: log.value, words: range.value.map((one) => minus(readable(one, 1))) },
    { top: high + GAP + 6, high: height - FOOT - high - GAP - 6, measures: ["accuracy", "test_accuracy"], range: [0, 1], log: false, words: ["0", "100%"] },
  ]);
  for (const panel of panels) {
    const y = (/** @type {number} */ value) => panel.top + panel.high * (1 - heightOf(value, /** @type {any} */ (panel.range), panel.log));
    context.textAlign = "right";
    context.fillStyle = muted;
    context.strokeStyle = hair;
    context.lineWidth = 1;
    panel.words.forEach((word, at) => {
      const line = Math.round(y(panel.range[at])) + 0.5;
      context.fillText(word, LEFT - 6, line);
      context.strokeRect(LEFT, line, width - LEFT - RIGHT, 0);
    });
    context.fillText(t(`figure.${panel.measures[0]}`), width - RIGHT - 4, panel.top + (panel.measures[0] === "loss" ? 7 : panel.high / 2));
    panel.measures.forEach((measure, test) => {
      const { lines, gaps } = traced(all, measure, x, y);
      context.strokeStyle = test ? blue : ink;
      context.lineWidth = test ? 2 : 1.5;
      context.setLineDash(test ? [5, 3] : []);
      context.beginPath();
      for (const [[startX, startY], ...rest] of lines) {
        context.moveTo(startX, startY);
        context.lineTo(startX + 0.5, startY);
        for (const point of rest) context.lineTo(...point);
      }
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = test ? blue : ink;
      for (const gap of gaps) context.fillText("×", gap + 3, panel.top + 2);
    });
  }
  context.fillStyle = muted;
  context.textAlign = "left";
  context.fillText("0", LEFT, height - 5);
  context.textAlign = "right";
  context.fillText(String(last.value), width - RIGHT, height - 5);
}

/** Where the stage is. */
function mark() {
  const [there, run] = [lastKnown.value >= 0, state.run.value];
  const root = byId("curve");
  for (const part of [root, byId("curve-head"), byId("curve-log")]) part.hidden = !there;
  byId("curve-empty").hidden = there;
  if (!there || !run) return;
  const now = Math.min(here.value, last.value);
  byId("curve-mark").style.setProperty("left", `${x(now)}px`);
  // Who listens to the slider hears where it was left, not every frame.
  if (busy.value && root.ariaValueNow) return;
  root.ariaValueMax = String(lastKnown.value);
  root.ariaValueNow = String(Math.min(here.value, lastKnown.value));
  root.ariaValueText = [t("train.at", { iteration: here.value }), figures(state.records.value.get(here.value))].filter(Boolean).join(": ");
}

/**
 * What is known of an iteration: of what, its loss and accuracy.
 * @param {HistoryRecord | undefined} record
 * @returns {["train" | "test", import("./types.js").Num, number | null][]}
 */
function measures(record) {
  if (!record) return [];
  const { loss, accuracy, test_loss, test_accuracy } = record;
  return [["train", loss, accuracy], ...(test_loss === null ? [] : [/** @type {["test", import("./types.js").Num, number | null]} */ (["test", test_loss, test_accuracy])])];
}

/**
 * The same in words.
 * @param {HistoryRecord | undefined} record
 */
export function figures(record) {
  return measures(record).map(([name, loss, share]) => t(name === "test" ? "train.test" : "train.loss", { loss: readable(loss), share: percent(share ?? 0) })).join(" ");
}

function legend() {
  const [at, all] = [here.value, state.records.value];
  // Of a long training not every iteration has a record.
  let known = Math.min(at, lastKnown.value);
  while (known > 0 && !all.has(known)) known -= 1;
  const now = all.get(known);
  byId("curve-legend").replaceChildren(...measures(now).map(([name, loss, share]) => make("span", name === "test" ? "measure test" : "measure", `${t(`figure.${name}`)} ${readable(loss)} · ${percent(share ?? 0)}`)));
  const run = state.run.value;
  const epochs = run && now && epochsOf(run, now.iteration);
  if (now) byId("curve-at").textContent = t(epochs ? "train.at.epoch" : "train.at", { iteration: now.iteration, epoch: Math.floor(epochs ?? 0) });
}
