/** The tab on heads: one logit moves, and with it loss and gradient each way, as curves and as cells. */

import { pending } from "./answers.js";
import { byId, make } from "./dom.js";
import { specFragment } from "./fragment.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { drawCurves } from "./proof-heads-draw.js";
import { heads, told } from "./proof-heads-now.js";
import { partings, probabilityText, runAt } from "./proof-heads-read.js";
import { cellsOf, jacobianOf, readingsOf, stretchesOf } from "./proof-heads-tables.js";
import { leaveProof } from "./proof-state.js";
import { effect } from "./state.js";

/** @typedef {import("./proof-heads-read.js").Heads} Heads */
/** @typedef {import("./proof-heads-read.js").Way} Way */

const slider = /** @type {HTMLInputElement} */ (byId("proof-heads-place"));
const choices = ["loss", "label", "by"].map((name) => /** @type {HTMLSelectElement} */ (byId(`proof-heads-by-${name}`)));
const dtype = /** @type {HTMLSelectElement} */ (byId("proof-heads-dtype"));

let mounted = false;

export function showHeads() {
  if (mounted) return;
  mounted = true;
  for (const choice of choices) choice.addEventListener("change", ask);
  dtype.addEventListener("change", () => (heads.dtype.value = /** @type {import("./proof-heads-now.js").DType} */ (dtype.value)));
  slider.addEventListener("input", () => {
    const now = told.peek();
    if (now?.both) heads.logit.value = now.both[0].logits[slider.valueAsNumber][0];
  });
  drawCurves();
  effect(show);
}

function ask() {
  const [loss, label, by] = choices.map(({ value }) => value);
  heads.question.value = { loss, label, by };
}

function show() {
  const now = told.value;
  if (!now) return;
  const panel = byId("proof-heads-now");
  panel.inert = !now.both;
  panel.ariaBusy = String(panel.inert);
  byId("proof-heads-waiting").replaceChildren(...(now.both ? [] : [pending(now.waiting, "proof.heads.asking")]));
  if (!now.both) {
    // What was asked before stays in its place until its successor comes, but for a failure.
    panel.hidden ||= now.waiting.problem !== undefined;
    return;
  }
  panel.hidden = false;
  const { both, shown, at } = now;
  slider.max = String(shown.axis.length - 1);
  slider.value = String(at);
  const place = { z: readable(shown.logits[at][0]), p: probabilityText(both[1], at) };
  slider.ariaValueText = byId("proof-heads-at").textContent = t("proof.heads.at", place);
  const said = sentences(both, at);
  // What is said stays while it is the same, or it would be spoken at every step.
  if (byId("proof-heads-said").textContent !== said.join("")) byId("proof-heads-said").replaceChildren(...said.map((one) => make("p", "", one)));
  kept("proof-heads-readings", readingsOf(both, at, (way) => void open(shown, at, way)));
  kept("proof-heads-cells", jacobianOf(shown, at), cellsOf(shown, at));
  byId("proof-heads-stretches").replaceChildren(stretchesOf(both));
}

/**
 * New content; a focus on one of its buttons stays on that button.
 * @param {string} id
 * @param {...Node} content
 */
function kept(id, ...content) {
  const place = byId(id);
  const focused = [...place.querySelectorAll("button")].findIndex((one) => one === document.activeElement);
  place.replaceChildren(...content);
  place.querySelectorAll("button")[focused]?.focus();
}

/**
 * Who parts from the truth here, and why.
 * @param {Heads[]} both
 * @param {number} at
 */
function sentences(both, at) {
  const found = partings(both, at);
  if (found.length === 0) return [t("proof.heads.agree")];
  return found.map(({ quantity, verdict, who }) => {
    const names = who.map(({ way, dtypes }) => t("proof.heads.who", { way: t(`proof.heads.way.${way}`), dtypes: dtypes.join(", ") }));
    const why = t(`proof.heads.why.${quantity}.${verdict}`, { clip: readable(both[0].clip), most: readable(1 / both[0].clip) });
    return t("proof.heads.parting", { who: names.join(t("proof.heads.and")), why });
  });
}

/**
 * @param {Heads} shown
 * @param {number} at
 * @param {Way} way
 */
async function open(shown, at, way) {
  const { spec, position, cell } = runAt(shown, at, way);
  const fragment = await specFragment(spec, position, cell);
  leaveProof();
  location.hash = fragment;
}
