/**
 * A step as an equation: its matrices where a product has them, the result's rows going on in the left factor and
 * its columns in the right one.
 *
 *   result   left      rows line up
 *   right              columns line up
 *
 * Where that is too wide, the right factor stands beside the result and the left one beneath; where even that is, the
 * right one stands beneath the result and the left one under both. What is made cell by cell stands side by side, as many as there is room for.
 */

import { hasFault } from "./faults.js";
import { readsOf } from "./linkage.js";
import { isSmall } from "./stage-layout.js";
import { keptOf, memoryOf, parameterOf, penaltyOf, sharesOf, slopeText } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Index} Index */
/**
 * @typedef {"result" | "left" | "right" | "alike"} Role `right` has the result's columns: a factor, a bias, a sum.
 * @typedef {{tensor: string, caption: string, turned: boolean, role: Role, shape: Index}} Part
 *   `turned`: it stands transposed, and so does its shape.
 * @typedef {Pick<Part, "role" | "shape">} Sized
 * @typedef {{row: number, column: number, rows: number, columns: number}} Place In a grid, from 1, and how many of it.
 * @typedef {{places: Place[], cells: Index[], numbers: boolean}} Arranged `cells`: width and height of a part's cells.
 */

const GAP = 12;
const [WIDEST, NARROWEST, HIGH] = [45, 40, 26];
/** Of pictures: the longest side, and the largest cell. */
const [SIDE, LARGEST] = [160, 12];

/**
 * What each of a dense layer's tensors is made of, in the order in which linkage.js reads it.
 * @type {Record<string, string[]>}
 */
const PRODUCTS = {
  output: ["= input", "· weight", "+ bias"],
  dweight: ["= inputᵀ", "· dvalue"],
  dbias: ["= Σ dvalue"],
  dinput: ["= dvalue", "· weightᵀ"],
};

/**
 * The same where a fault spoils it.
 * @type {Record<string, Record<string, string[]>>}
 */
const SPOILED_PRODUCTS = {
  bias_not_summed: { dbias: ["= dvalue[0]"] },
  input_overwritten: { dweight: ["= dinputᵀ", "· dvalue"] },
  missing_transpose: { dinput: ["= dvalue", "· reshape(weight)"] },
};

/**
 * A tensor and what it is made of.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {number} position
 * @returns {Part[]}
 */
export function partsOf(run, tensor, position) {
  const [owner, attribute] = tensor.split(".");
  const updates = Math.floor(position / run.steps_per_iteration);
  const updated = updates > 0 && parameterOf(run, tensor);
  const captions = updated ? sharesOf(run, tensor, updates) : captionsOf(run, owner, attribute);
  const product = updated ? undefined : captions;
  const reads = readsOf(run, tensor, [0, 0], position);
  const operands = reads.filter((block, at) => reads.findIndex((one) => one.tensor === block.tensor) === at).map((block, at) => {
    const caption = captions?.[at] ?? block.tensor;
    const [rows, columns] = run.tensors[block.tensor].shape;
    const turned = caption.endsWith("ᵀ");
    const role = !product ? "alike" : at === 0 && attribute !== "dbias" ? "left" : "right";
    return { tensor: block.tensor, caption, turned, role, shape: turned ? [columns, rows] : [rows, columns] };
  });
  const caption = updated ? `${tensor} = ${beforeText(run, tensor, updates)}` : tensor;
  return /** @type {Part[]} */ ([{ tensor, caption, turned: false, role: "result", shape: run.tensors[tensor].shape }, ...operands]);
}

/**
 * @param {Run} run
 * @param {string} owner
 * @param {string} attribute
 */
function captionsOf(run, owner, attribute) {
  const spoiled = Object.keys(SPOILED_PRODUCTS).find((fault) => hasFault(run, fault) && attribute in SPOILED_PRODUCTS[fault]);
  const product = owner.startsWith("dense_") ? (spoiled ? SPOILED_PRODUCTS[spoiled] : PRODUCTS)[attribute] : undefined;
  const penalty = attribute === "dweight" ? penaltyOf(run, owner) : null;
  return product && penalty ? [...product, `+ ${slopeText(penalty)}`] : product;
}

/**
 * What an updated tensor was before, and how much of it is kept.
 * @param {Run} run
 * @param {string} tensor
 * @param {number} updates
 */
function beforeText(run, tensor, updates) {
  const [kept, name] = [keptOf(run, tensor, updates), memoryOf(tensor) || tensor.split(".")[1]];
  return `${kept === "1" ? "" : `${kept} · `}${name}`;
}

/**
 * @param {Sized[]} parts The result first.
 * @param {number} width The room.
 * @returns {Arranged}
 */
export function arrange(parts, width) {
  const numbers = parts.every(isSmall);
  const cells = (/** @type {number} */ wide) => parts.map(({ shape: [rows, columns] }) => cellOf(rows, columns, numbers, wide));
  const product = parts.slice(1).some(({ role }) => role !== "alike");
  const ways = product ? [linedUp(parts, 1, 2), beside(parts)] : parts.slice(1).map((_, less) => inLines(parts, parts.length - less));
  for (const places of ways) {
    for (let wide = WIDEST; wide >= NARROWEST; wide -= 1) {
      if (widthOf(parts, places, cells(wide)) <= width) return { places, cells: cells(wide), numbers };
    }
  }
  return { places: product ? linedUp(parts, parts.length, 1) : inLines(parts, 1), cells: cells(WIDEST), numbers };
}

/**
 * Numbers need room; in pictures a size belongs to a count, so that equal counts still line up.
 * @param {number} rows
 * @param {number} columns
 * @param {boolean} numbers
 * @param {number} wide
 * @returns {Index}
 */
function cellOf(rows, columns, numbers, wide) {
  const side = (/** @type {number} */ count) => Math.min(LARGEST, SIDE / count);
  return numbers ? [wide, HIGH] : [side(columns), side(rows)];
}

/**
 * @param {Sized[]} parts
 * @param {number} row The left factor's,
 * @param {number} column and its.
 */
function linedUp(parts, row, column) {
  let below = 1;
  return parts.map(({ role }) => {
    if (role === "result") return place(1, 1);
    if (role === "left") return place(row, column);
    below += 1;
    return place(below, 1);
  });
}

/** @param {Sized[]} parts */
function beside(parts) {
  const rights = parts.filter(({ role }) => role === "right").length;
  let above = 0;
  return parts.map(({ role }) => {
    if (role === "result") return place(1, 1, rights);
    if (role === "left") return place(rights + 1, 1, 1, 3);
    above += 1;
    return place(above, 2);
  });
}

/**
 * @param {Sized[]} parts
 * @param {number} count Of a line.
 */
function inLines(parts, count) {
  return parts.map((_, at) => place(Math.floor(at / count) + 1, (at % count) + 1));
}

/**
 * @param {Sized[]} parts
 * @param {Place[]} places
 * @param {Index[]} cells
 */
function widthOf(parts, places, cells) {
  /** @type {number[]} */
  const wide = [];
  let across = 0;
  parts.forEach(({ shape }, at) => {
    const { column, columns } = places[at];
    const own = shape[1] * cells[at][0];
    if (columns > 1) across = Math.max(across, own);
    else wide[column - 1] = Math.max(wide[column - 1] ?? 0, own);
  });
  return Math.max(across, wide.reduce((sum, one) => sum + one + GAP, -GAP));
}

/**
 * @param {number} row
 * @param {number} column
 * @param {number} [rows]
 * @param {number} [columns]
 * @returns {Place}
 */
function place(row, column, rows = 1, columns = 1) {
  return { row, column, rows, columns };
}
