/** The samples of a run as a picture has them: where they are, what they are, what the network says (pure). */

import { canonical } from "./linkage.js";
import { toNumber } from "./numbers.js";
import { SIDE } from "./pixels.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {{label: number, said: number | null, share: number}} Sample `said`: null where the network did not say yet. */
/** @typedef {{at: [number, number], label: number, said: number | null, sample: number | null}} Point `sample`: its row of the batch. */

/** @typedef {{key: string, at: [number, number], label: number}} Placed */

/** What a byte of regions means where there is no class. */
export const NO_CLASS = 255;
const MOST_FLAGS = 7;
/** Room around points without regions, of their own width. */
const MARGIN = 0.08;

/** @param {Run} run */
export function isBinary(run) {
  return run.spec.loss === "binary_crossentropy";
}

/**
 * How many classes there are; several binary outputs are a class a combination.
 * @param {Run} run
 */
export function classCount(run) {
  const outputs = run.tensors["loss.dinput"]?.shape[1] ?? run.tensors[`${run.layers.at(-1)}.output`].shape[1];
  return isBinary(run) ? 2 ** outputs : outputs;
}

/**
 * What a run's data are drawn as.
 * @param {Run} run
 * @returns {"plane" | "digits" | "rows"}
 */
export function pictured(run) {
  const features = run.tensors["data.input"].shape[1];
  const most = isBinary(run) ? 2 ** MOST_FLAGS : NO_CLASS;
  if (features === 2 && classCount(run) <= most) return "plane";
  return features === SIDE * SIDE && run.spec.dataset.name === "digits" ? "digits" : "rows";
}

/**
 * The position that wrote all that regions follow from: the weights, and the data that they surround.
 * @param {Run} run
 * @param {Frame} frame
 */
export function weightsAt(run, frame) {
  const names = [...run.parameters, "data.input", "data.target"];
  return Math.max(...names.map((name) => frame.tensors[name]?.computed_at ?? 0));
}

/**
 * The class of each row of a target.
 * @param {Run} run
 * @param {Matrix} target
 */
export function labelsOf(run, target) {
  const labels = !isBinary(run) && run.tensors["batch.target"].dtype.startsWith("int");
  return target.map((row) => (labels ? toNumber(row[0]) : winner(run, row.map(toNumber)).said));
}

/**
 * The batch's samples: what they are, and what the network said of them.
 * @param {Run} run
 * @param {Frame} frame
 * @returns {Sample[]}
 */
export function batchSamples(run, frame) {
  const target = frame.tensors["batch.target"].values;
  if (!target) return [];
  const last = run.layers.length ? canonical(run, `${run.layers.at(-1)}.output`) : "batch.input";
  const outputs = frame.tensors[last].values;
  return labelsOf(run, target).map((label, row) => ({
    label, ...(outputs?.[row] ? winner(run, outputs[row].map(toNumber)) : { said: null, share: 0 }),
  }));
}

/**
 * What outputs say: the largest, the first on ties; of binary ones which are above a half, the first the lowest bit.
 * @param {Run} run
 * @param {number[]} outputs
 */
function winner(run, outputs) {
  if (outputs.some(Number.isNaN)) return { said: NO_CLASS, share: NaN };
  if (!isBinary(run)) {
    const share = Math.max(...outputs);
    return { said: outputs.indexOf(share), share };
  }
  const said = outputs.reduce((sum, output, bit) => sum + (output > 0.5 ? 2 ** bit : 0), 0);
  return { said, share: outputs.reduce((product, output) => product * (output > 0.5 ? output : 1 - output), 1) };
}

/**
 * Where the data are and what they are, which lasts.
 * @param {Matrix} input
 * @param {number[]} labels
 * @returns {Placed[]}
 */
export function placed(input, labels) {
  return input.map((row, at) => ({ key: row.join(), at: [toNumber(row[0]), toNumber(row[1])], label: labels[at] }));
}

/**
 * The data as points. A sample of the batch is found by where it is; one that was moved there is a point of its own.
 * @param {Placed[]} data
 * @param {(row: number, at: [number, number]) => number | null} saidOf
 * @param {Placed[]} batch
 * @param {Sample[]} samples
 * @returns {Point[]}
 */
export function pointsOf(data, saidOf, batch, samples) {
  const rows = new Map(batch.map(({ key }, sample) => /** @type {[string, number]} */ ([key, sample])).reverse());
  const moved = new Map(rows);
  const points = data.map(({ key, at, label }, row) => {
    const sample = rows.get(key) ?? null;
    moved.delete(key);
    return { at, label: sample === null ? label : batch[sample].label, said: saidOf(row, at), sample };
  });
  const own = [...moved.values()].map((sample) => ({ ...batch[sample], said: samples[sample].said, sample }));
  return [...points, ...own];
}

/**
 * The class that regions have at a place.
 * @param {import("./types.js").Regions} regions
 * @param {[number, number]} at
 * @returns {{said: number, share: number} | null} Null outside of them.
 */
export function regionAt({ resolution, x, y, classes, share }, at) {
  const column = Math.floor(((at[0] - x[0]) / (x[1] - x[0])) * resolution);
  const row = Math.floor(((y[1] - at[1]) / (y[1] - y[0])) * resolution);
  if (!(row >= 0 && row < resolution && column >= 0 && column < resolution)) return null;
  const cell = row * resolution + column;
  return { said: classes[cell], share: share[cell] };
}

/**
 * From where to where a picture without regions reaches.
 * @param {Point[]} points
 * @returns {{x: [number, number], y: [number, number]}}
 */
export function reachOf(points) {
  const [x, y] = [0, 1].map((axis) => {
    const all = points.map(({ at }) => at[axis]).filter(Number.isFinite);
    const [low, high] = [all.reduce((a, b) => Math.min(a, b), all[0] ?? 0), all.reduce((a, b) => Math.max(a, b), all[0] ?? 0)];
    const margin = MARGIN * (high - low) || 1;
    return /** @type {[number, number]} */ ([low - margin, high + margin]);
  });
  return { x, y };
}

/**
 * The point that a person means: the nearest, a sample of the batch before others where both are within reach.
 * @param {Point[]} points
 * @param {(point: Point) => number} distance In pixels.
 * @param {number} reach
 */
export function meant(points, distance, reach) {
  const nearest = (/** @type {Point[]} */ among) =>
    among.reduce((best, point) => {
      const away = distance(point);
      return away < best.away ? { point, away } : best;
    }, { point: /** @type {Point | null} */ (null), away: Infinity });
  const [ours, any] = [nearest(points.filter(({ sample }) => sample !== null)), nearest(points)];
  if (ours.away <= reach) return ours.point;
  return any.away <= reach * 2 ? any.point : null;
}
