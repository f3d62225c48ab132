/** One tensor against another: which cells differ, and by how much. */

import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Tensor} Tensor */

/**
 * Whether both are there, and alike in shape.
 * @param {Tensor | undefined} now
 * @param {Tensor | undefined} before
 */
export function comparable(now, before) {
  return Boolean(now?.values && before?.values) && String(now?.shape) === String(before?.shape);
}

/**
 * The cells whose value differs; two NaN are alike.
 * @param {Tensor} now
 * @param {Tensor | undefined} before
 * @returns {Index[]} None where there is nothing to compare with.
 */
export function differing(now, before) {
  const rows = comparable(now, before) ? now.values ?? [] : [];
  return rows.flatMap((row, r) =>
    row.flatMap((value, c) => (value === before?.values?.[r][c] ? [] : [/** @type {Index} */ ([r, c])])),
  );
}

/**
 * New − old, with a range of its own; without values where there is nothing to compare with.
 * @param {Tensor} now
 * @param {Tensor | undefined} before
 * @returns {Tensor}
 */
export function difference(now, before) {
  if (!before || !comparable(now, before)) return { ...now, min: null, max: null, norm: null, nan: null, inf: null, values: null };
  const values = (now.values ?? []).map((row, r) => row.map((value, c) => less(value, before.values?.[r][c] ?? 0)));
  const finite = values.flat().map(toNumber).filter(Number.isFinite);
  const nan = values.flat().filter((value) => value === "NaN").length;
  return {
    ...now, values, nan, inf: values.flat().length - finite.length - nan,
    min: finite.reduce((a, b) => Math.min(a, b), Infinity), max: finite.reduce((a, b) => Math.max(a, b), -Infinity),
    norm: Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0)),
  };
}

/**
 * @param {Num} now
 * @param {Num} before
 * @returns {Num}
 */
function less(now, before) {
  if (now === before) return 0;
  const value = toNumber(now) - toNumber(before);
  return Number.isFinite(value) ? value : /** @type {Num} */ (String(value));
}
