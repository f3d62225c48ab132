/** The controls of a training: how many iterations, start, stop and go on, how far it is and how long it takes. */

import { problemOf } from "./api.js";
import { epochsOf } from "./curve.js";
import { figures, lastKnown, mountCurve } from "./curve-view.js";
import { byId } from "./dom.js";
import { t, worded } from "./i18n.js";
import { say } from "./live.js";
import { busy, effect, halt, signal, state } from "./state.js";
import { recall, remember } from "./storage.js";
import { began, train, trainingProblem } from "./train-stream.js";

/** The most that may be asked for at once; how much a run may train altogether, the server says. */
const MOST = 1_000_000;
const MINUTE = 90;

const field = /** @type {HTMLInputElement} */ (byId("train-count"));
const count = signal(1000);
/** The quarter that was announced last. */
let quarter = 0;

/** @type {import("./state.js").Training | null} */
let before = null;

field.value = recall("iterations") ?? field.value;
read();
field.addEventListener("input", () => {
  read();
  // Another number is another end; what is on stops first, and says so.
  if (busy.peek()) halt();
  state.training.value = null;
});
effect(showControls);
effect(showCount);
effect(announce);
mountCurve();

/** What the form's one button does. */
export function startOrStop() {
  if (busy.peek()) halt();
  else begin();
}

function read() {
  const value = /^\d{1,7}$/.test(field.value.trim()) ? Number(field.value) : 0;
  count.value = value > MOST ? 0 : value;
}

function begin() {
  const [run, now] = [state.run.peek(), state.training.peek()];
  if (!run) return;
  if (!count.peek()) {
    field.focus();
    say(t("train.count.wrong", { most: MOST }));
    return;
  }
  remember("iterations", field.value);
  const from = Math.max(lastKnown.peek() + 1, now?.run === run.id ? now.reached : 0);
  const shown = Math.floor(state.position.peek() / run.steps_per_iteration);
  const rest = now?.run === run.id && now.stop > from ? now.stop : 0;
  train(run, from, rest || Math.max(from, shown) + count.peek());
}

function showControls() {
  const [on, now, known] = [busy.value, state.training.value, lastKnown.value];
  const go = byId("train-go");
  go.textContent = t(on ? "train.stop" : known >= 0 ? "train.on" : "train.go");
  go.dataset.on = String(on);
  // Not disabled: the focus that began it would be lost.
  field.readOnly = on;
  const bar = /** @type {HTMLProgressElement} */ (byId("train-progress"));
  bar.hidden = !now;
  byId("train-said").textContent = trainingProblem.value ? why(trainingProblem.value) : now ? progress(now, on) : "";
  byId("train-said").classList.toggle("wrong", trainingProblem.value !== null);
  if (!now) return;
  bar.max = now.stop - now.start;
  bar.value = now.reached - now.start;
}

/** @param {unknown} problem */
function why(problem) {
  const { code, params } = problemOf(problem);
  return code === "too_long" ? t("train.too_long", params) : worded(problem);
}

/**
 * "412 of 1000, 3 s left".
 * @param {import("./state.js").Training} training
 * @param {boolean} on
 */
function progress({ reached, stop }, on) {
  const { at, from } = began.peek();
  const share = (reached - from) / (stop - from);
  const text = t("train.progress", { reached, stop });
  if (!on || !(share > 0)) return text;
  const seconds = Math.ceil(((performance.now() - at) / 1000) * (1 / share - 1));
  const left = seconds > MINUTE ? t("train.left.minutes", { minutes: Math.round(seconds / 60) }) : t("train.left", { seconds });
  return `${text} · ${left}`;
}

function showCount() {
  const [run, iterations] = [state.run.value, count.value];
  field.ariaInvalid = String(!iterations);
  const epochs = run && epochsOf(run, iterations);
  byId("train-epochs").textContent = !iterations ? t("train.count.wrong", { most: MOST }) : epochs ? t("train.epochs", { epochs: Number(epochs.toFixed(1)) }) : "";
  byId("train-epochs").classList.toggle("wrong", !iterations);
}

/** That it began, every quarter, and how it ended; nothing in between. */
function announce() {
  const now = state.training.value;
  const [was, run] = [before, state.run.peek()];
  before = now;
  if (now && !now.stopped) {
    const at = Math.floor((4 * (now.reached - now.start)) / (now.stop - now.start));
    if (!was || was.stopped || was.stop !== now.stop) say(t("train.said.start", { from: now.reached, stop: now.stop }));
    else if (at > quarter) say(told("train.said.part", { share: 25 * at, reached: now.reached }));
    quarter = at;
  } else if (was && !was.stopped && was.run === run?.id) {
    say(told(now ? "train.said.stop" : "train.said.end", { reached: now ? now.reached : was.stop }));
  }
}

/**
 * @param {string} key
 * @param {Record<string, unknown>} params
 */
function told(key, params) {
  const newest = state.records.peek().get(lastKnown.peek());
  return `${t(key, params)} ${figures(newest)}`;
}
