/** What a pasted matrix comes to: whether it fits, which cells differ, and the change that puts it in place. */

import { shapeName, transposed } from "./cells.js";
import { enteredAt, refusal } from "./edit-rules.js";
import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Tensor} Tensor */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {{key: string, params: Record<string, unknown>}} Refusal */

/** Edits that a run may have. */
const MOST_EDITS = 1000;

/**
 * The matrix in a tensor's shape and precision; a list of numbers alone also is a column.
 * @param {number[][]} values
 * @param {Pick<Tensor, "shape" | "dtype">} tensor
 * @returns {{values: number[][]} | Refusal & {turned: boolean}}
 */
export function fitted(values, { shape, dtype }) {
  const got = [values.length, values[0].length];
  const turned = shapeName([got[1], got[0]]) === shapeName(shape);
  if (turned && got[0] === 1 && got[1] > 1) return fitted(transposed(values), { shape, dtype });
  if (shapeName(got) === shapeName(shape)) return { values: dtype === "float32" ? values.map((row) => row.map(Math.fround)) : values };
  return { key: turned ? "paste.turned" : "paste.shape", params: { expected: shapeName(shape), got: shapeName(got) }, turned };
}

/**
 * The cells that differ by more than a share of the larger one, and the one that differs most.
 * @param {number[][]} values
 * @param {Pick<Tensor, "values">} tensor
 * @param {number} tolerance
 */
export function disagreeing(values, { values: shown }, tolerance) {
  /** @type {Index[]} */
  const cells = [];
  let [largest, at] = [0, /** @type {Index} */ ([0, 0])];
  values.forEach((row, r) => row.forEach((pasted, c) => {
    const here = toNumber(shown?.[r]?.[c] ?? NaN);
    const gap = Math.abs(here - pasted);
    if (here === pasted || Object.is(here, pasted)) return;
    if (Number.isFinite(gap) && gap <= tolerance * Math.max(Math.abs(here), Math.abs(pasted))) return;
    cells.push([r, c]);
    const size = Number.isNaN(gap) ? Infinity : gap;
    if (size > largest) [largest, at] = [size, [r, c]];
  }));
  return { cells, largest, at };
}

/**
 * Edits for the cells that differ; where they are too many, the weights themselves.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} name Its canonical name.
 * @param {number[][]} values
 * @param {number} [position] Where they are overwritten; else where each value entered.
 * @returns {{edits: Edit[], changes: object} | Refusal}
 */
export function changeTo(run, frame, name, values, position) {
  const { cells } = disagreeing(values, frame.tensors[name], 0);
  for (const [row, column] of cells) {
    const wrong = refusal(run, name, Number.isFinite(values[row][column]) ? values[row][column] : null);
    if (wrong) return { key: "paste.cell", params: { row, column, wrong } };
  }
  const edits = cells.map((index) => {
    const [row, column] = index;
    return { position: position ?? enteredAt(run, frame, name, index), tensor: name, index, value: values[row][column] };
  });
  const before = run.spec.edits ?? [];
  if (before.length + edits.length <= MOST_EDITS) return { edits, changes: {} };
  const [owner, attribute] = name.split(".");
  const kept = before.filter((edit) => edit.tensor !== name || edit.position !== 0);
  if (!run.parameters.includes(name) || edits.some((edit) => edit.position !== 0)) {
    return { key: "paste.many", params: { count: edits.length, most: MOST_EDITS - before.length } };
  }
  const layers = run.spec.layers.map((layer, at) => {
    if (run.layers[at] !== owner) return layer;
    // A weight that is given is not drawn.
    const { initializer, ...rest } = /** @type {Record<string, unknown>} */ (layer);
    return { ...rest, ...(attribute === "bias" && { initializer }), [attribute]: values };
  });
  return { edits: [], changes: { layers, edits: kept } };
}
