/** The legend's control that chooses a sample and shows it alone. */

import { answered, batchSize, sampleNow } from "./alone.js";
import { pending } from "./answers.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { listenAtTransport } from "./keys.js";
import { say } from "./live.js";
import { busy, effect, state } from "./state.js";

export function mountAlone() {
  const field = /** @type {HTMLInputElement} */ (byId("sample"));
  const button = byId("alone");
  const toggle = () => showAlone(!state.alone.peek());
  field.addEventListener("input", () => {
    const sample = field.valueAsNumber;
    if (!Number.isInteger(sample) || sample < 0 || sample >= batchSize.peek()) return;
    state.sample.value = sample;
    if (state.alone.peek()) tell();
  });
  // What is no sample of this batch is taken back.
  field.addEventListener("change", () => (field.valueAsNumber = sampleNow.peek()));
  button.addEventListener("click", toggle);
  listenAtTransport({ alone: toggle });
  byId("choose-sample").addEventListener("keydown", (event) => event.key === "Escape" && endAlone());
  effect(() => {
    field.max = String(Math.max(0, batchSize.value - 1));
    // What is being typed stays as it is.
    if (document.activeElement !== field || field.valueAsNumber !== sampleNow.value) field.valueAsNumber = sampleNow.value;
    button.ariaPressed = String(state.alone.value);
    button.title = t("alone.title");
    button.ariaLabel = t("alone.label", { sample: sampleNow.value });
  });
  effect(() => byId("alone-problem").replaceChildren(...(answered.value.problem ? [pending(answered.value, "")] : [])));
  effect(() => {
    button.toggleAttribute("disabled", busy.value);
    // Shares are the server's, which is asked for nothing else while it trains.
    if (busy.value && state.alone.value) showAlone(false);
  });
  effect(() => {
    if (state.alone.value) state.difference.value = false;
  });
  effect(() => {
    if (state.difference.value) state.alone.value = false;
  });
  endWithTheBatch();
}

/**
 * Show a sample alone, or all of them again.
 * @param {boolean} on
 * @param {number} [sample]
 */
export function showAlone(on, sample = sampleNow.peek()) {
  state.sample.value = sample;
  state.alone.value = on;
  tell();
}

/** @returns {boolean} Whether there was something to end. */
export function endAlone() {
  const on = state.alone.peek();
  if (on) showAlone(false);
  return on;
}

function tell() {
  say(t(state.alone.peek() ? "alone.on" : "alone.off", { sample: sampleNow.peek() }));
}

/** Of the same run, another size of the batch is another batch: then the choice is over. */
function endWithTheBatch() {
  let [run, size] = ["", 0];
  effect(() => {
    const [now, id] = [batchSize.value, state.frame.value?.run ?? ""];
    if (now && id === run && now !== size && state.alone.peek()) {
      state.alone.value = false;
      queueMicrotask(() => say(t("alone.resized", { count: now })));
    }
    if (now) [run, size] = [id, now];
  });
}
