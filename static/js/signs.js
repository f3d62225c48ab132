/** What has gone wrong in an iteration, as its last frame shows it (pure). */

import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {"nan" | "inf" | "dead" | "vanished"} Sign */

/** As the server has it: this much less than the largest gradient teaches a layer next to nothing. */
const VANISHED = 1e-3;

/**
 * @param {Run} run
 * @param {Frame} frame
 * @returns {Sign[]}
 */
export function signsOf(run, frame) {
  const { nan, inf } = { nan: some(frame, "nan"), inf: some(frame, "inf") };
  const signs = { nan, inf, dead: whole(run) && dies(run, frame), vanished: vanishes(frame) };
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
function dies({ layers }, { tensors }) {
  return layers.some((layer) => {
    const values = layer.startsWith("relu") && tensors[`${layer}.output`].values;
    return values && values[0].some((_, unit) => values.every((row) => row[unit] === 0));
  });
}

/** @param {Frame} frame */
function vanishes({ tensors }) {
  const norms = Object.keys(tensors).filter((name) => name.endsWith(".dweight")).map((name) => toNumber(tensors[name].norm ?? NaN));
  return Math.min(...norms) < VANISHED * Math.max(...norms);
}
