/** The U-turn: a column a layer, forward along the top, backward along the bottom. */

import { columnsOf, inOrder } from "./columns.js";
import { blocksOf } from "./compare.js";
import { changedCells } from "./difference.js";
import { editsOf } from "./edit-rules.js";
import { byId } from "./dom.js";
import { mountLens } from "./lens.js";
import { canonical, readsOf } from "./linkage.js";
import { around } from "./matrix-view.js";
import { directionOf, stepAt } from "./positions.js";
import { effect, signal, state } from "./state.js";
import { buildColumns } from "./stage-columns.js";
import { listenToKeys } from "./stage-keys.js";
import { layOut, matricesWidth } from "./stage-layout.js";
import { paintSlot } from "./stage-paint.js";
import { watchJacobian } from "./stage-jacobian.js";
import { watchPixels } from "./stage-pixels.js";
import { listenToPointer } from "./stage-pointer.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./matrix-view.js").Mark} Mark */
/** @typedef {{columns: import("./columns.js").Column[], order: Slot[], views: Map<Slot, import("./stage-columns.js").SlotView>}} Stage */

/** The stage of the present run; built anew for another run, or another language. */
const built = signal(/** @type {Stage | null} */ (null));

/** What the columns were built for. */
let looks = "";

/** Build the stage for every run, and keep it painted. */
export function mountStage() {
  const root = byId("stage");
  effect(() => {
    const run = state.run.value;
    if (!run || !state.lang.value) return;
    const columns = columnsOf(run);
    // A run that looks the same keeps its elements, and its old numbers until the new ones come.
    const { dataset, conventions, head } = run.spec;
    const look = JSON.stringify([columns, dataset.name, conventions, head, state.lang.value]);
    if (look === looks) return;
    looks = look;
    built.value = { columns, order: inOrder(columns), views: buildColumns(byId("columns"), run, columns) };
  });
  const repaint = () => {
    if (built.value) paintAll(root, built.value);
  };
  effect(repaint);
  // What is pointed at changes often: then only the marks move.
  effect(() => {
    if (built.value) markAll(built.value);
  });
  watchJacobian(built);
  new ResizeObserver(repaint).observe(root);
  watchPixels(built);
  mountLens();
  listenToPointer(root, built);
  listenToKeys(root, built);
}

/**
 * @param {HTMLElement} root
 * @param {Stage} stage
 */
function paintAll(root, stage) {
  const [run, frame, last] = [state.run.value, state.frame.value, state.last.value];
  // The stage may have been built for a run whose first frame is still on its way.
  if (!run || !frame || !last || frame.run !== run.id || !state.lang.value) return;
  const { kind, layer } = stepAt(run, frame.position);
  const present = layer ?? (kind === "batch" ? "batch" : kind.startsWith("loss") || kind.startsWith("fused") ? "loss" : "");
  const direction = directionOf(kind);
  const room = { width: root.clientWidth - 32, height: root.clientHeight, map: isMap(), present };
  const { sizes, slim } = layOut(stage.columns, room);
  root.dataset.direction = direction;
  for (const column of stage.columns) {
    const element = byId(`column-${column.id}`);
    element.style.setProperty("--wide", `${matricesWidth(column, sizes)}px`);
    element.classList.toggle("slim", slim.has(column.id));
    for (const slot of column.slots) {
      const [size, view] = [sizes.get(slot), stage.views.get(slot)];
      if (size && view) paintSlot(run, frame, slot, size, view);
    }
    const moved = column.id === present && !element.classList.contains("now");
    element.classList.toggle("now", column.id === present);
    if (moved) reveal(root, element);
  }
}

/**
 * Where the stage is wider than its region, scroll it, and only it, to a column.
 * @param {HTMLElement} root
 * @param {HTMLElement} column
 */
function reveal(root, column) {
  if (root.scrollWidth <= root.clientWidth) return;
  root.scrollLeft = column.offsetLeft + column.offsetWidth / 2 - root.offsetLeft - root.clientWidth / 2;
}

/** @param {Stage} stage */
function markAll(stage) {
  const [run, frame, cell] = [state.run.value, state.frame.value, state.selection.value];
  if (!run || !frame) return;
  const chosen = cell ? canonical(run, cell.tensor) : null;
  const blocks = cell && chosen ? readsOf(run, chosen, cell.index, frame.position) : [];
  const at = state.cursor.value;
  for (const slot of stage.order) {
    /** @type {Mark[]} */
    const marks = blocks.filter(({ tensor }) => tensor === slot.tensor).map((block) => ({ ...block, kind: "reads" }));
    const edited = slot.place === "jacobian" || frame.run !== run.id ? [] : editsOf(run, frame, slot.tensor);
    const differing = state.difference.value ? [] : pastedCells(frame, slot.tensor) ?? changedCells(slot.tensor);
    marks.push(...blocksOf(differing).map((block) => ({ ...block, kind: /** @type {const} */ ("differs") })));
    marks.push(...edited.map(({ index }) => ({ ...around(index), kind: /** @type {const} */ ("edited") })));
    if (cell && slot.tensor === chosen) marks.push({ ...around(cell.index), kind: "selected" });
    for (const block of state.hover.value?.blocks ?? []) {
      if (block.tensor === slot.tensor) marks.push({ ...block, kind: "hover" });
    }
    if (at?.slot === slot) marks.push({ ...around(at.index), kind: "cursor" });
    stage.views.get(slot)?.view.mark(marks);
  }
}

/**
 * Where a pasted matrix differs from what is shown, as long as that is what it was compared with.
 * @param {import("./types.js").Frame} frame
 * @param {string} tensor
 */
function pastedCells({ run, tensors }, tensor) {
  const found = state.compared.value;
  const same = found?.tensor === tensor && found.run === run && found.computed_at === tensors[tensor].computed_at;
  return same ? found.cells : null;
}
