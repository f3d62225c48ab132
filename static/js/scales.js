/** Value -> colour, and the range that a matrix is coloured in. */

/** @typedef {import("./state.js").ScaleBy} ScaleBy */
/** @typedef {import("./state.js").Contrast} Contrast */
/** @typedef {{min: number | null, max: number | null}} Extent Of a tensor's finite values. */
/** @typedef {keyof typeof GLYPHS} Glyph */

/** What a value is marked with besides its colour: strokes in a unit square, from and to. */
export const GLYPHS = {
  nan: [[0, 0, 1, 1], [0, 1, 1, 0]],
  infinity: [[0, 1, 0.5, 0], [0.5, 0, 1, 1], [0, 1, 1, 1]],
  minus_infinity: [[0, 0, 0.5, 1], [0.5, 1, 1, 0], [0, 0, 1, 0]],
  over: [[0, 0, 1, 0]],
  under: [[0, 1, 1, 1]],
};

/**
 * The mark of a value, where colours reach as far as `range`; none where its colour says all.
 * @param {number} value
 * @param {number} range
 * @returns {Glyph | null}
 */
export function glyphOf(value, range) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "infinity" : "minus_infinity";
  if (Math.abs(value) <= range) return null;
  return value > 0 ? "over" : "under";
}

/** @type {[RegExp, string][]} The first that fits; what none fits is a weight. */
export const KINDS = [
  [/^[^.]*$/, "jacobian"],
  [/\.d(input|weight|bias)$/, "gradient"],
  [/\.target$/, "target"],
  [/\.momentum$/, "momentum"],
  [/\.cache$/, "cache"],
  [/^loss/, "loss"],
  [/^(softmax|sigmoid)/, "probability"],
  [/put$/, "activation"],
];

/**
 * What kind of thing a tensor holds: what a colour means depends on it. A layer's own name stands for its Jacobian.
 * @param {string} name
 */
export function kindOf(name) {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "weight";
}

/**
 * Whether two tensors are coloured in one range.
 * @param {string} one
 * @param {string} other
 * @param {ScaleBy} by
 */
function alike(one, other, by) {
  return one === other || by === "stage" || (by === "kind" && kindOf(one) === kindOf(other));
}

/**
 * The range of a tensor's colours: that of all it shares its scale with, or what a person contrasts around.
 * @param {string} name
 * @param {Record<string, Extent>} extents Of all tensors of the stage, its own among them.
 * @param {ScaleBy} by
 * @param {Contrast | null} contrast
 */
export function rangeFor(name, extents, by, contrast) {
  if (kindOf(name) === "target") return Infinity;
  if (contrast && alike(name, contrast.tensor, by)) return niceRange(0, contrast.value);
  const shared = Object.keys(extents).filter((other) => kindOf(other) !== "target" && alike(name, other, by));
  const all = shared.flatMap((other) => [extents[other].min ?? 0, extents[other].max ?? 0]);
  return niceRange(Math.min(...all), Math.max(...all));
}

/**
 * The smallest 1, 2 or 5 times a power of ten that holds every value; 1 where all are zero.
 * @param {number | null} min
 * @param {number | null} max
 * @returns {number}
 */
export function niceRange(min, max) {
  const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
  if (!(largest > 0) || !Number.isFinite(largest)) return 1;
  const power = Math.floor(Math.log10(largest));
  // Powers are read from their decimal form, for 10 ** -5 is not exactly 1e-5.
  for (const [factor, shift] of [[1, 0], [2, 0], [5, 0], [1, 1], [2, 1]]) {
    const range = Number(`${factor}e${power + shift}`);
    if (largest <= range) return Math.min(range, Number.MAX_VALUE);
  }
  return Number.MAX_VALUE;
}

/**
 * "±0.2"; powers of ten beyond reading as "±1e-7"; nothing of what has no range.
 * @param {number} range
 */
export function rangeText(range) {
  if (range === Infinity) return "";
  const plain = range >= 1e-4 && range < 1e5;
  return `±${plain ? String(range) : range.toExponential(0).replace("e+", "e").replace("-", "−")}`;
}

/** @typedef {[number, number, number]} Rgb */

/**
 * "#4B92EA" -> [75, 146, 234].
 * @param {string} hex
 * @returns {Rgb}
 */
export function rgb(hex) {
  const channel = (/** @type {number} */ start) => Number.parseInt(hex.slice(start, start + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

/**
 * A continuous scale over [-range, range] through evenly spaced stops; beyond it the end's colour.
 * @param {string[]} stops
 * @returns {(value: number, range: number) => Rgb}
 */
export function signedScale(stops) {
  const colours = stops.map(rgb);
  const last = colours.length - 1;
  return (value, range) => {
    const place = (Math.max(-1, Math.min(1, value / range)) + 1) / 2 * last;
    const low = Math.min(last - 1, Math.floor(place));
    const part = place - low;
    const mixed = (/** @type {0 | 1 | 2} */ channel) => {
      const from = colours[low][channel];
      return Math.round(from + (colours[low + 1][channel] - from) * part);
    };
    return [mixed(0), mixed(1), mixed(2)];
  };
}
