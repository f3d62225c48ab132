/** Which head is looked at, how it is moved, and where the slider is. */

import { getAnswer } from "./api.js";
import { answers } from "./answers.js";
import { placeNear } from "./proof-heads-read.js";
import { proof } from "./proof-state.js";
import { computed, signal } from "./state.js";

/** @typedef {import("./proof-heads-read.js").Heads} Heads */
/** @typedef {{loss: string, label: string, by: string}} Question */
/** @typedef {"float32" | "float64"} DType */

/** @type {DType[]} */
export const DTYPES = ["float32", "float64"];
/** Far enough to see the clipped loss stand still. */
const START = -20;

/** @type {ReturnType<typeof answers<Heads>>} */
const kept = answers(16);

export const heads = {
  question: signal(/** @type {Question} */ ({ loss: "categorical_crossentropy", label: "1", by: "logit" })),
  /** Of the curves and the cells. */
  dtype: signal(/** @type {DType} */ ("float64")),
  /** The moved logit that was chosen: the nearest place of whatever is looked at stands for it. */
  logit: signal(START),
};

/** The answers in both dtypes, or what is still to be waited for. */
export const told = computed(() => {
  if (proof.tab.value !== "heads") return null;
  const held = DTYPES.map((dtype) => kept.of(queryOf(dtype), () => getAnswer(`/api/v1/heads?${queryOf(dtype)}`), looking));
  const both = held.flatMap(({ answer }) => answer ?? []);
  if (both.length < held.length) return { waiting: waitingFor(held) };
  return { both, shown: both[DTYPES.indexOf(heads.dtype.value)], at: placeNear(both[0], heads.logit.value) };
});

/**
 * Both as one: what failed of either is said, and both are asked for again.
 * @param {import("./answers.js").Answer<Heads>[]} held
 * @returns {import("./answers.js").Answer<Heads>}
 */
function waitingFor(held) {
  const failed = held.filter(({ again }) => again);
  return failed.length ? { problem: failed[0].problem, again: () => failed.forEach(({ again }) => again?.()) } : {};
}

export function looking() {
  return proof.tab.peek() === "heads";
}

/**
 * What is asked, as an address has it.
 * @param {DType} dtype
 */
export function queryOf(dtype) {
  return String(new URLSearchParams({ ...heads.question.value, dtype }));
}
