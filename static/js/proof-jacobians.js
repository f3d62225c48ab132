/** The tab of Jacobians: between any two places of the network, its factors, what it does, and each of its cells. */

import { pending } from "./answers.js";
import { cellName } from "./cells.js";
import { button, byId, make } from "./dom.js";
import { within } from "./figure-cursor.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { iterationEnds, nextStepOf } from "./positions.js";
import { columnOf, spectrumOf } from "./proof-jacobians-beside.js";
import { drawJacobian, inWhole, moveCell } from "./proof-jacobians-draw.js";
import { foundJacobian, jacobians, lookedAt } from "./proof-jacobians-now.js";
import { LOSS, PART, behind, cellsBehind, placesOf } from "./proof-jacobians-read.js";
import { cellSentence, factorLines, whatItDoes } from "./proof-jacobians-words.js";
import { goToCell } from "./proof-state.js";
import { effect, goTo, state } from "./state.js";

/** @typedef {import("./proof-jacobians-read.js").Factor} Factor */
/** @typedef {NonNullable<typeof lookedAt.value>} Asked */

const WAYS = { up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] };
const [from, to] = ["from", "to"].map((name) => /** @type {HTMLSelectElement} */ (byId(`proof-jacobians-${name}`)));
const sample = /** @type {HTMLInputElement} */ (byId("proof-jacobians-sample"));
const [plot, swap] = ["plot", "swap"].map((name) => byId(`proof-jacobians-${name}`));

let mounted = false;

export function showJacobians() {
  if (mounted) return;
  mounted = true;
  for (const choice of [from, to]) choice.addEventListener("change", () => lookBetween(from.value, to.value));
  sample.addEventListener("change", () => (state.sample.value = Math.max(0, Math.floor(sample.valueAsNumber) || 0)));
  byId("proof-jacobians-all").addEventListener("click", () => lookBetween("batch.input", ""));
  for (const [way, [down, right]] of Object.entries(WAYS)) byId(`proof-jacobians-${way}`).addEventListener("click", () => turn(down, right));
  swap.addEventListener("click", () => (jacobians.asTable.value = !jacobians.asTable.peek()));
  listen(byId("proof-jacobians"), "figure", {
    table: () => (jacobians.asTable.value = !jacobians.asTable.peek()) || true,
    move: (key) => document.activeElement === plot && moveCell(key),
    open: () => document.activeElement === plot && openFirst(),
  });
  drawJacobian();
  for (const follow of [fill, show, tell]) effect(follow);
  effect(() => {
    swap.textContent = t(jacobians.asTable.value ? "figure.show_figure" : "figure.show_table");
  });
}

/**
 * @param {string} start
 * @param {string} end
 */
function lookBetween(start, end) {
  jacobians.first.value = { row: 0, column: 0 };
  jacobians.cell.value = null;
  jacobians.ends.value = { from: start, to: end };
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

function show() {
  const [now, held] = [lookedAt.value, foundJacobian.value];
  if (!now) return;
  const stands = byId("proof-jacobians-now");
  // What was asked before stands until the answer comes.
  const waits = !!held && !held.answer && !held.problem && !stands.hidden;
  stands.ariaBusy = String(waits);
  if (waits) return;
  stands.hidden = !held?.answer;
  byId("proof-jacobians-waiting").replaceChildren(...(held?.answer ? [] : held ? [pending(held, "figure.asking")] : [missing(now)]));
  if (!held?.answer) return;
  const { chain } = held.answer;
  byId("proof-jacobians-said").replaceChildren(...whatItDoes(chain).map((one) => make("p", "", one)));
  const [first, ...others] = chain.layers.map(factorButton).reverse();
  byId("proof-jacobians-factors").replaceChildren(first, ...others);
  byId("proof-jacobians-sigma").replaceChildren(...spectrumOf(chain));
}

/**
 * What no step has computed yet, and the way to the step that does.
 * @param {Asked} now
 */
function missing({ run, frame, to: end }) {
  const next = nextStepOf(run, end, frame.position);
  return make("div", "", make("p", "hint", t("matrix.missing", next)), button("", t("inspector.go", next), () => {
    goTo(next.position);
    from.focus();
  }));
}

/** @param {Factor} of */
function factorButton(of) {
  const { layer } = of;
  const ends = layer === "loss" ? { start: lossReads(), end: LOSS } : { start: before(layer), end: `${layer}.output` };
  const one = button("", "", () => {
    lookBetween(ends.start, ends.end);
    // The factors change; the way back from this one stays.
    byId("proof-jacobians-all").focus();
  });
  one.append(...factorLines(of).map((text, at) => make(at ? "span" : "b", "", text)));
  return make("li", "", one);
}

/**
 * The place in front of a layer.
 * @param {string} layer
 */
function before(layer) {
  const run = /** @type {import("./types.js").Run} */ (state.run.peek());
  return placesOf(run)[run.layers.indexOf(layer)];
}

/** The place that the loss reads: a fused one, the last layer's input. */
function lossReads() {
  const run = /** @type {import("./types.js").Run} */ (state.run.peek());
  return placesOf(run).filter((place) => behind(run, place).includes(LOSS)).at(-1) ?? "batch.input";
}

/** The sentence of the cell under the cursor, the cells behind it, and the column that it stands in. */
function tell() {
  const [shown, cell] = [foundJacobian.value?.answer, jacobians.cell.value];
  if (!shown) return;
  const there = cell && within(shown.parts, cell);
  byId("proof-jacobians-cell").textContent = there ? cellSentence(shown, there) : t("figure.nothing");
  const buttons = there ? behindCell(shown, there).map((one) => button("", t("proof.jacobians.open", { cell: cellName(one) }), () => goToCell(one))) : [];
  byId("proof-jacobians-open").replaceChildren(...buttons);
  const k = there && there.part !== "dvalue" ? there.column : 0;
  const worked = columnOf(shown, k);
  byId("proof-jacobians-column-title").textContent = worked.length ? t("figure.product", { k: shown.first.column + k }) : "";
  byId("proof-jacobians-column").replaceChildren(...worked);
  byId("proof-jacobians-column").hidden = worked.length === 0;
}

/**
 * @param {import("./proof-jacobians-now.js").Found} shown
 * @param {import("./figure-cursor.js").FigureCell} cell
 */
function behindCell(shown, cell) {
  const [run, frame] = [state.run.peek(), state.frame.peek()];
  if (!run || !frame) return [];
  const steps = run.steps_per_iteration;
  // Right after the update, the pass that is there is the old parameters'.
  const updated = frame.position > 0 && frame.position % steps === 0;
  const position = updated ? iterationEnds(frame.position - 1, steps).end : frame.position;
  return cellsBehind(run, shown.chain, inWhole(cell, shown)).map((one) => ({ ...one, position }));
}

function openFirst() {
  const [shown, cell] = [foundJacobian.peek()?.answer, jacobians.cell.peek()];
  const there = shown && cell && within(shown.parts, cell);
  if (!there) return false;
  goToCell(behindCell(shown, there)[0]);
  return true;
}
