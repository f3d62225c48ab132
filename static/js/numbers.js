/** How a number is written: three decimals, an exact zero as "0", what would round to zero as "-5e-5". */

/** @typedef {import("./types.js").Num} Num */

const WIDTH = 6;

/**
 * A wire number as a number.
 * @param {Num} value
 * @returns {number}
 */
export function toNumber(value) {
  return typeof value === "number" ? value : Number(value);
}

/**
 * For a cell of the stage: at most six characters where that can be done.
 * @param {Num} wire
 * @param {boolean} [whole] Labels and other integers have no decimals.
 */
export function cellText(wire, whole = false) {
  const value = toNumber(wire);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0 || whole) return String(value === 0 ? 0 : value);
  if (Math.abs(value) < 0.0005) return exponent(value);
  for (let decimals = 3; decimals >= 0; decimals -= 1) {
    const text = value.toFixed(decimals);
    if (text.length <= WIDTH && Math.abs(value) < 1e5) return text;
  }
  return exponent(value);
}

/**
 * A difference, for a cell of the stage: what is positive says so.
 * @param {Num} wire
 * @param {boolean} whole
 */
export function signedText(wire, whole) {
  const value = toNumber(wire);
  return value > 0 ? cellText(-value, whole).replace("-", "+") : cellText(wire, whole);
}

/**
 * For reading: four significant digits at least, a true minus sign.
 * @param {Num} wire
 * @param {number} [digits]
 */
export function readable(wire, digits = 4) {
  const value = toNumber(wire);
  if (!Number.isFinite(value)) return minus(cellText(value));
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return minus(trimmed(value.toExponential(digits - 1)));
  if (Number.isInteger(value)) return minus(String(value));
  const whole = Math.max(0, Math.floor(Math.log10(size)) + 1);
  const leading = size < 1 ? Math.max(0, -Math.floor(Math.log10(size)) - 1) : 0;
  return minus(value.toFixed(Math.max(0, Math.min(12, digits - whole + leading))));
}

/**
 * The hyphen of a program as the minus of a reader.
 * @param {string} text
 */
export function minus(text) {
  return text.replaceAll("-", "−");
}

/**
 * A share: "96.5%".
 * @param {number} share
 */
export function percent(share) {
  return `${minus(String(Number((100 * share).toPrecision(3))))}%`;
}

/** @param {number} value */
function exponent(value) {
  return value.toExponential(0).replace("e+", "e");
}

/** @param {string} text */
function trimmed(text) {
  return text.replace(/\.?0*e\+?/, "e");
}

/**
 * A difference: with its sign.
 * @param {number} value
 */
export function signed(value) {
  return `${value > 0 ? "+" : ""}${readable(value, 3)}`;
}

/**
 * Two numbers with as many digits as it takes to tell them apart.
 * @param {Num} from
 * @param {Num} to
 */
export function apart(from, to) {
  let digits = 3;
  while (digits < 12 && from !== to && readable(from, digits) === readable(to, digits)) digits += 1;
  return [readable(from, digits), readable(to, digits)];
}
