/** The dialog of a run's history: gradient flow, layer by iteration, and its curves, as the server's figures. */

import { byId } from "./dom.js";
import { askFlow, stopFlow } from "./flow-ask.js";
import { along, dwarfed, inside, tensorAt } from "./flow-course.js";
import "./flow-draw.js";
import { flow } from "./flow-now.js";
import { glossed } from "./glossary.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { percent, readable } from "./numbers.js";
import { iterationEnds } from "./positions.js";
import { batch, effect, goTo, select, shownStep, state } from "./state.js";

/** Iterations that are shown of a run of which none is known yet: gradients vanish from the first on. */
const USUAL = 100;
/** The layers that a picture has rows for; curves need none. */
const NEEDS = { gradient: "dense", ratio: "dense", dead: "relu", saturated: "sigmoid", curves: "" };

const dialog = /** @type {HTMLDialogElement} */ (byId("flow"));
const choice = /** @type {HTMLSelectElement} */ (byId("flow-what"));
const [first, last] = ["first", "last"].map((name) => /** @type {HTMLInputElement} */ (byId(`flow-${name}`)));
const progress = /** @type {HTMLProgressElement} */ (byId("flow-progress"));
const [plot, table, sentence, note] = ["plot", "table", "said", "note"].map((name) => byId(`flow-${name}`));
const [go, swap, halted, again] = ["go", "swap", "halt", "again"].map((name) => byId(`flow-${name}`));

for (const field of [choice, first, last]) field.addEventListener("change", ask);
go.addEventListener("click", goThere);
swap.addEventListener("click", swapTable);
halted.addEventListener("click", () => {
  stopFlow();
  plot.focus();
});
again.addEventListener("click", () => (flow.asked.value = { .../** @type {import("./flow-now.js").Asked} */ (flow.asked.peek()) }));
dialog.addEventListener("close", () => (flow.asked.value = null));
const atPlot = (/** @type {string} */ key) => document.activeElement === plot && move(key);
listen(dialog, "figure", {
  table: () => !!flow.shown.peek() && swapTable(),
  move: atPlot,
  leap: atPlot,
  open: () => document.activeElement === plot && goThere(),
});

effect(askFlow);
effect(label);
effect(tell);
// What is shown is of the run on the stage.
effect(() => {
  if (flow.asked.peek()?.run !== state.run.value?.id) dialog.close();
});

/** Show how the run on the stage has trained, or would. */
export function openFlow() {
  const run = state.run.peek();
  if (!run) return;
  const kinds = Object.entries(NEEDS).filter(([, kind]) => run.layers.some((layer) => layer.startsWith(kind))).map(([what]) => what);
  for (const option of choice.options) option.hidden = option.disabled = !kinds.includes(option.value);
  if (!kinds.includes(choice.value)) choice.value = kinds[0];
  const records = state.records.peek();
  let end = Math.max(shownStep.peek().iteration, records.size ? 0 : USUAL - 1);
  for (const iteration of records.keys()) end = Math.max(end, iteration);
  [first.value, last.value] = ["0", String(end)];
  dialog.showModal();
  plot.focus();
  ask();
}

/** What the fields say, or the nearest that makes sense. */
function ask() {
  const start = Math.max(0, Math.floor(first.valueAsNumber) || 0);
  const end = Math.max(start, Math.floor(last.valueAsNumber) || 0);
  [first.value, last.value] = [start, end].map(String);
  const run = state.run.peek()?.id ?? "";
  flow.asked.value = { run, what: /** @type {import("./flow-now.js").What} */ (choice.value), start, stop: end + 1 };
}

/** The words around the figure, and how far it is. */
function label() {
  const [asked, reached, stopped, problem] = [flow.asked.value, flow.reached.value, flow.stopped.value, flow.problem.value];
  swap.textContent = t(flow.asTable.value ? "figure.show_figure" : "figure.show_table");
  if (!asked) return;
  byId("flow-lead").replaceChildren(...glossed(t(`flow.lead.${asked.what}`)));
  byId("flow-computing").hidden = reached === null;
  dialog.ariaBusy = String(reached !== null);
  progress.max = asked.stop - asked.start;
  progress.value = (reached ?? 0) - asked.start;
  const [at, of] = [reached ?? 0, asked.stop];
  progress.ariaValueText = byId("flow-at").textContent = t("flow.computing", { at, of });
  note.textContent = problem || (stopped === null ? "" : t("flow.stopped", { at: stopped, of }));
  note.hidden = again.hidden = !note.textContent;
  again.textContent = t(problem ? "again" : "flow.go_on");
}

/** The sentence of what is under the cursor. */
function tell() {
  const [shown, spot, problem] = [flow.shown.value, flow.spot.value, flow.problem.value];
  const there = shown && spot && inside(shown.course, spot);
  go.hidden = !there;
  if (there) go.textContent = t("flow.go", { iteration: shown.course.iterations[there.column] });
  sentence.textContent =
    there ? sentenceAt(shown, there)
    : shown ? t("flow.nothing")
    : problem ? ""
    : t("figure.asking");
}

/**
 * @param {import("./flow-now.js").ShownFlow} shown
 * @param {import("./flow-course.js").Spot} spot
 */
function sentenceAt({ course, asked }, spot) {
  const [iteration, { name, values }] = [course.iterations[spot.column], course.rows[spot.row]];
  if (asked.what === "curves") {
    const [loss, accuracy, ...test] = course.rows.map((row) => row.values[spot.column]);
    const said = t("flow.said.curves", { iteration, loss: readable(loss), accuracy: percent(accuracy) });
    return test.length ? `${said} ${t("train.test", { loss: readable(test[0]), share: percent(test[1]) })}` : said;
  }
  const value = values[spot.column];
  const share = asked.what === "dead" || asked.what === "saturated";
  const number = share ? percent(value) : value === 0 ? t("figure.zero") : readable(value, 3);
  const said = t("flow.said", { layer: name, iteration, what: t(`figure.flow.${asked.what}`), value: number });
  const less = share ? null : dwarfed(course, spot);
  return less ? `${said} ${t("flow.said.less", { times: readable(less.times, 2), layer: less.layer })}` : said;
}

/** @param {string} key */
function move(key) {
  const [course, spot] = [flow.shown.peek()?.course, flow.spot.peek()];
  if (!course) return false;
  flow.spot.value = spot ? along(course, inside(course, spot), key) : { row: 0, column: 0 };
  return true;
}

/** The stage as it was before the update of that iteration, and what the number is of. */
function goThere() {
  const [shown, spot, run] = [flow.shown.peek(), flow.spot.peek(), state.run.peek()];
  if (!shown || !spot || !run) return;
  const { row, column } = inside(shown.course, spot);
  const steps = run.steps_per_iteration;
  const position = iterationEnds(shown.course.iterations[column] * steps, steps).end;
  batch(() => {
    dialog.close();
    goTo(position);
    select({ tensor: tensorAt(shown.course.rows[row].name), index: [0, 0], position });
  });
}

/** The table in place of the figure, or the other way round; a focus on the one goes to the other. */
function swapTable() {
  const within = plot.contains(document.activeElement) || table.contains(document.activeElement);
  flow.asTable.value = !flow.asTable.peek();
  if (within) (flow.asTable.peek() ? table : plot).focus();
}
