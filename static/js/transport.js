/** Step, back, play, whole updates, and a scrubber over the steps of the iteration; keys for all of it. */

import { byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { listenAtTransport } from "./keys.js";
import { say } from "./live.js";
import { answersOf, narrate } from "./narration.js";
import { readable } from "./numbers.js";
import { stepAt, directionOf, turnOf } from "./positions.js";
import { effect, goTo, onStage, shownStep, state } from "./state.js";
import { recall, remember } from "./storage.js";

const BEAT = 900;

/** @type {Record<string, () => void>} */
const ACTIONS = {
  step: () => goTo(state.position.value + 1),
  back: () => goTo(state.position.value - 1),
  next: () => goTo((updates() + 1) * perIteration()),
  previous: () => goTo((Math.ceil(state.position.value / perIteration()) - 1) * perIteration()),
  play: () => {
    state.playing.value = !state.playing.value;
  },
};
const SPEEDS = [0.5, 1, 2, 4];

export function mountTransport() {
  for (const [name, act] of Object.entries(ACTIONS)) byId(name).addEventListener("click", act);
  listenAtTransport(ACTIONS);
  const scrubber = /** @type {HTMLInputElement} */ (byId("scrubber"));
  scrubber.addEventListener("input", () => goTo(shownStep.value.iteration * perIteration() + Number(scrubber.value)));
  speeds();
  effect(() => showFigures());
  effect(() => showScrubber(scrubber));
  effect(() => showDirection());
  effect(play);
}

/** How fast it plays: chosen, stepped through by its key, and kept for the next visit. */
function speeds() {
  const menu = /** @type {HTMLSelectElement} */ (byId("speed"));
  const set = (/** @type {number} */ speed) => {
    state.speed.value = SPEEDS.includes(speed) ? speed : 1;
    remember("speed", String(state.speed.value));
  };
  set(Number(recall("speed")));
  effect(() => {
    menu.value = String(state.speed.value);
  });
  menu.addEventListener("change", () => set(Number(menu.value)));
  const faster = () => {
    set(SPEEDS[(SPEEDS.indexOf(state.speed.value) + 1) % SPEEDS.length]);
    say(t("transport.speed.spoken", { speed: state.speed.value }));
  };
  listenAtTransport({ speed: faster });
}

function updates() {
  return Math.floor(state.position.value / perIteration());
}

function perIteration() {
  return state.run.value?.steps_per_iteration ?? 1;
}

function showFigures() {
  if (!onStage.value) return;
  const { run, frame } = onStage.value;
  const loss = readable(frame.loss ?? 0);
  const { right, all } = answersOf(run, frame);
  const done = Math.floor(frame.position / run.steps_per_iteration);
  const updates = t("figures.updates", { updates: done });
  const there = frame.loss !== null;
  byId("figures").textContent = there ? `${t("figures.loss", { loss, right, all })} · ${updates}` : updates;
  byId("back").toggleAttribute("disabled", state.position.value === 0);
  byId("previous").toggleAttribute("disabled", state.position.value === 0);
  const total = document.querySelector(".total");
  const name = t(frame.tensors["loss.penalty"] ? "stage.penalised_loss" : "stage.mean_loss");
  if (total) total.replaceChildren(...(there ? [name, loss, t("stage.right", { right, all })].map((text, at) => make(at === 1 ? "b" : "span", "", text)) : []));
}

/** @param {HTMLInputElement} scrubber */
function showScrubber(scrubber) {
  if (!onStage.value) return;
  const { run, frame } = onStage.value;
  const { iteration, step } = shownStep.value;
  scrubber.min = iteration === 0 ? "0" : "1";
  scrubber.max = String(run.steps_per_iteration);
  scrubber.value = String(step);
  const low = Number(scrubber.min);
  const share = (/** @type {number} */ at) => `${((at - low) / (run.steps_per_iteration - low)) * 100}%`;
  scrubber.style.setProperty("--turn", share(turnOf(run) - 1));
  scrubber.style.setProperty("--done", share(step));
  const { key, params } = narrate(run, frame);
  const counter = t("counter.step", { step, of: run.steps_per_iteration });
  scrubber.setAttribute("aria-valuetext", `${counter}. ${t(key, params)}`);
}

/** The next step's direction is the colour of its button. */
function showDirection() {
  const run = state.run.value;
  if (run) byId("step").dataset.direction = directionOf(stepAt(run, state.position.value + 1).kind);
}

/** While playing, a step a beat; one that waits for the server waits with it. */
function play() {
  const [playing, button] = [state.playing.value, byId("play")];
  button.dataset.on = String(playing);
  const label = t(playing ? "transport.pause" : "transport.play");
  button.setAttribute("aria-label", label);
  button.title = label;
  if (!playing) return undefined;
  say(t("transport.playing"));
  const timer = setInterval(() => {
    if (state.frame.peek()?.position === state.position.peek()) ACTIONS.step();
  }, BEAT / state.speed.value);
  return () => clearInterval(timer);
}
