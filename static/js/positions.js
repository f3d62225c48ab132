/** Positions and steps: position p counts finished steps, an iteration has S of them. */

/** @typedef {import("./types.js").Run} Run */
/** @typedef {"forward" | "backward" | "update" | "none"} Direction */

/**
 * The step that led to a position, 1 to S, and the iteration that it belongs to; position 0 is step 0.
 * @param {number} position
 * @param {number} perIteration
 * @returns {{iteration: number, step: number}}
 */
export function stepOf(position, perIteration) {
  if (position === 0) return { iteration: 0, step: 0 };
  const iteration = Math.floor((position - 1) / perIteration);
  return { iteration, step: position - iteration * perIteration };
}

/**
 * The frames that an iteration's steps are derived from: t·S, and (t+1)·S − 1.
 * @param {number} position
 * @param {number} perIteration
 */
export function iterationEnds(position, perIteration) {
  const start = Math.floor(position / perIteration) * perIteration;
  return { start, end: start + perIteration - 1 };
}

/**
 * The step's name and layer, as "backward" and "dense_2".
 * @param {Run} run
 * @param {number} position
 * @returns {{kind: string, layer: string | null}}
 */
export function stepAt(run, position) {
  if (position === 0) return { kind: "start", layer: null };
  const [kind, layer = null] = run.steps[(position - 1) % run.steps_per_iteration].split(":");
  return { kind, layer };
}

/**
 * @param {string} kind A step's.
 * @returns {Direction}
 */
export function directionOf(kind) {
  if (kind === "start") return "none";
  if (kind === "update") return "update";
  return kind.includes("backward") ? "backward" : "forward";
}

/**
 * The number of an iteration's first backward step; those before it go forward.
 * @param {Run} run
 */
export function turnOf(run) {
  return run.steps.findIndex((name) => name.includes("backward")) + 1;
}

/**
 * The position at which a tensor is next computed, from a position at which it is not.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {number} position
 * @returns {number}
 */
export function computedBy(run, tensor, position) {
  const [owner, attribute] = tensor.split(".");
  const wanted = {
    batch: ["batch"],
    data: ["batch"],
    loss: attribute === "dinput" ? ["loss_backward", "fused_backward"] : ["loss"],
  }[owner] ?? (attribute === "output" ? [`forward:${owner}`] : [`backward:${owner}`, "fused_backward"]);
  const step = run.steps.findIndex((name) => wanted.includes(name)) + 1;
  const { start } = iterationEnds(position, run.steps_per_iteration);
  return start + step;
}
