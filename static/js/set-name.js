/** What a data set is called (pure). */

/**
 * The name by which the builder knows it: one of one's own has none, and data that are given with the run neither.
 * @param {Record<string, any>} dataset A spec's.
 * @returns {string}
 */
export function setName({ name, upload }) {
  return name ?? (upload ? "upload" : "given");
}
