/** The strip of training, folded until it is asked for; what fills it is fetched then. */

import { byId } from "./dom.js";
import { report } from "./loader.js";
import { busy, effect, state } from "./state.js";

export function mountStrip() {
  byId("flow-open").addEventListener("click", () => void import("./flow-view.js").then(({ openFlow }) => openFlow()).catch(report));
  byId("train").addEventListener("click", () => (state.strip.value = !state.strip.value));
  byId("train-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void import("./train-controls.js").then(({ startOrStop }) => startOrStop(), report);
  });
  // Its figure is computed too: one at a time.
  effect(() => void (/** @type {HTMLButtonElement} */ (byId("flow-open")).disabled = busy.value));
  effect(() => {
    const open = state.strip.value;
    byId("strip").hidden = !open;
    byId("train").ariaExpanded = String(open);
    if (open) void import("./train-controls.js").catch(report);
    if (open) void import("./data-part.js").catch(report);
  });
}
