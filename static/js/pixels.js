/** The 64 numbers of a digit as the 8×8 picture that they are: a sample's input, a unit's weights, and their gradients. */

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./columns.js").Slot} Slot */

export const SIDE = 8;

/**
 * The pictures of a digits run; they stand in the batch's column, which has no parameters.
 * @param {Run} run
 * @returns {Slot[]}
 */
export function pixelSlots(run) {
  const first = run.layers[0];
  const names = ["batch.input", `${first}.weight`, `${first}.dinput`, `${first}.dweight`];
  return names
    .filter((name) => run.spec.dataset.name === "digits" && run.tensors[name]?.shape[1 - axisOf(name)] === SIDE * SIDE)
    .map((tensor) => ({
      tensor, name: tensor.split(".")[1], also: null, place: tensor.includes(".d") ? "dpixels" : "pixels", shape: [SIDE, SIDE],
    }));
}

/**
 * Along which a tensor has a picture each: 0, a row a sample, or 1, a column a unit.
 * @param {string} tensor
 */
export function axisOf(tensor) {
  return tensor.endsWith("put") ? 0 : 1;
}

/**
 * The cell that a pixel shows.
 * @param {string} tensor
 * @param {Index} pixel
 * @param {number} line The row or the column that the picture is of.
 * @returns {Index}
 */
export function cellOf(tensor, [row, column], line) {
  const at = row * SIDE + column;
  return axisOf(tensor) ? [at, line] : [line, at];
}

/**
 * The pixel that shows a cell, if the picture is of its row or column.
 * @param {string} tensor
 * @param {Index} cell
 * @param {number} line
 * @returns {Index | null}
 */
export function pixelOf(tensor, cell, line) {
  const axis = axisOf(tensor);
  const at = cell[1 - axis];
  return cell[axis] === line ? [Math.floor(at / SIDE), at % SIDE] : null;
}
