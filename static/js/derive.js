/** The frames between two that were fetched, and what of a frame is old. */

import { computedBy, iterationEnds, stepAt } from "./positions.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Tensor} Tensor */

/**
 * Whether only the server knows this frame: an edit in the middle of a pass wrote over what came before it.
 * One at the very step that writes its tensor did not: nothing of that tensor was seen before it.
 * @param {Run} run
 * @param {number} position
 */
export function needsItsOwnFrame(run, position) {
  const { start, end } = iterationEnds(position, run.steps_per_iteration);
  return (run.spec.edits ?? []).some(({ tensor, position: at }) => {
    const lasting = run.parameters.some((name) => tensor.startsWith(name));
    return at > start && at <= end && (lasting || at !== computedBy(run, tensor, at));
  });
}

/**
 * The frame at a position strictly inside an iteration: what its last frame holds, less what came later.
 * @param {Run} run
 * @param {Frame} last Frame (t+1)·S − 1.
 * @param {number} position From t·S + 1 on.
 * @returns {Frame}
 */
export function derived(run, last, position) {
  const { kind, layer } = stepAt(run, position);
  const tensors = Object.fromEntries(
    Object.entries(last.tensors).map(([name, tensor]) => [name, asOf(tensor, position)]),
  );
  const counted = tensors["loss.value"]?.computed_at !== null;
  return {
    ...last,
    position,
    step: layer === null ? kind : `${kind}:${layer}`,
    loss: counted ? last.loss : null,
    accuracy: counted ? last.accuracy : null,
    tensors,
  };
}

/**
 * Right after an update: what the iteration before left behind, and belongs to the old parameters.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} name
 */
export function isOld(run, frame, name) {
  const { start } = iterationEnds(frame.position, run.steps_per_iteration);
  const written = frame.tensors[name].computed_at;
  return frame.position > 0 && frame.position === start && written !== null && written !== 0 && written < start;
}

/**
 * @param {Tensor} tensor
 * @param {number} position
 * @returns {Tensor}
 */
function asOf(tensor, position) {
  if (tensor.computed_at !== null && tensor.computed_at <= position) return tensor;
  return { ...tensor, computed_at: null, min: null, max: null, norm: null, nan: null, inf: null, values: null };
}
