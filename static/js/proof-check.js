/** The tab of the check: every gradient of the iteration, held against differences of the loss. */

import { cellName, shapeName } from "./cells.js";
import { button, byId, headCell, make } from "./dom.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { readable } from "./numbers.js";
import { computedBy, stepOf } from "./positions.js";
import { againCheck, askCheck, chooseRow, stopCheck } from "./proof-check-ask.js";
import "./proof-check-draw.js";
import "./proof-check-made.js";
import { checking } from "./proof-check-now.js";
import { MARKS, cellBeside, verdictAt, verdictOf } from "./proof-check-read.js";
import { goToCell, proof } from "./proof-state.js";
import { effect } from "./state.js";

/** @typedef {import("./proof-check-now.js").Row} Row */

const [panel, plot, table] = ["proof-check", "check-plot", "check-table"].map(byId);
const progress = /** @type {HTMLProgressElement} */ (byId("check-progress"));
const [verdict, sentence, first, again, open, swap] = ["verdict", "said", "first", "again", "open", "swap"].map((name) => byId(`check-${name}`));

const ACTS = { "check-stop": stopHere, "check-again": againCheck, "check-first": goToFirst, "check-open": openCell, "check-swap": swapTable };
for (const [id, act] of Object.entries(ACTS)) byId(id).addEventListener("click", act);
// While another figure is on its way, the cursor is of neither.
const atPlot = () => document.activeElement === plot && checking.shown.peek()?.name === checking.chosen.peek();
listen(panel, "figure", {
  table: () => !!checking.shown.peek() && swapTable(),
  move: (key) => atPlot() && move(key),
  open: () => atPlot() && openCell(),
});

effect(label);
effect(list);
effect(tell);
// Who looks elsewhere does not wait for it.
effect(() => {
  if (proof.tab.value !== "check") stopCheck();
});

export function showCheck() {
  askCheck();
}

/** What it comes to, in one sentence; and how far it is. */
function label() {
  const [asked, end, stopped, problem] = [checking.asked.value, checking.end.value, checking.stopped.value, checking.problem.value];
  const [of, done] = [checking.names.value.length, checking.rows.value.length];
  const busy = Boolean(asked && !end && !stopped && !problem);
  byId("check-computing").hidden = !busy;
  panel.ariaBusy = String(busy);
  if (of) progress.max = of;
  const part = checking.part.value;
  progress.value = done + (part?.done ?? 0);
  const within = part ? t("proof.check.within", { name: part.name, percent: Math.floor(100 * part.done) }) : "";
  progress.ariaValueText = byId("check-at").textContent = of ? `${t("proof.check.at", { done, of })}${within}` : "";
  byId("check-rows").closest("div")?.toggleAttribute("hidden", !of);
  byId("check-lead").textContent = asked ? t("proof.check.lead", { iteration: asked.iteration }) : "";
  byId("check-float32").hidden = end?.dtype !== "float32";
  const held = checking.held.value;
  again.hidden = !stopped && !problem && !held;
  again.textContent = t(held ? "proof.check.anyway" : problem ? "again" : "proof.check.go_on");
  first.hidden = !end?.first;
  const words = problem || (held ? t("proof.check.held") : end ? concluded(end) : stopped ? t("proof.check.stopped", { done, of }) : t("proof.check.running"));
  if (verdict.textContent !== words) verdict.textContent = words;
  verdict.classList.toggle("wrong", Boolean(problem || end?.first));
}

/** @param {import("./proof-check-now.js").Conclusion} end */
function concluded({ compared, not_comparable: left, worst, first: wrong }) {
  if (!wrong) {
    if (!compared) return t("proof.check.none");
    const said = [t("proof.check.all_right", { compared, worst: readable(worst ?? 0, 2) })];
    if (left) said.push(t("proof.check.left", { left }));
    const faults = checking.asked.peek()?.run.spec.faults ?? [];
    if (faults.length > 0) said.push(t("proof.check.unseen", { faults: faults.map((fault) => t(`builder.field.faults.${fault}`)).join(", ") }));
    return `${MARKS.right} ${said.join(" ")}`;
  }
  const { cell, step, numeric, analytic } = wrong;
  const at = stepOf(cell.position, checking.asked.peek()?.run.steps_per_iteration ?? 1).step;
  const key = step === "update" ? "proof.check.uphill" : "proof.check.first_wrong";
  return `${MARKS.wrong} ${t(key, { step: at, name: step, cell: cellName(cell), numeric: readable(numeric), analytic: readable(analytic) })}`;
}

/** A line a gradient; those to come are there already, so that nothing jumps. */
function list() {
  const [names, rows, chosen] = [checking.names.value, checking.rows.value, checking.chosen.value];
  const focused = document.activeElement?.id;
  const found = new Map(rows.map((row) => [row.name, row]));
  byId("check-rows").replaceChildren(...names.map((name) => line(name, found.get(name), name === chosen)));
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * @param {string} name
 * @param {Row | undefined} row
 * @param {boolean} chosen
 */
function line(name, row, chosen) {
  const opens = button("cell", name, () => row && chooseRow(row));
  opens.id = `check-of-${name}`;
  opens.disabled = !row;
  opens.ariaPressed = String(chosen);
  if (!row) return make("tr", "", make("td", "", "…"), headCell("row", opens), ...[0, 1, 2, 3].map(() => make("td", "")));
  const said = verdictOf(row);
  const mark = make("td", said, MARKS[said], make("span", "hidden", t(`proof.check.${said}`)));
  const numbers = [shapeName(row.shape), row.compared ? readable(row.worst, 2) : "", row.compared, row.not_comparable];
  return make("tr", "", mark, headCell("row", opens), ...numbers.map((text) => make("td", "", String(text))));
}

/** The sentence of the cell under the cursor, and what can be done from here. */
function tell() {
  const [shown, cell, name] = [checking.shown.value, checking.cell.value, checking.chosen.value];
  byId("check-chosen").hidden = !name;
  byId("check-name").textContent = name ?? "";
  open.hidden = swap.hidden = !shown || shown.name !== name;
  swap.textContent = t(checking.asTable.value ? "figure.show_figure" : "figure.show_table");
  if (!name) return;
  if (!shown || shown.name !== name || !cell) {
    sentence.textContent = checking.problem.value ? "" : t("figure.asking");
    return;
  }
  const { twice } = shown;
  const [row, column] = cell;
  const [numeric, analytic] = [twice.numeric, twice.analytic].map((values) => readable(values[row][column], 6));
  const both = t("proof.check.said", { cell: cellName({ tensor: name, index: cell }), numeric, analytic });
  const said = verdictAt(twice, cell);
  const error = readable(twice.error[row][column], 2);
  const judged = said === "uncompared" ? twice.why.get(`${row},${column}`) : t(`proof.check.said.${said}`, { error });
  sentence.textContent = `${both} ${MARKS[said]} ${judged}`;
}

/** @param {string} key */
function move(key) {
  const shown = checking.shown.peek();
  if (shown) checking.cell.value = cellBeside(shown.twice, checking.cell.peek(), key);
  return true;
}

/** Stop, and keep the focus where something can be done. */
function stopHere() {
  stopCheck();
  again.focus();
}

function goToFirst() {
  const wrong = checking.end.peek()?.first;
  if (wrong) goToCell(wrong.cell);
}

/** To the stage, where the cell was computed. */
function openCell() {
  const [asked, name, cell] = [checking.asked.peek(), checking.chosen.peek(), checking.cell.peek()];
  if (asked && name && cell) goToCell({ tensor: name, index: cell, position: computedBy(asked.run, name, asked.start) });
}

/** The table in place of the figure, or the other way round; a focus on the one goes to the other. */
function swapTable() {
  const inside = plot.contains(document.activeElement) || table.contains(document.activeElement);
  checking.asTable.value = !checking.asTable.peek();
  if (inside) (checking.asTable.peek() ? table : plot).focus();
}
