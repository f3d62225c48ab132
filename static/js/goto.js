/** Jump to a position: so many updates done, then so many steps; what that is, or why it cannot be, stands beside it. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { listenAtTransport } from "./keys.js";
import { say } from "./live.js";
import { placeAsked } from "./positions.js";
import { effect, goTo, signal, state } from "./state.js";

const [form, updates, step] = [byId("goto-form"), field("goto-update"), field("goto-step")];
/** The position on its way, and what the server said against the one before it. */
const asked = signal(/** @type {number | null} */ (null));
const refusal = signal("");
const typed = signal(["", ""]);

form.addEventListener("toggle", (event) => {
  if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
  const [position, each] = [state.position.peek(), perIteration()];
  [updates.value, step.value] = [Math.floor(position / each), position % each].map(String);
  read();
  updates.select();
});
form.addEventListener("input", read);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { position } = placeAsked(typed.peek(), perIteration());
  if (position === undefined) {
    say(byId("goto-said").textContent ?? "");
    return;
  }
  asked.value = position;
  goTo(position);
});
listenAtTransport({ goto: () => form.showPopover() });

effect(() => {
  const [position, frame, notice] = [asked.value, state.frame.value, state.notice.value];
  if (position === null) return;
  if (frame?.position === position && frame.run === state.run.value?.id) form.hidePopover();
  else if (notice?.key.startsWith("problem.")) refusal.value = t(notice.key, notice.params);
  else return;
  asked.value = null;
});

effect(() => {
  const { position, key } = placeAsked(typed.value, perIteration());
  const said = byId("goto-said");
  const text = { updates: typed.value[0], step: typed.value[1], of: perIteration(), position };
  said.textContent = refusal.value || t(key ?? "goto.said", text);
  said.classList.toggle("wrong", !!(refusal.value || key));
  updates.ariaInvalid = String(key === "goto.updates");
  step.ariaInvalid = String(key === "goto.step");
});

function read() {
  refusal.value = "";
  typed.value = [updates.value, step.value];
}

function perIteration() {
  return state.run.value?.steps_per_iteration ?? 1;
}

/** @param {string} id */
function field(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}
