/** Over the stage: that a NaN, an infinity, a dead ReLU or a vanished gradient is there, and the way to its beginning. */

import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { report } from "./loader.js";
import { signsOf } from "./signs.js";
import { effect, signal, state } from "./state.js";

/** The run and the signs that a person has seen enough of. */
const seen = signal("");

const text = make("span", "");
const open = button("", "", () => void import("./proof.js").then(({ openProof }) => openProof("autopsy"), report));
const close = button("close", "×", () => {
  seen.value = said();
  byId("stage").focus();
});
const bar = make("div", "change signs", text, open, close);
text.role = "status";
bar.id = "signs";
byId("notice").after(bar);

effect(() => {
  const now = said();
  bar.hidden = !now || now === seen.value;
  const words = now.split(" ").slice(1).map((sign) => t(`signs.${sign}`)).join(t("signs.and"));
  text.textContent = bar.hidden ? "" : t("signs.said", { what: words });
  open.textContent = t("signs.open");
  close.ariaLabel = close.title = t("close");
});

/** The run and the signs of the iteration on the stage, by name; nothing where there are none. */
function said() {
  const [run, frame] = [state.run.value, state.last.value];
  const signs = run && frame?.run === run.id ? signsOf(run, frame) : [];
  return signs.length ? [run?.id, ...signs].join(" ") : "";
}
