/** A softmax and the loss behind it, a sample at a time, as the engine computes them (pure). */

/**
 * @typedef {{clip: number, fused: boolean, wraps?: boolean}} Head The clip is 0 where nothing is clipped; `wraps`: labels
 *   are bytes, and −1 is 255 in them.
 */

/**
 * S_j = e^{z_j} / Σ_l e^{z_l}, the largest score subtracted.
 * @param {number[]} z
 */
export function softmax(z) {
  const e = z.map((score) => Math.exp(score - Math.max(...z)));
  const sum = total(e);
  return e.map((one) => one / sum);
}

/**
 * J[j, k] = S_j (δ_jk − S_k).
 * @param {number[]} s
 * @param {boolean} [scalar] The note's listing, S·S where Sᵀ·S is meant.
 */
export function jacobian(s, scalar = false) {
  if (scalar) {
    const squares = total(s.map((one) => one * one));
    return s.map((own, j) => s.map((_, k) => (j === k ? own : 0) - squares));
  }
  return s.map((own, j) => s.map((other, k) => own * (Number(j === k) - other)));
}

/**
 * dinput_k = Σ_j dvalue_j · J[j, k].
 * @param {number[]} dvalue
 * @param {number[][]} j
 */
export function vectorJacobianProduct(dvalue, j) {
  return j[0].map((_, k) => total(dvalue.map((one, row) => one * j[row][k])));
}

/**
 * Categorical cross-entropy of one sample: −Σ_j y_j ln ŷ_j, a term whose y is 0 being 0.
 * @param {number[]} z
 * @param {number[]} s
 * @param {number[]} y
 * @param {Head} head Fused, it is computed from the scores and never clipped.
 */
export function crossEntropy(z, s, y, { clip, fused }) {
  const top = Math.max(...z);
  const rest = Math.log(total(z.map((score) => Math.exp(score - top))));
  const ln = z.map((score, j) => (fused ? score - top - rest : Math.log(clipped(s[j], clip))));
  return total(y.map((one, j) => (one ? -one * ln[j] : 0)));
}

/**
 * The mean loss's gradient: by the probabilities −y / ŷ / n; fused, by the scores (ŷ Σ_j y_j − y) / n.
 * @param {number[]} s
 * @param {number[]} y
 * @param {number} n Samples of the batch.
 * @param {Head} head
 */
export function gradient(s, y, n, { clip, fused, wraps }) {
  const minus = y.map((one) => (wraps && one === 1 ? 255 : -one));
  return s.map((one, j) => (fused ? (one * total(y) + minus[j]) / n : y[j] ? minus[j] / n / clipped(one, clip) : 0));
}

/** @param {number[]} values */
export function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * @param {number} probability
 * @param {number} clip
 */
function clipped(probability, clip) {
  return clip ? Math.min(1 - clip, Math.max(clip, probability)) : probability;
}
