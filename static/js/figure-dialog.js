/** The dialog that a figure stands in: its parts, made once. */

import { button, make } from "./dom.js";
import { scoreTable } from "./figure-scores.js";

/**
 * @typedef {{
 *   dialog: HTMLDialogElement, title: HTMLElement, close: HTMLButtonElement,
 *   plot: HTMLElement, hint: HTMLElement, tables: HTMLElement, sentence: HTMLElement, note: HTMLElement,
 *   samples: HTMLElement, samplesLabel: HTMLLabelElement, slider: HTMLInputElement, sample: HTMLElement,
 *   again: HTMLButtonElement, swap: HTMLButtonElement, open: HTMLButtonElement, other: HTMLButtonElement, go: HTMLButtonElement,
 *   lead: HTMLElement, live: HTMLCanvasElement, panel: HTMLElement, scores: ReturnType<typeof scoreTable>,
 *   scoresTitle: HTMLElement, loss: HTMLElement, kept: HTMLElement, undo: HTMLButtonElement,
 *   productTitle: HTMLElement, product: HTMLElement, sums: HTMLElement,
 * }} Parts
 * @typedef {{
 *   close(): void, again(): void, swap(): void, open(): void, other(): void, go(): void, undo(): void, slide(sample: number): void,
 *   drag(k: number, score: number): void, keep(): void,
 * }} Acts
 */

/**
 * @param {Acts} acts What the controls do.
 * @returns {Parts}
 */
export function buildDialog(acts) {
  const title = make("h2", "");
  title.id = "figure-title";
  const close = button("close", "", acts.close);
  close.append(cross());
  const hint = make("p", "hidden");
  hint.id = "figure-hint";
  const plot = make("div", "plot");
  plot.tabIndex = 0;
  plot.setAttribute("role", "application");
  plot.setAttribute("aria-labelledby", title.id);
  plot.setAttribute("aria-describedby", hint.id);
  const tables = make("div", "tables scroll");
  tables.tabIndex = 0;
  tables.setAttribute("role", "group");
  tables.setAttribute("aria-labelledby", title.id);
  const sentence = make("p", "said");
  sentence.setAttribute("role", "status");
  const note = make("p", "hint");
  const slider = make("input", "");
  Object.assign(slider, { type: "range", id: "figure-sample", min: "0", step: "1" });
  slider.addEventListener("input", () => acts.slide(slider.valueAsNumber));
  const samplesLabel = make("label", "");
  samplesLabel.htmlFor = slider.id;
  const sample = make("span", "");
  sample.setAttribute("aria-hidden", "true");
  const samples = make("div", "samples", samplesLabel, slider, sample);
  const [again, swap, open, other, go] = [acts.again, acts.swap, acts.open, acts.other, acts.go].map((act) => button("", "", act));
  const live = make("canvas", "live");
  live.ariaHidden = "true";
  const drawn = make("div", "drawn", samples, hint, make("div", "over", plot, live), tables, sentence, note, make("div", "actions", again, go, swap, open, other));
  const lead = make("p", "lead");
  const scores = scoreTable(acts);
  const [scoresTitle, productTitle] = [make("h3", ""), make("h3", "")];
  const [loss, sums] = [make("p", ""), make("p", "hint")];
  const kept = make("p", "hint");
  kept.ariaLive = "polite";
  const undo = button("", "", acts.undo);
  const product = make("div", "scroll");
  const panel = make("div", "panel", scoresTitle, scores.element, loss, kept, undo, productTitle, product, sums);
  const dialog = make("dialog", "dialog figure-dialog");
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(make("div", "bar", title, close), make("div", "body", lead, drawn, panel));
  return {
    dialog, title, close, plot, hint, tables, sentence, note, samples, samplesLabel, slider, sample, again, swap, open, other, go,
    lead, live, panel, scores, scoresTitle, loss, kept, undo, productTitle, product, sums,
  };
}

/** An icon, as the page's other closing buttons have. */
function cross() {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M3.3 2 8 6.7 12.7 2 14 3.3 9.3 8l4.7 4.7-1.3 1.3L8 9.3 3.3 14 2 12.7 6.7 8 2 3.3z");
  icon.append(path);
  return icon;
}
