/** Training: how many iterations, start and stop. */

import { byId } from "./dom.js";
import { effect, state } from "./state.js";

effect(() => {
  byId("strip-curve").hidden = !state.strip.value;
});
