/** What has gone wrong in an iteration, as its last frame shows it, and in a training, as its records do (pure). */

import { passesZero } from "./faults.js";
import { canonical, typeOf } from "./linkage.js";
import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {"nan" | "inf" | "dead" | "vanished"} Sign */

/** As the server has it: this much less of the gradient than the last dense layer has teaches a layer next to nothing. */
const VANISHED = 1e-2;

/**
 * @param {Run} run
 * @param {Frame} frame
 * @returns {Sign[]}
 */
export function signsOf(run, frame) {
  const { nan, inf } = { nan: some(frame, "nan"), inf: some(frame, "inf") };
  const signs = { nan, inf, dead: whole(run) && dies(run, frame), vanished: vanishes(run, frame) };
  return /** @type {Sign[]} */ (Object.entries(signs).flatMap(([sign, there]) => (there ? sign : [])));
}

/**
 * @param {Frame} frame
 * @param {"nan" | "inf"} kind
 */
function some({ tensors }, kind) {
  return Object.values(tensors).some((tensor) => tensor[kind]);
}

/**
 * Whether every batch holds all samples: in a small one a unit is silent now and then.
 * @param {Run} run
 */
function whole({ tensors }) {
  return tensors["batch.input"].shape[0] === tensors["data.input"].shape[0];
}

/**
 * @param {Run} run
 * @param {Frame} frame
 */
function dies(run, { tensors }) {
  const atZero = passesZero(run);
  // No gradient passes; a NaN is no silence.
  const blocks = (/** @type {number} */ value) => (atZero ? value < 0 : value <= 0);
  return run.layers.some((layer) => {
    const values = typeOf(layer) === "relu" && tensors[canonical(run, `${layer}.input`)].values;
    return values && values[0].some((_, unit) => values.every((row) => blocks(toNumber(row[unit]))));
  });
}

/**
 * @param {Run} run
 * @param {Frame} frame
 */
function vanishes(run, { tensors }) {
  const dense = run.layers.filter((layer) => typeOf(layer) === "dense");
  const norms = dense.map((layer) => toNumber(tensors[canonical(run, `${layer}.dvalue`)].norm ?? NaN));
  return Math.min(...norms) < VANISHED * (norms.at(-1) ?? NaN);
}

/**
 * The first iteration of a training in which the loss or a layer's norms were no finite number, and what they were.
 * @param {ReadonlyMap<number, import("./types.js").HistoryRecord>} records
 * @returns {{iteration: number, signs: Sign[]} | null}
 */
export function firstUnfinite(records) {
  let first = Infinity;
  for (const [iteration, record] of records) if (iteration < first && !figuresIn(record).every(Number.isFinite)) first = iteration;
  const record = records.get(first);
  if (!record) return null;
  const values = figuresIn(record);
  const signs = /** @type {Sign[]} */ ([...(values.some(Number.isNaN) ? ["nan"] : []), ...(values.some((value) => Math.abs(value) === Infinity) ? ["inf"] : [])]);
  return { iteration: first, signs };
}

/** @param {import("./types.js").HistoryRecord} record */
function figuresIn({ loss, layers }) {
  return [loss, ...Object.values(layers).flatMap((figures) => Object.values(figures))].map(toNumber);
}
