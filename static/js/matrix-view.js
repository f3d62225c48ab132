/**
 * <matrix-view>: one matrix as a picture, its numbers laid over it, highlights as moved boxes.
 *
 *   canvas   one pixel a cell, stretched
 *   pre      the numbers, seven characters a cell
 *   div      a box a highlight
 */

import { cellText, signedText, toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {{rows: Index, columns: Index, kind: "selected" | "reads" | "cursor" | "hover" | "differs" | "edited"}} Mark */
/**
 * @typedef {{
 *   values: Matrix | null, shape: Index, cell: [number, number], numbers: boolean, whole: boolean, signed?: boolean,
 *   range: number, colour: (value: number, range: number) => [number, number, number], warn: [number, number, number],
 * }} Picture
 */

/** Characters of a cell with a number; one is half as wide as its font is high. */
const CHARACTERS = 7;

export class MatrixView extends HTMLElement {
  #canvas = document.createElement("canvas");
  #numbers = document.createElement("pre");
  #marks = document.createElement("div");
  /** @type {Picture | null} */
  #shown = null;
  /** @type {Mark[]} */
  #marked = [];

  connectedCallback() {
    if (this.firstChild) return;
    for (const part of [this.#canvas, this.#numbers, this.#marks]) part.setAttribute("aria-hidden", "true");
    this.append(this.#canvas, this.#numbers, this.#marks);
  }

  /**
   * Paint; what has not changed since the last time is left as it is.
   * @param {Picture} picture
   */
  show(picture) {
    const before = this.#shown;
    this.#shown = picture;
    const [rows, columns] = picture.shape;
    const [width, height] = picture.cell;
    this.style.setProperty("width", `${width * columns}px`);
    this.style.setProperty("height", `${height * rows}px`);
    this.classList.toggle("missing", picture.values === null);
    const same = before?.values === picture.values && before.range === picture.range && before.colour === picture.colour;
    if (!same) this.#paint(picture);
    if (!same || before.numbers !== picture.numbers) this.#write(picture);
    this.#numbers.style.setProperty("line-height", `${height}px`);
    this.style.setProperty("--number-size", `${(width / CHARACTERS) * 2}px`);
    if (String(before?.cell) !== String(picture.cell)) this.mark(this.#marked);
  }

  /** @param {Mark[]} marks */
  mark(marks) {
    this.#marked = marks;
    while (this.#marks.childElementCount > marks.length) this.#marks.lastElementChild?.remove();
    while (this.#marks.childElementCount < marks.length) this.#marks.append(document.createElement("i"));
    const [width, height] = this.#shown?.cell ?? [0, 0];
    marks.forEach(({ rows, columns, kind }, at) => {
      const box = /** @type {HTMLElement} */ (this.#marks.children[at]);
      box.className = kind;
      box.style.setProperty("left", `${columns[0] * width}px`);
      box.style.setProperty("top", `${rows[0] * height}px`);
      box.style.setProperty("width", `${(columns[1] - columns[0]) * width}px`);
      box.style.setProperty("height", `${(rows[1] - rows[0]) * height}px`);
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
    if (!this.#shown) return null;
    const box = this.getBoundingClientRect();
    const [rows, columns] = this.#shown.shape;
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
    const [rows, columns] = this.#shown?.shape ?? [1, 1];
    return new DOMRect(left + (column * width) / columns, top + (row * height) / rows, width / columns, height / rows);
  }

  /** @param {Picture} picture */
  #paint({ values, shape, range, colour, warn }) {
    const [rows, columns] = shape;
    this.#canvas.width = columns;
    this.#canvas.height = rows;
    const context = this.#canvas.getContext("2d");
    if (values === null || !context) return;
    const image = context.createImageData(columns, rows);
    values.flat().forEach((wire, at) => {
      const value = toNumber(wire);
      image.data.set([...(Number.isNaN(value) ? warn : colour(value, range)), 255], at * 4);
    });
    context.putImageData(image, 0, 0);
  }

  /** @param {Picture} picture */
  #write({ values, numbers, whole, signed }) {
    const text = signed ? signedText : cellText;
    const line = (/** @type {Matrix[number]} */ row) =>
      row.map((value) => `${text(value, whole).padStart(CHARACTERS - 1)} `).join("");
    this.#numbers.textContent = numbers && values ? values.map(line).join("\n") : "";
  }
}

customElements.define("matrix-view", MatrixView);
