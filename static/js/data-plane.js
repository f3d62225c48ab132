/** The plane of two-dimensional data: the network's regions, their borders, and the points. */

import { drawMark, drawRing, markPath } from "./data-marks.js";
import { NO_CLASS, meant, reachOf } from "./data-samples.js";
import { blank } from "./dom.js";
import { rgb } from "./scales.js";

/** @typedef {import("./types.js").Regions} Regions */
/** @typedef {import("./data-samples.js").Point} Point */
/** @typedef {{size: number, regions: Regions | null, points: Point[], chosen: number | null, count: number, colours: import("./theme.js").Palette}} Plane `count`: of classes. */

/** How strong a region's colour is, where the network is as unsure and as sure as can be. */
const FAINT = 0.1;
const SURE = 0.55;
/** Pixels from one small shape in a region to the next. */
const EVERY = 34;
const NEAR = 14;

/** @param {number} size */
const radiusFor = (size) => Math.max(3.2, Math.min(6, size / 70));

/**
 * Pixels of a place, and the place of pixels.
 * @param {Plane} plane
 */
export function projection({ size, regions, points }) {
  const { x, y } = regions ?? reachOf(points);
  return {
    to: (/** @type {[number, number]} */ at) => [((at[0] - x[0]) / (x[1] - x[0])) * size, ((y[1] - at[1]) / (y[1] - y[0])) * size],
    from: (/** @type {number} */ left, /** @type {number} */ top) =>
      /** @type {[number, number]} */ ([x[0] + (left / size) * (x[1] - x[0]), y[1] - (top / size) * (y[1] - y[0])]),
  };
}

/**
 * The point under a pointer.
 * @param {Plane} plane
 * @param {number} left
 * @param {number} top
 */
export function pointAt(plane, left, top) {
  const { to } = projection(plane);
  const away = (/** @type {Point} */ { at }) => Math.hypot(to(at)[0] - left, to(at)[1] - top);
  return meant(plane.points, away, NEAR);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Plane} plane
 */
export function paintPlane(canvas, plane) {
  const { size, regions, points, chosen, colours } = plane;
  const context = blank(canvas, size, size);
  if (regions) paintRegions(context, plane, regions);
  const { to } = projection(plane);
  const radius = radiusFor(size);
  const batch = points.some(({ sample }) => sample !== null);
  const stands = (/** @type {Point} */ { sample }) => !batch || sample !== null;
  // What stands in the batch is drawn over what does not.
  context.globalAlpha = 0.5;
  scatter(context, plane, points.filter((point) => !stands(point)), radius * 0.7);
  context.globalAlpha = 1;
  scatter(context, plane, points.filter(stands), radius);
  const ours = chosen === null ? null : points.find(({ sample }) => sample === chosen);
  if (!ours) return;
  const [x, y] = to(ours.at);
  drawMark(context, ours, [x, y, radius * 1.2], colours);
  drawRing(context, [x, y, radius * 1.2 + 5], colours);
}

/**
 * Points of one size, each kind of mark drawn once: there may be thousands, many times a second.
 * @param {CanvasRenderingContext2D} context
 * @param {Plane} plane
 * @param {Point[]} points
 * @param {number} radius
 */
function scatter(context, plane, points, radius) {
  const { to } = projection(plane);
  const half = Math.ceil(radius * 1.4 + 3);
  /** @type {Map<string, HTMLCanvasElement>} */
  const marks = new Map();
  for (const point of points) {
    const [x, y] = to(point.at);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const key = `${point.label}${point.said !== null && point.said !== point.label}`;
    let mark = marks.get(key);
    if (!mark) {
      mark = document.createElement("canvas");
      drawMark(blank(mark, 2 * half, 2 * half), point, [half, half, radius], plane.colours);
      marks.set(key, mark);
    }
    context.drawImage(mark, x - half, y - half, 2 * half, 2 * half);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plane} plane
 * @param {Regions} regions
 */
function paintRegions(context, { size, count, colours }, { resolution, classes, share }) {
  const image = context.createImageData(resolution, resolution);
  const fills = colours.classes.map(rgb);
  for (let cell = 0; cell < classes.length; cell += 1) {
    if (classes[cell] === NO_CLASS) continue;
    const sure = Math.max(0, Math.min(1, (share[cell] - 1 / count) / (1 - 1 / count)));
    image.data.set([...fills[classes[cell] % fills.length], 255 * (FAINT + (SURE - FAINT) * (sure || 0))], cell * 4);
  }
  const small = document.createElement("canvas");
  small.width = small.height = resolution;
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, size, size);
  const cell = size / resolution;
  context.globalAlpha = 0.3;
  context.fillStyle = colours.ink;
  for (let top = EVERY / 2; top < size; top += EVERY) {
    for (let left = EVERY / 2; left < size; left += EVERY) {
      const code = classes[Math.floor(top / cell) * resolution + Math.floor(left / cell)];
      if (code !== NO_CLASS) context.fill(markPath(code, left, top, size < 300 ? 2.2 : 3));
    }
  }
  context.globalAlpha = 1;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  context.stroke(borders(classes, resolution, cell));
}

/**
 * Lines between cells of different classes.
 * @param {ArrayLike<number>} classes
 * @param {number} resolution
 * @param {number} cell
 */
function borders(classes, resolution, cell) {
  const path = new Path2D();
  const line = (/** @type {number[]} */ ...[x, y, right, down]) => {
    path.moveTo(x * cell, y * cell);
    path.lineTo((x + right) * cell, (y + down) * cell);
  };
  for (let row = 0; row < resolution; row += 1) {
    for (let column = 0; column < resolution; column += 1) {
      const here = classes[row * resolution + column];
      if (column + 1 < resolution && here !== classes[row * resolution + column + 1]) line(column + 1, row, 0, 1);
      if (row + 1 < resolution && here !== classes[(row + 1) * resolution + column]) line(column, row + 1, 1, 0);
    }
  }
  return path;
}
