/** A tensor now, then, the difference, and the rules that make it: four matrices with one cursor. */

import { around, cellName, shapeName } from "./cells.js";
import { blank, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { MatrixView } from "./matrix-view.js";
import { readable, signed, toNumber } from "./numbers.js";
import { conventions } from "./proof-conventions-now.js";
import { LETTERS, lettersOf } from "./proof-conventions-read.js";
import { ruleTitle } from "./proof-conventions-tables.js";
import { niceRange, rangeText } from "./scales.js";
import { isSmall } from "./stage-layout.js";
import { captioned } from "./table.js";
import { palette } from "./theme.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./proof-conventions-read.js").Switched} Switched */

const SIDES = ["now", "then", "difference", "by"];
const NUMBER = /** @type {Index} */ ([42, 18]);
const [WIDEST, HIGHEST, LARGEST] = [320, 240, 18];
/** A rule's stroke in a cell without room for letters: from and to, in a unit square. */
const STROKES = { relu_at_zero: [0, 1, 1, 0], bce_outputs: [0, 0, 1, 1], clip: [0, 0.5, 1, 0.5], head: [0.5, 0, 0.5, 1] };

const root = byId("proof-conventions-matrices");
const letters = make("canvas", "");
const figures = SIDES.map((side) => {
  const view = /** @type {MatrixView} */ (document.createElement("matrix-view"));
  view.setAttribute("role", "img");
  const [name, range] = [make("span", ""), make("span", "range")];
  const figure = make("figure", "", make("figcaption", "", name, range), view);
  figure.dataset.side = side;
  return { side, view, name, range, figure };
});
root.append(...figures.map(({ figure }) => figure));
figures[3].view.append(letters);
root.addEventListener("click", point);
root.addEventListener("pointermove", (event) => {
  // A matrix that comes under a pointer at rest is no cell pointed at.
  if (event.movementX || event.movementY) point(event);
});

/** @type {Switched | null} */
let drawn = null;

/**
 * @param {Switched} tensor
 * @param {number} room The width that one matrix may take.
 */
export function drawSwitched(tensor, room) {
  drawn = tensor;
  const shape = /** @type {Index} */ ([tensor.rows[1] - tensor.rows[0], tensor.columns[1] - tensor.columns[0]]);
  const size = sizeOf(shape, room);
  const reach = (/** @type {Matrix[]} */ ...of) => niceRange(0, Math.max(...of.flat(2).map(toNumber).map(Math.abs).filter(Number.isFinite), 0));
  const ranges = [reach(tensor.now, tensor.then), reach(tensor.now, tensor.then), reach(tensor.difference), 1];
  const values = [tensor.now, tensor.then, tensor.difference, tensor.by.map((row) => row.map(() => 0))];
  figures.forEach(({ side, view, name, range }, at) => {
    const numbers = size.numbers && at < 3;
    view.show({ values: values[at], shape, ...size, numbers, whole: false, signed: at === 2, range: ranges[at] });
    name.textContent = t(`proof.conventions.side.${side}`);
    range.textContent = at < 3 ? rangeText(ranges[at]) : "";
    view.ariaLabel = `${name.textContent}: ${tensor.name} ${shapeName(shape)}`;
  });
  drawLetters(tensor, shape, size);
  markSwitched();
}

/** The cursor in all four, and what stands under it. */
export function markSwitched() {
  const [shown, at] = [drawn, conventions.cursor.peek()];
  if (!shown || !at) return "";
  const [r, c] = [at[0] - shown.rows[0], at[1] - shown.columns[0]];
  if (!shown.by[r]?.[c]) return "";
  for (const { view } of figures) view.mark([{ ...around([r, c]), kind: "selected" }]);
  return saidOf(shown, r, c);
}

/** All four as tables, in the dialog for that. */
export function openSwitched() {
  if (!drawn) return;
  const { name, now, then, difference, by } = drawn;
  const tables = [now, then, difference].map((values, at) => captioned(t(`proof.conventions.side.${SIDES[at]}`), values));
  const marks = captioned(t("proof.conventions.side.by"), difference);
  marks.querySelectorAll("td:not(:first-child), tbody td").forEach((cell) => (cell.textContent = ""));
  by.forEach((row, r) => row.forEach((words, c) => {
    const cell = marks.tBodies[0].rows[r]?.cells[c + 1];
    if (cell) cell.textContent = lettersOf(words);
  }));
  byId("table-title").textContent = name;
  byId("table-content").replaceChildren(...tables, marks);
  /** @type {HTMLDialogElement} */ (byId("table")).showModal();
}

/**
 * @param {Switched} tensor
 * @param {number} r
 * @param {number} c
 */
function saidOf({ name, rows, columns, now, then, difference, by }, r, c) {
  const cell = cellName({ tensor: name, index: [rows[0] + r, columns[0] + c] });
  const words = by[r][c];
  const why = words.map((word) => {
    const rule = /** @type {keyof typeof LETTERS} */ (word);
    return rule === "together" || rule === "rounding" ? t(`proof.conventions.cell.${rule}`) : `${LETTERS[rule]}, ${ruleTitle(rule)}`;
  });
  const masked = words.length > 0 && toNumber(difference[r][c]) === 0;
  const key = masked ? "proof.conventions.cell.masked" : words.length === 0 ? "proof.conventions.cell.same" : "proof.conventions.cell";
  const numbers = { now: readable(now[r][c]), then: readable(then[r][c]), by: signed(toNumber(difference[r][c])) };
  return t(key, { cell, ...numbers, why: why.join(t("proof.conventions.and")) });
}

/** @param {MouseEvent} event */
function point(event) {
  const view = /** @type {MatrixView | null} */ (/** @type {Element} */ (event.target).closest("matrix-view"));
  const index = view?.cellAt(event);
  if (!index || !drawn) return;
  const [row, column] = [index[0] + drawn.rows[0], index[1] + drawn.columns[0]];
  if (String(conventions.cursor.peek()) !== String([row, column])) conventions.cursor.value = [row, column];
}

/**
 * @param {Index} shape
 * @param {number} room
 * @returns {{cell: Index, numbers: boolean}}
 */
function sizeOf([rows, columns], room) {
  if (isSmall({ shape: [rows, columns] }) && columns * NUMBER[0] <= room) return { cell: NUMBER, numbers: true };
  const side = Math.max(4, Math.min(LARGEST, Math.floor(Math.min(room, WIDEST) / columns), Math.floor(HIGHEST / Math.min(rows, 32))));
  return { cell: [side, side], numbers: false };
}

/**
 * @param {Switched} tensor
 * @param {Index} shape
 * @param {{cell: Index, numbers: boolean}} size
 */
function drawLetters({ by }, [rows, columns], { cell: [width, height], numbers }) {
  const context = blank(letters, width * columns, height * rows);
  const { ink } = palette(state.theme.value);
  Object.assign(context, { fillStyle: ink, strokeStyle: ink, textAlign: "center", textBaseline: "middle" });
  context.font = `600 12px ${getComputedStyle(root).getPropertyValue("--font-numbers")}`;
  by.forEach((row, r) => row.forEach((words, c) => {
    const [x, y] = [c * width, r * height];
    if (numbers) {
      context.fillText(words.length ? lettersOf(words) : "·", x + width / 2, y + height / 2);
      return;
    }
    context.beginPath();
    for (const word of words) {
      const [x1, y1, x2, y2] = STROKES[/** @type {keyof typeof STROKES} */ (word)] ?? [0.5, 0.5, 0.5, 0.5];
      context.moveTo(x + 1 + x1 * (width - 2), y + 1 + y1 * (height - 2));
      context.lineTo(x + 1 + x2 * (width - 2), y + 1 + y2 * (height - 2));
    }
    context.stroke();
    if (words.includes("rounding")) context.fillRect(x + width / 2 - 1, y + height / 2 - 1, 2, 2);
  }));
}
