/** The cells that were open before, so that whoever follows a number comes back. */

import { byId } from "./dom.js";
import { canRedo, canUndo, holds } from "./forks.js";
import { listen } from "./keys.js";
import { canonical } from "./linkage.js";
import { batch, computed, effect, goTo, select, signal, state } from "./state.js";

/** @typedef {import("./types.js").Cell} Cell */

const MOST = 50;

const past = signal(/** @type {Cell[]} */ ([]));
/** @type {Cell | null} */
let open = null;

/** The cell that was open before this one, as far as the run has it. */
export const previous = computed(() => {
  const run = state.run.value;
  return run ? past.value.findLast(({ tensor, index }) => holds(run, tensor, index)) ?? null : null;
});

/** Keep every cell that is left for another, with the position that it was left at. */
export function mountTrail() {
  /** @type {unknown} The run that was opened; its forks keep the trail. */
  let base;
  effect(() => {
    const [run, cell, forked] = [state.run.value, state.selection.value, canUndo.value || canRedo.value];
    // A walk along the chain rule leads back to where it began.
    if (state.walk.value) return;
    if (run !== base && !forked) {
      [base, open] = [run, null];
      past.value = [];
    }
    if (open && cell && run && !same(open, cell)) past.value = [...past.peek(), open].slice(-MOST);
    if (cell) open = { ...cell, position: state.position.value };
  });
  for (const place of ["stage", "inspector"]) listen(byId(place), "inspector", { return: () => state.shortcuts.value && back() });
}

/** Open the cell that was open before, where it was; false where there is none. */
export function back() {
  const cell = previous.value;
  if (!cell) return false;
  open = null;
  batch(() => {
    past.value = past.value.slice(0, past.value.lastIndexOf(cell));
    goTo(cell.position);
    select(cell);
  });
  byId("inspector-name").focus();
  return true;
}

/**
 * Move to a cell; to its own position too, where its value is not the one that is shown.
 * @param {Cell} cell
 */
export function follow(cell) {
  const shown = state.frame.value?.tensors[cell.tensor]?.computed_at;
  batch(() => {
    if (shown !== cell.position && !cell.tensor.startsWith("data.")) goTo(cell.position);
    select({ ...cell, position: state.position.value });
  });
  byId("inspector-name").focus();
}

/**
 * @param {Cell} one
 * @param {Cell} other
 */
function same(one, other) {
  const run = state.run.value;
  return run && canonical(run, one.tensor) === canonical(run, other.tensor) && String(one.index) === String(other.index);
}
