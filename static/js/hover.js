/** What is pointed at, both ways: a term outlines its cells on the stage, a cell of the stage its terms. */

import { around } from "./cells.js";
import { asked, explained } from "./explanations.js";
import { computed, effect, state } from "./state.js";

/** @typedef {import("./types.js").Cell} Cell */

/** The terms of the chosen cell that read the stage's cell which is pointed at. */
export const linked = computed(() => {
  const [from, own] = [state.hover.value?.from, asked.value];
  // A parameter is made of itself, but of the value before.
  if (!from || !own || at(from) === at(own)) return [];
  const reads = (/** @type {Cell} */ cell) => at(cell) === at(from);
  return (explained.value?.terms ?? []).filter(({ factors }) => factors.some(({ cells }) => cells.some(reads)));
});

/** @param {Omit<Cell, "position">} cell */
function at({ tensor, index }) {
  return `${tensor},${index}`;
}

/**
 * Outline cells for as long as pointer or focus is on an element.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {Cell[]} cells
 * @returns {T}
 */
export function pointing(element, cells) {
  const blocks = cells.map(({ tensor, index }) => ({ tensor, ...around(index) }));
  for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, () => (state.hover.value = { blocks, from: null }));
  for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, unpoint);
  return element;
}

/**
 * The pointer or the keyboard's cursor is on a cell of the stage.
 * @param {string} tensor
 * @param {import("./types.js").Index} index
 */
export function pointFrom(tensor, index) {
  const [from, cell] = [state.hover.peek()?.from, { tensor, index, position: state.position.peek() }];
  if (!from || at(from) !== at(cell)) state.hover.value = { blocks: [], from: cell };
}

export function unpoint() {
  if (state.hover.peek()) state.hover.value = null;
}

/** What was pointed at in the panel is not there any more. */
export function dropPointing() {
  if (!state.hover.peek()?.from) unpoint();
}

/** Follow the keyboard's cursor. */
export function mountHover() {
  effect(() => {
    const on = state.cursor.value;
    if (on) pointFrom(on.slot.tensor, on.index);
  });
}
