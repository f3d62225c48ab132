/** The matrices that a served figure draws, read back from it (pure). */

/** @typedef {{dtype: string, bdata: string, shape: string}} Typed Plotly's typed array. */
/**
 * @typedef {{
 *   type: string, name?: string, z?: Typed | number[][], texttemplate?: string, showscale?: boolean, xaxis?: string, yaxis?: string,
 *   x?: Typed | number[], y?: Typed | number[], customdata?: Typed | number[][],
 * }} Trace
 */
/** @typedef {{data: Trace[], layout: Record<string, any>}} Figure */
/**
 * A matrix and the axes that it stands on; `name` is "" for a tensor's only one.
 * @typedef {{name: string, values: number[][], xaxis: string, yaxis: string}} Part
 */

/** @type {Record<string, (bytes: ArrayBuffer) => ArrayLike<number>>} */
const KINDS = {
  f8: (bytes) => new Float64Array(bytes),
  f4: (bytes) => new Float32Array(bytes),
  i8: (bytes) => Array.from(new BigInt64Array(bytes), Number),
  i4: (bytes) => new Int32Array(bytes),
  i2: (bytes) => new Int16Array(bytes),
  i1: (bytes) => new Int8Array(bytes),
  u4: (bytes) => new Uint32Array(bytes),
  u2: (bytes) => new Uint16Array(bytes),
  u1: (bytes) => new Uint8Array(bytes),
};

/**
 * Every heatmap's numbers.
 * @param {Figure} figure
 * @returns {Part[]}
 */
export function matricesOf(figure) {
  return figure.data
    .filter(({ type }) => type === "heatmap")
    .map(({ name = "", z = [], xaxis = "x", yaxis = "y" }) => ({ name, values: rowsOf(z), xaxis, yaxis }));
}

/**
 * The matrices as tables: in the order of the product, and dvalue as the row that it is.
 * @param {Part[]} parts
 * @returns {Part[]}
 */
export function asTables(parts) {
  const dvalue = parts.filter(({ name }) => name === "dvalue");
  const lying = dvalue.map((part) => ({ ...part, values: [part.values.map(([value]) => value)] }));
  return [...lying, ...parts.filter(({ name }) => name !== "dvalue")];
}

/** What a cell's number needs, in pixels, and what stands beside the matrices: ticks and the bar of colours. */
export const NUMBER = 41;
const [BESIDE, BESIDE_NARROW, NARROW] = [150, 100, 500];

/**
 * The figure's traces for a width: where cells are too narrow for their numbers, colours alone.
 * @param {Figure} figure
 * @param {number} width In pixels.
 * @returns {Trace[]}
 */
export function tracesFor({ data, layout }, width) {
  const narrow = width < NARROW;
  return data.map((one) => {
    // A narrow figure says its range in words only.
    const trace = narrow && one.showscale !== undefined ? { ...one, showscale: false } : one;
    if (!trace.texttemplate || !trace.z) return trace;
    const [left, right] = layout[(trace.xaxis ?? "x").replace("x", "xaxis")]?.domain ?? [0, 1];
    const cell = ((width - (narrow ? BESIDE_NARROW : BESIDE)) * (right - left)) / rowsOf(trace.z)[0].length;
    return cell < NUMBER ? { ...trace, texttemplate: "" } : trace;
  });
}

/**
 * A typed array, or what is a list already, as rows of numbers.
 * @param {Typed | number[][]} values
 * @returns {number[][]}
 */
export function rowsOf(values) {
  if (Array.isArray(values)) return values;
  const flat = listOf(values);
  const [rows, columns] = values.shape.split(",").map(Number);
  return Array.from({ length: rows }, (_, row) => flat.slice(row * columns, (row + 1) * columns));
}

/**
 * The same as one list.
 * @param {Typed | number[]} values
 * @returns {number[]}
 */
export function listOf(values) {
  if (Array.isArray(values)) return values;
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return Array.from(KINDS[values.dtype](bytes.buffer));
}
