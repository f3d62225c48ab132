/** The batch's samples side by side: digits as the pictures that they are, others as their class's mark. */

import { drawMark } from "./data-marks.js";
import { blank } from "./dom.js";
import { toNumber } from "./numbers.js";
import { SIDE } from "./pixels.js";

/** @typedef {import("./data-samples.js").Sample} Sample */
/**
 * @typedef {{
 *   width: number, height: number, samples: Sample[], input: import("./types.js").Matrix | null, chosen: number,
 *   names: (code: number) => string, colours: import("./theme.js").Palette,
 * }} Gallery `input`: of the pictures, where there are some.
 */

const TILE = { width: 40, height: 46 };
const LARGE = { width: 72, height: 84 };
const WORD = 14;

/**
 * Which samples there is room for: the page of them that the chosen one is on.
 * @param {Gallery} gallery
 */
export function roomFor({ width, height, samples, chosen }) {
  const tile = width >= 480 ? LARGE : TILE;
  const columns = Math.max(1, Math.floor(width / tile.width));
  const rows = Math.max(1, Math.floor(height / tile.height));
  const first = Math.floor(Math.max(0, chosen) / (columns * rows)) * columns * rows;
  return { tile, columns, first, last: Math.min(samples.length, first + columns * rows) };
}

/**
 * The sample under a pointer.
 * @param {Gallery} gallery
 * @param {number} left
 * @param {number} top
 */
export function sampleAt(gallery, left, top) {
  const { tile, columns, first, last } = roomFor(gallery);
  const column = Math.floor(left / tile.width);
  const sample = first + Math.floor(top / tile.height) * columns + column;
  return column < columns && sample < last ? sample : null;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Gallery} gallery
 */
export function paintGallery(canvas, gallery) {
  const { width, height, samples, input, chosen, names, colours } = gallery;
  const context = blank(canvas, width, height);
  const { tile, columns, first, last } = roomFor(gallery);
  const side = Math.min(tile.width - 8, tile.height - WORD - 4);
  context.font = `${WORD - 3}px ${getComputedStyle(document.documentElement).getPropertyValue("--font-numbers")}`;
  context.textAlign = "center";
  for (let sample = first; sample < last; sample += 1) {
    const at = sample - first;
    const [x, y] = [(at % columns) * tile.width + (tile.width - side) / 2, Math.floor(at / columns) * tile.height + 3];
    const what = samples[sample];
    if (input) paintDigit(context, input[sample].map(toNumber), [x, y, side], colours);
    else drawMark(context, what, [x + side / 2, y + side / 2, side / 4], colours);
    const wrong = what.said !== null && what.said !== what.label;
    if (input && wrong) frame(context, [x, y, side], colours.ink, [3, 2]);
    if (sample === chosen) frame(context, [x, y, side], colours.ink, []);
    context.fillStyle = colours.ink;
    const short = (/** @type {number} */ code) => (input ? names(code) : String(code));
    const text = input ? (wrong ? `${short(what.label)}→${short(what.said ?? 0)}` : short(what.label)) : String(sample);
    context.fillText(text, x + side / 2, y + side + WORD - 2, tile.width);
  }
}

/**
 * In the colours of the stage, as far as the picture's own largest value.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} pixels
 * @param {[number, number, number]} where Left, top and side.
 * @param {import("./theme.js").Palette} colours
 */
function paintDigit(context, pixels, [x, y, side], { colour, warn }) {
  const range = Math.max(...pixels.map((pixel) => (Number.isFinite(pixel) ? Math.abs(pixel) : 0))) || 1;
  const step = side / SIDE;
  pixels.forEach((pixel, at) => {
    context.fillStyle = `rgb(${Number.isNaN(pixel) ? warn : colour(pixel, range)})`;
    context.fillRect(x + (at % SIDE) * step, y + Math.floor(at / SIDE) * step, step + 0.5, step + 0.5);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number]} where Left, top and side.
 * @param {string} colour
 * @param {number[]} dashes
 */
function frame(context, [x, y, side], colour, dashes) {
  context.strokeStyle = colour;
  context.lineWidth = dashes.length ? 1 : 2.5;
  context.setLineDash(dashes);
  context.strokeRect(x - 1.5, y - 1.5, side + 3, side + 3);
  context.setLineDash([]);
}
