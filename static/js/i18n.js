/** Words: every text of the page comes from the catalogue of the chosen language. */

import { state } from "./state.js";
import { getCatalogue, problemOf } from "./api.js";

/** @type {Map<string, Record<string, string>>} */
const catalogues = new Map();
/** A key of each part whose words come with it, once that is there. @type {Set<string>} */
const parts = new Set();
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
 * Words that come later than the page's own.
 * @param {"en" | "zh"} lang
 * @param {string} key One of them, by which it is seen whether a language has them.
 * @param {Record<string, string>} words
 */
export function learnPart(lang, key, words) {
  parts.add(key);
  learn(lang, { ...catalogues.get(lang), ...words });
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
  const words = catalogues.get(lang);
  if (!words || [...parts].some((key) => !(key in words))) learn(lang, await getCatalogue(lang));
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
