/** Which Jacobian is looked at, what the service says of it, and where the cursor is. */

import { answers } from "./answers.js";
import { framePath, getAnswer } from "./api.js";
import { matricesOf } from "./figure-matrices.js";
import { partFrom, settledEnds, shapeOf } from "./proof-jacobians-read.js";
import { proof } from "./proof-state.js";
import { computed, signal, state } from "./state.js";

/** @typedef {import("./proof-jacobians-read.js").Chain} Chain */
/** @typedef {import("./proof-jacobians-read.js").First} First */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {{chain: Chain, figure: import("./figure-matrices.js").Figure, parts: import("./figure-matrices.js").Part[], first: First}} Found */

export const jacobians = {
  /** What was chosen: of a run that has no such places, the nearest stand for it. */
  ends: signal({ from: "batch.input", to: "" }),
  /** The first cell of the part that is shown. */
  first: signal(/** @type {First} */ ({ row: 0, column: 0 })),
  /** Under the cursor, counted in the part that is shown. */
  cell: signal(/** @type {import("./figure-cursor.js").FigureCell | null} */ (null)),
  asTable: signal(false),
};

/** @type {ReturnType<typeof answers<Found>>} */
const kept = answers(24);

/** What is asked for, whether or not it is there yet; null while the tab is not looked at. */
export const lookedAt = computed(() => {
  const [run, frame] = [state.run.value, state.frame.value];
  if (proof.tab.value !== "jacobians" || !run || !frame || frame.run !== run.id) return null;
  const ends = settledEnds(run, jacobians.ends.value);
  const shape = shapeOf(run, ends);
  const samples = frame.tensors["batch.input"].shape[0];
  const part = partFrom(shape, jacobians.first.value);
  return { run, frame, ...ends, shape, part, samples, sample: Math.min(state.sample.value, samples - 1) };
});

/** The answer to it, or what is still to be waited for. */
export const foundJacobian = computed(() => {
  const now = lookedAt.value;
  if (!now || now.frame.tensors[now.to].computed_at === null) return null;
  const { run, frame, from, to, sample, part } = now;
  const path = `${framePath(run.id, frame.position)}/jacobians`;
  const ends = String(new URLSearchParams({ from, to, sample: String(sample) }));
  const looks = `lang=${state.lang.value}&theme=${state.theme.value}`;
  const figure = `${path}/figure?${ends}&rows=${part.top}:${part.bottom}&columns=${part.left}:${part.right}&${looks}`;
  return kept.of(figure, async () => {
    const [chain, drawing] = await Promise.all([getAnswer(`${path}?${ends}&values=none`), getAnswer(figure)]);
    return { chain, figure: drawing, parts: matricesOf(drawing), first: { row: part.top, column: part.left } };
  }, () => proof.tab.peek() === "jacobians");
});

/**
 * @param {string} start
 * @param {string} end
 */
export function lookBetween(start, end) {
  jacobians.first.value = { row: 0, column: 0 };
  jacobians.cell.value = null;
  jacobians.ends.value = { from: start, to: end };
}
