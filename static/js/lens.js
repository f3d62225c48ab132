/** A lens over the stage's pictures: the cells around the one that is pointed to, with their numbers. */

import { around, cellName } from "./cells.js";
import { byId } from "./dom.js";
import { MatrixView } from "./matrix-view.js";
import { readable } from "./numbers.js";
import { effect, signal, state } from "./state.js";

/** @typedef {import("./types.js").Index} Index */
/**
 * @typedef {{slot: import("./columns.js").Slot, view: MatrixView, index: Index, cell: Index}} Pointed
 *   A matrix and where in it; `cell`: of its tensor, which in an 8×8 picture is another than that of the view.
 */

/** What the pointer or the cursor of the keyboard is on. */
export const pointed = signal(/** @type {Pointed | null} */ (null));

/** Rows and columns of the lens, and the size of its cells. */
const MOST = 7;
const CELL = /** @type {[number, number]} */ ([42, 18]);
const AWAY = 14;

export function mountLens() {
  const root = byId("lens");
  const view = new MatrixView();
  root.append(document.createElement("p"), view);
  effect(() => {
    const at = pointed.value;
    const picture = state.frame.value && at?.view.picture;
    // A row that belongs to another sample than the one shown alone has no numbers.
    root.hidden = !picture?.values?.[at?.index[0] ?? 0]?.length || picture.numbers;
    if (root.hidden || !at || !picture?.values) return;
    const [row, column] = at.index;
    const [rows, columns] = [0, 1].map((axis) => windowOf(at.index[axis], picture.shape[axis]));
    const values = picture.values.slice(...rows).map((line) => line.slice(...columns));
    const shape = /** @type {Index} */ ([rows[1] - rows[0], columns[1] - columns[0]]);
    view.show({ ...picture, values, shape, cell: CELL, numbers: true });
    view.mark([{ ...around([row - rows[0], column - columns[0]]), kind: "selected" }]);
    const [title] = root.children;
    title.textContent = `${cellName({ tensor: at.slot.tensor, index: at.cell })} = ${readable(picture.values[row][column])}`;
    place(root, at.view, at.index);
  });
}

/**
 * From and to before: the rows, or columns, around one of them that the lens has room for.
 * @param {number} at
 * @param {number} size
 * @returns {Index}
 */
export function windowOf(at, size) {
  const from = Math.max(0, Math.min(at - (MOST - 1) / 2, size - MOST));
  return [from, Math.min(size, from + MOST)];
}

/**
 * Beside the cell, never over it.
 * @param {HTMLElement} root
 * @param {MatrixView} view
 * @param {Index} index
 */
function place(root, view, [row, column]) {
  const box = view.getBoundingClientRect();
  const [width, height] = view.picture?.cell ?? [0, 0];
  const [x, y] = [box.left + (column + 0.5) * width, box.top + (row + 0.5) * height];
  const far = x + AWAY + width + root.offsetWidth > innerWidth;
  const low = y + AWAY + height + root.offsetHeight > innerHeight;
  root.style.setProperty("left", `${Math.max(0, far ? x - AWAY - width - root.offsetWidth : x + AWAY + width)}px`);
  root.style.setProperty("top", `${Math.max(0, low ? y - AWAY - height - root.offsetHeight : y + AWAY + height)}px`);
}
