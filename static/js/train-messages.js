/**
 * The stream of a training, taken apart (pure).
 *
 *     message: u32 length of the rest | u32 length of the header | header, JSON | arrays
 *
 * All little-endian; an array of the header has `at`, its place among the arrays.
 */

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./types.js").Tensor & {at?: number}} Packed */
/** @typedef {{resolution: number, x: [number, number], y: [number, number], classes: {at: number}, share: {at: number}, samples: {at: number}}} PackedRegions */
/**
 * @typedef {Omit<Frame, "tensors" | "regions"> & {
 *   tensors: Record<string, Packed>, records: import("./types.js").HistoryRecord[], regions?: PackedRegions, end?: boolean,
 * }} Header
 * @typedef {{header: Header, arrays: ArrayBuffer}} Message
 */

const KINDS = /** @type {Record<string, any>} */ ({
  float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array, uint8: Uint8Array,
});

/** The messages of a stream whose bytes come in any pieces. */
export function messageReader() {
  let held = new Uint8Array(0);
  /**
   * What is whole with these bytes.
   * @param {Uint8Array} bytes
   * @returns {Message[]}
   */
  return (bytes) => {
    const all = new Uint8Array(held.length + bytes.length);
    all.set(held);
    all.set(bytes, held.length);
    const view = new DataView(all.buffer);
    const found = [];
    let from = 0;
    while (all.length - from >= 4 && all.length - from - 4 >= view.getUint32(from, true)) {
      const next = from + 4 + view.getUint32(from, true);
      const arrays = from + 8 + view.getUint32(from + 4, true);
      const header = JSON.parse(new TextDecoder().decode(all.subarray(from + 8, arrays)));
      // A copy begins where views of every kind may.
      found.push({ header, arrays: all.slice(arrays, next).buffer });
      from = next;
    }
    held = all.slice(from);
    return found;
  };
}

/**
 * The frame as it would be asked for.
 * @param {Message} message
 * @returns {Frame}
 */
export function frameIn({ header, arrays }) {
  const { run, position, iteration, step, loss, accuracy } = header;
  const tensors = Object.fromEntries(
    Object.entries(header.tensors).map(([name, { at, ...one }]) => [name, at === undefined ? one : { ...one, values: rowsOf(arrays, at, one) }]),
  );
  const { regions } = header;
  const samples = tensors["data.input"]?.shape[0];
  return { run, position, iteration, step, loss, accuracy, tensors, ...(regions && { regions: regionsIn(regions, arrays, samples) }) };
}

/**
 * The decision regions that came with it.
 * @param {PackedRegions} regions
 * @param {ArrayBuffer} arrays
 * @param {number} samples Of the data.
 * @returns {import("./types.js").Regions}
 */
function regionsIn({ classes, share, samples: at, ...rest }, arrays, samples) {
  const cells = rest.resolution ** 2;
  return {
    ...rest,
    classes: new Uint8Array(arrays, classes.at, cells),
    share: new Float32Array(arrays, share.at, cells),
    samples: new Uint8Array(arrays, at.at, samples),
  };
}

/**
 * @param {ArrayBuffer} arrays
 * @param {number} at
 * @param {import("./types.js").Tensor} tensor
 * @returns {Matrix}
 */
function rowsOf(arrays, at, { dtype, shape: [rows, columns], nan, inf }) {
  const Kind = KINDS[dtype];
  const all = new Kind(arrays, at, rows * columns);
  /** @returns {import("./types.js").Num} */
  const wire = (/** @type {number | bigint} */ value) =>
    (nan || inf) && !Number.isFinite(Number(value)) ? /** @type {"NaN"} */ (String(value)) : Number(value);
  return Array.from({ length: rows }, (_, row) => Array.from(all.subarray(row * columns, (row + 1) * columns), wire));
}
