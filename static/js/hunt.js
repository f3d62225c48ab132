/** The search for a fault that was put into the run: begun, pursued by pointing at cells, and ended. */

import { forkRun, framePath, getAnswer, tensorPath } from "./api.js";
import { fork } from "./forks.js";
import { shuffled } from "./proof-hunt-words.js";
import { effect, signal, state } from "./state.js";
import { rememberInTab } from "./storage.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./proof-hunt-words.js").Hunt} Hunt */
/** @typedef {import("./proof-hunt-words.js").Verdict} Verdict */
/** @typedef {Hunt & {found: Verdict | null}} Ended `found`: the cell that was pointed at; null where it was given up. */

/** The search that has ended, until another one begins or it is dismissed. */
export const ended = signal(/** @type {Ended | null} */ (null));

let last = "";

effect(() => rememberInTab("hunt", state.hunt.value));

/**
 * Put a fault into the run that is shown, one that shows in this iteration.
 * @returns {Promise<boolean>} False where none does.
 */
export async function beginHunt() {
  const [run, position] = [state.run.peek(), state.position.peek()];
  if (!run) return false;
  const { faults } = await getAnswer(`${framePath(run.id, position)}/faults`);
  for (const fault of shuffled(faults, last, Math.random)) {
    const made = await forkRun(run.id, [], { faults: [fault] });
    // Trained with the fault from the beginning, it may show otherwise.
    const shown = (await getAnswer(`${framePath(made.id, position)}/faults?fault=${fault}`)).faults[fault];
    if (!shown) continue;
    if (state.run.peek() !== run) return true;
    last = fault;
    ended.value = null;
    state.hunt.value = { fault, before: run.spec.faults ?? [], shown, asked: [] };
    try {
      await fork([], { faults: [fault] });
    } catch (error) {
      state.hunt.value = null;
      throw error;
    }
    return true;
  }
  return false;
}

/**
 * Whether the run has the fault that is looked for: edits leave it where it is.
 * @param {Run} run
 */
export function isHunted(run) {
  return String(run.spec.faults) === state.hunt.value?.fault;
}

/**
 * Point at a cell.
 * @param {Run} run
 * @param {string} tensor
 * @param {import("./types.js").Index} index
 * @param {number} position
 */
export async function claim(run, tensor, index, position) {
  const hunt = state.hunt.peek();
  /** @type {Verdict} */
  const judged = await getAnswer(`${tensorPath(run.id, position, tensor)}/cells/${index}/verdict`);
  if (!hunt || state.hunt.peek() !== hunt) return;
  const next = { ...hunt, asked: [...hunt.asked, judged] };
  if (judged.verdict === "fault") end(next, judged);
  else state.hunt.value = next;
}

/** Have it shown. */
export function giveUp() {
  const hunt = state.hunt.peek();
  if (hunt) end(hunt, null);
}

/** The run without the fault, and with what was edited meanwhile. */
export async function mend() {
  const hunt = state.hunt.peek() ?? ended.peek();
  if (!hunt) return;
  state.hunt.value = null;
  ended.value = null;
  await fork([], { faults: hunt.before });
}

/**
 * @param {Hunt} hunt
 * @param {Verdict | null} found
 */
function end(hunt, found) {
  ended.value = { ...hunt, found };
  state.hunt.value = null;
}
