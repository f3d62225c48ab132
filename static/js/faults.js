/** The known faults that a run carries, and what the page knows of them: it derives what the faulty engine computes. */

/** @typedef {import("./types.js").Run} Run */

/**
 * @param {Run} run
 * @param {string} fault
 */
export function hasFault({ spec }, fault) {
  return (spec.faults ?? []).includes(fault);
}

/**
 * Whether ReLU's backward pass lets dvalue through where the input is exactly 0: by the conventions, or against them.
 * @param {Run} run
 */
export function passesZero(run) {
  return (run.spec.conventions?.relu_at_zero !== 0) !== hasFault(run, "relu_at_zero");
}
