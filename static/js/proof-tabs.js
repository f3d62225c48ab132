/** The tabs of the proof: what each shows is asked for when it is first looked at. */

/** @typedef {import("./proof-state.js").Tab} Tab */

/**
 * By name: what shows the tab, which is called whenever it is looked at anew, and when run, frame or language change.
 * Its module may take what stands in its panel (`byId`) as soon as it runs.
 * @type {Partial<Record<Tab, () => Promise<() => void>>>}
 */
export const TABS = {
  check: () => import("./proof-check.js").then(({ showCheck }) => showCheck),
  hunt: () => import("./proof-hunt.js").then(({ showHunt }) => showHunt),
  conventions: () => import("./proof-conventions.js").then(({ showConventions }) => showConventions),
  jacobians: () => import("./proof-jacobians.js").then(({ showJacobians }) => showJacobians),
  heads: () => import("./proof-heads.js").then(({ showHeads }) => showHeads),
  autopsy: () => import("./proof-autopsy.js").then(({ showAutopsy }) => showAutopsy),
  homework: () => import("./proof-homework.js").then(({ showHomework }) => showHomework),
};

/**
 * Arrows, Home and End lead from tab to tab.
 * @param {string[]} names
 * @param {string} from
 * @param {string} key
 * @returns {string | undefined}
 */
export function tabBeside(names, from, key) {
  const [at, last] = [names.indexOf(from), names.length - 1];
  const to = { ArrowLeft: at > 0 ? at - 1 : last, ArrowRight: at < last ? at + 1 : 0, Home: 0, End: last }[key];
  return to === undefined ? undefined : names[to];
}
