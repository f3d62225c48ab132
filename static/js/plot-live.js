/** A figure's matrices painted over it in its own place: a drag is faster than Plotly draws. */

import { NUMBER } from "./figure-matrices.js";
import { cellText, minus } from "./numbers.js";
import { niceRange, rangeText } from "./scales.js";

/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").Box} Box */

/** Room for the line of a matrix's range, above it. */
const LINE = 17;

/**
 * @param {HTMLCanvasElement} canvas As large as the plot.
 * @param {HTMLElement} plot Drawn by Plotly.
 * @param {Part[]} drawn What stands there.
 * @param {Part[]} parts What is painted over it; of what is not among them, only paper is left.
 * @param {Box[]} boxes
 * @param {(value: number, range: number) => [number, number, number]} colour
 */
export function paintOver(canvas, plot, drawn, parts, boxes, colour) {
  const { _fullLayout: layout } = /** @type {any} */ (plot);
  const style = getComputedStyle(canvas);
  const [paper, ink, muted, font] = ["--paper", "--ink", "--muted", "--font-numbers"].map((name) => style.getPropertyValue(name));
  const ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [plot.clientWidth * ratio, plot.clientHeight * ratio];
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  Object.assign(context, { font: `13px ${font}`, textBaseline: "middle" });
  for (const { name, xaxis, yaxis, values: { length: rows, 0: { length: columns } } } of drawn) {
    const [{ _offset: x, _length: width }, { _offset: y, _length: height }] = [axis(xaxis), axis(yaxis)];
    const [cell, line] = [width / columns, height / rows];
    const values = parts.find((part) => part.name === name)?.values;
    context.fillStyle = paper;
    context.fillRect(x - 1, y - LINE, width + 2, height + LINE + 1);
    if (!values) continue;
    const range = niceRange(Math.min(...values.flat()), Math.max(...values.flat()));
    const head = layout.annotations.find((/** @type {{text: string}} */ { text }) => text.startsWith(name));
    context.fillStyle = muted;
    context.textAlign = "left";
    context.fillText(head.text.split("<br>").at(-1).replace(/±.*/, minus(rangeText(range))), x + 1, y - LINE / 2);
    context.textAlign = "center";
    values.forEach((row, j) => row.forEach((value, k) => {
      context.fillStyle = `rgb(${colour(value, range)})`;
      context.fillRect(x + k * cell + 0.5, y + j * line + 0.5, cell - 1, line - 1);
      context.fillStyle = ink;
      if (cell >= NUMBER) context.fillText(minus(cellText(value)), x + (k + 0.5) * cell, y + (j + 0.5) * line);
    }));
    for (const { part, row, column, rows: high, columns: wide, width: thick } of boxes) {
      context.lineWidth = thick;
      if (part === name) context.strokeRect(x + column * cell, y + row * line, wide * cell, high * line);
    }
  }

  /** @param {string} name As a trace has it: `x2` of `xaxis2`. */
  function axis(name) {
    return layout[`${name[0]}axis${name.slice(1)}`];
  }
}
