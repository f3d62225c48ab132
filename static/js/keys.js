/**
 * Every key of the page, declared once: `listen` does what it means, and the list under `?` is drawn from here.
 *
 * A new key is one line of KEYS, its text `help.ACTION` in both catalogues, and an act under its name:
 * `listen(byId("stage"), "stage", { contrast: () => … })`. An act that answers false did nothing, and the key goes on
 * to the browser. Keys of one character work only where the focus is, and not at all once they are switched off.
 */

import { byId } from "./dom.js";
import { state } from "./state.js";

/**
 * @typedef {"transport" | "stage" | "inspector" | "figure" | "page"} Scope
 *   Stage and transport; the stage alone; stage and inspector; a figure's dialog; anywhere but in a field.
 * @typedef {{action: string, keys: string, scope: Scope}} Key `keys`: as `KeyboardEvent.key`, letters small, "Ctrl+z".
 * @typedef {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> & {getModifierState?: (key: string) => boolean}} Press
 */

/** @type {Key[]} */
export const KEYS = [
  { action: "step", keys: ".", scope: "transport" },
  { action: "back", keys: ",", scope: "transport" },
  { action: "next", keys: "n", scope: "transport" },
  { action: "previous", keys: "b", scope: "transport" },
  { action: "play", keys: "p", scope: "transport" },
  { action: "speed", keys: "s", scope: "transport" },
  { action: "goto", keys: "g", scope: "transport" },
  { action: "difference", keys: "d", scope: "transport" },
  { action: "alone", keys: "a", scope: "transport" },
  { action: "undo", keys: "Ctrl+z", scope: "transport" },
  { action: "redo", keys: "Ctrl+Shift+z Ctrl+y", scope: "transport" },
  { action: "help", keys: "?", scope: "transport" },
  { action: "move", keys: "ArrowLeft ArrowUp ArrowRight ArrowDown", scope: "stage" },
  { action: "matrix", keys: "[ ]", scope: "stage" },
  { action: "open", keys: "Enter", scope: "stage" },
  { action: "edit", keys: "e", scope: "stage" },
  { action: "figure", keys: "f", scope: "stage" },
  { action: "table", keys: "t", scope: "stage" },
  { action: "jacobian", keys: "j", scope: "stage" },
  { action: "contrast", keys: "c", scope: "stage" },
  { action: "escape", keys: "Escape", scope: "stage" },
  { action: "return", keys: "Backspace", scope: "inspector" },
  { action: "move", keys: "ArrowLeft ArrowUp ArrowRight ArrowDown", scope: "figure" },
  { action: "leap", keys: "Home End PageUp PageDown", scope: "figure" },
  { action: "open", keys: "Enter", scope: "figure" },
  { action: "table", keys: "t", scope: "figure" },
];

/** Where the arrows lead: rows and columns. @type {Record<string, [number, number]>} */
export const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Without these the cursor could not leave its matrix, so they are not switched off. */
const STEADY = "[]";
/** Where keys write or choose. */
const FIELDS = "input:not([type=range], [type=checkbox]), select, textarea, [contenteditable]";

/**
 * Do what a scope's keys mean while the focus is in an element.
 * @param {HTMLElement | Document} root
 * @param {Scope} scope
 * @param {Record<string, (key: string) => unknown>} acts By action; what answers false did nothing.
 */
export function listen(root, scope, acts) {
  root.addEventListener("keydown", (given) => {
    const event = /** @type {KeyboardEvent} */ (given);
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.isComposing || target.closest?.(FIELDS)) return;
    // What stands in the stage, as a caption's button, has keys of its own.
    if (scope === "stage" && target !== root) return;
    const action = actionOf(event, scope, state.shortcuts.peek());
    if (action && acts[action] && acts[action](event.key) !== false) event.preventDefault();
  });
}

/**
 * The same for what works in the stage and in the transport.
 * @param {Record<string, (key: string) => unknown>} acts
 */
export function listenAtTransport(acts) {
  for (const place of ["stage", "transport"]) listen(byId(place), "transport", acts);
}

/**
 * What a key means in a scope.
 * @param {Press} press
 * @param {Scope} scope
 * @param {boolean} shortcuts Whether single characters mean anything.
 * @returns {string | undefined}
 */
export function actionOf(press, scope, shortcuts) {
  const name = nameOf(press);
  if (!shortcuts && name.length === 1 && !STEADY.includes(name)) return undefined;
  return KEYS.find((one) => one.scope === scope && one.keys.split(" ").includes(name))?.action;
}

/** @param {Press} press */
function nameOf(press) {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  // AltGr writes characters, as [ on many keyboards.
  if (press.getModifierState?.("AltGraph")) return key;
  const held = [press.ctrlKey || press.metaKey ? "Ctrl" : "", press.altKey ? "Alt" : ""];
  // Shift is part of a character, and counts beside another.
  const shift = press.shiftKey && (key.length > 1 || held[0]) ? "Shift" : "";
  return [...held, shift, key].filter(Boolean).join("+");
}
