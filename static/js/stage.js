/** The U-turn: a column a layer, forward along the top, backward along the bottom. */

import { around } from "./cells.js";
import { columnsOf, inOrder } from "./columns.js";
import { byId } from "./dom.js";
import { mountLens } from "./lens.js";
import { marking } from "./marks.js";
import { directionOf, stepAt } from "./positions.js";
import { effect, onStage, signal, state } from "./state.js";
import { buildColumns } from "./stage-columns.js";
import { listenToKeys } from "./stage-keys.js";
import { layOut, matricesWidth } from "./stage-layout.js";
import { paintSlot } from "./stage-paint.js";
import { watchJacobian } from "./stage-jacobian.js";
import { watchPixels } from "./stage-pixels.js";
import { listenToPointer } from "./stage-pointer.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {{columns: import("./columns.js").Column[], order: Slot[], views: Map<Slot, import("./stage-columns.js").SlotView>}} Stage */

/** The stage of the present run; built anew for another run, or another language. */
const built = signal(/** @type {Stage | null} */ (null));

/** The stage's width and height. */
const within = signal("");

/** What the columns were built for. */
let looks = "";

/** Build the stage for every run, and keep it painted. */
export function mountStage() {
  const root = byId("stage");
  const measure = () => {
    within.value = `${root.clientWidth} ${root.clientHeight}`;
  };
  measure();
  effect(() => {
    const run = state.run.value;
    if (!run || !state.lang.value) return;
    const columns = columnsOf(run);
    // A run that looks the same keeps its elements, and its old numbers until the new ones come.
    const { dataset, conventions, head, faults } = run.spec;
    const look = JSON.stringify([columns, dataset.name ?? dataset.upload, conventions, head, faults, state.lang.value]);
    if (look === looks) return;
    looks = look;
    built.value = { columns, order: inOrder(columns), views: buildColumns(byId("columns"), run, columns) };
  });
  effect(() => {
    if (built.value) paintAll(root, built.value);
  });
  // What is pointed at changes often: then only the marks move.
  effect(() => {
    if (built.value) markAll(built.value);
  });
  watchJacobian(built);
  new ResizeObserver(measure).observe(root);
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
  // The stage may have been built for a run whose first frame is still on its way.
  if (!onStage.value || !state.lang.value) return;
  const { run, frame } = onStage.value;
  const { kind, layer } = stepAt(run, frame.position);
  const present = layer ?? (kind === "batch" ? "batch" : kind.startsWith("loss") || kind.startsWith("fused") ? "loss" : "");
  const direction = directionOf(kind);
  // Asked for anew at every step, the page would be laid out once more.
  const [width, height] = within.value.split(" ").map(Number);
  const room = { width: width - 32, height, map: isMap(), present };
  const { sizes, slim, folded } = layOut(stage.columns, room);
  byId("columns").classList.toggle("folded", folded);
  const turned = root.dataset.direction !== direction;
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
    if (moved) requestAnimationFrame(() => reveal(root, element));
  }
  // Where not both passes are in sight, the one that runs is.
  if (turned) root.scrollTop = direction === "backward" ? root.scrollHeight : 0;
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
  const at = state.cursor.value;
  const marksOf = marking(run, frame, cell);
  for (const slot of stage.order) {
    const marks = marksOf(slot.tensor);
    if (at?.slot === slot) marks.push({ ...around(at.index), kind: "cursor" });
    stage.views.get(slot)?.view.mark(marks);
  }
}
