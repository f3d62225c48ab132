/** A training as it streams in: the newest frame is painted when the screen is, records are kept, all of them. */

import { openFrames, problemOf } from "./api.js";
import { batch, busy, effect, halt, signal, state } from "./state.js";
import { frameIn, messageReader } from "./train-messages.js";
import { patiently } from "./waiting.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").HistoryRecord} HistoryRecord */
/** @typedef {import("./train-messages.js").Message} Message */

/** Runs whose records are kept: undo and redo lead back to them. */
const KEPT = 8;
/** Records of a run; of longer trainings every second one, or third. */
const MOST = 20_000;
/** Cells a side of the decision regions. */
const RESOLUTION = 64;
/** Milliseconds until a stream that broke at once is asked for again. */
const PAUSE = 1000;

/** @type {Map<string, Map<number, HistoryRecord>>} */
const histories = new Map();
/** Records that have come and are not shown yet. @type {HistoryRecord[]} */
let waiting = [];
/** @type {Message | null} */
let newest = null;
let call = new AbortController();
/** Where the last frame of the training was painted; who goes elsewhere wants to look at something. */
let painted = 0;
let asked = 0;

/** Why the training ended before its end. */
export const trainingProblem = signal(/** @type {unknown} */ (null));
/** When the training that is on began, in milliseconds, and at which iteration. */
export const began = signal({ at: 0, from: 0 });

effect(() => {
  if (!busy.value) {
    call.abort();
    const all = histories.get(state.run.peek()?.id ?? "");
    if (all && all.size > state.records.peek().size) state.records.value = new Map(all);
  } else if (state.position.value !== painted || state.opened.value || state.walk.value || state.playing.value) halt();
});
effect(() => {
  const [run, now] = [state.run.value, state.training.peek()];
  if (now && now.run !== run?.id) state.training.value = null;
  trainingProblem.value = null;
  state.records.value = new Map(run && histories.get(run.id));
});

/**
 * Train from the first iteration that is not known yet.
 * @param {Run} run
 * @param {number} from
 * @param {number} stop
 */
export function train(run, from, stop) {
  call.abort();
  call = new AbortController();
  asked += 1;
  const [mine, { signal: gone }] = [asked, call];
  painted = state.position.peek();
  newest = null;
  waiting = [];
  batch(() => {
    state.playing.value = state.difference.value = false;
    state.opened.value = state.walk.value = trainingProblem.value = null;
    began.value = { at: performance.now(), from };
    state.training.value = { run: run.id, start: from, stop, reached: from, stopped: false };
  });
  read(run, gone).catch((error) => {
    if (mine !== asked || gone.aborted) return;
    batch(() => {
      halt();
      trainingProblem.value = error;
    });
  });
}

/**
 * Read to the end, over broken connections too.
 * @param {Run} run
 * @param {AbortSignal} gone
 */
async function read(run, gone) {
  const { stop } = state.training.peek() ?? { stop: 0 };
  const every = Math.ceil(stop / MOST);
  let regions = run.tensors["data.input"].shape[1] === 2 ? RESOLUTION : 0;
  while (!gone.aborted) {
    // The paint may be behind the records.
    const start = Math.max(state.training.peek()?.reached ?? 0, newest ? newest.header.iteration + 1 : 0);
    if (start >= stop) return;
    const open = () => openFrames(run.id, { start, stop, every, regions }, gone);
    const reader = await patiently(open, () => !gone.aborted).catch((error) => {
      const { code, field } = problemOf(error);
      if (code !== "no_regions" && field !== "query.regions") throw error;
      return null;
    });
    if (!reader) {
      // A network too large to judge a plane many times a second still trains.
      regions = 0;
      continue;
    }
    const began = performance.now();
    try {
      const messages = messageReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (gone.aborted) return;
        if (done) break;
        for (const message of messages(value)) {
          take(run, message, gone);
          if (message.header.end) return;
        }
      }
    } catch (error) {
      if (gone.aborted) return;
      if (error instanceof SyntaxError) throw error;
    }
    if (performance.now() - began < PAUSE) await new Promise((go) => setTimeout(go, PAUSE));
  }
}

/**
 * @param {Run} run
 * @param {Message} message
 * @param {AbortSignal} gone
 */
function take(run, message, gone) {
  waiting.push(...message.header.records);
  const first = newest === null;
  newest = message;
  // A page out of sight paints nothing; its training ends all the same.
  if (message.header.end) paint(run, gone);
  else if (first) requestAnimationFrame(() => paint(run, gone));
}

/**
 * @param {Run} run
 * @param {AbortSignal} gone
 */
function paint(run, gone) {
  const [message, now] = [newest, state.training.peek()];
  if (!message || !now || gone.aborted) return;
  newest = null;
  const frame = frameIn(message);
  painted = frame.position;
  keep(run.id, message.header.end === true);
  batch(() => {
    state.position.value = frame.position;
    state.frame.value = state.last.value = frame;
    state.training.value = message.header.end ? null : { ...now, reached: frame.iteration + 1 };
  });
}

/**
 * Show the records that have come, once they are a hundredth of all: who copies them at every frame copies for ever.
 * @param {string} run
 * @param {boolean} end
 */
function keep(run, end) {
  const kept = histories.get(run) ?? new Map();
  histories.delete(run);
  histories.set(run, kept);
  if (histories.size > KEPT) histories.delete([...histories.keys()][0]);
  for (const record of waiting) kept.set(record.iteration, record);
  waiting = [];
  if (end || kept.size > state.records.peek().size * 1.01) state.records.value = new Map(kept);
}

