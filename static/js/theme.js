/** Light and dark: the colours that canvases need, from the same scales as the figures. */

import { rgb, signedScale } from "./scales.js";
import { state } from "./state.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./types.js").Scale} Scale */
/** @typedef {{colour: ReturnType<typeof signedScale>, warn: [number, number, number]}} Palette */

/** @type {Map<string, Palette>} */
const palettes = new Map();

/** @param {{light: Scale, dark: Scale}} scales */
export function learnScales(scales) {
  for (const [theme, { signed, warn }] of Object.entries(scales)) {
    palettes.set(theme, { colour: signedScale(signed), warn: rgb(warn) });
  }
}

/**
 * @param {string} theme
 * @returns {Palette}
 */
export function palette(theme) {
  const found = palettes.get(theme);
  if (!found) throw new Error(`theme: expected light or dark, got ${theme}`);
  return found;
}

/** Follow the system until a person chooses; the choice is remembered. */
export function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wanted = () => {
    const chosen = remembered();
    state.theme.value = chosen ?? (dark.matches ? "dark" : "light");
  };
  dark.addEventListener("change", wanted);
  wanted();
}

/** The other theme, from now on. */
export function toggleTheme() {
  state.theme.value = state.theme.peek() === "dark" ? "light" : "dark";
  remember("theme", state.theme.peek());
}

/** @returns {"light" | "dark" | null} */
function remembered() {
  const found = recall("theme");
  return found === "light" || found === "dark" ? found : null;
}
