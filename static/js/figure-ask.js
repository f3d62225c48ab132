/** The figure of what is opened: asked for in the present language and colours, or why there is none. */

import { getFigure, getJacobianFigure } from "./api.js";
import { settleScores } from "./figure-drag.js";
import { matricesOf } from "./figure-matrices.js";
import { figure } from "./figure-now.js";
import { sampledAt } from "./figure-sample.js";
import { t, worded } from "./i18n.js";
import { nextStepOf } from "./positions.js";
import { batch, state } from "./state.js";
import { hurry, isAway, patiently } from "./waiting.js";

/** @typedef {import("./state.js").Opened} Opened */

let asked = 0;

/** Inside an effect: ask for what is opened. */
export function askFigure() {
  const [run, frame, opened] = [state.run.value, state.frame.value, state.opened.value];
  const [lang, theme] = [state.lang.value, state.theme.value];
  if (!opened || !run || !frame) {
    forget();
    return;
  }
  // The frame of a run that was just made is on its way; until then the one before stands.
  if (frame.run !== run.id) return;
  const unknown = missingFrom(run, frame, opened);
  if (unknown) {
    asked += 1;
    refuse(unknown);
    return;
  }
  const ask = () =>
    opened.kind === "tensor"
      ? getFigure(run.id, frame.position, opened.tensor, lang, theme)
      : getJacobianFigure(run.id, frame.position, opened.layer, opened.sample, lang, theme);
  const sampled = opened.kind === "tensor" ? null : sampledAt(run, frame, opened.layer, opened.sample);
  void receive(opened, sampled, ask);
}

/**
 * @param {Opened} opened
 * @param {import("./figure-sample.js").Sampled | null} sampled
 * @param {() => Promise<import("./figure-matrices.js").Figure>} ask
 */
async function receive(opened, sampled, ask) {
  asked += 1;
  const mine = asked;
  const wanted = () => mine === asked;
  figure.problem.value = "";
  const failed = (/** @type {unknown} */ error) => refuse(worded(error), isAway(error) ? hurry : () => receive(opened, sampled, ask));
  try {
    const found = await patiently(ask, wanted, failed);
    if (!wanted()) return;
    batch(() => {
      figure.problem.value = "";
      figure.shown.value = { opened, figure: found, parts: matricesOf(found), sampled };
      settleScores();
    });
  } catch (error) {
    if (wanted()) failed(error);
  }
}

/**
 * Say why there is no figure.
 * @param {string} why
 * @param {() => void} [ask]
 */
function refuse(why, ask) {
  batch(() => {
    figure.again.value = ask;
    figure.shown.value = null;
    figure.problem.value = why;
  });
}

function forget() {
  asked += 1;
  batch(() => {
    figure.shown.value = figure.cell.value = figure.draft.value = null;
    figure.said.value = figure.problem.value = "";
    figure.asTable.value = false;
  });
}

/**
 * What is not computed has no figure: the step that computes it, in a sentence.
 * @param {import("./types.js").Run} run
 * @param {import("./types.js").Frame} frame
 * @param {Opened} opened
 */
function missingFrom(run, frame, opened) {
  const tensor = opened.kind === "tensor" ? opened.tensor : `${opened.layer}.output`;
  if (frame.tensors[tensor]?.computed_at !== null) return "";
  return t("matrix.missing", nextStepOf(run, tensor, frame.position));
}
