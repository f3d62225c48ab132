/** What one run has been told otherwise than another: cells that were edited, fields of the spec. */

import { minus } from "./numbers.js";
import { setName } from "./set-name.js";

/** @typedef {import("./types.js").Spec} Spec */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {{name: string, from: string, to: string}} Field `name`: as "optimizer.learning_rate". */

/**
 * @param {Spec} from
 * @param {Spec} to
 * @returns {{cells: Cell[], fields: Field[]}}
 */
export function changesOf(from, to) {
  return { cells: edited(from, to), fields: fieldsOf(from, to) };
}

/**
 * The cells that only one of them edits, or each otherwise.
 * @param {Spec} from
 * @param {Spec} to
 * @returns {Cell[]}
 */
function edited({ edits: before = [] }, { edits: after = [] }) {
  const text = JSON.stringify;
  const [had, has] = [before, after].map((edits) => new Set(edits.map((edit) => text(edit))));
  const touched = [...before.filter((edit) => !has.has(text(edit))), ...after.filter((edit) => !had.has(text(edit)))];
  const cells = touched.map(({ tensor, index, position }) => ({ tensor, index, position }));
  return [...new Map(cells.map((cell) => [text(cell), cell])).values()];
}

/**
 * @param {Record<string, any>} from
 * @param {Record<string, any>} to
 * @param {string} [within]
 * @returns {Field[]}
 */
function fieldsOf(from, to, within = "") {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => {
    const [a, b, name] = [from[key], to[key], within + key];
    if (name === "edits" || JSON.stringify(a) === JSON.stringify(b)) return [];
    // Of one kind: what of it is other. Of two kinds: the kind alone.
    if (isObject(a) && isObject(b)) {
      const [what, kind] = name === "dataset" ? ["name", setName] : ["type", (/** @type {any} */ { type }) => type];
      return kind(a) === kind(b) ? fieldsOf(a, b, `${name}.`) : [field(`${name}.${what}`, kind(a), kind(b))];
    }
    // Of layers that are the same ones: what of them is other.
    if (key === "layers" && written(a) === written(b)) return a.flatMap((/** @type {any} */ layer, /** @type {number} */ at) => fieldsOf(layer, b[at], "layers."));
    return [field(name, a, b)];
  });
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {string} name
 * @param {unknown} a
 * @param {unknown} b
 * @returns {Field}
 */
function field(name, a, b) {
  return { name, from: written(a), to: written(b) };
}

/**
 * A value in a word; layers by their types and units, and what is too long for a sentence not at all.
 * @param {any} value
 */
function written(value) {
  if (value === undefined || value === null) return "—";
  if (typeof value !== "object") return minus(String(value)).replace(/^([0-9a-f]{6})[0-9a-f]{58}$/, "$1…");
  if (Array.isArray(value) && typeof value[0] !== "object") return value.join(" ") || "—";
  const layers = Array.isArray(value) && value[0]?.type;
  return layers ? value.map(({ type, units = "" }) => `${type} ${units}`.trim()).join("–") : "…";
}
