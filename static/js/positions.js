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
  // The step of its own first: a fused head's stands before those of the layers.
  const step = (wanted.map((name) => run.steps.indexOf(name)).find((at) => at >= 0) ?? -1) + 1;
  const { start } = iterationEnds(position, run.steps_per_iteration);
  return start + step;
}

/**
 * The step that next computes a tensor, and its position.
 * @param {Run} run
 * @param {string} tensor Its canonical name.
 * @param {number} from The position that it is looked at from.
 */
export function nextStepOf(run, tensor, from) {
  const position = computedBy(run, tensor, from);
  return { position, step: stepOf(position, run.steps_per_iteration).step };
}

/**
 * Where the value that is shown entered the iteration: an edit there is seen at once.
 * @param {Run} run
 * @param {import("./types.js").Frame} frame
 * @param {string} tensor Its canonical name; one that is computed at the frame.
 * @returns {number}
 */
export function entryOf(run, frame, tensor) {
  if (tensor.startsWith("data.")) return 0;
  const { start } = iterationEnds(frame.position, run.steps_per_iteration);
  return run.parameters.includes(tensor) ? start : frame.tensors[tensor].computed_at ?? frame.position;
}

/**
 * A position of one run in another: the same step of the same iteration, else the end of its backward pass.
 * @param {Run} from
 * @param {number} position
 * @param {Run} to
 * @returns {number}
 */
export function samePlace(from, position, to) {
  if (position === 0) return 0;
  const { iteration, step } = stepOf(position, from.steps_per_iteration);
  const found = to.steps.indexOf(from.steps[step - 1]) + 1;
  return iteration * to.steps_per_iteration + (found || to.steps_per_iteration - 1);
}

/**
 * The position to go to: the same step of another iteration; from the beginning, its last gradient.
 * @param {number} iteration
 * @param {number} step The shown one's; 0 at the beginning.
 * @param {number} perIteration
 */
export function positionIn(iteration, step, perIteration) {
  return iteration * perIteration + (step || perIteration - 1);
}

/**
 * The position that is typed as updates done and steps after them; else the key of why it is none.
 * @param {string[]} typed Updates, step.
 * @param {number} perIteration
 * @returns {{position: number, key?: undefined} | {position?: undefined, key: string}}
 */
export function placeAsked([updates, step], perIteration) {
  if (!/^\d{1,9}$/.test(updates)) return { key: "goto.updates" };
  if (!/^\d{1,9}$/.test(step) || Number(step) > perIteration) return { key: "goto.step" };
  return { position: Number(updates) * perIteration + Number(step) };
}

/**
 * The position of a column's step, forward or backward, from another position.
 * @param {Run} run
 * @param {string} column
 * @param {boolean} back
 * @param {number} position
 * @returns {number | null} Null where it has none: nothing goes back from the data.
 */
export function stepOfHalf(run, column, back, position) {
  const names =
    column === "batch" ? (back ? [] : ["batch"])
    : column === "loss" ? (back ? ["loss_backward", "fused_backward"] : ["loss"])
    : back ? [`backward:${column}`, "fused_backward"]
    : [`forward:${column}`];
  const step = names.map((name) => run.steps.indexOf(name)).find((at) => at >= 0);
  return step === undefined ? null : iterationEnds(position, run.steps_per_iteration).start + step + 1;
}
