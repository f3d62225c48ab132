/** Words: every text of the page comes from the catalogue of the chosen language. */

import { state } from "./state.js";
import { getCatalogue, problemOf } from "./api.js";

/** @type {Map<string, Record<string, string>>} */
const catalogues = new Map();
/** The language that was asked for last. */
let asked = "";

/**
 * @param {"en" | "zh"} lang
 * @param {Record<string, string>} catalogue
 */
export function learn(lang, catalogue) {
  catalogues.set(lang, catalogue);
}

/**
 * A catalogue's text, its `{placeholders}` filled. Reading it inside an effect follows the language.
 * @param {string} key
 * @param {Record<string, unknown>} [params]
 */
export function t(key, params = {}) {
  const text = catalogues.get(state.lang.value)?.[key] ?? key;
  return filled(text, params);
}

/**
 * Whether there is a text for this key.
 * @param {string} key
 */
export function has(key) {
  return key in (catalogues.get(state.lang.value) ?? {});
}

/**
 * "{n} {n|sample|samples}": a number, and the word that goes with one of it or with any other number.
 * @param {string} text
 * @param {Record<string, unknown>} params
 */
export function filled(text, params) {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    if (!(name in params)) return whole;
    return one === undefined ? String(params[name]) : Number(params[name]) === 1 ? one : many;
  });
}

/**
 * What went wrong, in the person's language.
 * @param {unknown} error
 */
export function worded(error) {
  const { code, params, field = "", message } = problemOf(error);
  return has(`problem.${code}`) ? t(`problem.${code}`, { ...params, field }) : message;
}

/**
 * Change the language: the catalogue is fetched once, the server is told by a cookie.
 * @param {"en" | "zh"} lang
 */
export async function speak(lang) {
  asked = lang;
  if (!catalogues.has(lang)) learn(lang, await getCatalogue(lang));
  if (asked !== lang) return;
  document.cookie = `lang=${lang}; path=/; max-age=31536000; samesite=lax`;
  state.lang.value = lang;
}

/**
 * Write every text that the server rendered again, in the present language.
 * @param {ParentNode} [part]
 */
export function translate(part = document) {
  document.documentElement.lang = state.lang.value === "zh" ? "zh-CN" : "en";
  for (const element of part.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
  for (const element of part.querySelectorAll("[data-t-label]")) {
    const text = t(element.getAttribute("data-t-label") ?? "");
    element.setAttribute("aria-label", text);
    if (element.hasAttribute("title")) element.setAttribute("title", text);
  }
}
