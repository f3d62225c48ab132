/** What there is room for; what reads it follows it. */

import { signal } from "./state.js";

/** Without room for numbers on the stage, as on a phone: it is a map of pictures. */
export const isMap = follow("(max-width: 700px)");
/** Without room for the inspector beside the stage. */
export const isDrawer = follow("(max-width: 1100px)");

/** @param {string} query */
function follow(query) {
  const list = matchMedia(query);
  const held = signal(list.matches);
  list.addEventListener("change", () => (held.value = list.matches));
  return () => held.value;
}
