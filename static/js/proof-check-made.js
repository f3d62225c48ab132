/** How the difference of the cell under the cursor was made: where the cell was moved to, and what the loss did there. */

import { answers, pending } from "./answers.js";
import { framePath, getAnswer } from "./api.js";
import { cellName } from "./cells.js";
import { byId, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { minus, readable } from "./numbers.js";
import { checking } from "./proof-check-now.js";
import { powerOfTwo } from "./proof-check-read.js";
import { effect, signal } from "./state.js";

/** @typedef {import("./types.js").Num} Num */
/**
 * @typedef {{
 *   moved: string, index: import("./types.js").Index, loss: Num, step: number, numeric: Num,
 *   points: {shift: number, value: Num, change: Num, weight: number}[],
 * }} Difference
 */

/** The weights of a stencil are twelfths. */
const TWELFTHS = 12;
const DIGITS = 10;

const kept = /** @type {ReturnType<typeof answers<Difference>>} */ (answers(50));
const details = /** @type {HTMLDetailsElement} */ (byId("check-made"));
const opened = signal(details.open);
/** What is looked at. */
let wanted = "";

details.addEventListener("toggle", () => (opened.value = details.open));

effect(() => {
  const [asked, name, cell, shown] = [checking.asked.value, checking.chosen.value, checking.cell.value, checking.shown.value];
  const there = asked && name && cell && shown?.name === name;
  details.hidden = !there;
  wanted = "";
  if (!there || !opened.value) return;
  const path = `${framePath(asked.run.id, asked.position)}/check/${name}/cells/${cell.join(",")}`;
  wanted = path;
  const held = kept.of(path, () => getAnswer(path), () => wanted === path);
  byId("check-points").replaceChildren(...(held.answer ? madeOf(held.answer) : [pending(held, "figure.asking")]));
});

/** @param {Difference} difference */
function madeOf({ moved, index, loss, step, points, numeric }) {
  const heads = ["by", "becomes", "change", "counts"].map((key) => headCell("col", t(`proof.check.made.${key}`)));
  const lines = points.map(({ shift, value, change, weight }) => {
    const numbers = [readable(value, DIGITS), readable(change, DIGITS), minus(String(Math.round(TWELFTHS * weight)))];
    return make("tr", "", headCell("row", `${minus(String(shift))} h`), ...numbers.map((text) => make("td", "", text)));
  });
  const params = { cell: cellName({ tensor: moved, index }), loss: readable(loss, DIGITS), h: powerOfTwo(step), numeric: readable(numeric, DIGITS) };
  return [make("p", "", t("proof.check.made.lead", params)), numberTable(heads, lines), make("p", "", t("proof.check.made.sum", params))];
}
