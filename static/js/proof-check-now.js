/** What the tab of the check shows: how far it is, what it comes to, and the gradient that is looked at. */

import { signal } from "./state.js";

/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Index} Index */
/**
 * @typedef {{
 *   name: string, shape: Index, worst: Num, worst_cell: Index | null, compared: number, wrong: number, not_comparable: number,
 * }} Row A gradient that was checked.
 */
/** @typedef {{step: string, cell: import("./types.js").Cell, numeric: Num, analytic: Num, error: Num}} Wrong */
/** @typedef {{run: string, dtype: string, worst: Num | null, compared: number, not_comparable: number, first: Wrong | null}} Conclusion */
/** @typedef {{run: import("./types.js").Run, iteration: number, start: number, position: number}} Asked A whole iteration, its update included. */
/** @typedef {{name: string, figure: import("./figure-matrices.js").Figure, twice: import("./proof-check-read.js").Twice}} Shown */

export const checking = {
  asked: signal(/** @type {Asked | null} */ (null)),
  /** All gradients of the iteration, in the order of a backward pass. */
  names: signal(/** @type {string[]} */ ([])),
  /** Those that are checked. */
  rows: signal(/** @type {Row[]} */ ([])),
  /** The gradient that is on its way, and what share of it is done. */
  part: signal(/** @type {{name: string, done: number} | null} */ (null)),
  end: signal(/** @type {Conclusion | null} */ (null)),
  stopped: signal(false),
  /** Whether it waits for a word: it would tell what somebody looks for. */
  held: signal(false),
  problem: signal(""),
  chosen: signal(/** @type {string | null} */ (null)),
  shown: signal(/** @type {Shown | null} */ (null)),
  asTable: signal(false),
  cell: signal(/** @type {Index | null} */ (null)),
};
