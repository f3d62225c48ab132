/** What the dialog of a figure shows at this moment. */

import { dragged } from "./figure-sample.js";
import { computed, signal } from "./state.js";

/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-sample.js").Sampled} Sampled */
/**
 * @typedef {{
 *   opened: import("./state.js").Opened, figure: import("./figure-matrices.js").Figure, parts: Part[], sampled: Sampled | null,
 * }} Shown
 */

export const figure = {
  /** The figure that has arrived. */
  shown: signal(/** @type {Shown | null} */ (null)),
  /** The sample's scores while they are dragged, and until the figure of what was kept has arrived. */
  draft: signal(/** @type {number[] | null} */ (null)),
  /** What became of the draft, in words. */
  said: signal(""),
  cell: signal(/** @type {import("./figure-cursor.js").FigureCell | null} */ (null)),
  /** The last column of J that was pointed at. */
  column: signal(0),
  asTable: signal(false),
  /** Why there is no figure. */
  problem: signal(""),
  /** Asks for it again, where that failed. */
  again: signal(/** @type {(() => void) | undefined} */ (undefined)),
};

/** What is to be seen: the figure, or what the dragged scores make of it. */
export const figureNow = computed(() => {
  const [shown, z] = [figure.shown.value, figure.draft.value];
  return shown?.sampled && z ? { ...shown, ...dragged(shown.sampled, shown.parts, z) } : shown;
});
