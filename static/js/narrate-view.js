/** The step's sentence above the stage, in the colour of its direction, and the same in the live region. */

import { byId, make } from "./dom.js";
import { glossed } from "./glossary.js";
import { moved } from "./forks.js";
import { t } from "./i18n.js";
import { say } from "./live.js";
import { narrate } from "./narration.js";
import { directionOf, stepAt } from "./positions.js";
import { busy, effect, onStage, shownStep, state } from "./state.js";
import { isMap } from "./viewport.js";

export function mountNarration() {
  let [said, of] = ["", ""];
  let trained = false;
  effect(() => {
    if (!onStage.value) return;
    const { run, frame } = onStage.value;
    const { key, params } = narrate(run, frame);
    const direction = directionOf(stepAt(run, frame.position).kind);
    const [lead, plain] = halves(t(key, params));
    // Of a faulty run the sentence says what the step is for; what it did, the cells say.
    const rest = direction !== "forward" && run.spec.faults?.length ? t("narration.meant") + plain : plain;
    const text = lead + rest;
    byId("narration").dataset.direction = direction;
    const [step, all] = [shownStep.value.step, run.steps_per_iteration];
    byId("counter").textContent = isMap() ? `${step}/${all}` : t("counter.step", { step, of: all });
    byId("sentence").replaceChildren(make("b", "", ...glossed(lead)), ...glossed(rest));
    // Once a step: what is shown again, as after a refusal, is no news.
    const news = `${run.id}@${frame.position} ${text}`;
    // A training says itself how far it is, and where it ended.
    const silent = trained || busy.value;
    trained = busy.value;
    if (silent) said = news;
    if (state.playing.value || said === news) return;
    // What a change came to has a line of its own.
    const changed = of !== run.id && moved.peek()?.to.id === run.id;
    [said, of] = [news, run.id];
    if (!changed) say(text);
  });
}

/**
 * The sentence's name of the step, up to its colon, and the rest.
 * @param {string} text
 */
function halves(text) {
  const at = text.search(/[:：]/) + 1;
  return [text.slice(0, at), text.slice(at)];
}
