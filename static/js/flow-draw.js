/** The figure of a run's history, or its table; a mark where the stage is, and the cursor. */

import { byId, headCell, make, numberTable } from "./dom.js";
import { inside } from "./flow-course.js";
import { flow } from "./flow-now.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { clear, draw, mark } from "./plot.js";
import { effect, shownStep } from "./state.js";

/** @typedef {import("./flow-now.js").ShownFlow} ShownFlow */

const [plot, table] = [byId("flow-plot"), byId("flow-table")];
/** @type {ShownFlow | null} What Plotly has drawn. */
let drawn = null;

effect(() => {
  const [shown, asTable] = [flow.shown.value, flow.asTable.value];
  plot.hidden = asTable;
  table.hidden = !asTable;
  if (!shown) {
    drawn = null;
    void clear(plot);
  } else if (asTable) {
    table.replaceChildren(tableOf(shown));
  } else if (shown !== drawn) {
    drawAnew(shown).catch((error) => (flow.problem.value = t("figure.failed", { reason: String(error) })));
  }
});

effect(() => {
  const [shown] = [flow.shown.value, flow.spot.value, shownStep.value];
  if (shown && drawn === shown) void markAll(shown);
});

/** @param {ShownFlow} shown */
async function drawAnew(shown) {
  const point = (/** @type {import("./plot.js").FigureCell} */ { row, column }) => (flow.spot.value = spotAt(row, column));
  const choose = (/** @type {import("./plot.js").FigureCell} */ cell) => {
    point(cell);
    // A finger has no other way to point.
    if (!matchMedia("(pointer: coarse)").matches) byId("flow-go").click();
  };
  await draw(plot, shown.figure, point, choose);
  if (flow.shown.peek() !== shown) return;
  drawn = shown;
  await markAll(shown);
  plot.dataset.drawn = JSON.stringify(shown.asked);
}

/**
 * What Plotly says is under the pointer: of curves the iteration alone is meant.
 * @param {number} row
 * @param {number} iteration
 */
function spotAt(row, iteration) {
  const shown = flow.shown.peek();
  if (!shown) return null;
  const { course, asked } = shown;
  return inside(course, { row: asked.what === "curves" ? flow.spot.peek()?.row ?? 0 : row, column: course.iterations.indexOf(iteration) });
}

/** @param {ShownFlow} shown */
async function markAll({ figure, course, asked }) {
  const [style, spot, { iteration }] = [getComputedStyle(plot), flow.spot.peek(), shownStep.peek()];
  const line = (/** @type {number} */ x, /** @type {string} */ color, /** @type {number} */ width, /** @type {string} */ dash) => ({
    type: "line", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { color, width, dash },
  });
  const [focus, ink] = ["--focus", "--ink"].map((name) => style.getPropertyValue(name));
  const shapes = [...(figure.layout.shapes ?? [])];
  if (iteration >= asked.start && iteration < asked.stop) shapes.push(line(iteration, ink, 1, "dot"));
  if (spot) shapes.push(...cursor());
  await mark(plot, shapes);

  function cursor() {
    const { row, column } = inside(course, /** @type {NonNullable<typeof spot>} */ (spot));
    const [x, half] = [course.iterations[column], ((course.iterations[1] ?? course.iterations[0] + 1) - course.iterations[0]) / 2];
    if (asked.what === "curves") return [line(x, focus, 2, "solid")];
    // A column may be narrower than the line around it: its row stands out too.
    const row0 = { type: "rect", y0: row - 0.5, y1: row + 0.5 };
    return [
      { ...row0, x0: x - half, x1: x + half, line: { color: focus, width: 3 } },
      { ...row0, xref: "paper", x0: 0, x1: 1, line: { color: focus, width: 1 } },
    ];
  }
}

/** @param {ShownFlow} shown Iterations down, layers or curves across. */
function tableOf({ course: { rows, iterations } }) {
  const heads = rows.map(({ name }) => headCell("col", titleOf(name)));
  const lines = iterations.map((iteration, column) =>
    make("tr", "", headCell("row", String(iteration)), ...rows.map(({ values }) => make("td", "", readable(values[column])))));
  return numberTable([headCell("col", t("figure.axis.iteration")), ...heads], lines);
}

/**
 * A layer's name is its own; a curve's is a word.
 * @param {string} name
 */
function titleOf(name) {
  const [test, measure] = name.startsWith("test_") ? ["test", name.slice(5)] : ["train", name];
  return ["loss", "accuracy"].includes(measure) ? `${t(`figure.${measure}`)} (${t(`figure.${test}`)})` : name;
}
