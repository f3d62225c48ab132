/** <figure-view>: one tensor, or a softmax's Jacobian, large, as the Plotly figure that the server builds. */

import { getFigure, getJacobianFigure } from "./api.js";
import { buildDialog } from "./figure-dialog.js";
import { boxesOf, neighbour, within } from "./figure-cursor.js";
import { asTables, matricesOf } from "./figure-matrices.js";
import { fillPanel } from "./figure-panel.js";
import { dragged, sampledAt, scoreEdits } from "./figure-sample.js";
import { sentenceOf } from "./figure-sentence.js";
import { glossed } from "./glossary.js";
import { canUndo, fork, undo } from "./forks.js";
import { t, worded } from "./i18n.js";
import { listen } from "./keys.js";
import { canonical } from "./linkage.js";
import { clear, draw, outline, paintOver } from "./plot.js";
import { computedBy, stepOf } from "./positions.js";
import { batch, computed, effect, goTo, select, signal, state } from "./state.js";
import { captioned } from "./table.js";
import { palette } from "./theme.js";
import { hurry, isAway, patiently } from "./waiting.js";

/** @typedef {import("./figure-matrices.js").Figure} Figure */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */
/** @typedef {import("./state.js").Opened} Opened */
/** @typedef {import("./figure-sample.js").Sampled} Sampled */
/** @typedef {{opened: Opened, figure: Figure, parts: Part[], sampled: Sampled | null}} Shown */

export class FigureView extends HTMLElement {
  /** The figure that has arrived. */
  #shown = signal(/** @type {Shown | null} */ (null));
  /** The sample's scores while they are dragged, and until the figure of what was kept has arrived. */
  #draft = signal(/** @type {number[] | null} */ (null));
  /** What is to be seen: the figure, or what the dragged scores make of it. */
  #now = computed(() => {
    const [shown, z] = [this.#shown.value, this.#draft.value];
    return shown?.sampled && z ? { ...shown, ...dragged(shown.sampled, shown.parts, z) } : shown;
  });
  /** @type {{run: string, z: number[]} | null} The scores of the last drag that was kept, and the run that has them. */
  #kept = null;
  /** @type {number[] | null} The scores that were let go of last. */
  #sent = null;
  /** @type {Shown | null} What Plotly has drawn. */
  #drawn = null;
  #said = signal("");
  /** The last column of J that was pointed at. */
  #column = signal(0);
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
    other: () => this.#other(),
    go: () => this.#go(),
    undo,
    drag: (k, score) => this.#drag(k, score),
    keep: () => void this.#keep(),
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
    effect(() => fillPanel(this.#parts, this.#now.value, this.#column.value, this.#said.value));
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
    // The frame of a run that was just made is on its way; until then the one before stands.
    if (frame.run !== run.id) return;
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
    const sampled = opened.kind === "tensor" ? null : sampledAt(run, frame, opened.layer, opened.sample);
    void this.#receive(opened, sampled, ask);
  }

  /**
   * @param {Opened} opened
   * @param {Sampled | null} sampled
   * @param {() => Promise<Figure>} ask
   */
  async #receive(opened, sampled, ask) {
    this.#asked += 1;
    const asked = this.#asked;
    const wanted = () => asked === this.#asked;
    this.#problem.value = "";
    const refuse = (/** @type {unknown} */ error) => this.#refuse(worded(error), isAway(error) ? hurry : () => this.#receive(opened, sampled, ask));
    try {
      const figure = await patiently(ask, wanted, refuse);
      if (!wanted()) return;
      batch(() => {
        this.#problem.value = "";
        this.#shown.value = { opened, figure, parts: matricesOf(figure), sampled };
        if (this.#kept?.z === this.#draft.peek()) this.#draft.value = null;
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
    this.#drawn = null;
    void clear(this.#parts.plot);
  }

  #forget() {
    this.#asked += 1;
    batch(() => {
      this.#shown.value = null;
      this.#cell.value = null;
      this.#draft.value = null;
      this.#said.value = "";
      this.#asTable.value = false;
      this.#problem.value = "";
    });
    this.#drawn = null;
    void clear(this.#parts.plot);
  }

  /** The words around the figure. */
  #label() {
    const [opened, frame] = [state.opened.value, state.frame.value];
    const { title, close, hint, swap, open, other, samples, samplesLabel, slider, sample } = this.#parts;
    close.setAttribute("aria-label", t("close"));
    hint.textContent = t("figure.cells");
    swap.textContent = t(this.#asTable.value ? "figure.show_figure" : "figure.show_table");
    open.textContent = t("figure.open");
    this.#parts.undo.textContent = t("scores.undo");
    this.#parts.undo.hidden = !canUndo.value;
    samples.hidden = opened?.kind !== "jacobian";
    const layer = layerOf(state.run.value, opened);
    other.hidden = !layer;
    other.textContent = layer ? t("figure.title", { layer }) : "";
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

  /** The figure itself, or its tables; while scores are dragged, their matrices painted over it. */
  #draw() {
    const [shown, now, asTable] = [this.#shown.value, this.#now.value, this.#asTable.value];
    const { plot, tables, live } = this.#parts;
    plot.hidden = asTable;
    tables.hidden = !asTable;
    live.hidden = asTable || this.#drawn === null || (shown === now && shown === this.#drawn);
    if (!shown || !now) return;
    if (asTable) {
      tables.replaceChildren(...asTables(now.parts).map(({ name, values }) => captioned(name || nameOf(now.opened), values, summed(now, name))));
      return;
    }
    if (shown !== this.#drawn) void this.#plot(shown).catch((error) => { this.#problem.value = t("figure.failed", { reason: String(error) }); });
    else if (now !== shown) paintOver(live, plot, shown.parts, now.parts, boxesOf(now.parts, this.#cell.value), palette(state.theme.peek()).colour);
  }

  /** @param {Shown} shown */
  async #plot(shown) {
    await draw(this.#parts.plot, shown.figure, (cell) => { this.#cell.value = within(shown.parts, cell); });
    if (this.#shown.peek() !== shown) return;
    this.#drawn = shown;
    this.#parts.live.hidden = this.#now.peek() === shown;
    this.#parts.plot.dataset.drawn = JSON.stringify(shown.opened);
    await this.#outline(shown, this.#cell.peek());
  }

  /** The sentence of the cell under the cursor, and its outline. */
  #tell() {
    const [shown, now, cell, problem] = [this.#shown.value, this.#now.value, this.#cell.value, this.#problem.value];
    const { dialog, sentence, note, open, again, go } = this.#parts;
    dialog.ariaBusy = String(!problem && (shown?.opened !== state.opened.value || shown !== now));
    open.hidden = !shown || !cell || cell.part === "J";
    again.hidden = !problem || !this.#again;
    again.textContent = t("again");
    note.textContent = shown ? missing(shown) : "";
    note.hidden = !note.textContent;
    const ahead = this.#ahead();
    go.hidden = ahead === null;
    if (ahead) go.textContent = t("inspector.go", { step: ahead.step });
    // What follows a drag is seen, and read out by the slider; the sentence waits.
    sentence.ariaLive = now === shown ? "polite" : "off";
    if (problem) sentence.textContent = problem;
    else if (!now) sentence.textContent = t("figure.asking");
    else if (cell && within(now.parts, cell)) sentence.replaceChildren(...glossed(sentenceOf(now.opened, now.parts, cell, now.sampled)));
    else sentence.textContent = t("figure.nothing");
    if (cell && cell.part !== "dvalue") this.#column.value = cell.column;
    if (shown && shown === now && this.#drawn === shown) void this.#outline(shown, cell);
  }

  /** The step that computes what the figure lacks, if it is one of those to come. */
  #ahead() {
    const [run, frame, opened] = [state.run.value, state.frame.value, state.opened.value];
    if (!run || !frame || !opened) return null;
    const wanted = opened.kind === "tensor" ? [opened.tensor] : [`${opened.layer}.output`, `${opened.layer}.dinput`];
    const tensor = wanted.find((name) => frame.tensors[name]?.computed_at === null);
    if (!tensor) return null;
    const position = computedBy(run, tensor, frame.position);
    return { position, ...stepOf(position, run.steps_per_iteration) };
  }

  /** Go to that step; the figure takes the focus that the button had. */
  #go() {
    const ahead = this.#ahead();
    if (ahead) goTo(ahead.position);
    this.#parts.plot.focus();
  }

  /**
   * @param {Shown} shown
   * @param {FigureCell | null} cell
   */
  async #outline({ parts }, cell) {
    await outline(this.#parts.plot, parts, boxesOf(parts, cell), getComputedStyle(this).getPropertyValue("--focus"));
  }

  /**
   * One score of the sample is another.
   * @param {number} k
   * @param {number} score
   */
  #drag(k, score) {
    const now = this.#now.peek()?.sampled;
    if (!now) return;
    batch(() => {
      this.#draft.value = now.z.with(k, score);
      this.#said.value = t("scores.draft");
    });
  }

  /** Let go of: the scores that differ are edits of the run. */
  async #keep() {
    const [sampled, draft, run] = [this.#shown.peek()?.sampled, this.#draft.peek(), state.run.peek()];
    if (!sampled || !draft || !run || draft === this.#sent) return;
    this.#sent = draft;
    const edits = scoreEdits(sampled, this.#kept?.run === run.id ? this.#kept.z : sampled.z, draft);
    let said = "";
    try {
      const made = edits.length > 0 ? await fork(edits) : null;
      if (made) this.#kept = { run: made.id, z: draft };
      if (made && made.id !== run.id) {
        if (this.#draft.peek() === draft) this.#said.value = t("scores.kept");
        return;
      }
    } catch (error) {
      said = worded(error);
    }
    if (this.#draft.peek() === draft) this.#drop(said);
  }

  /**
   * The scores are the run's again.
   * @param {string} why
   */
  #drop(why) {
    batch(() => {
      this.#draft.value = null;
      this.#said.value = why;
    });
  }

  /** The keys of the figure mean something once it is there, and the cursor's only on it. */
  #listen() {
    const { dialog, plot } = this.#parts;
    const onPlot = () => document.activeElement === plot;
    dialog.addEventListener("keydown", (event) => {
      const draft = this.#draft.peek();
      if (event.key !== "Escape" || !draft || draft === this.#sent) return;
      event.preventDefault();
      this.#drop("");
    });
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
    this.#cell.value = cell && within(parts, cell) ? neighbour(parts, cell, key) : { part: parts[0].name, row: 0, column: 0 };
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

  /** From a layer's output or gradient to its Jacobian. */
  #other() {
    const layer = layerOf(state.run.peek(), state.opened.peek());
    if (layer) state.opened.value = { kind: "jacobian", layer, sample: state.sample.peek() };
  }

  /** @param {number} sample */
  #slide(sample) {
    const opened = state.opened.peek();
    if (opened?.kind !== "jacobian") return;
    batch(() => {
      this.#draft.value = null;
      this.#said.value = "";
      state.opened.value = { ...opened, sample };
      state.sample.value = sample;
    });
  }
}

/**
 * The layer whose Jacobian leads from one to the other of what is opened: a row of its output or its gradient.
 * @param {import("./types.js").Run | null} run
 * @param {Opened | null} opened
 */
function layerOf(run, opened) {
  if (opened?.kind !== "tensor") return null;
  const [owner, attribute] = opened.tensor.split(".");
  return run?.layers.includes(owner) && ["output", "dinput"].includes(attribute) ? owner : null;
}

/**
 * Whether a matrix's table has its sums: those of a softmax's J are the lesson.
 * @param {Shown} shown
 * @param {string} name
 */
function summed({ sampled }, name) {
  return name === "J" && Boolean(sampled?.layer.startsWith("softmax"));
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
