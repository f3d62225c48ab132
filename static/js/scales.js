/** Value -> colour, and the range that a matrix is coloured in. */

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
  for (const [factor, shift] of [[1, 0], [2, 0], [5, 0], [1, 1]]) {
    const range = Number(`${factor}e${power + shift}`);
    if (largest <= range) return range;
  }
  return Number(`2e${power + 1}`);
}

/**
 * "±0.2"; powers of ten beyond reading as "±1e-7".
 * @param {number} range
 */
export function rangeText(range) {
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
