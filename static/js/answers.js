/** The server's answers by key: each asked for once, again while it is out of reach, and what failed kept to be said. */

import { button, make } from "./dom.js";
import { t, worded } from "./i18n.js";
import { signal } from "./state.js";
import { hurry, isAway, patiently } from "./waiting.js";

/**
 * @template T
 * @typedef {{answer?: T, problem?: unknown, again?: () => void}} Answer Empty while it is asked for.
 */

/**
 * Inside an effect, `of` follows the one key that it is asked for.
 * @template T
 * @param {number} most How many are kept.
 */
export function answers(most) {
  /** @type {Map<string, import("./state.js").Signal<Answer<T>>>} */
  const kept = new Map();

  /**
   * @param {string} key
   * @param {() => Promise<T>} ask
   * @param {() => boolean} wanted Whether it is still looked at.
   */
  function begin(key, ask, wanted) {
    const held = signal(/** @type {Answer<T>} */ ({}));
    kept.set(key, held);
    const start = () => void patiently(ask, wanted, failed).then((answer) => (held.value = { answer }), failed);
    const anew = () => {
      held.value = {};
      start();
    };
    const failed = (/** @type {unknown} */ problem) => {
      held.value = { problem, again: isAway(problem) ? hurry : anew };
      // Looked at again, it is asked for again.
      if (!wanted()) kept.delete(key);
    };
    start();
    return held;
  }

  return {
    /**
     * @param {string} key
     * @param {() => Promise<T>} ask
     * @param {() => boolean} wanted
     * @returns {Answer<T>}
     */
    of(key, ask, wanted) {
      for (const oldest of kept.keys()) {
        if (kept.size < most || kept.has(key)) break;
        kept.delete(oldest);
      }
      return (kept.get(key) ?? begin(key, ask, wanted)).value;
    },
  };
}

/**
 * In the place of what is not there yet: that it is asked for, or why it failed and a way to ask again.
 * @param {Answer<unknown>} held
 * @param {string} asking The catalogue's key.
 */
export function pending({ problem, again }, asking) {
  if (!again) return make("p", "hint", t(asking));
  return make("div", "problem", make("p", "", worded(problem)), button("", t("again"), again));
}
