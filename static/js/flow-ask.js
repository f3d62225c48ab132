/** The figure of a run's history, asked for in the present language and colours; it comes while it is computed. */

import { Problem, openHistoryFigure } from "./api.js";
import { eachEvent } from "./events.js";
import { courseOf } from "./flow-course.js";
import { flow } from "./flow-now.js";
import { worded } from "./i18n.js";
import { batch, state } from "./state.js";

let call = new AbortController();

/** Inside an effect: ask for what is wanted, and no longer for what was. */
export function askFlow() {
  const [asked, lang, theme] = [flow.asked.value, state.lang.value, state.theme.value];
  call.abort();
  call = new AbortController();
  batch(() => {
    flow.problem.value = "";
    flow.reached.value = flow.stopped.value = null;
    if (!asked) flow.shown.value = flow.spot.value = null;
  });
  if (asked) void receive(asked, `&lang=${lang}&theme=${theme}`, call.signal);
}

/** Let the server stop; what came stays. */
export function stopFlow() {
  call.abort();
  batch(() => {
    flow.stopped.value = flow.reached.peek();
    flow.reached.value = null;
  });
}

/**
 * @param {import("./flow-now.js").Asked} asked
 * @param {string} looks
 * @param {AbortSignal} signal
 */
async function receive(asked, looks, signal) {
  const { run, what, start, stop } = asked;
  const query = what === "curves" ? "kind=curves" : `what=${what}`;
  flow.reached.value = start;
  try {
    let ended = false;
    const reader = await openHistoryFigure(run, `${query}&start=${start}&stop=${stop}${looks}`, signal);
    await eachEvent(reader, (event, data) => {
      if (signal.aborted) return;
      const found = JSON.parse(data);
      if (event === "progress") flow.reached.value = Math.min(stop, found.reached);
      if (event === "figure") flow.shown.value = { asked, figure: found, course: courseOf(found) };
      ended ||= event === "end";
    });
    if (!ended) throw new Problem("offline");
  } catch (error) {
    // What breaks off in mid-stream is no answer of the server's.
    if (!signal.aborted) flow.problem.value = worded(error instanceof TypeError ? new Problem("offline") : error);
  }
  if (!signal.aborted) flow.reached.value = null;
}
