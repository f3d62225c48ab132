/** What becomes of a table: the columns that are taken, the run that it starts with, the words for what is wrong. */

/** @typedef {{name: string, different: number, line: number | null, got: string | null}} Column */
/** @typedef {{delimiter: "," | ";" | "\t" | "", header: boolean, samples: number, label: string, columns: Column[], rows: string[][]}} Preview */
/** @typedef {{upload: string, label: string, target: "index", samples: number, features: string[], classes: string[], options: any[]}} Upload */
/** @typedef {{key: string, params: Record<string, unknown>}} Said */

/** Different values that are counted at most. */
export const MOST_COUNTED = 1000;
const [HIDDEN, BATCH, HELD_BACK] = [8, 12, 0.25];

/** A gap, or a number written with a comma. */
const ALMOST = /^([+-]?\d*,\d+)?$/;

/**
 * A column of words, from its first row on; one that has a number there is taken for numbers, and what else it holds
 * for a mistake.
 * @param {Preview} preview
 * @param {Column} column
 */
export function isWords({ columns, rows }, column) {
  return column.got !== null && !ALMOST.test(column.got) && column.got === rows[0][columns.indexOf(column)];
}

/**
 * The run that an upload is opened with.
 * @param {Upload} data
 */
export function firstRun({ upload, samples, classes }) {
  const trained = samples - Math.round(samples * HELD_BACK);
  const dense = (/** @type {number} */ units) => ({ type: "dense", units, initializer: { type: "he" } });
  return {
    dataset: { upload, test_fraction: HELD_BACK },
    ...(trained > BATCH && { batch: { size: BATCH, order: "shuffled" } }),
    layers: [dense(HIDDEN), { type: "relu" }, dense(classes.length), { type: "softmax" }],
  };
}

/**
 * What becomes of so many features and this label, and whether anything does: "4 → 8 → 3".
 * @param {number} features
 * @param {Column} label
 * @returns {Said & {fits: boolean}}
 */
export function outlook(features, { different }) {
  const params = { net: `${features} → ${HIDDEN} → ${different}`, classes: different, most: MOST_COUNTED };
  const wrong = features < 1 ? "own.none" : different < 2 ? "own.one" : different > MOST_COUNTED ? "own.many" : "";
  return { key: wrong || "own.net", params, fits: !wrong };
}

/**
 * What the server has against a table, in words that say where and what to do.
 * @param {{code: string, params: Record<string, any>}} problem
 * @param {string} name The file's.
 * @returns {Said}
 */
export function csvSaid({ code, params }, name) {
  if (code === "csv_invalid") return { key: `csv.${params.reason}`, params };
  return { key: code === "body_too_large" ? "problem.file_too_large" : `problem.${code}`, params: { ...params, name } };
}
