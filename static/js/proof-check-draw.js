/** The chosen gradient's figure, or its table; the cursor stands in all three matrices at once. */

import { byId, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { clear, draw, outline } from "./plot.js";
import { askCheckFigure } from "./proof-check-ask.js";
import { checking } from "./proof-check-now.js";
import { MARKS, verdictAt } from "./proof-check-read.js";
import { effect } from "./state.js";

/** @typedef {import("./proof-check-now.js").Shown} Shown */

const MOST_ROWS = 500;

const [plot, table] = [byId("check-plot"), byId("check-table")];
/** @type {Shown | null} What Plotly has drawn. */
let drawn = null;

effect(() => askCheckFigure(byId("proof-check").clientWidth));

effect(() => {
  const [shown, asTable] = [checking.shown.value, checking.asTable.value];
  plot.hidden = asTable || !shown;
  table.hidden = !asTable || !shown;
  if (!shown) {
    drawn = null;
    void clear(plot);
  } else if (asTable) {
    table.replaceChildren(tableOf(shown));
  } else if (shown !== drawn) {
    drawAnew(shown).catch((error) => (checking.problem.value = t("figure.failed", { reason: String(error) })));
  }
});

effect(() => {
  const shown = checking.shown.value;
  if (checking.cell.value && shown && drawn === shown) void outlineCell(shown);
});

/** @param {Shown} shown */
async function drawAnew(shown) {
  await draw(plot, shown.figure, ({ row, column }) => (checking.cell.value = [row, column]));
  if (checking.shown.peek() !== shown) return;
  drawn = shown;
  await outlineCell(shown);
  plot.dataset.drawn = shown.name;
}

/** @param {Shown} shown */
async function outlineCell({ twice: { parts } }) {
  const cell = checking.cell.peek();
  if (!cell) return;
  const [row, column] = cell;
  const boxes = parts.map(({ name }) => ({ part: name, row, column, rows: 1, columns: 1, width: 3 }));
  await outline(plot, parts, boxes, getComputedStyle(plot).getPropertyValue("--focus"));
}

/** @param {Shown} shown A line a cell. */
function tableOf({ twice }) {
  const heads = ["cell", "numeric", "analytic", "error", "verdict"].map((key) => headCell("col", t(`proof.check.${key}`)));
  const lines = [];
  for (let row = 0; row < twice.rows; row += 1) {
    for (let column = 0; column < twice.columns && lines.length < MOST_ROWS; column += 1) {
      const verdict = verdictAt(twice, [row, column]);
      const numbers = [twice.numeric, twice.analytic].map((values) => make("td", "", readable(values[row][column], 8)));
      const error = verdict === "uncompared" ? "" : readable(twice.error[row][column], 2);
      const said = make("td", "", `${MARKS[verdict]} ${twice.why.get(`${row},${column}`) ?? t(`proof.check.${verdict}`)}`);
      lines.push(make("tr", "", headCell("row", `${row}, ${column}`), ...numbers, make("td", "", error), said));
    }
  }
  return numberTable(heads, lines);
}
