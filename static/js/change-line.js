/** One line under the sentence: what was changed, and what changed most because of it. */

import { cellName, valueIn } from "./cells.js";
import { fieldsSaid } from "./change-words.js";
import { changesOf } from "./changes.js";
import { furthest } from "./compare.js";
import { button, byId } from "./dom.js";
import { canUndo, moved, tellsFault, undo } from "./forks.js";
import { load } from "./frames.js";
import { t } from "./i18n.js";
import { listenAtTransport } from "./keys.js";
import { say } from "./live.js";
import { report } from "./loader.js";
import { apart, readable, signed, toNumber } from "./numbers.js";
import { iterationEnds, samePlace } from "./positions.js";
import { effect, halt, select, signal, state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Num} Num */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./forks.js").Move} Move */
/** @typedef {import("./changes.js").Field} Field */
/** @typedef {NonNullable<ReturnType<typeof furthest>>} Furthest */
/**
 * @typedef {{
 *   move: Move, cells: Cell[], fields: Field[], values: (Num | undefined)[], losses: (Num | null)[],
 *   gradient: Furthest | null, most: Furthest | null, later: Furthest | null,
 * }} Told `values` and `losses`: before and after; `later`: at the next update, where nothing changed before it.
 */

/** What the line says; null where it was dismissed. */
const told = signal(/** @type {Told | null} */ (null));
/** What was announced last: the line is drawn anew in another language, and announced once. */
let announced = told.peek();

export function mountChangeLine() {
  effect(() => {
    const move = moved.value;
    told.value = null;
    if (!move || tellsFault(move.from, move.to)) return;
    tell(move).then((found) => {
      if (moved.peek() === move) told.value = found;
    }, report);
  });
  effect(draw);
  byId("difference").addEventListener("click", toggle);
  byId("take-back").addEventListener("click", () => leave(undo));
  byId("change-close").addEventListener("click", () => leave(() => (told.value = null)));
  listenAtTransport({ difference: toggle });
}

/** Values, or new − old. */
function toggle() {
  halt();
  state.difference.value = !state.difference.value && state.before.value !== null;
  say(t(state.difference.value ? "difference.on" : state.before.value ? "difference.off" : "difference.none"));
}

/**
 * The line's button may go with what it does: then the stage has the focus.
 * @param {() => void} act
 */
function leave(act) {
  act();
  byId("stage").focus();
}

function draw() {
  const [now, frame, on] = [told.value, state.frame.value, state.difference.value];
  // Said of numbers that can be seen.
  const there = now !== null && frame?.run === now.move.to.id;
  byId("centre").classList.toggle("differences", on);
  byId("change").hidden = !there && !on;
  byId("difference").hidden = !state.before.value;
  byId("difference").setAttribute("aria-pressed", String(on));
  byId("take-back").hidden = !there || !canUndo.value || now.move.how === "undo";
  byId("change-close").hidden = !there;
  const text = byId("change-text");
  text.replaceChildren(...(there ? sentences(now) : on ? [t("difference.on")] : []));
  if (there && now !== announced) queueMicrotask(() => say(text.textContent ?? ""));
  if (there) announced = now;
}

/**
 * @param {Move} move
 * @returns {Promise<Told>}
 */
async function tell(move) {
  const { from, to } = move;
  const changes = changesOf(from.spec, to.spec);
  const [at, per] = [state.position.peek(), to.steps_per_iteration];
  // Right after an update, what was changed before it is followed through the iteration that it ended.
  const within = changes.cells.some(({ position }) => position < at) && at % per === 0 ? at - 1 : at;
  const { end } = iterationEnds(within, per);
  const one = changes.cells.length === 1 ? changes.cells : [];
  const [before, after, ...values] = await Promise.all([
    load(from, samePlace(to, end, from)), load(to, end),
    ...one.flatMap((cell) => [valueOf(from, cell), valueOf(to, cell)]),
  ]);
  const [old, now] = [before.frame.tensors, after.frame.tensors];
  const edited = new Set(changes.cells.map(({ tensor, index }) => `${tensor},${index}`));
  const moved = (/** @type {RegExp} */ kind) =>
    furthest(now, old, (name, index) => kind.test(name) && !edited.has(`${name},${index}`));
  const losses = [before.frame.loss, after.frame.loss];
  const [gradient, most] = [moved(/\.d(input|weight|bias)$/), moved(/^(?!data)/)];
  return { move, ...changes, values, losses, gradient, most, later: most ? null : await atUpdate(from, to, end + 1) };
}

/**
 * The weight or bias that moved furthest at an update.
 * @param {Run} from
 * @param {Run} to
 * @param {number} position In the new run.
 */
async function atUpdate(from, to, position) {
  const [old, now] = await Promise.all([load(from, samePlace(to, position, from)), load(to, position)]);
  return furthest(now.frame.tensors, old.frame.tensors, (name) => to.parameters.includes(name));
}

/**
 * @param {Run} run
 * @param {Cell} cell
 */
async function valueOf(run, { tensor, index, position }) {
  return valueIn((await load(run, position)).frame.tensors[tensor], index);
}

/**
 * @param {Told} told
 * @returns {(Node | string)[]}
 */
function sentences(told) {
  const { how } = told.move;
  const what = how === "change" ? whatChanged(told) : t(`change.${how}`, { what: whatChanged(told) });
  if (how === "undo") return [what];
  const said = [what, lossSaid(told.losses)].filter(Boolean);
  return [said.join(gap()) + gap(), ...furthestSaid(told)];
}

/** @param {Told} told */
function whatChanged({ move, cells: [cell, ...others], fields, values: [from, to] }) {
  if (fields.length > 0) return t("change.run", { changes: fieldsSaid(fields) });
  if (others.length > 0 || from === undefined || to === undefined) return t("change.cells", { count: others.length + 1 });
  const [old, now] = apart(from, to);
  return t(move.how === "undo" ? "change.again" : "change.cell", { cell: cellName(cell), from: old, to: now });
}

/** @param {(Num | null)[]} losses */
function lossSaid([before, after]) {
  if (before === null || after === null) return "";
  if (before === after) return t("change.loss_stays", { loss: readable(after, 3) });
  const [from, to] = apart(before, after);
  return t("change.loss", { from, to, by: signed(toNumber(after) - toNumber(before)) });
}

/** Between two sentences: nothing in Chinese. */
function gap() {
  return state.lang.value === "zh" ? "" : " ";
}

/** @param {Told} told */
function furthestSaid({ gradient, most, later }) {
  const found = gradient ?? most ?? later;
  if (!found) return [t("change.nothing")];
  const { name, index, by } = found;
  const cell = cellName({ tensor: name, index });
  const key = gradient ? "change.gradient" : most ? "change.most" : "change.later";
  const [lead, rest] = t(key, { cell, by: signed(by) }).split(cell);
  return [lead, button("cell", cell, () => select({ tensor: name, index, position: state.position.value })), rest];
}
