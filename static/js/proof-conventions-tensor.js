/** The tensor that is looked at under other conventions: a window of it, and the cell under the cursor. */

import { pending } from "./answers.js";
import { byId } from "./dom.js";
import { listen } from "./keys.js";
import { drawSwitched, markSwitched, openSwitched } from "./proof-conventions-draw.js";
import { conventions, switchedTensor, switching } from "./proof-conventions-now.js";
import { firstChanged, steppedIn, windowsOf } from "./proof-conventions-read.js";
import { goToCell } from "./proof-state.js";
import { batch, effect, signal, state } from "./state.js";

/** @typedef {import("./types.js").Index} Index */

const part = (/** @type {string} */ name) => byId(`proof-conventions-${name}`);
const [matrices, open] = ["matrices", "open"].map(part);
const windows = ["rows", "columns"].map((name) => /** @type {HTMLSelectElement} */ (part(name)));
/** The width that a matrix may take. */
const room = signal(0);

export function lookThroughTensor() {
  windows.forEach((select, side) => select.addEventListener("change", () => moveWindow(side, Number(select.value))));
  open.addEventListener("click", openCell);
  part("table").addEventListener("click", openSwitched);
  listen(matrices, "figure", { move: step, leap: step, open: openCell, table: openSwitched });
  new ResizeObserver(() => (room.value = matrices.clientWidth - 8)).observe(matrices);
  for (const follow of [tellTensor, tellWindows, tellCell]) effect(follow);
}

function tellTensor() {
  const now = switchedTensor.value;
  if (!now || !room.value) return;
  const { answer, name } = now;
  part("name").textContent = name;
  part("asking").replaceChildren(...(answer ? [] : [pending(now, "proof.conventions.asking")]));
  if (!answer || !state.theme.value) return;
  const at = conventions.cursor.peek();
  const [rows, columns] = [answer.rows, answer.columns];
  const inside = at && at[0] >= rows[0] && at[0] < rows[1] && at[1] >= columns[0] && at[1] < columns[1];
  if (!inside) conventions.cursor.value = firstChanged(answer);
  drawSwitched(answer, room.value);
  matrices.dataset.drawn = now.path;
}

function tellWindows() {
  const now = switchedTensor.value;
  const shape = now && switching.value?.answer?.tensors[now.name]?.shape;
  if (!shape) return;
  windows.forEach((select, side) => {
    const all = windowsOf(shape[side]);
    const label = /** @type {HTMLElement} */ (select.closest("label"));
    label.hidden = all.length < 2;
    select.replaceChildren(...all.map(([first, last]) => new Option(`${first} – ${last - 1}`, String(first))));
    select.value = String((side ? now.columns : now.rows)[0]);
  });
}

function tellCell() {
  const [cell] = [conventions.cursor.value, switchedTensor.value?.answer, state.lang.value, room.value];
  const text = cell ? markSwitched() : "";
  part("cell").textContent = text;
  open.hidden = !text;
}

/** @param {string} key */
function step(key) {
  const [shown, at] = [switchedTensor.peek()?.answer, conventions.cursor.peek()];
  if (!shown || !at) return false;
  conventions.cursor.value = steppedIn(shown, at, key);
  return true;
}

/** @param {string} name */
export function lookAtTensor(name) {
  batch(() => {
    conventions.tensor.value = name;
    conventions.corner.value = [0, 0];
    conventions.cursor.value = null;
  });
}

/**
 * @param {number} side
 * @param {number} first
 */
function moveWindow(side, first) {
  const corner = /** @type {Index} */ ([...conventions.corner.peek()]);
  corner[side] = first;
  batch(() => {
    conventions.corner.value = corner;
    conventions.cursor.value = null;
  });
}

function openCell() {
  const [now, shown, index] = [switching.peek(), switchedTensor.peek(), conventions.cursor.peek()];
  if (!now || !shown || !index) return false;
  goToCell({ tensor: shown.name, index, position: now.place.position });
  return true;
}
