/** Scores that are dragged in a figure's dialog: a draft until they are let go of, then edits of the run. */

import { figure, figureNow } from "./figure-now.js";
import { scoreEdits } from "./figure-sample.js";
import { fork } from "./forks.js";
import { t, worded } from "./i18n.js";
import { batch, state } from "./state.js";

/** @type {{run: string, z: number[]} | null} The scores of the last drag that was kept, and the run that has them. */
let kept = null;
/** @type {number[] | null} The scores that were let go of last. */
let sent = null;

/**
 * One score of the sample is another.
 * @param {number} k
 * @param {number} score
 */
export function drag(k, score) {
  const sampled = figureNow.peek()?.sampled;
  if (sampled) put(sampled.z.with(k, score), t("scores.draft"));
}

/** Let go of: the scores that differ are edits of the run. */
export async function keepScores() {
  const [sampled, draft, run] = [figure.shown.peek()?.sampled, figure.draft.peek(), state.run.peek()];
  if (!sampled || !draft || !run || draft === sent) return;
  sent = draft;
  const edits = scoreEdits(sampled, kept?.run === run.id ? kept.z : sampled.z, draft);
  let said = "";
  try {
    const made = edits.length > 0 ? await fork(edits) : null;
    if (made) kept = { run: made.id, z: draft };
    if (made && made.id !== run.id) {
      if (figure.draft.peek() === draft) figure.said.value = t("scores.kept");
      return;
    }
  } catch (error) {
    said = worded(error);
  }
  if (figure.draft.peek() === draft) put(null, said);
}

/** The scores are the run's again, unless they were let go of already; whether there was a draft. */
export function dropScores() {
  const draft = figure.draft.peek();
  if (!draft || draft === sent) return false;
  put(null, "");
  return true;
}

/** The figure of the scores that were kept has arrived. */
export function settleScores() {
  if (kept?.z === figure.draft.peek()) figure.draft.value = null;
}

/**
 * @param {number[] | null} draft
 * @param {string} said
 */
function put(draft, said) {
  batch(() => {
    figure.draft.value = draft;
    figure.said.value = said;
  });
}
