/** A matrix from pasted text: JSON, a NumPy print-out or repr, rows of comma-, semicolon-, tab- or space-separated numbers. */

/** @typedef {{values: number[][]} | {key: string, params: Record<string, unknown>}} Parsed The matrix, or what is wrong. */

/** Characters; more than the largest matrix of the stage has. */
export const LONGEST = 1_000_000;

const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)$/i;
/** What stands around the brackets of a repr, as `array(` and `, dtype=float32)`. */
const [BEFORE, AFTER] = [/^(?:\w+ ?= ?)?(?:[\w.]+\()?$/, /^,?\s?(?:\w+=[^[\]]*)?\)*;?$/];
/** A number in a list as NumPy 2 writes it; what takes its place is as long, so that places stay. */
const SCALAR = /\b(?:np|numpy)\.\w{1,20}\(([^()[\],\s]{1,40})\)/g;
/** Characters of it. */
const MOST_AROUND = 200;

/**
 * @param {string} text
 * @returns {Parsed}
 */
export function parseMatrix(text) {
  if (text.length > LONGEST) return { key: "parse.long", params: { longest: LONGEST } };
  const plain = text.replaceAll("−", "-").replace(SCALAR, (all, number) => number.padStart(all.length - 1).padEnd(all.length));
  const dots = plain.search(/\.\.\.|…/);
  if (dots >= 0) return { key: "parse.dots", params: where(plain, dots) };
  return plain.includes("[") ? nested(plain) : table(plain);
}

/**
 * Brackets, at most two deep; a list of numbers alone is one row.
 * @param {string} text
 * @returns {Parsed}
 */
function nested(text) {
  const [first, last] = [text.indexOf("["), text.lastIndexOf("]")];
  const [before, after] = [text.slice(0, first).trim(), text.slice(last + 1).trim()];
  if (before.length > MOST_AROUND || !BEFORE.test(before)) return unexpected(text, text.search(/\S/));
  if (last > first && (after.length > MOST_AROUND || !AFTER.test(after))) return unexpected(text, text.indexOf(after, last + 1));
  /** @type {number[][]} */
  const rows = [];
  /** @type {number[]} */
  const flat = [];
  let depth = 0;
  for (const { 0: token, index } of text.slice(0, last + 1).matchAll(/[[\]]|[^\s,[\]]+/g)) {
    if (index < first) continue;
    if (token === "[") {
      depth += 1;
      if (depth > 2 || flat.length > 0 || (depth === 1 && index > first)) return unexpected(text, index);
      if (depth === 2) rows.push([]);
    } else if (token === "]") {
      depth -= 1;
      if (depth < 0) return unexpected(text, index);
    } else if (depth === 0 || (depth === 1 && rows.length > 0) || !NUMBER.test(token)) return unexpected(text, index);
    else (depth === 2 ? rows[rows.length - 1] : flat).push(toNumber(token));
  }
  return depth === 0 && last > first ? even(rows.length > 0 ? rows : [flat]) : { key: "parse.open", params: {} };
}

/**
 * A line a row; a first line of names alone is a header.
 * @param {string} text
 * @returns {Parsed}
 */
function table(text) {
  const parts = [/[^\t]+/g, /[^;]+/g, /[^,]+/g].find((_, at) => text.includes("\t;,"[at])) ?? /\S+/g;
  /** @type {number[][]} */
  const rows = [];
  let [headed, index] = [false, 0];
  for (const line of text.split("\n")) {
    const cells = [...line.matchAll(parts)]
      .map(({ 0: cell, index: at }) => ({ cell: cell.trim().replace(/^"(.*)"$/, "$1"), at: index + at + cell.search(/\S|$/) }))
      .filter(({ cell }) => cell);
    const wrong = cells.filter(({ cell }) => !NUMBER.test(cell));
    index += line.length + 1;
    if (cells.length === 0) continue;
    const head = rows.length === 0 && !headed && wrong.length === cells.length && text.slice(index).trim();
    if (wrong.length > 0 && !head) return unexpected(text, wrong[0].at);
    if (head) headed = true;
    else rows.push(cells.map(({ cell }) => toNumber(cell)));
  }
  return even(rows);
}

/**
 * @param {number[][]} rows
 * @returns {Parsed}
 */
function even(rows) {
  const expected = rows[0]?.length ?? 0;
  const row = rows.findIndex(({ length }) => length !== expected);
  if (row >= 0) return { key: "parse.ragged", params: { row, got: rows[row].length, expected } };
  return expected > 0 ? { values: rows } : { key: "parse.empty", params: {} };
}

/**
 * @param {string} text
 * @param {number} at
 */
function unexpected(text, at) {
  const found = /^(?:[[\],;]|[^\s,;[\]]{1,20})/.exec(text.slice(at, at + 20))?.[0] ?? "";
  return { key: "parse.unexpected", params: { ...where(text, at), found } };
}

/**
 * @param {string} text
 * @param {number} at
 */
function where(text, at) {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: before[before.length - 1].length + 1 };
}

/** @param {string} token */
function toNumber(token) {
  return /inf/i.test(token) ? (token.startsWith("-") ? -Infinity : Infinity) : Number(token);
}
