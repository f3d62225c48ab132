/** What the dialog of a run's history shows at this moment. */

import { signal } from "./state.js";

/** @typedef {"gradient" | "ratio" | "dead" | "saturated" | "curves"} What */
/** @typedef {{run: string, what: What, start: number, stop: number}} Asked Iterations from start on, below stop. */
/** @typedef {{asked: Asked, figure: import("./figure-matrices.js").Figure, course: import("./flow-course.js").Course}} ShownFlow */

export const flow = {
  /** The picture that is wanted; null while the dialog is closed. */
  asked: signal(/** @type {Asked | null} */ (null)),
  /** The newest that came, which grows while it is computed. */
  shown: signal(/** @type {ShownFlow | null} */ (null)),
  /** Iterations computed so far; null where nothing is on its way. */
  reached: signal(/** @type {number | null} */ (null)),
  /** Where the computation was stopped by hand. */
  stopped: signal(/** @type {number | null} */ (null)),
  spot: signal(/** @type {import("./flow-course.js").Spot | null} */ (null)),
  asTable: signal(false),
  /** Why there is no figure, or not the whole. */
  problem: signal(""),
};
