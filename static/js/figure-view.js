/** The dialog of a figure: one tensor, or a layer's Jacobian, large, as the Plotly figure that the server builds. */

import { shapeName } from "./cells.js";
import { byId } from "./dom.js";
import { askFigure } from "./figure-ask.js";
import { neighbour, within } from "./figure-cursor.js";
import { dropScores } from "./figure-drag.js";
import "./figure-draw.js";
import { figure, figureNow } from "./figure-now.js";
import "./figure-panel.js";
import { sentenceOf } from "./figure-sentence.js";
import { canUndo, undo } from "./forks.js";
import { glossed } from "./glossary.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { canonical } from "./linkage.js";
import { nextStepOf } from "./positions.js";
import { batch, effect, goTo, openJacobian, select, state } from "./state.js";

/** @typedef {import("./state.js").Opened} Opened */

const dialog = /** @type {HTMLDialogElement} */ (byId("figure"));
const slider = /** @type {HTMLInputElement} */ (byId("figure-sample"));
const [plot, tables, sentence, note] = ["plot", "tables", "said", "note"].map((name) => byId(`figure-${name}`));
const [again, go, swap, open, other] = ["again", "go", "swap", "open", "other"].map((name) => byId(`figure-${name}`));

const ACTS = {
  "figure-again": () => figure.again.peek()?.(),
  "figure-go": goAhead,
  "figure-swap": swapTables,
  "figure-open": openCell,
  "figure-other": openOther,
  "scores-undo": undo,
};
for (const [id, act] of Object.entries(ACTS)) byId(id).addEventListener("click", act);
slider.addEventListener("input", () => slide(slider.valueAsNumber));
dialog.addEventListener("close", () => (state.opened.value = null));
dialog.addEventListener("keydown", (event) => event.key === "Escape" && dropScores() && event.preventDefault());
// The keys of the figure mean something once it is there, and the cursor's only on it.
listen(dialog, "figure", {
  table: () => !!figure.shown.peek() && swapTables(),
  move: (key) => document.activeElement === plot && move(key),
  open: () => document.activeElement === plot && openCell(),
});

effect(() => {
  const there = Boolean(state.opened.value && state.run.value && state.frame.value);
  if (!there && dialog.open) dialog.close();
  if (!there || dialog.open) return;
  dialog.showModal();
  plot.focus();
});
effect(askFigure);
effect(label);
effect(tell);

/** The words around the figure. */
function label() {
  const [opened, frame] = [state.opened.value, state.frame.value];
  swap.textContent = t(figure.asTable.value ? "figure.show_figure" : "figure.show_table");
  byId("scores-undo").hidden = !canUndo.value;
  byId("figure-samples").hidden = opened?.kind !== "jacobian";
  const leads = layerOf(opened);
  other.hidden = !leads;
  other.textContent = leads ? t("figure.title", { layer: leads }) : "";
  if (!opened || !frame) return;
  if (opened.kind === "tensor") {
    byId("figure-title").textContent = `${opened.tensor} ${shapeName(frame.tensors[opened.tensor]?.shape ?? [])}`;
    return;
  }
  const { layer, sample } = opened;
  const samples = frame.tensors[`${layer}.output`]?.shape[0] ?? 1;
  byId("figure-title").textContent = t("figure.title", { layer });
  slider.max = String(samples - 1);
  slider.valueAsNumber = sample;
  slider.ariaValueText = t("figure.sample.spoken", { sample, at: sample + 1, samples });
  byId("figure-at").textContent = String(sample);
}

/** The sentence of the cell under the cursor, and what can be done from here. */
function tell() {
  const [shown, now, cell, problem] = [figure.shown.value, figureNow.value, figure.cell.value, figure.problem.value];
  dialog.ariaBusy = String(!problem && (shown?.opened !== state.opened.value || shown !== now));
  open.hidden = !shown || !cell || cell.part === "J";
  again.hidden = !problem || !figure.again.value;
  note.textContent = shown ? missing(shown) : "";
  note.hidden = !note.textContent;
  const next = ahead();
  go.hidden = next === null;
  if (next) go.textContent = t("inspector.go", { step: next.step });
  // What follows a drag is seen, and read out by the slider; the sentence waits.
  sentence.ariaLive = now === shown ? "polite" : "off";
  const words =
    problem ? [problem]
    : !now ? [t("figure.asking")]
    : cell && within(now.parts, cell) ? glossed(sentenceOf(now.opened, now.parts, cell, now.sampled))
    : [t("figure.nothing")];
  sentence.replaceChildren(...words);
  if (cell && cell.part !== "dvalue") figure.column.value = cell.column;
}

/** The step that computes what the figure lacks, if it is one of those to come. */
function ahead() {
  const [run, frame, opened] = [state.run.value, state.frame.value, state.opened.value];
  if (!run || !frame || !opened) return null;
  const wanted = opened.kind === "tensor" ? [opened.tensor] : [`${opened.layer}.output`, `${opened.layer}.dinput`];
  const tensor = wanted.find((name) => frame.tensors[name]?.computed_at === null);
  return tensor ? nextStepOf(run, tensor, frame.position) : null;
}

/** Go to that step; the figure takes the focus that the button had. */
function goAhead() {
  const next = ahead();
  if (next) goTo(next.position);
  plot.focus();
}

/** The tables in place of the figure, or the other way round; a focus on the one goes to the other. */
function swapTables() {
  const inside = plot.contains(document.activeElement) || tables.contains(document.activeElement);
  figure.asTable.value = !figure.asTable.peek();
  if (inside) (figure.asTable.peek() ? tables : plot).focus();
}

/** @param {string} key */
function move(key) {
  const [parts, cell] = [figure.shown.peek()?.parts, figure.cell.peek()];
  if (!parts) return false;
  figure.cell.value = cell && within(parts, cell) ? neighbour(parts, cell, key) : { part: parts[0].name, row: 0, column: 0 };
  return true;
}

/** Leave the figure for the number under the cursor. */
function openCell() {
  const [run, opened, cell] = [state.run.peek(), state.opened.peek(), figure.cell.peek()];
  if (!run || !opened || !cell || cell.part === "J") return;
  const tensor = opened.kind === "tensor" ? opened.tensor : canonical(run, `${opened.layer}.${cell.part}`);
  /** @type {[number, number]} */
  const index = opened.kind === "tensor" ? [cell.row, cell.column] : [opened.sample, cell.part === "dvalue" ? cell.row : cell.column];
  batch(() => {
    state.opened.value = null;
    select({ tensor, index, position: state.position.peek() });
  });
}

/** From a layer's output or gradient to its Jacobian. */
function openOther() {
  const layer = layerOf(state.opened.peek());
  if (layer) openJacobian(layer);
}

/** @param {number} sample */
function slide(sample) {
  const opened = state.opened.peek();
  if (opened?.kind !== "jacobian") return;
  batch(() => {
    figure.draft.value = null;
    figure.said.value = "";
    state.opened.value = { ...opened, sample };
    state.sample.value = sample;
  });
}

/**
 * The layer whose Jacobian leads from one to the other of what is opened: a row of its output or its gradient.
 * @param {Opened | null} opened
 */
function layerOf(opened) {
  if (opened?.kind !== "tensor") return null;
  const [owner, attribute] = opened.tensor.split(".");
  return state.run.value?.layers.includes(owner) && ["output", "dinput"].includes(attribute) ? owner : null;
}

/**
 * Why a Jacobian stands without the row that multiplies it.
 * @param {import("./figure-now.js").Shown} shown
 */
function missing({ opened, parts }) {
  if (opened.kind === "tensor" || parts.some(({ name }) => name === "dvalue")) return "";
  const fused = parts.some(({ name }) => name === "dinput");
  return t(fused ? "figure.fused" : "figure.no_gradient", { layer: opened.layer });
}
