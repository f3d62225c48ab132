/**
 * <matrix-view>: one matrix as a picture, its numbers laid over it, highlights as moved boxes.
 *
 *   canvas   one pixel a cell, stretched
 *   canvas   a glyph where a colour does not say all: NaN, infinite, beyond the range
 *   pre      the numbers, seven characters a cell
 *   div      a box a highlight
 */

import { blank } from "./dom.js";
import { cellText, signedText, toNumber } from "./numbers.js";
import { GLYPHS, glyphOf } from "./scales.js";
import { signal, state } from "./state.js";
import { palette } from "./theme.js";

/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {{rows: Index, columns: Index, kind: "selected" | "reads" | "cursor" | "hover" | "differs" | "edited" | "others"}} Mark */
/**
 * @typedef {{
 *   values: Matrix | null, shape: Index, cell: [number, number], numbers: boolean, whole: boolean, range: number,
 *   signed?: boolean,
 * }} Picture
 * @typedef {Picture & import("./theme.js").Palette} Painted
 */

/** Characters of a cell with a number; one is half as wide as its font is high. */
const CHARACTERS = 7;
const FRAMED = 15;
/** Glyphs are drawn in cells of at least this size, in CSS pixels. */
const DRAWN = 6;

export class MatrixView extends HTMLElement {
  #canvas = document.createElement("canvas");
  #glyphs = document.createElement("canvas");
  #numbers = document.createElement("pre");
  #marks = document.createElement("div");
  #shown = signal(/** @type {Painted | null} */ (null));
  /** @type {Mark[]} */
  #marked = [];

  connectedCallback() {
    if (this.firstChild) return;
    for (const part of [this.#canvas, this.#glyphs, this.#numbers, this.#marks]) part.setAttribute("aria-hidden", "true");
    this.append(this.#canvas, this.#numbers, this.#marks);
  }

  /** What is shown; whoever asks follows it. */
  get picture() {
    return this.#shown.value;
  }

  /**
   * Paint in the present colours; what has not changed since the last time is left as it is.
   * @param {Picture} given
   */
  show(given) {
    this.connectedCallback();
    const before = this.#shown.peek();
    const picture = { ...given, ...palette(state.theme.value) };
    this.#shown.value = picture;
    const [rows, columns] = picture.shape;
    const [width, height] = picture.cell;
    this.style.setProperty("width", `${width * columns}px`);
    this.style.setProperty("height", `${height * rows}px`);
    this.classList.toggle("missing", picture.values === null);
    const same = before?.values === picture.values && before.range === picture.range && before.colour === picture.colour &&
      before.numbers === picture.numbers;
    const moved = String(before?.cell) !== String(picture.cell);
    if (!same) {
      this.#paint(picture);
      this.#write(picture);
    }
    if (!same || moved) this.#draw(picture);
    this.#numbers.style.setProperty("line-height", `${height}px`);
    this.style.setProperty("--number-size", `${(width / CHARACTERS) * 2}px`);
    if (moved) this.#place();
  }

  /** @param {Mark[]} marks */
  mark(marks) {
    if (JSON.stringify(marks) === JSON.stringify(this.#marked)) return;
    this.#marked = marks;
    this.#place();
  }

  #place() {
    const marks = this.#marked;
    while (this.#marks.childElementCount > marks.length) this.#marks.lastElementChild?.remove();
    while (this.#marks.childElementCount < marks.length) this.#marks.append(document.createElement("i"));
    const [width, height] = this.#shown.peek()?.cell ?? [0, 0];
    // A small cell is framed from outside, or the frame would hide it.
    const out = Math.min(width, height) < FRAMED ? (this.#shown.peek()?.numbers ? 1 : 3) : 0;
    marks.forEach(({ rows, columns, kind }, at) => {
      const box = /** @type {HTMLElement} */ (this.#marks.children[at]);
      box.className = kind;
      const away = /differs|others/.test(kind) ? 0 : out;
      box.style.setProperty("left", `${columns[0] * width - away}px`);
      box.style.setProperty("top", `${rows[0] * height - away}px`);
      box.style.setProperty("width", `${(columns[1] - columns[0]) * width + 2 * away}px`);
      box.style.setProperty("height", `${(rows[1] - rows[0]) * height + 2 * away}px`);
      // What differs has a corner in every cell of its box.
      box.style.setProperty("background-size", `${width}px ${height}px`);
    });
  }

  /**
   * The cell under a pointer.
   * @param {MouseEvent} event
   * @returns {Index | null}
   */
  cellAt(event) {
    const shown = this.#shown.peek();
    if (!shown) return null;
    const box = this.getBoundingClientRect();
    const [rows, columns] = shown.shape;
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : null;
  }

  /**
   * Where a cell stands on the page.
   * @param {Index} index
   */
  boxOf([row, column]) {
    const { left, top, width, height } = this.getBoundingClientRect();
    const [rows, columns] = this.#shown.peek()?.shape ?? [1, 1];
    return new DOMRect(left + (column * width) / columns, top + (row * height) / rows, width / columns, height / rows);
  }

  /** @param {Painted} picture */
  #paint({ values, shape, range, numbers, colour, warn, faint }) {
    const [rows, columns] = shape;
    this.#canvas.width = columns;
    this.#canvas.height = rows;
    const context = this.#canvas.getContext("2d");
    if (values === null || !context) return;
    const image = context.createImageData(columns, rows);
    values.forEach((row, r) => row.forEach((wire, c) => {
      const value = toNumber(wire);
      image.data.set([...(Number.isNaN(value) ? (numbers ? faint : warn) : colour(value, range)), 255], (r * columns + c) * 4);
    }));
    context.putImageData(image, 0, 0);
  }

  /** @param {Painted} picture */
  #draw({ values, shape: [rows, columns], cell: [width, height], range, numbers, ink, paper }) {
    const glyphs = (values ?? []).flatMap((row) => Array.from({ length: columns }, (_, c) => (c in row ? glyphOf(toNumber(row[c]), range) : null)));
    this.#glyphs.remove();
    if (Math.min(width, height) < DRAWN || !glyphs.some(Boolean)) return;
    this.#canvas.after(this.#glyphs);
    const context = blank(this.#glyphs, width * columns, height * rows);
    context.lineWidth = 1.5;
    glyphs.forEach((glyph, at) => {
      if (!glyph) return;
      const edge = glyph === "over" || glyph === "under";
      // A number that is none is written out where there are numbers.
      if (numbers && !edge) return;
      const wide = edge ? width * 0.6 : Math.min(width, height, 16) * 0.6;
      const high = edge ? height - 3 : wide;
      const x = (at % columns) * width + (width - wide) / 2;
      const y = Math.floor(at / columns) * height + (height - high) / 2;
      context.strokeStyle = glyph === "nan" ? paper : ink;
      context.beginPath();
      for (const [x1, y1, x2, y2] of GLYPHS[glyph]) {
        context.moveTo(x + x1 * wide, y + y1 * high);
        context.lineTo(x + x2 * wide, y + y2 * high);
      }
      context.stroke();
    });
  }

  /** @param {Painted} picture */
  #write({ values, numbers, whole, signed }) {
    const text = signed ? signedText : cellText;
    const line = (/** @type {Matrix[number]} */ row) =>
      row.map((value) => `${text(value, whole).padStart(CHARACTERS - 1)} `).join("");
    this.#numbers.textContent = numbers && values ? values.map(line).join("\n") : "";
  }
}

customElements.define("matrix-view", MatrixView);
