/** The one state of the page, as signals. Nothing else is remembered; everything on the screen follows from it. */

import { batch, computed, effect, signal } from "../vendor/signals-core.mjs";
import { canonical } from "./linkage.js";
import { stepOf } from "./positions.js";
import { recall, recallInTab } from "./storage.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./fragment.js").Source} Source */
/** @typedef {{kind: "tensor", tensor: string} | {kind: "jacobian", layer: string, sample: number}} Opened */
/** @typedef {{key: string, params: Record<string, unknown>}} Notice */
/** @typedef {{slot: import("./columns.js").Slot, index: import("./types.js").Index}} Cursor */
/** @typedef {"tensor" | "kind" | "stage"} ScaleBy What shares one range of colours. */
/** @typedef {{tensor: string, value: number}} Contrast Colours as far as this value of this tensor reaches. */
/** @typedef {{blocks: import("./linkage.js").Block[], from?: Cell | null}} Hover What a pointer or the focus points to. */
/**
 * @typedef {{run: string, start: number, stop: number, reached: number, stopped: boolean}} Training
 *   Iterations; `reached`: as many updates are done.
 */
/** @typedef {{run: string, tensor: string, computed_at: number | null, cells: import("./types.js").Index[]}} Compared */
/**
 * @template T
 * @typedef {{value: T, peek(): T}} Signal
 */

/**
 * @template T
 * @param {T} value
 * @returns {Signal<T>}
 */
const held = (value) => signal(value);

export const state = {
  run: held(/** @type {Run | null} */ (null)),
  source: held(/** @type {Source} */ ({ preset: "default" })),
  position: held(0),
  selection: held(/** @type {Cell | null} */ (null)),
  opened: held(/** @type {Opened | null} */ (null)),
  lang: held(/** @type {"en" | "zh"} */ ("en")),
  theme: held(/** @type {"light" | "dark"} */ ("light")),
  /** The frame that is shown: the newest answer, which may be behind `position` while the server is asked. */
  frame: held(/** @type {Frame | null} */ (null)),
  /** The last frame of the shown iteration, which knows the range of what is still hatched. */
  last: held(/** @type {Frame | null} */ (null)),
  sample: held(0),
  /** The unit of the first layer whose weights a digits run shows as a picture. */
  unit: held(0),
  scaleBy: held(/** @type {ScaleBy} */ ("tensor")),
  contrast: held(/** @type {Contrast | null} */ (null)),
  hover: held(/** @type {Hover | null} */ (null)),
  /** How the terms are sorted: the largest first, or as they are summed. */
  termsBy: held(/** @type {"size" | "order"} */ (recall("terms") === "order" ? "order" : "size")),
  /** The walk along the chain rule that a person is on. */
  walk: held(/** @type {import("./walk-path.js").Walk | null} */ (null)),
  playing: held(false),
  /** Steps while playing, as a multiple of the usual pace. */
  speed: held(1),
  shortcuts: held(true),
  /** Where the inspector is a drawer: whether it is open. */
  unfolded: held(false),
  /** The cell of the stage that the arrow keys are on. */
  cursor: held(/** @type {Cursor | null} */ (null)),
  notice: held(/** @type {Notice | null} */ (null)),
  /** That the server is slow or out of reach; said in the notice's place while it lasts. */
  waiting: held(/** @type {Notice | null} */ (null)),
  /** The run that this one was forked from, where that is known. */
  before: held(/** @type {Run | null} */ (null)),
  /** Whether new − old is shown instead of the values. */
  difference: held(false),
  /** Whether of every gradient only the chosen sample's share is shown. */
  alone: held(false),
  /** The cells in which a pasted matrix differs from a tensor, as it was when they were compared. */
  compared: held(/** @type {Compared | null} */ (null)),
  /** The fault that a person is looking for, over a reload too; which one it is is shown nowhere. */
  hunt: held(/** @type {import("./proof-hunt-words.js").Hunt | null} */ (recallInTab("hunt"))),
  /** Whether the strip with curves, data and training is open. */
  strip: held(false),
  /** The training that runs: while it does, nothing else is asked from the server by itself. */
  training: held(/** @type {Training | null} */ (null)),
  /** What is known of how the present run trains, by iteration; a new map whenever it grows. */
  records: held(/** @type {ReadonlyMap<number, import("./types.js").HistoryRecord>} */ (new Map())),
};

/** The run and its frame that are shown; null while the first frame of a run is on its way. */
export const onStage = computed(() => {
  const [run, frame] = [state.run.value, state.frame.value];
  return run && frame?.run === run.id ? { run, frame } : null;
});

/** Whether frames of a training stream in: then nothing is asked from the server by itself. */
export const busy = computed(() => {
  const now = state.training.value;
  return now !== null && !now.stopped && now.run === state.run.value?.id;
});

/** Stop a training where one is on: what a person does now is meant for what is shown. */
export function halt() {
  const now = state.training.peek();
  if (now && !now.stopped) state.training.value = { ...now, stopped: true };
}

/** The chosen cell there, its tensor under its canonical name. */
export const chosenCell = computed(() => {
  const [there, cell] = [onStage.value, state.selection.value];
  return there && cell && { ...there, cell, tensor: canonical(there.run, cell.tensor), index: cell.index };
});

/** The iteration that the shown frame's step belongs to, and the step's number in it. */
export const shownStep = computed(() => {
  const [run, frame] = [state.run.value, state.frame.value];
  return run && frame ? stepOf(frame.position, run.steps_per_iteration) : { iteration: 0, step: 0 };
});

/**
 * Choose a cell: of the sample-wise tensors its row is the sample whose Jacobian is shown.
 * @param {Cell | null} cell
 */
export function select(cell) {
  batch(() => {
    state.selection.value = cell;
    state.sample.value = sampleOf(cell) ?? state.sample.value;
    const first = state.run.peek()?.layers[0];
    if (cell && first && cell.tensor.startsWith(`${first}.`) && !cell.tensor.endsWith("input")) state.unit.value = cell.index[1];
  });
}

/**
 * The sample that a cell belongs to, where it belongs to one.
 * @param {Cell | null} cell
 */
export function sampleOf(cell) {
  const bySample = cell && /^(batch|loss)\.|\.(output|dinput)$/.test(cell.tensor) && cell.tensor !== "loss.value";
  return bySample ? cell.index[0] : null;
}

/** @param {string} tensor Its figure is opened. */
export function openTensor(tensor) {
  state.opened.value = { kind: "tensor", tensor };
}

/** @param {string} layer Its Jacobian is opened, of the present sample. */
export function openJacobian(layer) {
  state.opened.value = { kind: "jacobian", layer, sample: state.sample.peek() };
}

/**
 * Go to a position; never below 0.
 * @param {number} position
 */
export function goTo(position) {
  state.position.value = Math.max(0, position);
}

export { batch, computed, effect, held as signal };
