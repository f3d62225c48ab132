/** A run as a file: all that a link says, whatever its length. */

import { Problem, expectSmall, uploadTable } from "./api.js";
import { placeOf } from "./fragment.js";

/** @typedef {import("./fragment.js").Place} Place */

const VERSION = 1;

/**
 * @param {import("./types.js").Run} run
 * @param {number} position
 * @param {import("./types.js").Cell | null} selection
 * @param {import("./fragment.js").View} view
 * @param {{label: string, csv: string}} [table] The data, where they were uploaded.
 */
export function runFile({ id, spec }, position, selection, view, table) {
  return JSON.stringify({ version: VERSION, run: id, spec, position, selection, view, table }, null, 1);
}

/**
 * @param {{name: string, size: number, text(): Promise<string>}} file
 * @returns {Promise<Place>}
 * @throws {Problem} It is no run file.
 */
export async function readRunFile(file) {
  expectSmall(file);
  const params = { name: file.name };
  const data = await file.text().then(JSON.parse).catch(() => null);
  if (typeof data?.version !== "number" || typeof data.spec?.layers !== "object") throw new Problem("file_unknown", params);
  if (data.version > VERSION) throw new Problem("file_newer", params);
  const { csv, label } = data.table ?? {};
  if (typeof csv === "string") await uploadTable(new Blob([csv]), String(label), []);
  return placeOf({ spec: data.spec }, { ...data.view, p: data.position, sel: data.selection });
}
