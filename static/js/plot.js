/** A figure drawn by Plotly, with a cell cursor on it; and painted over in its own place, where Plotly is too slow. */

import { NUMBER, tracesFor } from "./figure-matrices.js";
import { cellText, minus } from "./numbers.js";
import { loadPlotly } from "./plotly.js";
import { niceRange, rangeText } from "./scales.js";

/** @typedef {import("./figure-matrices.js").Figure} Figure */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */
/** @typedef {import("./figure-cursor.js").Box} Box */

/** No bar of buttons and no tips, whose words would be English only, and no link to another host. */
const CONFIG = { displayModeBar: false, displaylogo: false, showTips: false, scrollZoom: false, responsive: true };

/** @type {WeakSet<HTMLElement>} */
const listening = new WeakSet();

/**
 * Draw a figure, in place of the one before.
 * @param {HTMLElement} element
 * @param {Figure} figure
 * @param {(cell: FigureCell) => void} point Told which cell the pointer is on.
 * @param {(cell: FigureCell) => void} [choose] Told which cell is clicked.
 */
export async function draw(element, figure, point, choose = point) {
  const Plotly = await loadPlotly();
  // A finger scrolls, where a mouse draws the box that is zoomed into.
  const dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
  // The title stands above the figure already, as the dialog's.
  const layout = { ...figure.layout, title: undefined, margin: { ...figure.layout.margin, t: 40, r: 36 }, dragmode, shapes: figure.layout.shapes ?? [] };
  const drawn = await Plotly.react(element, tracesFor(figure, element.clientWidth), layout, CONFIG);
  if (listening.has(element)) return;
  listening.add(element);
  // What stands beside the figure comes and goes with what is opened.
  new ResizeObserver(() => listening.has(element) && element.clientWidth && Plotly.Plots.resize(element)).observe(element);
  for (const [name, tell] of Object.entries({ plotly_hover: point, plotly_click: choose })) {
    drawn.on(name, ({ points: [{ data, x, y }] }) => tell({ part: data.name ?? "", row: y, column: x }));
  }
}

/**
 * Outline cells, and no others.
 * @param {HTMLElement} element
 * @param {Part[]} parts
 * @param {Box[]} boxes
 * @param {string} colour
 */
export async function outline(element, parts, boxes, colour) {
  await mark(element, boxes.map((box) => shape(parts, box, colour)));
}

/**
 * Shapes of Plotly's over the figure, and no others.
 * @param {HTMLElement} element
 * @param {object[]} shapes
 */
export async function mark(element, shapes) {
  const Plotly = await loadPlotly();
  await Plotly.relayout(element, { shapes });
}

/** @param {HTMLElement} element */
export async function clear(element) {
  if (!listening.delete(element)) return;
  const Plotly = await loadPlotly();
  Plotly.purge(element);
}

/**
 * @param {Part[]} parts
 * @param {Box} box
 * @param {string} color
 */
function shape(parts, { part, row, column, rows, columns, width }, color) {
  const { xaxis, yaxis } = parts.find(({ name }) => name === part) ?? parts[0];
  const place = { x0: column - 0.5, x1: column + columns - 0.5, y0: row - 0.5, y1: row + rows - 0.5 };
  return { type: "rect", xref: xaxis, yref: yaxis, ...place, line: { color, width } };
}

/** Room for the line of a matrix's range, above it. */
const LINE = 17;

/**
 * Its matrices painted over it while they are dragged, as Plotly will draw them.
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
