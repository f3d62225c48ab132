/** How far the search for a fault is, and what can be done next: in the inspector, and in the proof. */

import { cellName } from "./cells.js";
import { button, byId, make } from "./dom.js";
import { beginHunt, claim, ended, giveUp, isHunted, mend } from "./hunt.js";
import { judgement, triesOf } from "./proof-hunt-words.js";
import { t, worded } from "./i18n.js";
import { leaveProof, proof } from "./proof-state.js";
import { chosenCell, effect, signal, state } from "./state.js";
import { follow } from "./trail.js";

/** @typedef {import("./proof-hunt-words.js").Verdict} Verdict */

/** What went wrong, or that something is on its way. */
const trouble = signal("");

/**
 * A box that follows the search from now on.
 * @param {HTMLElement} box
 * @param {"h2" | "h3"} heading
 * @param {() => boolean} seen
 */
export function followHunt(box, heading, seen) {
  const said = make("p", "said");
  said.setAttribute("role", "status");
  const [head, rest] = [make("div", ""), make("div", "")];
  box.append(head, said, rest);
  effect(() => {
    if (!seen() || !state.lang.value) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-key]"));
    const key = focused && box.contains(focused) ? focused.dataset.key : "";
    const { title, words, acts } = state.hunt.value ? searching() : ended.value ? done() : idle();
    head.replaceChildren(...(title ? [make(heading, "", title)] : []));
    const text = trouble.value || words;
    if (said.textContent !== text) said.textContent = text;
    rest.replaceChildren(...acts);
    if (!key) return;
    const again = /** @type {HTMLElement | null} */ (box.querySelector(`[data-key="${key}"]:not(:disabled)`) ?? box.querySelector("button:not(:disabled)"));
    again?.focus();
  });
}

/** Put a fault in, and go to the stage. */
export async function setFault() {
  await tried(async () => {
    trouble.value = t("proof.hunt.setting");
    const begun = await beginHunt();
    trouble.value = begun ? "" : t("proof.hunt.none");
    if (!begun) return;
    state.unfolded.value = true;
    inInspector();
    if (proof.tab.peek()) leaveProof();
  });
}

function idle() {
  return { title: "", words: "", acts: [row([act("set", t("proof.hunt.set"), setFault)])] };
}

function searching() {
  const [hunt, run, chosen] = [state.hunt.value, state.run.value, chosenCell.value];
  const asked = hunt?.asked ?? [];
  const title = t("proof.hunt.title", { tries: triesOf(asked) });
  const leave = [act("show", t("proof.hunt.give_up"), giveUp), act("leave", t("proof.hunt.leave"), mended)];
  if (run && !isHunted(run)) return { title, words: t("proof.hunt.elsewhere"), acts: [row(leave)] };
  const there = chosen && chosen.frame.tensors[chosen.tensor]?.computed_at !== null;
  const point = act("claim", there ? t("proof.hunt.claim", { cell: cellName(chosen) }) : t("proof.hunt.choose"), () => {
    const { run: of, frame, tensor, index } = /** @type {NonNullable<typeof chosen>} */ (chosen);
    return tried(() => claim(of, tensor, index, frame.position));
  });
  point.disabled = !there;
  const judged = asked.at(-1);
  return { title, words: judged ? sentence(judged) : t("proof.hunt.begin"), acts: [row([point, ...leave])] };
}

function done() {
  const { fault, found, asked, shown } = /** @type {NonNullable<typeof ended.value>} */ (ended.value);
  const name = t(`builder.field.faults.${fault}`);
  const title = t(found ? "proof.hunt.found" : "proof.hunt.given_up", { fault: name, tries: triesOf(asked) });
  const cell = found?.cell ?? shown.cell;
  const words = found ? sentence(found) : t("proof.hunt.was", { cell: cellName(cell) });
  const go = act("go", t("proof.hunt.go", { cell: cellName(cell) }), () => {
    if (proof.tab.peek()) leaveProof();
    follow(cell);
  });
  const acts = [
    make("p", "", t(`builder.field.faults.${fault}.help`)),
    make("p", "", t("proof.hunt.mend")),
    code(t(`proof.hunt.mend.${fault}`)),
    row([act("mend", t("proof.hunt.mended"), mended), ...(found ? [] : [go]), act("again", t("proof.hunt.again"), again), act("close", t("close"), dismiss)]),
  ];
  return { title, words, acts };
}

/** To the right run; the box at the inspector's head goes. */
async function mended() {
  await tried(mend);
  if (!proof.tab.peek()) byId("stage").focus();
}

/** From the run that the fault was put into. */
async function again() {
  await tried(async () => {
    await mend();
    await setFault();
  });
}

function dismiss() {
  ended.value = null;
  if (!proof.tab.peek()) byId("stage").focus();
}

/** @param {() => Promise<unknown>} what */
async function tried(what) {
  trouble.value = "";
  try {
    await what();
  } catch (error) {
    trouble.value = worded(error);
  }
}

/** The box at the inspector's head, there from the first search on. */
export function inInspector() {
  if (document.getElementById("inspector-hunt")) return;
  const box = make("section", "hunt");
  box.id = "inspector-hunt";
  byId("inspector-content").prepend(box);
  followHunt(box, "h2", () => {
    const on = state.hunt.value !== null || ended.value !== null;
    box.hidden = !on;
    box.setAttribute("aria-label", t("proof.tab.hunt"));
    return on;
  });
}

/** @param {Verdict} judged */
function sentence(judged) {
  const { key, params } = judgement(judged);
  return t(key, params);
}

/** @param {HTMLElement[]} acts */
function row(acts) {
  return make("div", "actions", ...acts);
}

/** @param {string} text */
function code(text) {
  const line = make("pre", "code", text);
  line.tabIndex = 0;
  return line;
}

/**
 * @param {string} key
 * @param {string} text
 * @param {() => unknown} what
 */
function act(key, text, what) {
  const made = button("", text, () => void what());
  made.dataset.key = key;
  return made;
}
