/** A formula that breaks into lines, as MathML by itself does not: a piece a sum's term. */

import { make } from "./dom.js";

const BREAKS = ["=", "+"];

/**
 * @param {string} text MathML.
 * @param {string} label What it is, for who cannot see it.
 */
export function formulaLine(text, label) {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const line = make("div", "formula", ...pieces(parsed.querySelector("math > mrow")));
  line.tabIndex = 0;
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", label);
  return line;
}

/** @param {Element | null} whole */
function pieces(whole) {
  /** @type {Element[][]} */
  const lines = [[]];
  for (const part of [...(whole?.children ?? [])].flatMap(opened)) {
    if (isBreak(part)) lines.push([]);
    lines.at(-1)?.push(part);
  }
  return lines.flatMap((parts) => {
    const math = document.createElementNS("http://www.w3.org/1998/Math/MathML", "math");
    const row = document.createElementNS(math.namespaceURI, "mrow");
    // At the beginning of a piece a sign would be taken for a number's own.
    if (isBreak(parts[0])) parts[0].setAttribute("form", "infix");
    row.append(...parts);
    math.append(row);
    return [math, " "];
  });
}

/**
 * A sum's parts, where it is one.
 * @param {Element} part
 */
function opened(part) {
  const inner = [...part.children];
  return part.localName === "mrow" && inner.some(isBreak) ? inner : [part];
}

/** @param {Element} part */
function isBreak(part) {
  return part.localName === "mo" && BREAKS.includes(part.textContent);
}
