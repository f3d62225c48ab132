/** One tensor against another: which cells differ, and by how much. */

import { toNumber } from "./numbers.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Tensor} Tensor */

/**
 * Whether both are there, and alike in shape.
 * @param {Tensor | undefined} now
 * @param {Tensor | undefined} before
 */
export function comparable(now, before) {
  return Boolean(now?.values && before?.values) && String(now?.shape) === String(before?.shape);
}

/**
 * The cells whose value differs; two NaN are alike.
 * @param {Tensor} now
 * @param {Tensor | undefined} before
 * @returns {Index[]} None where there is nothing to compare with.
 */
export function differing(now, before) {
  const rows = comparable(now, before) ? now.values ?? [] : [];
  return rows.flatMap((row, r) =>
    row.flatMap((value, c) => (value === before?.values?.[r][c] ? [] : [/** @type {Index} */ ([r, c])])),
  );
}

/**
 * New − old, with a range of its own; without values where there is nothing to compare with.
 * @param {Tensor} now
 * @param {Tensor | undefined} before
 * @returns {Tensor}
 */
export function difference(now, before) {
  if (!before || !comparable(now, before)) return { ...now, min: null, max: null, norm: null, nan: null, inf: null, values: null };
  const values = (now.values ?? []).map((row, r) => row.map((value, c) => less(value, before.values?.[r][c] ?? 0)));
  return { ...now, ...withFigures(values) };
}

/**
 * Values with their figures.
 * @param {import("./types.js").Matrix} values
 * @returns {import("./types.js").Figures}
 */
export function withFigures(values) {
  const finite = values.flat().map(toNumber).filter(Number.isFinite);
  const nan = values.flat().filter((value) => value === "NaN").length;
  return {
    values, nan, inf: values.flat().length - finite.length - nan,
    min: finite.reduce((a, b) => Math.min(a, b), Infinity), max: finite.reduce((a, b) => Math.max(a, b), -Infinity),
    norm: Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0)),
  };
}

/**
 * @param {Num} now
 * @param {Num} before
 * @returns {Num}
 */
function less(now, before) {
  if (now === before) return 0;
  const value = toNumber(now) - toNumber(before);
  return Number.isFinite(value) ? value : /** @type {Num} */ (String(value));
}

/**
 * The cell of these tensors that moved furthest; null where none moved.
 * @param {Record<string, Tensor>} now
 * @param {Record<string, Tensor>} before
 * @param {(name: string, index: Index) => boolean} wanted
 * @returns {{name: string, index: Index, by: number} | null}
 */
export function furthest(now, before, wanted) {
  /** @type {{name: string, index: Index, by: number} | null} */
  let found = null;
  for (const [name, tensor] of Object.entries(now)) {
    for (const index of differing(tensor, before[name])) {
      const [row, column] = index;
      const by = toNumber(less(tensor.values?.[row][column] ?? 0, before[name].values?.[row][column] ?? 0));
      if (wanted(name, index) && Math.abs(by) > Math.abs(found?.by ?? 0)) found = { name, index, by };
    }
  }
  return found;
}

/**
 * Cells as few rectangles: runs within a row, and equal runs of rows that follow each other.
 * @param {Index[]} cells In reading order.
 * @returns {{rows: Index, columns: Index}[]}
 */
export function blocksOf(cells) {
  /** @type {{rows: Index, columns: Index}[]} */
  const runs = [];
  for (const [row, column] of cells) {
    const last = runs.at(-1);
    if (last?.rows[0] === row && last.columns[1] === column) last.columns[1] += 1;
    else runs.push({ rows: [row, row + 1], columns: [column, column + 1] });
  }
  return runs.reduce((blocks, run) => {
    const above = blocks.findLast(({ columns }) => String(columns) === String(run.columns));
    if (above?.rows[1] === run.rows[0]) above.rows[1] += 1;
    else blocks.push(run);
    return blocks;
  }, /** @type {typeof runs} */ ([]));
}
