/** What a run's optimiser and its penalties do: what an update reads and remembers, and the figures of its formula. */

import { hasFault } from "./faults.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {"sgd" | "momentum" | "nesterov" | "adagrad" | "rmsprop" | "adam" | "adamw"} Update */
/** @typedef {{l1: number, l2: number}} Penalty */

const SCALED = { parameter: ["gradient", "cache"], cache: ["gradient"] };
const AVERAGED = { parameter: ["momentum", "cache"], momentum: ["gradient"], cache: ["gradient"] };

/**
 * What the parameter is made of beside itself, and what is remembered of its gradients.
 * @type {Record<Update, Record<string, string[]>>}
 */
const READS = {
  sgd: { parameter: ["gradient"] },
  momentum: { parameter: ["momentum"], momentum: ["gradient"] },
  nesterov: { parameter: ["gradient", "momentum"], momentum: ["gradient"] },
  adagrad: SCALED,
  rmsprop: SCALED,
  adam: AVERAGED,
  adamw: AVERAGED,
};

/**
 * Which update a run makes: SGD by whether it has a velocity, the others by their names.
 * @param {Run} run
 * @returns {Update}
 */
export function updateOf({ spec }) {
  const { type = "sgd", momentum = 0, nesterov = false } = spec.optimizer ?? {};
  if (type !== "sgd") return type;
  return nesterov ? "nesterov" : momentum ? "momentum" : "sgd";
}

/**
 * What the optimiser remembers of each parameter.
 * @param {Run} run
 */
export function memoriesOf(run) {
  return Object.keys(READS[updateOf(run)]).filter((name) => name !== "parameter").sort().reverse();
}

/**
 * The parameter that a tensor is, or that it remembers something of.
 * @param {Run} run
 * @param {string} tensor
 */
export function parameterOf(run, tensor) {
  return run.parameters.find((name) => tensor === name || tensor.startsWith(`${name}.`));
}

/**
 * "momentum" of "dense_1.weight.momentum"; nothing of what no optimiser remembers.
 * @param {string} tensor
 */
export function memoryOf(tensor) {
  return tensor.split(".")[2] ?? "";
}

/**
 * The tensors whose same cell an updated cell is made of, beside itself.
 * @param {Run} run
 * @param {string} parameter
 * @param {string} tensor It, or what is remembered of it.
 */
export function readByUpdate(run, parameter, tensor) {
  const [layer, attribute] = parameter.split(".");
  const read = READS[updateOf(run)][memoryOf(tensor) || "parameter"] ?? [];
  return read.map((name) => (name === "gradient" ? `${layer}.d${attribute}` : `${parameter}.${name}`));
}

/**
 * What a layer's weight costs; null where it costs nothing.
 * @param {Run} run
 * @param {string} layer
 * @returns {Penalty | null}
 */
export function penaltyOf(run, layer) {
  const { l1 = 0, l2 = 0 } = run.spec.layers[run.layers.indexOf(layer)] ?? {};
  return l1 || l2 ? { l1, l2 } : null;
}

/**
 * The weights that cost something.
 * @param {Run} run
 */
export function penalised(run) {
  return run.layers.filter((layer) => penaltyOf(run, layer)).map((layer) => `${layer}.weight`);
}

/**
 * A penalty's share of a weight gradient: "0.001·sign(weight) + 0.02·weight".
 * @param {Penalty} penalty
 */
export function slopeText({ l1, l2 }) {
  return [...(l1 ? [`${short(l1)}·sign(weight)`] : []), ...(l2 ? [`${short(2 * l2)}·weight`] : [])].join(" + ");
}

/**
 * The figures of an update's formula, as a person writes them.
 * @param {Run} run
 * @param {number} updates How many were made, this one among them.
 */
export function figuresOf({ spec }, updates) {
  const all = spec.optimizer ?? {};
  const { learning_rate: first = 0.1, decay = 0, momentum = 0, rho = 0, beta1 = 0, beta2 = 0, weight_decay: shrink = 0 } = all;
  const lr = first / (1 + decay * (updates - 1));
  return {
    lr: short(lr), shrink: short(shrink),
    rate: decay && updates > 1 ? `${short(first)} / (1 + ${short(decay)}·${updates - 1}) = ${short(lr)}` : short(lr),
    momentum: short(momentum), rho: short(rho), new: short(1 - rho), beta1: short(beta1), new1: short(1 - beta1),
    beta2: short(beta2), new2: short(1 - beta2), kept: short(1 - lr * shrink),
    // Both means begin at 0: after few updates they hold only this share of what a mean would.
    share1: short(1 - beta1 ** updates), share2: short(1 - beta2 ** updates),
  };
}

/**
 * What of each tensor that an update reads goes into the updated cell, in the order of `readByUpdate`: as captions.
 * @param {Run} run
 * @param {string} tensor A parameter, or what is remembered of it.
 * @param {number} updates How many were made.
 */
export function sharesOf(run, tensor, updates) {
  const { lr, momentum, new: fresh, new1, new2, share1, share2 } = figuresOf(run, updates);
  const [, attribute, memory = "parameter"] = tensor.split(".");
  const dw = `d${attribute}`;
  const sign = hasFault(run, "wrong_sign") ? "+" : "−";
  const scaled = { parameter: [`${sign} ${lr} · ${dw}`, "/ (√cache + ε)"] };
  const averaged = {
    parameter: [`${sign} ${lr} · momentum / ${share1}`, `/ (√(cache / ${share2}) + ε)`],
    momentum: [`+ ${new1} · ${dw}`], cache: [`+ ${new2} · ${dw}²`],
  };
  /** @type {Record<Update, Record<string, string[]>>} */
  const all = {
    sgd: { parameter: [`${sign} ${lr} · ${dw}`] },
    momentum: { parameter: [`${sign} ${lr} · momentum`], momentum: [`+ ${dw}`] },
    nesterov: { parameter: [`${sign} ${lr} · ${dw}`, `${sign} ${lr} · ${momentum} · momentum`], momentum: [`+ ${dw}`] },
    adagrad: { ...scaled, cache: [`+ ${dw}²`] },
    rmsprop: { ...scaled, cache: [`+ ${fresh} · ${dw}²`] },
    adam: averaged,
    adamw: averaged,
  };
  return all[updateOf(run)][memory];
}

/**
 * What is kept of an updated cell's value before, as a caption.
 * @param {Run} run
 * @param {string} tensor
 * @param {number} updates
 */
export function keptOf(run, tensor, updates) {
  const [{ kept, momentum, rho, beta1, beta2 }, update, memory] = [figuresOf(run, updates), updateOf(run), memoryOf(tensor)];
  if (!memory) return update === "adamw" ? kept : "1";
  if (update === "adagrad") return "1";
  if (update.startsWith("adam")) return memory === "cache" ? beta2 : beta1;
  return memory === "cache" ? rho : momentum;
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toPrecision(4))).replaceAll("-", "−");
}
