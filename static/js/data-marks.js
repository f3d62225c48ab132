/** The mark of a class: a colour and a shape, so that neither is needed to tell it. */

/** Corners, the angle of the first in quarters of a turn, and how far in every second corner is. */
const SHAPES = [[24, 0, 1], [4, 0.5, 1], [3, -1, 1], [4, 0, 1], [10, -1, 0.45], [3, 1, 1], [8, 0, 0.35], [8, 0.5, 0.35], [12, -1, 0.6], [5, -1, 1]];
/** So that all look equally large. */
const SIZES = [1, 1.15, 1.3, 1.2, 1.35, 1.3, 1.4, 1.4, 1.15, 1.1];

/**
 * The outline of a class's mark, to be filled or stroked.
 * @param {number} code
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function markPath(code, x, y, radius) {
  const [corners, turn, inner] = SHAPES[code % SHAPES.length];
  const size = radius * SIZES[code % SIZES.length];
  const path = new Path2D();
  for (let corner = 0; corner < corners; corner += 1) {
    const angle = (turn + (corner / corners) * 4) * (Math.PI / 2);
    const reach = size * (corner % 2 ? inner : 1);
    path.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  path.closePath();
  return path;
}

/**
 * Draw a class's mark: full where the network is right, hollow where it says another class.
 * @param {CanvasRenderingContext2D} context
 * @param {{label: number, said: number | null}} what
 * @param {[number, number, number]} where Centre and radius.
 * @param {import("./theme.js").Palette} colours
 */
export function drawMark(context, { label, said }, [x, y, radius], { classes, ink, paper }) {
  const wrong = said !== null && said !== label;
  const path = markPath(label, x, y, radius);
  const colour = classes[label % classes.length];
  context.lineJoin = "round";
  context.lineWidth = wrong ? Math.max(3.5, radius * 0.9) : 1.5;
  context.strokeStyle = wrong ? ink : paper;
  context.stroke(path);
  context.fillStyle = wrong ? paper : colour;
  context.fill(path);
  if (!wrong) return;
  context.lineWidth = Math.max(2, radius * 0.45);
  context.strokeStyle = colour;
  context.stroke(path);
}

/**
 * A ring around what is chosen.
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number]} where Centre and radius.
 * @param {import("./theme.js").Palette} colours
 */
export function drawRing(context, [x, y, radius], { ink, paper }) {
  const ring = new Path2D();
  ring.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [width, colour] of /** @type {[number, string][]} */ ([[5, paper], [2, ink]])) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke(ring);
  }
}
