/** A figure drawn by Plotly, with a cell cursor on it. */

import { fitted } from "./figure-matrices.js";
import { loadPlotly } from "./plotly.js";

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
 */
export async function draw(element, figure, point) {
  const Plotly = await loadPlotly();
  // A finger scrolls, where a mouse draws the box that is zoomed into.
  const dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
  // The title stands above the figure already, as the dialog's.
  const layout = { ...figure.layout, title: undefined, margin: { ...figure.layout.margin, t: 40, r: 36 }, dragmode, shapes: [] };
  const drawn = await Plotly.react(element, fitted(figure, element.clientWidth), layout, CONFIG);
  if (listening.has(element)) return;
  listening.add(element);
  // What stands beside the figure comes and goes with what is opened.
  new ResizeObserver(() => listening.has(element) && element.clientWidth && Plotly.Plots.resize(element)).observe(element);
  for (const name of ["plotly_hover", "plotly_click"]) {
    drawn.on(name, ({ points: [{ data, x, y }] }) => point({ part: data.name ?? "", row: y, column: x }));
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
  const Plotly = await loadPlotly();
  await Plotly.relayout(element, { shapes: boxes.map((box) => shape(parts, box, colour)) });
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
