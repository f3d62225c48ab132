/** The known runs as trees: forks under the runs that they were first made from. */

/** @typedef {import("./runs-known.js").Known} Known */
/** @typedef {{run: Known, forks: Branch[]}} Branch */

/**
 * The tree used last comes first, forks in the order in which they were made.
 * @param {Known[]} known The one used last at the end.
 * @returns {Branch[]}
 */
export function treesOf(known) {
  const byId = new Map(known.map((one) => [one.id, one]));
  const used = new Map(known.map(({ id }, at) => [id, at]));
  /** @type {Map<string, Branch[]>} */
  const trees = new Map();
  for (const run of known) {
    const root = rootOf(run, byId);
    if (!trees.has(root.id)) trees.set(root.id, [branchOf(root, known, new Set())]);
  }
  /** @type {(branch: Branch) => number} */
  const latest = ({ run, forks }) => Math.max(used.get(run.id) ?? 0, ...forks.map(latest));
  return [...trees.values()].flat().sort((a, b) => latest(b) - latest(a));
}

/**
 * The first of a run's line that is known. Where several servers told the lines, they may lead in a circle: then it is
 * the one made first.
 * @param {Known} run
 * @param {Map<string, Known>} known By id.
 */
export function rootOf(run, known) {
  const line = [run];
  for (;;) {
    const parent = known.get(line[line.length - 1].parent ?? "");
    if (!parent) return line[line.length - 1];
    const met = line.indexOf(parent);
    if (met >= 0) return line.slice(met).reduce((first, one) => (one.made < first.made ? one : first));
    line.push(parent);
  }
}

/**
 * The parents that are named and not known.
 * @param {Known[]} known
 */
export function missingParents(known) {
  const there = new Set(known.map(({ id }) => id));
  return [...new Set(known.flatMap(({ parent }) => (parent !== null && !there.has(parent) ? [parent] : [])))];
}

/**
 * @param {Known} run
 * @param {Known[]} known
 * @param {Set<string>} above
 * @returns {Branch}
 */
function branchOf(run, known, above) {
  above.add(run.id);
  const forks = known.filter(({ id, parent }) => parent === run.id && !above.has(id)).sort((a, b) => a.made - b.made);
  return { run, forks: forks.map((one) => branchOf(one, known, above)) };
}

/**
 * Whether a run is an ancestor of another.
 * @param {Known} above
 * @param {Known} below
 * @param {Known[]} known
 */
export function isAbove(above, below, known) {
  const byId = new Map(known.map((one) => [one.id, one]));
  /** @type {Set<Known>} */
  const met = new Set();
  for (let at = byId.get(below.parent ?? ""); at && !met.has(at); at = byId.get(at.parent ?? "")) {
    if (at.id === above.id) return true;
    met.add(at);
  }
  return false;
}
