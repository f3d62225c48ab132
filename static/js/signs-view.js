/** Over the stage: that a NaN, an infinity, a dead ReLU or a vanished gradient is there, and the way to its beginning. */

import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { report } from "./loader.js";
import { firstUnfinite, signsOf } from "./signs.js";
import { computed, effect, halt, signal, state } from "./state.js";

/** @typedef {import("./signs.js").Sign} Sign */

/** The run and the signs that a person has seen enough of. */
const seen = signal("");

/** Of the iteration on the stage, and of the training where that went wrong elsewhere. */
const shown = computed(() => {
  const [run, frame] = [state.run.value, state.last.value];
  const here = run && frame?.run === run.id ? signsOf(run, frame) : [];
  const there = here.includes("nan") || here.includes("inf");
  return { here, trained: there ? null : firstUnfinite(state.records.value) };
});

const text = make("span", "");
const open = button("", "", () => {
  // A training that goes on would go on without end in what is no number.
  halt();
  void import("./proof.js").then(({ openProof }) => openProof("autopsy"), report);
});
const close = button("close", "×", () => {
  seen.value = said();
  byId("stage").focus();
});
const bar = make("div", "change signs", text, open, close);
text.role = "status";
bar.id = "signs";
byId("notice").after(bar);

effect(() => {
  const [now, { here, trained }] = [said(), shown.value];
  bar.hidden = !now || now === seen.value;
  const words = (/** @type {Sign[]} */ signs) => signs.map((sign) => t(`signs.${sign}`)).join(t("signs.and"));
  const sentences = [
    ...(here.length ? [t("signs.said", { what: words(here) })] : []),
    ...(trained ? [t("signs.trained", { iteration: trained.iteration, what: words(trained.signs) })] : []),
  ];
  text.textContent = bar.hidden ? "" : sentences.join(" ");
  open.textContent = t("signs.open");
  close.ariaLabel = close.title = t("close");
});

/** The run and its signs, by name; nothing where there are none. */
function said() {
  const { here, trained } = shown.value;
  return here.length || trained ? [state.run.value?.id, ...here, trained?.iteration, ...(trained?.signs ?? [])].join(" ") : "";
}
