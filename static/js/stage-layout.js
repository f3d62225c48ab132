/** How large each matrix of the stage is drawn, and whether with numbers. */

/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {{cell: [number, number], numbers: boolean}} Size Width and height of a cell, in CSS pixels. */
/** @typedef {{width: number, height: number, map: boolean, present: string}} Room `present`: the step's column. */
/**
 * @typedef {{sizes: Map<Slot, Size>, slim: Set<string>, folded: boolean}} Layout `slim`: the columns without room for words;
 *   `folded`: of what is remembered there is room for the names alone.
 */
/**
 * @typedef {{width: number, height: number, numbers: boolean, tallest: number, picture: number, memory: number}} Choice
 *   Of a cell with a number; the most rows of a parameter with numbers; the heights of a picture and of a memory's row.
 */

export const MOST_COLUMNS = 12;
export const MOST_ROWS = 16;
/** Cells with numbers, from the largest: width and height. */
const CELLS = [[77, 38], [63, 31], [49, 24], [42, 20], [42, 19], [42, 18], [42, 16], [42, 14], [42, 13]];
const [LAST_WIDTH, LAST_HEIGHT] = CELLS[CELLS.length - 1];
const PIXEL = /** @type {[number, number]} */ ([10, 10]);
const GAP = 16;
const PICTURE = 168;
const FULL = 96;
const SLIM = 48;
const SLIM_GAP = 10;
/** Pictures shrink to this before the stage scrolls. */
const LOWEST = 78;
const MOST_CLASSES = 6;
/** Rows of a picture that stands where numbers would make the stage too high. */
const MODEST = 8;
/** Heads, turn, norms, captions and gaps of a column, in CSS pixels. */
const FRAME = 36 + 20 + 18 + 6 * 14 + 16;
/** At least as high is what stands in the place of parameters. */
const NOTE = 64;
/** What an optimiser remembers is a picture: its cell's largest width, its rows' heights from the largest, the rows that are as high. */
const MEMORY = { width: 12, heights: [8, 3, 0], rows: 5, caption: 18, frame: 6, gap: 8 };

/**
 * The size of every slot.
 *
 * Cells are as high as the room allows. Where not all columns fit with numbers, the present step's keeps them,
 * then its neighbours as far as there is room, and the rest shrink to coloured cells; where not even that fits,
 * the stage scrolls.
 * @param {Column[]} columns
 * @param {Room} room
 * @returns {Layout}
 */
export function layOut(columns, room) {
  if (room.map) return { sizes: mapSizes(columns, room.width), slim: new Set(), folded: false };
  const choice = chosen(columns, room);
  const slim = slimmed(columns, room, choice);
  const sizes = columns.flatMap((column) => [...sizesOf(column, { ...choice, numbers: !slim.has(column.id) })]);
  return { sizes: new Map(sizes), slim, folded: choice.memory === 0 };
}

/**
 * @param {Column[]} columns
 * @param {Room} room
 * @param {Choice} choice
 * @returns {Set<string>}
 */
function slimmed(columns, room, choice) {
  if (total(columns, choice) <= room.width) return new Set();
  const width = (/** @type {Column} */ column) => Math.max(FULL, matricesWidth(column, sizesOf(column, choice)));
  const slim = new Set(columns.map(({ id }) => id));
  const at = columns.findIndex(({ id }) => id === room.present);
  const nearest = columns.map((column, index) => ({ column, far: Math.abs(index - at) })).sort((a, b) => a.far - b.far);
  let left = room.width - columns.length * (SLIM + SLIM_GAP);
  for (const { column, far } of [{ column: columns[columns.length - 1], far: 0 }, ...nearest]) {
    const more = width(column) - SLIM + GAP - SLIM_GAP;
    if (!slim.has(column.id) || (far > 0 && more > left)) continue;
    slim.delete(column.id);
    left -= more;
  }
  return slim;
}

/**
 * @param {{shape: import("./types.js").Index}} slot
 */
export function isSmall({ shape: [rows, columns] }) {
  return rows <= MOST_ROWS && columns <= MOST_COLUMNS;
}

/**
 * The largest cells that the room allows; in a low one, high parameters become pictures.
 * @param {Column[]} columns
 * @param {Room} room
 * @returns {Choice}
 */
function chosen(columns, room) {
  const slots = columns.flatMap((column) => column.slots);
  const outputs = Math.max(...slots.filter(({ place }) => place === "output").map(({ shape }) => shape[0]));
  const weights = Math.max(0, ...slots.filter(({ place }) => place === "weight").map(({ shape }) => shape[0]));
  const classes = Math.max(0, ...slots.filter(({ place }) => place === "jacobian").map(({ shape }) => (shape[0] > MOST_CLASSES ? 0 : shape[0])));
  const remembers = slots.some(({ place }) => place === "memory");
  const remembered = (/** @type {number} */ memory) => (remembers ? MEMORY.caption + (memory && MEMORY.frame + (Math.min(MEMORY.rows, weights) + 1) * memory) : 0);
  const penalty = slots.some(({ place }) => place === "penalty") ? LAST_WIDTH : 0;
  const high = (/** @type {number} */ cell, /** @type {number} */ memory) => {
    const output = outputs <= MOST_ROWS ? outputs * cell : PICTURE;
    const weight = weights <= MOST_ROWS ? weights * cell : PICTURE;
    return FRAME + 2 * output + Math.max(NOTE + penalty, remembered(memory) + weight + cell) + Math.max(weight + cell, classes * cell);
  };
  const shared = { numbers: true, tallest: MOST_ROWS, picture: PICTURE };
  for (const memory of MEMORY.heights) {
    for (const [width, height] of CELLS) {
      const choice = { width, height, memory, ...shared };
      // Larger cells are a luxury: never at the price of a column's numbers.
      if (high(height, memory) <= room.height && (width === LAST_WIDTH || total(columns, choice) <= room.width)) return choice;
    }
  }
  const memory = MEMORY.heights[MEMORY.heights.length - 1];
  const quarter = (room.height - FRAME - remembered(memory) - 2 * LAST_HEIGHT) / 4;
  const picture = Math.max(LOWEST, Math.min(PICTURE, quarter));
  return { width: LAST_WIDTH, height: LAST_HEIGHT, numbers: true, tallest: MODEST, picture, memory };
}

/**
 * @param {Column[]} columns
 * @param {Choice} choice
 */
function total(columns, choice) {
  const widths = columns.map((column) => Math.max(FULL, matricesWidth(column, sizesOf(column, choice))));
  return widths.reduce((sum, width) => sum + width, GAP * (columns.length - 1));
}

/**
 * @param {Column} column
 * @param {Choice} choice
 * @returns {Map<Slot, Size>}
 */
function sizesOf(column, choice) {
  const weight = column.slots.find(({ place }) => place === "weight");
  return new Map(column.slots.map((slot) => {
    const remembered = weight && slot.place.endsWith("memory");
    return [slot, remembered ? memorySize(slot, column, weight, choice) : sizeOf(slot, weight, choice)];
  }));
}

/**
 * Together as wide as their weight, or as a column without one.
 * @param {Slot} slot
 * @param {Column} column
 * @param {Slot} weight
 * @param {Choice} choice
 * @returns {Size}
 */
function memorySize({ shape: [rows, columns] }, column, weight, choice) {
  const count = column.slots.filter(({ place }) => place === "memory").length;
  const full = choice.numbers ? Math.max(FULL, columns * sizeOf(weight, weight, choice).cell[0]) : SLIM;
  const share = (full - MEMORY.gap * (count - 1)) / count;
  return { cell: [Math.min(MEMORY.width, share / columns), (choice.memory || 1) * Math.min(1, MEMORY.rows / rows)], numbers: false };
}

/**
 * @param {Slot} slot
 * @param {Slot | undefined} weight Of its column: a bias is drawn as its weight is.
 * @param {Choice} choice
 * @returns {Size}
 */
function sizeOf(slot, weight, { width, height, numbers, tallest, picture: size }) {
  if (slot.place.endsWith("pixels")) return { cell: PIXEL, numbers: false };
  const [rows, columns] = slot.shape;
  const ofWeight = weight && ["weight", "bias", "dweight", "dbias"].includes(slot.place);
  // A unit's outputs stand under its weights.
  const ofUnits = weight && isSmall(weight) && weight.shape[0] <= tallest && columns === weight.shape[1];
  const many = slot.place === "jacobian" && rows > MOST_CLASSES;
  const picture = ofWeight ? !isSmall(weight) || weight.shape[0] > tallest : !isSmall(slot) || many;
  // A sample is one straight line through the stage, so all outputs and gradients are alike in height.
  const high = rows > MOST_ROWS || (ofWeight && rows > tallest) || many ? size / rows : height;
  if (!numbers) return { cell: [Math.min(12, SLIM / columns), high], numbers };
  return picture
    ? { cell: [ofUnits ? width : Math.min(width, PICTURE / columns), high], numbers: false }
    : { cell: [width, high], numbers };
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
      const pixel = cell * 0.9;
      // Two beside each other under one weight's width; each a finger's tap is still one matrix.
      if (slot.place.endsWith("memory")) return [slot, { cell: [wide * 0.45, high(rows) / 2], numbers: false }];
      return [slot, { cell: slot.place.endsWith("pixels") ? [pixel, pixel] : [wide, high(rows)], numbers: false }];
    }),
  );
}

/**
 * @param {Column} column
 * @param {Map<Slot, Size>} sized
 */
export function matricesWidth(column, sized) {
  const wide = column.slots.filter(({ place }) => place !== "penalty").map((slot) => (sized.get(slot)?.cell[0] ?? 0) * slot.shape[1]);
  return column.id === "loss" ? wide.reduce((sum, width) => sum + width, 0) : Math.max(0, ...wide);
}
