/** What may be typed into a cell, and where an edit of it belongs. */

import { computedBy, iterationEnds, nextStepOf } from "./positions.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./narration.js").Said} Said */

/**
 * A number as JSON writes it; a reader's minus sign will do.
 * @param {string} text
 * @returns {number | null} Infinite where it is too large to be kept.
 */
export function parseNumber(text) {
  const plain = text.trim().replace("−", "-").replace(/e−/i, "e-");
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

/**
 * Why this cannot stand in the tensor.
 * @param {Run} run
 * @param {string} tensor
 * @param {number | null} value
 * @returns {Said | null}
 */
export function refusal(run, tensor, value) {
  const kept = value !== null && run.spec.dtype === "float32" ? Math.fround(value) : value;
  if (value === null) return { key: "edit.number", params: {} };
  if (!Number.isFinite(kept)) return { key: "edit.large", params: {} };
  if (!tensor.endsWith(".target")) return null;
  const last = run.tensors[tensor].dtype.startsWith("int") ? run.tensors[`${run.layers.at(-1)}.output`].shape[1] - 1 : 0;
  if (last > 0) return Number.isInteger(value) && value >= 0 && value <= last ? null : { key: "edit.label", params: { last } };
  return value >= 0 && value <= 1 ? null : { key: "edit.share", params: {} };
}

/**
 * Why no cell of the tensor can be edited at a frame.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @returns {Said | null}
 */
export function whyClosed(run, frame, tensor) {
  if (frame.tensors[tensor].computed_at === null) {
    return { key: "matrix.missing", params: nextStepOf(run, tensor, frame.position) };
  }
  return /^loss\.(output|value|penalty)$/.test(tensor) ? { key: "edit.loss", params: {} } : null;
}

/**
 * Where the value of a cell entered the iteration shown: with its tensor's step, or with an edit since.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor Its canonical name; one that is computed at the frame.
 * @param {Index} index
 * @returns {number}
 */
export function enteredAt(run, frame, tensor, index) {
  return editOf(run, frame, tensor, index)?.position ?? written(run, frame, tensor);
}

/**
 * The edit that a cell's shown value comes from.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @param {Index} index
 * @returns {Edit | undefined}
 */
export function editOf(run, frame, tensor, index) {
  return editsOf(run, frame, tensor).findLast((edit) => String(edit.index) === String(index));
}

/**
 * The edits that stand in a tensor as it is shown.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @returns {Edit[]} In the order of their positions.
 */
export function editsOf(run, frame, tensor) {
  const since = written(run, frame, tensor);
  return (run.spec.edits ?? []).filter(
    (edit) => edit.tensor === tensor && edit.position >= since && edit.position <= frame.position,
  );
}

/**
 * The position of the step that wrote a tensor, edits aside.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 */
function written(run, frame, tensor) {
  if (tensor.startsWith("data.")) return 0;
  const { start } = iterationEnds(frame.position, run.steps_per_iteration);
  // A parameter, or what the optimiser keeps beside one.
  if (run.parameters.some((name) => tensor.startsWith(name))) return start;
  const by = computedBy(run, tensor, frame.position);
  return by > frame.position ? by - run.steps_per_iteration : by;
}
