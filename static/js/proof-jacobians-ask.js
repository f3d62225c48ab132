/** What the tab of Jacobians asks for: from where, to where, of which sample, and which part of a large one. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { jacobians, lookBetween, lookedAt } from "./proof-jacobians-now.js";
import { PART, behind, placesOf } from "./proof-jacobians-read.js";
import { effect, state } from "./state.js";

const WAYS = { up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] };
const [from, to] = ["from", "to"].map((name) => /** @type {HTMLSelectElement} */ (byId(`proof-jacobians-${name}`)));
const sample = /** @type {HTMLInputElement} */ (byId("proof-jacobians-sample"));

export function askJacobian() {
  for (const choice of [from, to]) choice.addEventListener("change", () => lookBetween(from.value, to.value));
  sample.addEventListener("change", () => (state.sample.value = Math.max(0, Math.floor(sample.valueAsNumber) || 0)));
  byId("proof-jacobians-all").addEventListener("click", () => lookBetween("batch.input", ""));
  for (const [way, [down, right]] of Object.entries(WAYS)) byId(`proof-jacobians-${way}`).addEventListener("click", () => turn(down, right));
  effect(fill);
}

/**
 * To the part of a large matrix beside the one that is shown.
 * @param {number} down
 * @param {number} right
 */
function turn(down, right) {
  const part = lookedAt.peek()?.part;
  if (part) jacobians.first.value = { row: part.top + down * PART, column: part.left + right * PART };
}

/** The fields say what is asked for, and offer what else may be. */
function fill() {
  const now = lookedAt.value;
  if (!now) return;
  const { run, shape, part } = now;
  offer(from, placesOf(run).filter((place) => behind(run, place).length), now.from);
  offer(to, behind(run, now.from), now.to);
  sample.max = String(now.samples - 1);
  sample.value = String(now.sample);
  const [rows, columns] = shape;
  byId("proof-jacobians-part").hidden = rows <= PART && columns <= PART;
  const last = { bottom: part.bottom - 1, right: part.right - 1 };
  byId("proof-jacobians-shown").textContent = t("proof.jacobians.part", { ...part, ...last, rows, columns });
  const ends = { up: part.top === 0, down: part.bottom === rows, left: part.left === 0, right: part.right === columns };
  for (const [way, end] of Object.entries(ends)) byId(`proof-jacobians-${way}`).ariaDisabled = String(end);
}

/**
 * @param {HTMLSelectElement} choice
 * @param {string[]} places
 * @param {string} chosen
 */
function offer(choice, places, chosen) {
  if ([...choice.options].map(({ value }) => value).join() !== places.join()) choice.replaceChildren(...places.map((place) => new Option(place)));
  choice.value = chosen;
}
