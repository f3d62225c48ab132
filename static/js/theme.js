/** Light and dark: the colours that canvases need, from the same scales as the figures. */

import { rgb, signedScale } from "./scales.js";
import { state } from "./state.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./types.js").Scale} Scale */
/** @typedef {import("./scales.js").Rgb} Rgb */
/**
 * @typedef {{colour: ReturnType<typeof signedScale>, classes: string[], warn: Rgb, faint: Rgb, ink: string, paper: string}} Palette
 *   `warn`: what is not a number; `faint`: the same under a text.
 */

/** @type {Map<string, Palette>} */
const palettes = new Map();

/** @param {{light: Scale, dark: Scale}} scales */
export function learnScales(scales) {
  for (const [theme, { signed, classes, warn, ink, paper }] of Object.entries(scales)) {
    palettes.set(theme, { colour: signedScale(signed), classes, warn: rgb(warn), faint: mixed(rgb(warn), rgb(paper)), ink, paper });
  }
}

/**
 * @param {Rgb} one
 * @param {Rgb} other Three times as strong.
 * @returns {Rgb}
 */
function mixed(one, other) {
  const [red, green, blue] = one.map((channel, at) => (channel + 3 * other[at]) / 4);
  return [red, green, blue];
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
