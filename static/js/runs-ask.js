/** What the server knows of the runs that this browser has seen. */

import { Problem, createRun, getRun } from "./api.js";
import { readFragment } from "./fragment.js";
import { knownRuns, noteRun } from "./runs-known.js";
import { missingParents } from "./runs-tree.js";

/** @typedef {import("./runs-known.js").Known} Known */

/** Questions in one opening. */
const MOST_ASKED = 20;
/** What no server knows any more. @type {Set<string>} */
const gone = new Set();

/**
 * A run that the server may have lost is made again where its spec is kept.
 * @param {Known} known
 */
export async function runOfKnown({ id, page }) {
  try {
    return await getRun(id);
  } catch (error) {
    if (!(error instanceof Problem && error.code === "run_unknown" && page)) throw error;
    const { source } = await readFragment(new URL(page, location.href).hash);
    if (!source || !("spec" in source)) throw error;
    return createRun(source.spec);
  }
}

/**
 * Where a known run comes from, as the page's menu and address have it.
 * @param {Known} known
 * @param {Record<string, object>} presets
 * @returns {Promise<import("./fragment.js").Source>}
 */
export async function sourceOfKnown({ id, preset = "" }, presets) {
  // A preset may be another run than it was.
  const now = presets[preset] && (await createRun(presets[preset]));
  return now && now.id === id ? { preset } : { run: id };
}

/**
 * Learn of the parents that are named only, and of what their forks changed.
 * @param {() => boolean} wanted
 * @param {() => void} learned
 */
export async function askAncestors(wanted, learned) {
  for (let asked = 0; asked < MOST_ASKED && wanted(); asked += 1) {
    const known = knownRuns();
    const [parent] = missingParents(known).filter((id) => !gone.has(id));
    const plain = known.find((one) => one.parent && !one.changes && !gone.has(one.parent) && !gone.has(one.id));
    const ids = parent ? [parent] : plain?.parent ? [plain.id, plain.parent] : [];
    if (ids.length === 0) return;
    try {
      const [run, from = null] = await Promise.all(ids.map(getRun));
      noteRun(run, from);
    } catch {
      // What the server lost, or is too far away to tell, keeps its plain name.
      for (const id of ids) gone.add(id);
    }
    if (wanted()) learned();
  }
}
