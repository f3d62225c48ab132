/** A sample's scores, to be dragged or typed, each with the probability that it comes to. */

import { byId, headCell, make } from "./dom.js";
import { drag, keepScores } from "./figure-drag.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { niceRange } from "./scales.js";

/** How far a slider goes at least, and in how many steps from its middle. */
const [FAR, STEPS] = [10, 100];

const table = /** @type {HTMLTableElement} */ (byId("scores"));
let [keyed, held, dropped] = [false, false, false];

// Let go of, a drag is kept; arrow keys and typing let go with Enter, or where the focus goes elsewhere.
table.addEventListener("pointerdown", () => { keyed = dropped = false; held = true; });
table.addEventListener("pointerup", () => { held = false; });
table.addEventListener("keydown", ({ key }) => {
  keyed = true;
  // A pointer that is still down goes on sliding after Escape.
  dropped = held && key === "Escape";
  if (key === "Enter") void keepScores();
});
table.addEventListener("input", ({ target }) => {
  const { dataset, valueAsNumber } = /** @type {HTMLInputElement} */ (target);
  if (!dropped && Number.isFinite(valueAsNumber)) drag(Number(dataset.k), valueAsNumber);
});
table.addEventListener("change", () => keyed || void keepScores());
table.addEventListener("focusout", () => void keepScores());

/** @param {import("./figure-sample.js").Sampled} sampled */
export function fillScores({ z, s, y }) {
  const [head, body] = [table.rows[0], table.tBodies[0]];
  const names = [t("scores.class"), t("scores.score"), "", t("scores.share"), ...(y ? [t("scores.target")] : [])];
  head.replaceChildren(...names.map((name) => make(name ? "th" : "td", "", name)));
  if (body.childElementCount !== z.length || body.rows[0].cells.length !== names.length) {
    body.replaceChildren(...z.map((_, k) => line(k, names.length)));
  }
  const far = Math.max(FAR, niceRange(Math.min(...z), Math.max(...z)));
  z.forEach((score, k) => {
    const row = body.rows[k];
    const [slider, box] = row.querySelectorAll("input");
    Object.assign(slider, { min: -far, max: far, step: far / STEPS, value: score });
    slider.ariaValueText = t("scores.spoken", { z: readable(score), s: readable(s[k], 3), k });
    for (const input of [slider, box]) {
      input.ariaLabel = t("scores.of", { k });
      input.disabled = !z.every(Number.isFinite);
    }
    // What is being typed is left as it is.
    const short = Number(score.toFixed(4));
    if (Number(box.valueAsNumber.toFixed(4)) !== short) box.valueAsNumber = short;
    row.cells[3].textContent = readable(s[k], 3);
    row.cells[3].style.setProperty("--share", `${100 * s[k]}%`);
    if (y) row.cells[4].textContent = readable(y[k], 3);
  });
}

/**
 * @param {number} k
 * @param {number} columns
 */
function line(k, columns) {
  const inputs = ["range", "number"].map((type) => {
    const input = make("input", "");
    Object.assign(input, { type, step: "any" });
    input.dataset.k = String(k);
    return make("td", "", input);
  });
  const name = headCell("row", String(k));
  const rest = Array.from({ length: columns - 3 }, (_, at) => make("td", at ? "" : "probability"));
  return make("tr", "", name, ...inputs, ...rest);
}
