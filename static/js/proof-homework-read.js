/** What was pasted as homework: what printing rounded off, where it is graded, and how it is sent. */

import { computedBy } from "./positions.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */

/** From so many decimals on, a number's end is where printing stopped; PyTorch prints four. */
const FEWEST = 4;
const NUMBERS = /(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?/gi;

/**
 * Half a unit of the last digit that was written: of numbers with a fixed point in size, of those with an exponent as a
 * share.
 * @param {string} text
 * @returns {{decimals: number, absolute: number, share: number}} All 0 where the numbers look whole.
 */
export function roundedOff(text) {
  let [fixed, scaled] = [0, 0];
  for (const [token, power] of text.matchAll(NUMBERS)) {
    const decimals = /\.(\d*)/.exec(token)?.[1].length ?? 0;
    if (power === undefined) fixed = Math.max(fixed, decimals);
    else scaled = Math.max(scaled, decimals);
  }
  const half = (/** @type {number} */ decimals) => (decimals < FEWEST ? 0 : 0.5 * 10 ** -decimals);
  return { decimals: fixed < FEWEST ? (scaled < FEWEST ? 0 : scaled) : fixed, absolute: half(fixed), share: half(scaled) };
}

/**
 * Where the tensor is graded: at the step that is shown, or where this iteration computes it.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor Its canonical name.
 */
export function gradedAt(run, frame, tensor) {
  return (frame.tensors[tensor]?.computed_at ?? null) === null ? computedBy(run, tensor, frame.position) : frame.position;
}

/**
 * The tensors that can be homework: gradients of parameters first, as a backward pass meets them.
 * @param {Run} run
 */
export function homeworkOf(run) {
  const names = Object.keys(run.tensors).filter((name) => !/^(data|batch)\./.test(name));
  const rank = (/** @type {string} */ name) => (/\.d(weight|bias)$/.test(name) ? 0 : /\.dinput$/.test(name) ? 1 : 2);
  const gradients = names.filter((name) => rank(name) < 2).sort((one, other) => rank(one) - rank(other));
  return { gradients, others: names.filter((name) => rank(name) === 2) };
}

/**
 * As JSON carries it; one row may be a column that was printed as a list.
 * @param {number[][]} values
 * @param {Index} shape The tensor's.
 */
export function sentAs(values, shape) {
  const worded = (/** @type {number} */ value) => (Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  const rows = values.map((row) => row.map(worded));
  return rows.length === 1 && shape[1] === 1 ? rows[0] : rows;
}
