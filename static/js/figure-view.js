/** <figure-view>: one tensor, or a softmax's Jacobian, large, as the Plotly figure that the server builds. */

import { getFigure, getJacobianFigure } from "./api.js";
import { buildDialog } from "./figure-dialog.js";
import { moved, within } from "./figure-cursor.js";
import { asTables, matricesOf } from "./figure-matrices.js";
import { sentenceOf } from "./figure-sentence.js";
import { t, worded } from "./i18n.js";
import { listen } from "./keys.js";
import { canonical } from "./linkage.js";
import { clear, draw, outline } from "./plot.js";
import { computedBy, stepOf } from "./positions.js";
import { batch, effect, select, signal, state } from "./state.js";
import { captioned } from "./table.js";
import { hurry, isAway, patiently } from "./waiting.js";

/** @typedef {import("./figure-matrices.js").Figure} Figure */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */
/** @typedef {import("./state.js").Opened} Opened */
/** @typedef {{opened: Opened, figure: Figure, parts: Part[]}} Shown */

export class FigureView extends HTMLElement {
  /** The figure that has arrived. */
  #shown = signal(/** @type {Shown | null} */ (null));
  #cell = signal(/** @type {FigureCell | null} */ (null));
  #asTable = signal(false);
  #problem = signal("");
  /** Asks for it again, where that failed. @type {(() => void) | undefined} */
  #again;
  #asked = 0;
  /** @type {import("./figure-dialog.js").Parts} */
  #parts = buildDialog({
    close: () => this.#parts.dialog.close(),
    swap: () => this.#swap(),
    open: () => this.#open(),
    again: () => this.#again?.(),
    slide: (sample) => this.#slide(sample),
  });

  connectedCallback() {
    const { dialog } = this.#parts;
    this.append(dialog);
    dialog.addEventListener("close", () => { state.opened.value = null; });
    this.#listen();
    effect(() => this.#follow());
    effect(() => this.#label());
    effect(() => this.#draw());
    effect(() => this.#tell());
  }

  /** Open for what is opened, and ask for its figure in the present language and colours. */
  #follow() {
    const [run, frame, opened] = [state.run.value, state.frame.value, state.opened.value];
    const [lang, theme] = [state.lang.value, state.theme.value];
    const { dialog, plot } = this.#parts;
    if (!opened || !run || !frame) {
      if (dialog.open) dialog.close();
      this.#forget();
      return;
    }
    if (!dialog.open) {
      dialog.showModal();
      plot.focus();
    }
    const unknown = missingFrom(run, frame, opened);
    if (unknown) {
      this.#asked += 1;
      this.#refuse(unknown);
      return;
    }
    const ask = () =>
      opened.kind === "tensor"
        ? getFigure(run.id, frame.position, opened.tensor, lang, theme)
        : getJacobianFigure(run.id, frame.position, opened.layer, opened.sample, lang, theme);
    void this.#receive(opened, ask);
  }

  /**
   * @param {Opened} opened
   * @param {() => Promise<Figure>} ask
   */
  async #receive(opened, ask) {
    this.#asked += 1;
    const asked = this.#asked;
    const wanted = () => asked === this.#asked;
    this.#problem.value = "";
    const refuse = (/** @type {unknown} */ error) => this.#refuse(worded(error), isAway(error) ? hurry : () => this.#receive(opened, ask));
    try {
      const figure = await patiently(ask, wanted, refuse);
      if (!wanted()) return;
      batch(() => {
        this.#problem.value = "";
        this.#shown.value = { opened, figure, parts: matricesOf(figure) };
      });
    } catch (error) {
      if (wanted()) refuse(error);
    }
  }

  /**
   * Say why there is no figure.
   * @param {string} why
   * @param {() => void} [again]
   */
  #refuse(why, again) {
    this.#again = again;
    batch(() => {
      this.#shown.value = null;
      this.#problem.value = why;
    });
    void clear(this.#parts.plot);
  }

  #forget() {
    this.#asked += 1;
    batch(() => {
      this.#shown.value = null;
      this.#cell.value = null;
      this.#asTable.value = false;
      this.#problem.value = "";
    });
    void clear(this.#parts.plot);
  }

  /** The words around the figure. */
  #label() {
    const [opened, frame] = [state.opened.value, state.frame.value];
    const { title, close, hint, swap, open, samples, samplesLabel, slider, sample } = this.#parts;
    close.setAttribute("aria-label", t("close"));
    hint.textContent = t("figure.cells");
    swap.textContent = t(this.#asTable.value ? "figure.show_figure" : "figure.show_table");
    open.textContent = t("figure.open");
    samples.hidden = opened?.kind !== "jacobian";
    if (!opened || !frame) return;
    if (opened.kind === "tensor") {
      title.textContent = `${opened.tensor} (${frame.tensors[opened.tensor]?.shape.join(", ")})`;
      return;
    }
    const count = frame.tensors[`${opened.layer}.output`]?.shape[0] ?? 1;
    title.textContent = t("figure.title", { layer: opened.layer });
    samplesLabel.textContent = t("figure.sample");
    slider.max = String(count - 1);
    slider.valueAsNumber = opened.sample;
    slider.setAttribute("aria-valuetext", t("figure.sample.spoken", { sample: opened.sample, at: opened.sample + 1, samples: count }));
    sample.textContent = String(opened.sample);
  }

  /** The figure itself, or its tables. */
  #draw() {
    const [shown, asTable] = [this.#shown.value, this.#asTable.value];
    const { plot, tables } = this.#parts;
    plot.hidden = asTable;
    tables.hidden = !asTable;
    if (!shown) return;
    if (asTable) {
      tables.replaceChildren(...asTables(shown.parts).map(({ name, values }) => captioned(name || nameOf(shown.opened), values)));
      return;
    }
    void this.#plot(shown).catch((error) => { this.#problem.value = t("figure.failed", { reason: String(error) }); });
  }

  /** @param {Shown} shown */
  async #plot(shown) {
    await draw(this.#parts.plot, shown.figure, (cell) => { this.#cell.value = within(shown.parts, cell); });
    if (this.#shown.peek() !== shown) return;
    this.#parts.plot.dataset.drawn = JSON.stringify(shown.opened);
    await this.#outline(shown, this.#cell.peek());
  }

  /** The sentence of the cell under the cursor, and its outline. */
  #tell() {
    const [shown, cell, problem] = [this.#shown.value, this.#cell.value, this.#problem.value];
    const { dialog, sentence, note, open, again } = this.#parts;
    dialog.ariaBusy = String(!problem && shown?.opened !== state.opened.value);
    open.hidden = !shown || !cell || cell.part === "J";
    again.hidden = !problem || !this.#again;
    again.textContent = t("again");
    note.textContent = shown ? missing(shown) : "";
    note.hidden = !note.textContent;
    if (problem) sentence.textContent = problem;
    else if (!shown) sentence.textContent = t("figure.asking");
    else if (cell && within(shown.parts, cell)) sentence.textContent = sentenceOf(shown.opened, shown.parts, cell);
    else sentence.textContent = t("figure.nothing");
    if (shown && this.#parts.plot.dataset.drawn === JSON.stringify(shown.opened)) void this.#outline(shown, cell);
  }

  /**
   * @param {Shown} shown
   * @param {FigureCell | null} cell
   */
  async #outline({ parts }, cell) {
    await outline(this.#parts.plot, parts, cell, getComputedStyle(this).getPropertyValue("--focus"));
  }

  /** The keys of the figure mean something once it is there, and the cursor's only on it. */
  #listen() {
    const { dialog, plot } = this.#parts;
    const onPlot = () => document.activeElement === plot;
    listen(dialog, "figure", {
      table: () => !!this.#shown.peek() && this.#swap(),
      move: (key) => onPlot() && this.#move(key),
      open: () => onPlot() && this.#open(),
    });
  }

  /** The tables in place of the figure, or the other way round; a focus on the one goes to the other. */
  #swap() {
    const { plot, tables } = this.#parts;
    const within = plot.contains(document.activeElement) || tables.contains(document.activeElement);
    this.#asTable.value = !this.#asTable.peek();
    if (within) (this.#asTable.peek() ? tables : plot).focus();
  }

  /** @param {string} key */
  #move(key) {
    const parts = this.#shown.peek()?.parts;
    if (!parts) return false;
    const cell = this.#cell.peek();
    this.#cell.value = cell && within(parts, cell) ? moved(parts, cell, key) : { part: parts[0].name, row: 0, column: 0 };
    return true;
  }

  /** Leave the figure for the number under the cursor. */
  #open() {
    const [run, opened, cell] = [state.run.peek(), state.opened.peek(), this.#cell.peek()];
    if (!run || !opened || !cell || cell.part === "J") return;
    const tensor = opened.kind === "tensor" ? opened.tensor : canonical(run, `${opened.layer}.${cell.part}`);
    /** @type {[number, number]} */
    const index = opened.kind === "tensor" ? [cell.row, cell.column] : [opened.sample, cell.part === "dvalue" ? cell.row : cell.column];
    batch(() => {
      state.opened.value = null;
      select({ tensor, index, position: state.position.peek() });
    });
  }

  /** @param {number} sample */
  #slide(sample) {
    const opened = state.opened.peek();
    if (opened?.kind !== "jacobian") return;
    batch(() => {
      state.opened.value = { ...opened, sample };
      state.sample.value = sample;
    });
  }
}

/** @param {Opened} opened */
function nameOf(opened) {
  return opened.kind === "tensor" ? opened.tensor : opened.layer;
}

/**
 * What is not computed has no figure: the step that computes it, in a sentence.
 * @param {import("./types.js").Run} run
 * @param {import("./types.js").Frame} frame
 * @param {Opened} opened
 */
function missingFrom(run, frame, opened) {
  const tensor = opened.kind === "tensor" ? opened.tensor : `${opened.layer}.output`;
  if (frame.tensors[tensor]?.computed_at !== null) return "";
  return t("matrix.missing", { step: stepOf(computedBy(run, tensor, frame.position), run.steps_per_iteration).step });
}

/**
 * Why a Jacobian stands without the row that multiplies it.
 * @param {Shown} shown
 */
function missing({ opened, parts }) {
  if (opened.kind === "tensor" || parts.some(({ name }) => name === "dvalue")) return "";
  const fused = parts.some(({ name }) => name === "dinput");
  return t(fused ? "figure.fused" : "figure.no_gradient", { layer: opened.layer });
}

customElements.define("figure-view", FigureView);
