/** The figure itself, or its tables; while scores are dragged, their matrices painted over it. */

import { byId } from "./dom.js";
import { boxesOf, within } from "./figure-cursor.js";
import { asTables } from "./figure-matrices.js";
import { figure, figureNow } from "./figure-now.js";
import { t } from "./i18n.js";
import { clear, draw, outline, paintOver } from "./plot.js";
import { effect, state } from "./state.js";
import { captioned } from "./table.js";
import { palette } from "./theme.js";

/** @typedef {import("./figure-now.js").Shown} Shown */

const [plot, tables] = [byId("figure-plot"), byId("figure-tables")];
const live = /** @type {HTMLCanvasElement} */ (byId("figure-live"));
/** @type {Shown | null} What Plotly has drawn. */
let drawn = null;

effect(() => {
  const [shown, now, asTable] = [figure.shown.value, figureNow.value, figure.asTable.value];
  plot.hidden = asTable;
  tables.hidden = !asTable;
  live.hidden = asTable || drawn === null || (shown === now && shown === drawn);
  if (!shown || !now) {
    drawn = null;
    void clear(plot);
  } else if (asTable) {
    const name = now.opened.kind === "tensor" ? now.opened.tensor : now.opened.layer;
    tables.replaceChildren(...asTables(now.parts).map((part) => captioned(part.name || name, part.values, summed(now, part.name))));
  } else if (shown !== drawn) {
    drawAnew(shown).catch((error) => (figure.problem.value = t("figure.failed", { reason: String(error) })));
  } else if (now !== shown) {
    paintDraft(shown, now, figure.cell.value);
  }
});

effect(() => {
  const [shown, cell] = [figure.shown.value, figure.cell.value];
  if (shown && shown === figureNow.value && drawn === shown) void outlineCell(shown, cell);
});

/**
 * @param {Shown} shown What Plotly has drawn.
 * @param {Shown} now What the dragged scores make of it.
 * @param {import("./figure-cursor.js").FigureCell | null} cell
 */
function paintDraft(shown, now, cell) {
  paintOver(live, plot, shown.parts, now.parts, boxesOf(now.parts, cell), palette(state.theme.peek()).colour);
}

/** @param {Shown} shown */
async function drawAnew(shown) {
  await draw(plot, shown.figure, (cell) => (figure.cell.value = within(shown.parts, cell)));
  if (figure.shown.peek() !== shown) return;
  drawn = shown;
  const now = figureNow.peek();
  live.hidden = now === shown;
  // Drawn in other colours or words while scores are dragged, the draft over it is painted anew.
  if (now && now !== shown) paintDraft(shown, now, figure.cell.peek());
  plot.dataset.drawn = JSON.stringify(shown.opened);
  await outlineCell(shown, figure.cell.peek());
}

/**
 * @param {Shown} shown
 * @param {import("./figure-cursor.js").FigureCell | null} cell
 */
async function outlineCell({ parts }, cell) {
  await outline(plot, parts, boxesOf(parts, cell), getComputedStyle(plot).getPropertyValue("--focus"));
}

/**
 * Whether a matrix's table has its sums: those of a softmax's J are the lesson.
 * @param {Shown} shown
 * @param {string} name
 */
function summed({ sampled }, name) {
  return name === "J" && Boolean(sampled?.layer.startsWith("softmax"));
}
