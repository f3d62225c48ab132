/** The tab of Jacobians: between any two places of the network, its factors, what it does, and each of its cells. */

import { pending } from "./answers.js";
import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { nextStepOf } from "./positions.js";
import { askJacobian } from "./proof-jacobians-ask.js";
import { spectrumOf } from "./proof-jacobians-beside.js";
import { openJacobianCell, tellJacobianCell } from "./proof-jacobians-cell.js";
import { drawJacobian, moveCell } from "./proof-jacobians-draw.js";
import { foundJacobian, jacobians, lookBetween, lookedAt } from "./proof-jacobians-now.js";
import { LOSS, behind, placesOf } from "./proof-jacobians-read.js";
import { factorLines, whatItDoes } from "./proof-jacobians-words.js";
import { effect, goTo, state } from "./state.js";

/** @typedef {import("./proof-jacobians-read.js").Factor} Factor */
/** @typedef {NonNullable<typeof lookedAt.value>} Asked */

const [plot, swap] = ["plot", "swap"].map((name) => byId(`proof-jacobians-${name}`));

let mounted = false;

export function showJacobians() {
  if (mounted) return;
  mounted = true;
  askJacobian();
  swap.addEventListener("click", () => (jacobians.asTable.value = !jacobians.asTable.peek()));
  listen(byId("proof-jacobians"), "figure", {
    table: () => (jacobians.asTable.value = !jacobians.asTable.peek()) || true,
    move: (key) => document.activeElement === plot && moveCell(key),
    open: () => document.activeElement === plot && openJacobianCell(),
  });
  drawJacobian();
  for (const follow of [show, tellJacobianCell]) effect(follow);
  effect(() => {
    swap.textContent = t(jacobians.asTable.value ? "figure.show_figure" : "figure.show_table");
  });
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
    byId("proof-jacobians-from").focus();
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
