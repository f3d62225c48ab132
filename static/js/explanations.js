/** What the chosen cell was made of: asked for once, and kept. */

import { answers } from "./answers.js";
import { getExplanation } from "./api.js";
import { needsItsOwnFrame } from "./derive.js";
import { busy, chosenCell, computed } from "./state.js";

/** @typedef {import("./types.js").Explanation} Explanation */

const MOST_KEPT = 500;

/** @type {ReturnType<typeof answers<Explanation>>} */
const explanations = answers(MOST_KEPT);

/** The chosen cell, where it has a value; the same value has the same key. */
export const asked = computed(() => {
  if (!chosenCell.value || busy.value) return null;
  const { run, frame, tensor, index } = chosenCell.value;
  const written = frame.tensors[tensor]?.computed_at ?? null;
  if (written === null) return null;
  // An edit in mid-pass writes over a value without a step.
  const at = needsItsOwnFrame(run, frame.position) ? frame.position : written;
  return { run: run.id, position: frame.position, tensor, index, key: `${run.id}/${tensor}/${index}@${at}` };
});

/** Its explanation as far as it is there. */
export const explaining = computed(() => {
  const one = asked.value;
  if (!one) return {};
  const ask = () => getExplanation(one.run, one.position, one.tensor, ...one.index);
  return explanations.of(one.key, ask, () => asked.peek()?.key === one.key);
});

/** Its explanation; null while there is none. */
export const explained = computed(() => explaining.value.answer ?? null);
