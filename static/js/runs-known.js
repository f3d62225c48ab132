/** The runs that this browser has seen, the one used last at the end, kept for the next visit. */

import { byId } from "./dom.js";
import { changesOf } from "./changes.js";
import { moved } from "./forks.js";
import { report } from "./loader.js";
import { setName } from "./set-name.js";
import { effect, onStage, state } from "./state.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Spec} Spec */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./changes.js").Field} Field */
/** @typedef {{position: number, updates: number, loss: import("./types.js").Num | null}} Seen */
/** @typedef {Cell & {value: number | null}} Told An edited cell; null: its edit was taken back. */
/**
 * @typedef {{
 *   id: string, parent: string | null, made: number, data: string, layers: string, steps: number,
 *   page?: string, preset?: string, changes?: {fields: Field[], cells: Told[], count: number}, seen?: Seen,
 * }} Known `page`: its link, where that carries the whole run; `changes`: against its parent.
 */

const MOST = 200;
const LONGEST = 2048;
const MOST_CHANGES = 4;

/** Where the stage last stood in each run, until that is kept. */
const seen = /** @type {Map<string, Seen>} */ (new Map());

/** @param {import("./types.js").Boot} boot */
export function mountRuns(boot) {
  effect(() => {
    const [there, last] = [onStage.value, state.last.value];
    if (!there || !last) return;
    const { run, frame: { position } } = there;
    seen.set(run.id, { position, updates: Math.floor(position / run.steps_per_iteration), loss: last.loss });
  });
  effect(() => {
    const [run, move] = [state.run.value, moved.value];
    if (!run) return;
    keepSeen();
    noteRun(run, move?.to.id === run.id && move.from.id === run.parent ? move.from : null, state.source.peek());
  });
  addEventListener("pagehide", keepSeen);
  byId("runs-open").addEventListener("click", () => void import("./runs.js").then(({ openRuns }) => openRuns(boot)).catch(report));
}

/** Those that are kept; nothing of what stands there is trusted to be whole. */
export function knownRuns() {
  try {
    /** @type {Known[]} */
    const found = JSON.parse(recall("runs") ?? "[]");
    return found.filter(({ id, parent }) => /^r\w+$/.test(id) && (parent === null || /^r\w+$/.test(parent)));
  } catch {
    return [];
  }
}

/**
 * Keep a run, or what is learned of it.
 * @param {Run} run
 * @param {Run | null} [parent] Where that is known.
 * @param {import("./fragment.js").Source} [source] Where it is used now; else it keeps its place among the others.
 */
export function noteRun({ id, parent: from, spec, page, steps_per_iteration: steps }, parent = null, source = undefined) {
  const all = knownRuns();
  /** @type {Known} */
  const entry = {
    made: Date.now(), ...all.find((one) => one.id === id), id, parent: from, steps, data: setName(spec.dataset),
    layers: spec.layers.map(({ units }) => units).filter(Boolean).join("–"),
  };
  if (page.includes("#s=") && page.length <= LONGEST) entry.page = page;
  if (source && "preset" in source) entry.preset = source.preset;
  if (parent) entry.changes = briefly(parent.spec, spec);
  const others = all.filter((one) => one.id !== id);
  const at = source ? others.length : Math.max(0, all.findIndex((one) => one.id === id));
  keepAll(others.toSpliced(at, 0, entry));
}

/** Keep where the stage stood in each run, and its loss there. */
export function keepSeen() {
  keepAll(knownRuns().map((one) => ({ ...one, ...(seen.has(one.id) && { seen: seen.get(one.id) }) })));
}

/** @param {Known[]} all */
function keepAll(all) {
  remember("runs", JSON.stringify(all.slice(-MOST)));
}

/**
 * @param {Spec} from
 * @param {Spec} to
 */
function briefly(from, to) {
  const { fields, cells } = changesOf(from, to);
  const told = cells.slice(0, 1).map((cell) => {
    const at = (/** @type {Cell} */ { tensor, index, position }) => `${tensor},${index},${position}`;
    return { ...cell, value: (to.edits ?? []).find((edit) => at(edit) === at(cell))?.value ?? null };
  });
  return { fields: fields.slice(0, MOST_CHANGES), cells: told, count: cells.length };
}
