/** The figure of a Jacobian or its tables, and the cursor on it. */

import { byId } from "./dom.js";
import { boxesOf, neighbour, within } from "./figure-cursor.js";
import { asTables } from "./figure-matrices.js";
import { t } from "./i18n.js";
import { clear, draw, outline } from "./plot.js";
import { foundJacobian, jacobians } from "./proof-jacobians-now.js";
import { effect } from "./state.js";
import { captioned } from "./table.js";

/** @typedef {import("./proof-jacobians-now.js").Found} Found */
/** @typedef {import("./figure-cursor.js").FigureCell} FigureCell */

const [plot, tables] = [byId("proof-jacobians-plot"), byId("proof-jacobians-tables")];
/** @type {Found | null} What Plotly has drawn. */
let drawn = null;

export function drawJacobian() {
  effect(() => {
    const [shown, asTable] = [foundJacobian.value?.answer ?? null, jacobians.asTable.value];
    plot.hidden = asTable;
    tables.hidden = !asTable;
    if (!shown) return;
    if (asTable) tables.replaceChildren(...asTables(shown.parts).map(({ name, values }) => captioned(name, values)));
    else if (shown !== drawn) drawAnew(shown).catch((error) => tell(t("figure.failed", { reason: String(error) })));
  });
  effect(() => {
    const [shown, cell] = [foundJacobian.value?.answer, jacobians.cell.value];
    if (shown && drawn === shown) void outlined(shown, cell);
  });
}

/**
 * Where an arrow key leads.
 * @param {string} key
 */
export function moveCell(key) {
  const [parts, cell] = [foundJacobian.peek()?.answer?.parts, jacobians.cell.peek()];
  if (!parts) return false;
  jacobians.cell.value = cell && within(parts, cell) ? neighbour(parts, cell, key) : { part: "J", row: 0, column: 0 };
  return true;
}

/**
 * A cell of the part that is shown, counted in the whole.
 * @param {FigureCell} cell
 * @param {Found} shown
 * @returns {FigureCell}
 */
export function inWhole({ part, row, column }, { first }) {
  return { part, row: row + (part === "dinput" ? 0 : first.row), column: column + (part === "dvalue" ? 0 : first.column) };
}

/** @param {Found} shown */
async function drawAnew(shown) {
  tell("");
  drawn = null;
  // Matrices of other shapes leave the axes of those before behind them.
  await clear(plot);
  await draw(plot, shown.figure, (cell) => {
    const now = foundJacobian.peek()?.answer;
    if (now) jacobians.cell.value = within(now.parts, inPart(cell, now));
  });
  if (foundJacobian.peek()?.answer !== shown) return;
  drawn = shown;
  const { from, to, sample } = shown.chain;
  plot.dataset.drawn = `${from} ${to} ${sample}`;
  await outlined(shown, jacobians.cell.peek());
}

/**
 * @param {Found} shown
 * @param {FigureCell | null} cell
 */
async function outlined(shown, cell) {
  const boxes = boxesOf(shown.parts, cell).map((box) => ({ ...box, ...inWhole(box, shown) }));
  await outline(plot, shown.parts, boxes, getComputedStyle(plot).getPropertyValue("--focus"));
}

/**
 * @param {FigureCell} cell
 * @param {Found} shown
 */
function inPart(cell, { first }) {
  const back = { first: { row: -first.row, column: -first.column } };
  return inWhole(cell, /** @type {Found} */ (/** @type {unknown} */ (back)));
}

/** @param {string} trouble */
function tell(trouble) {
  byId("proof-jacobians-trouble").textContent = trouble;
}
