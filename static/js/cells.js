/** A cell of a tensor: its name, its value, and the block that it is. */

/** @typedef {import("./types.js").Index} Index */
/**
 * @template T
 * @typedef {{values?: T[][] | null}} Valued
 */

/** @param {{tensor: string, index: Index}} cell */
export function cellName({ tensor, index }) {
  return `${tensor}[${index.join(", ")}]`;
}

/** @param {number[]} shape As NumPy writes it. */
export function shapeName(shape) {
  return `(${shape.join(", ")})`;
}

/**
 * Undefined where the tensor is not there, or not computed, or has no such cell.
 * @template T
 * @param {Valued<T> | null | undefined} tensor
 * @param {Index} index
 */
export function valueIn(tensor, [row, column]) {
  return tensor?.values?.[row]?.[column];
}

/**
 * One cell, as a block.
 * @param {Index} index
 * @returns {{rows: Index, columns: Index}}
 */
export function around([row, column]) {
  return { rows: [row, row + 1], columns: [column, column + 1] };
}

/**
 * @template T
 * @param {T[][]} values
 */
export function transposed(values) {
  return values[0].map((_, column) => values.map((row) => row[column]));
}
