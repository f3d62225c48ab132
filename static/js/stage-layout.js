/** How large each matrix of the stage is drawn, and whether with numbers. */

/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {{cell: [number, number], numbers: boolean}} Size Width and height of a cell, in CSS pixels. */
/** @typedef {{width: number, cellHeight: number, map: boolean, present: string[]}} Room */

export const MOST_COLUMNS = 12;
export const MOST_ROWS = 16;
export const CELL_WIDTH = 42;
const GAP = 20;
const PICTURE = 168;
const NARROWEST = 6;

/**
 * The size of every slot, by column and place.
 *
 * Where all columns do not fit with numbers, those of the present step keep theirs and the rest shrink to
 * coloured cells; where not even that fits, the stage scrolls.
 * @param {Column[]} columns
 * @param {Room} room
 * @returns {Map<Slot, Size>}
 */
export function layOut(columns, room) {
  if (room.map) return mapSizes(columns, room.width);
  const full = columns.map((column) => sizes(column, room.cellHeight, true));
  const fits = total(columns, full) <= room.width;
  const chosen = columns.map((column, at) =>
    fits || room.present.includes(column.id) ? full[at] : sizes(column, room.cellHeight, false),
  );
  return new Map(chosen.flatMap((sized) => [...sized]));
}

/**
 * @param {Slot} slot
 */
export function isSmall({ shape: [rows, columns] }) {
  return rows <= MOST_ROWS && columns <= MOST_COLUMNS;
}

/**
 * @param {Column} column
 * @param {number} height Of a cell with a number.
 * @param {boolean} numbers
 * @returns {Map<Slot, Size>}
 */
function sizes(column, height, numbers) {
  return new Map(column.slots.map((slot) => [slot, sizeOf(slot, height, numbers)]));
}

/**
 * @param {Slot} slot
 * @param {number} height
 * @param {boolean} numbers
 * @returns {Size}
 */
function sizeOf(slot, height, numbers) {
  const [rows, columns] = slot.shape;
  // A sample is one straight line through the stage, so all outputs and gradients are alike in height.
  const tall = rows <= MOST_ROWS ? height : PICTURE / rows;
  if (!isSmall(slot)) return { cell: [Math.max(1, Math.min(12, PICTURE / columns)), tall], numbers: false };
  if (slot.place === "target") return { cell: [22, tall], numbers: numbers };
  return { cell: [numbers ? CELL_WIDTH : Math.max(NARROWEST, Math.min(14, 56 / columns)), tall], numbers };
}

/**
 * The phone's map: pictures only, all columns side by side.
 * @param {Column[]} columns
 * @param {number} width
 * @returns {Map<Slot, Size>}
 */
function mapSizes(columns, width) {
  const slots = columns.flatMap((column) => column.slots);
  const gap = 8;
  const lines = columns.map((column) => Math.max(...column.slots.map(({ shape }) => Math.min(shape[1], MOST_ROWS))));
  const across = lines.reduce((sum, line) => sum + line, 0);
  const cell = Math.max(2, Math.min(14, (width - gap * (columns.length + 1)) / across));
  const high = (/** @type {number} */ rows) => (rows <= 8 ? 7 : Math.max(0.5, 56 / rows));
  return new Map(
    slots.map((slot) => {
      const [rows, cols] = slot.shape;
      const wide = (cell * Math.min(cols, MOST_ROWS)) / cols;
      return [slot, { cell: [wide, high(rows)], numbers: false }];
    }),
  );
}

/**
 * @param {Column[]} columns
 * @param {Map<Slot, Size>[]} sized
 */
function total(columns, sized) {
  const widths = columns.map((column, at) => columnWidth(column, sized[at]));
  return widths.reduce((sum, width) => sum + width, GAP * (columns.length + 1));
}

/**
 * @param {Column} column
 * @param {Map<Slot, Size>} sized
 */
function columnWidth(column, sized) {
  const wide = column.slots.map((slot) => (sized.get(slot)?.cell[0] ?? 0) * slot.shape[1]);
  const beside = column.id === "loss" ? wide.reduce((sum, width) => sum + width, 0) : Math.max(0, ...wide);
  return Math.max(beside, 64);
}
