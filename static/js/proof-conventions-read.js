/** What the answer about other conventions says: which rules and tensors there are to tell of, and a cell's marks (pure). */

import { presetOf } from "./builder-spec.js";
import { canonical } from "./linkage.js";
import { toNumber } from "./numbers.js";
import { entryOf } from "./positions.js";

/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {"relu_at_zero" | "bce_outputs" | "clip" | "head"} RuleName */
/**
 * @typedef {{
 *   now: any, then: any, switched: boolean, changed: number, rounding: number,
 *   reason: string | null, params: Record<string, Num>,
 * }} Rule
 * @typedef {{
 *   shape: Index, changed: number | null, rounding: number | null, together: number | null, largest: Num | null,
 *   rules: Record<string, {changed: number, largest: Num}>,
 * }} Changed
 * @typedef {{
 *   run: string, position: number, preset: string, loss: (Num | null)[], rules: Record<RuleName, Rule>, changes: object,
 *   dropped: number, tensors: Record<string, Changed>,
 * }} Conventions
 * @typedef {{
 *   name: string, shape: Index, rows: Index, columns: Index, now: Matrix, then: Matrix, difference: Matrix, by: string[][][],
 * }} Switched
 * @typedef {{name: string, cells: number, changed: number, rounding: number, largest: Num, rules: RuleName[], together: number}} Row
 */

/** @type {RuleName[]} */
export const CONVENTION_RULES = ["relu_at_zero", "bce_outputs", "clip", "head"];
/** A rule's letter in a cell; and a cell's own: a change that is not the sum of the rules', one that is only rounding. */
export const LETTERS = { relu_at_zero: "R", bce_outputs: "B", clip: "C", head: "H", together: "+", rounding: "≈" };
/** Cells of a tensor that are shown at once, in each direction. */
export const WINDOW_SIDE = 64;

/**
 * The preset that a run follows; none where its rules are its own.
 * @param {Run} run
 * @param {Record<string, any>} rules Of each preset.
 */
export function followed(run, rules) {
  const found = presetOf(run.spec.conventions, rules);
  const last = { categorical_crossentropy: "softmax", binary_crossentropy: "sigmoid" }[run.spec.loss ?? "categorical_crossentropy"];
  const fusible = last !== undefined && run.layers[run.layers.length - 1].startsWith(last);
  const head = found === "pytorch" && fusible ? "fused" : "separate";
  return (run.spec.head ?? "separate") === head ? found : undefined;
}

/**
 * The tensors that are other, in the order in which they are computed.
 * @param {Conventions} answer
 * @returns {Row[]}
 */
export function rowsIn({ tensors }) {
  return Object.entries(tensors).flatMap(([name, { shape, changed, rounding, together, largest, rules }]) => {
    if (!changed && !rounding) return [];
    const by = CONVENTION_RULES.filter((rule) => (rules[rule]?.changed ?? 0) > 0);
    const counts = { cells: shape[0] * shape[1], changed: changed ?? 0, rounding: rounding ?? 0, together: together ?? 0 };
    return [{ name, ...counts, largest: largest ?? 0, rules: by }];
  });
}

/**
 * Where the changes of an iteration begin; null where its weights are other already, and so all that follows.
 * @param {Row[]} rows
 */
export function beginningOf(rows) {
  const changed = rows.filter((row) => row.changed > 0 && !/\.(weight|bias)\b/.test(row.name));
  return changed.some(({ name }) => name.endsWith(".output") && !name.startsWith("loss.")) ? null : changed[0]?.name ?? null;
}

/**
 * The row with the largest change; what is not finite is larger than all else.
 * @param {Row[]} rows
 */
export function largestChange(rows) {
  const size = (/** @type {Row} */ { largest }) => (Number.isFinite(toNumber(largest)) ? toNumber(largest) : Infinity);
  return rows.reduce((most, row) => (size(row) > size(most) ? row : most));
}

/**
 * The letters of a cell.
 * @param {string[]} by
 */
export function lettersOf(by) {
  return by.map((word) => LETTERS[/** @type {RuleName} */ (word)]).join("");
}

/**
 * The windows along one side of a tensor: from, and one past the last.
 * @param {number} length
 * @returns {Index[]}
 */
export function windowsOf(length) {
  return Array.from({ length: Math.ceil(length / WINDOW_SIDE) }, (_, at) => [at * WINDOW_SIDE, Math.min(length, (at + 1) * WINDOW_SIDE)]);
}

/**
 * The first cell of a window that a rule changes; else the first that differs, else the first.
 * @param {Switched} tensor
 * @returns {Index}
 */
export function firstChanged({ by, rows, columns }) {
  for (const wanted of [(/** @type {string[]} */ words) => words.some((word) => word !== "rounding"), (/** @type {string[]} */ words) => words.length > 0]) {
    for (const [r, row] of by.entries()) {
      const c = row.findIndex(wanted);
      if (c >= 0) return [rows[0] + r, columns[0] + c];
    }
  }
  return [rows[0], columns[0]];
}

/**
 * Where a key leads from a cell of a window.
 * @param {{rows: Index, columns: Index}} window
 * @param {Index} index
 * @param {string} key
 * @returns {Index}
 */
export function steppedIn({ rows, columns }, [row, column], key) {
  const ways = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [row, columns[0]], End: [row, columns[1] - 1], PageUp: [rows[0], column], PageDown: [rows[1] - 1, column],
  };
  const [r, c] = ways[/** @type {keyof typeof ways} */ (key)] ?? [row, column];
  return [Math.max(rows[0], Math.min(rows[1] - 1, r)), Math.max(columns[0], Math.min(columns[1] - 1, c))];
}

/**
 * The edit after which ReLU's slope at 0 matters: of all inputs of a ReLU the one through which most of a gradient comes.
 * @param {Run} run
 * @param {import("./types.js").Frame} frame With the gradients of a ReLU in it.
 * @returns {import("./types.js").Edit | null}
 */
export function zeroing(run, frame) {
  const found = run.layers.filter((layer) => layer.startsWith("relu")).flatMap((layer) => {
    const [tensor, dvalue] = ["input", "dvalue"].map((name) => canonical(run, `${layer}.${name}`));
    return (frame.tensors[dvalue]?.values ?? []).flatMap((row, r) => row.map((value, c) => {
      return { tensor, index: /** @type {Index} */ ([r, c]), size: Math.abs(toNumber(value)) };
    }));
  });
  const most = found.reduce((best, one) => (one.size > best.size ? one : best), { tensor: "", index: /** @type {Index} */ ([0, 0]), size: 0 });
  return most.tensor ? { position: entryOf(run, frame, most.tensor), tensor: most.tensor, index: most.index, value: 0 } : null;
}
