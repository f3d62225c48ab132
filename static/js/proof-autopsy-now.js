/** The search for what first went wrong: what is asked, how far it is, and what was found. */

import { Problem, openStream } from "./api.js";
import { eachEvent } from "./events.js";
import { proof } from "./proof-state.js";
import { batch, signal } from "./state.js";

/** @typedef {import("./proof-autopsy-read.js").Autopsy} Autopsy */
/** @typedef {{run: string, stop: number, vanished: string}} AutopsyAsked */

export const autopsy = {
  asked: signal(/** @type {AutopsyAsked | null} */ (null)),
  /** Iterations that were looked at; null while none is. */
  searched: signal(/** @type {number | null} */ (null)),
  found: signal(/** @type {{asked: AutopsyAsked, answer: Autopsy, whole: boolean} | null} */ (null)),
  problem: signal(/** @type {unknown} */ (null)),
};

let call = new AbortController();

/** Inside an effect: ask for what is wanted and not known, and no longer for what was. */
export function askAutopsy() {
  const asked = proof.tab.value === "autopsy" ? autopsy.asked.value : null;
  call.abort();
  const known = autopsy.found.peek();
  if (!asked || (known?.asked === asked && known.whole)) {
    autopsy.searched.value = null;
    return;
  }
  call = new AbortController();
  batch(() => {
    autopsy.problem.value = null;
    autopsy.searched.value = 0;
    if (known?.asked.run !== asked.run) autopsy.found.value = null;
  });
  void receiveFindings(asked, call.signal);
}

/** Let the server stop; what was found stays. */
export function stopAutopsy() {
  call.abort();
  autopsy.searched.value = null;
}

/**
 * @param {AutopsyAsked} asked
 * @param {AbortSignal} signal
 */
async function receiveFindings(asked, signal) {
  const { run, stop, vanished } = asked;
  const path = `/api/v1/runs/${encodeURIComponent(run)}/autopsy?stop=${stop}&vanished=${vanished}`;
  try {
    let ended = false;
    const reader = await openStream(path, { headers: { Accept: "text/event-stream" }, signal });
    await eachEvent(reader, (event, data) => {
      if (signal.aborted) return;
      const answer = JSON.parse(data);
      ended ||= event === "end";
      batch(() => {
        autopsy.searched.value = answer.searched;
        if (answer.findings) autopsy.found.value = { asked, answer, whole: ended };
      });
    });
    if (!ended) throw new Problem("offline");
  } catch (error) {
    // What breaks off in mid-stream is no answer of the server's.
    if (!signal.aborted) autopsy.problem.value = error instanceof TypeError ? new Problem("offline") : error;
  }
  if (!signal.aborted) autopsy.searched.value = null;
}
