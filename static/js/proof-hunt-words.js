/** What is said in the search for a fault (pure). */

import { cellName } from "./cells.js";
import { readable } from "./numbers.js";

/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Num} Num */
/**
 * @typedef {{
 *   cell: Cell, verdict: "fault" | "consequence" | "right" | "leaf", value: Num, meant: Num, expected: Num, faults: string[],
 * }} Verdict As the service judges a cell.
 * @typedef {{step: string, cell: Cell, value: Num, meant: Num}} ShownFault Where a fault shows first.
 * @typedef {{fault: string, before: string[], shown: ShownFault, asked: Verdict[]}} Hunt
 *   `before`: what faults the run had that it was put into; `asked`: the cells that were pointed at, the last one at the end.
 */

/**
 * The faults that show, in an order of chance, the last one that was looked for at the end.
 * @param {Record<string, ShownFault | null>} faults
 * @param {string} last
 * @param {() => number} random
 */
export function shuffled(faults, last, random) {
  const chance = Object.keys(faults).filter((name) => faults[name]).map((name) => ({ name, at: random() + Number(name === last) }));
  return chance.sort((a, b) => a.at - b.at).map(({ name }) => name);
}

/**
 * How many different cells were pointed at.
 * @param {Verdict[]} asked
 */
export function triesOf(asked) {
  return new Set(asked.map(({ cell }) => `${cellName(cell)}@${cell.position}`)).size;
}

/**
 * A sentence about a cell that was pointed at.
 * @param {Verdict} judged
 * @returns {{key: string, params: Record<string, unknown>}}
 */
export function judgement({ cell, verdict, value, meant, expected }) {
  const [is, makes, should] = [value, meant, expected].map((one) => readable(one));
  return { key: `proof.hunt.${verdict}`, params: { cell: cellName(cell), value: is, meant: makes, expected: should } };
}
