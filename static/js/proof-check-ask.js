/** The check of the iteration on the stage, tensor by tensor as it is found out; and one gradient's figure. */

import { Problem, framePath, getAnswer, openStream } from "./api.js";
import { eachEvent } from "./events.js";
import { worded } from "./i18n.js";
import { worthLooking, twiceOf } from "./proof-check-read.js";
import { checking } from "./proof-check-now.js";
import { batch, onStage, shownStep, state } from "./state.js";

/** @typedef {import("./proof-check-now.js").Asked} Asked */

/** Below this many pixels the three matrices stand one below the other. */
const NARROW = 640;

let call = new AbortController();
/** The run of which somebody wants to be told, though they look for its fault. */
let told = "";

/** Check the iteration on the stage, unless that is known or on its way, or would tell the fault that is looked for. */
export function askCheck() {
  const there = onStage.peek();
  if (!there) return;
  const { run } = there;
  checking.held.value = state.hunt.peek() !== null && told !== run.id;
  if (checking.held.peek()) {
    forget(null);
    return;
  }
  const { iteration } = shownStep.peek();
  const start = iteration * run.steps_per_iteration;
  const position = start + run.steps_per_iteration;
  const before = checking.asked.peek();
  if (before?.run.id === run.id && before.position === position && !checking.stopped.peek() && !checking.problem.peek()) return;
  begin({ run, iteration, start, position });
}

/** Let the server stop; what came stays. */
export function stopCheck() {
  if (checking.end.peek() || !checking.asked.peek()) return;
  call.abort();
  checking.stopped.value = true;
}

/** Ask again for what was stopped or went wrong, or ask though it tells; what the server knows already comes at once. */
export function againCheck() {
  if (checking.held.peek()) {
    told = onStage.peek()?.run.id ?? "";
    askCheck();
    return;
  }
  const asked = checking.asked.peek();
  if (asked) begin({ ...asked });
}

/** @param {Asked} asked */
function begin(asked) {
  forget(asked);
  void receive(asked, call.signal);
}

/** @param {Asked | null} asked What is known is of something else. */
function forget(asked) {
  call.abort();
  call = new AbortController();
  batch(() => {
    checking.asked.value = asked;
    checking.names.value = [];
    checking.rows.value = [];
    checking.part.value = null;
    checking.end.value = checking.chosen.value = checking.shown.value = checking.cell.value = null;
    checking.stopped.value = false;
    checking.problem.value = "";
  });
}

/**
 * @param {Asked} asked
 * @param {AbortSignal} signal
 */
async function receive({ run, position }, signal) {
  try {
    const headers = { Accept: "text/event-stream" };
    const reader = await openStream(`${framePath(run.id, position)}/check?values=none`, { headers, signal });
    await eachEvent(reader, (event, data) => {
      if (signal.aborted) return;
      const found = JSON.parse(data);
      if (event === "begin") checking.names.value = found.tensors;
      if (event === "part") checking.part.value = found;
      if (event === "tensor") addRow(found);
      if (event === "end") concludeWith(found);
    });
    if (!signal.aborted && !checking.end.peek()) throw new Problem("offline");
  } catch (error) {
    // What breaks off in mid-stream is no answer of the server's.
    if (!signal.aborted) checking.problem.value = worded(error instanceof TypeError ? new Problem("offline") : error);
  }
}

/** @param {import("./proof-check-now.js").Row} row */
function addRow(row) {
  batch(() => {
    checking.part.value = null;
    checking.rows.value = [...checking.rows.peek(), row];
  });
}

/** @param {import("./proof-check-now.js").Conclusion} end */
function concludeWith(end) {
  batch(() => {
    checking.end.value = end;
    const row = checking.chosen.peek() ? undefined : worthLooking(checking.rows.peek(), end.first);
    if (row) chooseRow(row, end.first?.cell.index);
  });
}

/**
 * Its figure is asked for, the cursor on a cell, else its worst one.
 * @param {import("./proof-check-now.js").Row} row
 * @param {import("./types.js").Index} [cell]
 */
export function chooseRow({ name, worst_cell: worst }, cell = worst ?? [0, 0]) {
  batch(() => {
    checking.chosen.value = name;
    checking.cell.value = cell;
  });
}

/**
 * Inside an effect: the chosen gradient's figure, in the present language and colours.
 * @param {number} width Of the place where it is drawn.
 */
export function askCheckFigure(width) {
  const [asked, name, lang, theme] = [checking.asked.value, checking.chosen.value, state.lang.value, state.theme.value];
  if (!asked || !name) return;
  const arrange = width < NARROW ? "column" : "row";
  const wanted = () => checking.asked.peek() === asked && checking.chosen.peek() === name && state.lang.peek() === lang && state.theme.peek() === theme;
  const path = `${framePath(asked.run.id, asked.position)}/check/${name}/figure?lang=${lang}&theme=${theme}&arrange=${arrange}`;
  getAnswer(path).then(
    (figure) => wanted() && (checking.shown.value = { name, figure, twice: twiceOf(figure) }),
    (error) => wanted() && (checking.problem.value = worded(error)),
  );
}
