/** The cell under the cursor of a Jacobian: its sentence, the cells behind it, and the column that it stands in. */

import { cellName } from "./cells.js";
import { button, byId } from "./dom.js";
import { within } from "./figure-cursor.js";
import { t } from "./i18n.js";
import { iterationEnds } from "./positions.js";
import { columnOf } from "./proof-jacobians-beside.js";
import { inWhole } from "./proof-jacobians-draw.js";
import { foundJacobian, jacobians } from "./proof-jacobians-now.js";
import { cellsBehind } from "./proof-jacobians-read.js";
import { cellSentence } from "./proof-jacobians-words.js";
import { goToCell } from "./proof-state.js";
import { state } from "./state.js";

export function tellJacobianCell() {
  const [shown, cell] = [foundJacobian.value?.answer, jacobians.cell.value];
  if (!shown) return;
  const there = cell && within(shown.parts, cell);
  byId("proof-jacobians-cell").textContent = there ? cellSentence(shown, there) : t("figure.nothing");
  const buttons = there ? behindCell(shown, there).map((one) => button("", t("proof.jacobians.open", { cell: cellName(one) }), () => goToCell(one))) : [];
  byId("proof-jacobians-open").replaceChildren(...buttons);
  const k = there && there.part !== "dvalue" ? there.column : 0;
  const worked = columnOf(shown, k);
  byId("proof-jacobians-column-title").textContent = worked.length ? t("figure.product", { k: shown.first.column + k }) : "";
  byId("proof-jacobians-column").replaceChildren(...worked);
  byId("proof-jacobians-column").hidden = worked.length === 0;
}

/**
 * @param {import("./proof-jacobians-now.js").Found} shown
 * @param {import("./figure-cursor.js").FigureCell} cell
 */
function behindCell(shown, cell) {
  const [run, frame] = [state.run.peek(), state.frame.peek()];
  if (!run || !frame) return [];
  const steps = run.steps_per_iteration;
  // Right after the update, the pass that is there is the old parameters'.
  const updated = frame.position > 0 && frame.position % steps === 0;
  const position = updated ? iterationEnds(frame.position - 1, steps).end : frame.position;
  return cellsBehind(run, shown.chain, inWhole(cell, shown)).map((one) => ({ ...one, position }));
}

export function openJacobianCell() {
  const [shown, cell] = [foundJacobian.peek()?.answer, jacobians.cell.peek()];
  const there = shown && cell && within(shown.parts, cell);
  if (!there) return false;
  goToCell(behindCell(shown, there)[0]);
  return true;
}
