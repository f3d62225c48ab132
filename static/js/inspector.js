/** The chosen cell: what it means, the formula, its numbers, the note's line of code, and both directions. */

import { alone, isAlone, isShared } from "./alone.js";
import { shareOfCell, valueWithShare } from "./alone-words.js";
import { pending } from "./answers.js";
import { cellName, valueIn } from "./cells.js";
import { codeLines } from "./document-lines.js";
import { button, byId, make } from "./dom.js";
import { asked, explained, explaining } from "./explanations.js";
import { formulaLine } from "./formula.js";
import { glossary, glossed } from "./glossary.js";
import { dropPointing, linked, mountHover, pointing } from "./hover.js";
import { t } from "./i18n.js";
import { say } from "./live.js";
import { meaningOf, meaningOfShare, walkFrom } from "./meaning.js";
import { readable, toNumber } from "./numbers.js";
import { fill } from "./parts.js";
import { nextStepOf } from "./positions.js";
import { fold } from "./sheet.js";
import { openPaste } from "./sharing.js";
import { busy, chosenCell, effect, goTo, onStage, openTensor, select, signal, state } from "./state.js";
import { openTable } from "./table.js";
import { penaltyIn, termsTable } from "./terms.js";
import { back, follow, mountTrail, previous } from "./trail.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Explanation} Explanation */
/** @typedef {{run: Run, frame: Frame, cell: Cell, tensor: string}} Chosen `tensor`: the cell's, by its canonical name. */

const MOST_CELLS = 4;

/** The explanation whose terms are all shown. */
const all = signal(/** @type {Explanation | null} */ (null));

/** The rows of the table of terms. */
const rows = signal(/** @type {import("./terms.js").Row[]} */ ([]));

/** The buttons under a cell that has a value, in order; null where one has nothing to do there. */
export const ACTIONS = [pasteButton, walkButton, figureButton, tableButton];

/** What is shown: the buttons stay while a step or an edit changes it. */
let now = /** @type {Chosen | null} */ (null);

/** The run and the cell that were shown last. */
let [shownRun, shownCell] = ["", ""];

export function mountInspector() {
  const root = byId("inspector");
  mountTrail();
  mountHover();
  effect(() => {
    root.classList.toggle("empty", state.selection.value === null);
    if (!onStage.value) return;
    const { run, frame } = onStage.value;
    const words = chosenCell.value ? show(chosenCell.value) : empty();
    if (frame.position === state.position.value) announce(run.id, words);
  });
  effect(() => rows.value.forEach(({ row, term }) => mark(row, linked.value.includes(term))));
  byId("inspector-close").addEventListener("click", close);
  root.addEventListener("keydown", (event) => event.key === "Escape" && close());
}

function close() {
  if (fold()) return;
  select(null);
  byId("stage").focus();
}

/**
 * A term that reads the cell which is pointed at on the stage.
 * @param {HTMLElement} row
 * @param {boolean} on
 */
function mark(row, on) {
  if (row.classList.toggle("linked", on) && !isMap()) row.scrollIntoView({ block: "nearest" });
}

/**
 * A part of the panel, built anew where what it shows has changed.
 * @param {string} name
 * @param {string} [key] Says all that it shows but the language; nothing where it is empty.
 * @param {() => (Node | string)[]} [build]
 */
function part(name, key = "", build = () => (key ? [key] : [])) {
  fill(byId(`inspector-${name}`), state.lang.value + key, build, byId("inspector-name"));
}

/** @param {string[]} names */
function clear(...names) {
  for (const name of names) part(name);
}

function empty() {
  clear("back", "name", "value", "formula", "terms", "cells", "actions");
  part("meaning", "empty", () => [make("span", "hint", t("inspector.empty"))]);
  return "";
}

/**
 * @param {Chosen} chosen
 * @returns {string} What is said of it when it is opened.
 */
function show(chosen) {
  const { run, frame, cell, tensor } = (now = chosen);
  const name = cellName({ ...cell, tensor });
  const [before, known, one] = [previous.value, explained.value, frame.tensors[tensor]];
  part("back", before ? cellName(before) : "", () => (before ? [button("", t("inspector.back", { cell: cellName(before) }), back)] : []));
  part("name", name);
  if (!one || one.computed_at === null) {
    clear("value", "formula", "terms", "cells", "actions");
    part("meaning", `missing ${tensor} ${frame.position}`, () => missing(run, frame, tensor));
    return `${name}. ${byId("inspector-meaning").firstChild?.textContent}`;
  }
  const value = valueIn(one, cell.index) ?? known?.value ?? 0;
  const whole = one.dtype.startsWith("int") ? String(value) : readable(value);
  const share = shareOfCell(frame, tensor, cell.index);
  const number = valueWithShare(whole, share);
  const said = meaningOf(run, tensor, cell.index, value);
  const { key, params } = share === undefined ? said : meaningOfShare(said, alone.value?.sample ?? 0, share);
  const { problem, again } = explaining.value;
  const on = `${asked.value?.key} ${known !== null} ${problem} ${again !== undefined} ${busy.value}`;
  part("value", number);
  part("meaning", `${t(key, params)} ${glossary().length} ${alone.value?.sample}`, () => [...glossed(t(key, params)), ...otherSample(chosen)]);
  part("formula", on, () => formula(run, frame, tensor, known));
  part("terms", `${on} ${state.termsBy.value} ${all.value === known} ${alone.value?.sample}`, () => terms(known, tensor));
  part("cells", on, () => (known ? cells(known) : []));
  part("actions", name, () => ACTIONS.flatMap((action) => action(chosen) ?? []));
  return `${name}: ${number}. ${t(key, params)}`;
}

/**
 * Where another sample than the cell's is shown alone.
 * @param {Chosen} chosen
 */
function otherSample({ tensor, cell }) {
  const [on, other] = [alone.value, cell.index[0]];
  const hidden = on && isAlone(tensor) && !isShared(tensor) && on.sample !== other;
  return hidden ? [make("p", "hint", t("alone.other", { other, sample: on.sample }))] : [];
}

/**
 * Say the cell that was opened; a step that only changes its value has a sentence of its own.
 * @param {string} run
 * @param {string} words
 */
function announce(run, words) {
  const cell = words.split(/[:.] /)[0];
  const opened = run === shownRun && cell !== shownCell && cell !== "";
  [shownRun, shownCell] = [run, cell];
  if (opened && !state.walk.peek()) queueMicrotask(() => say(words));
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 */
function missing(run, frame, tensor) {
  const { position, step } = nextStepOf(run, tensor, frame.position);
  return [make("p", "", t("matrix.missing", { step })), button("", t("inspector.go", { step }), () => goTo(position))];
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @param {Explanation | null} known
 */
function formula(run, frame, tensor, known) {
  const lines = codeLines(run, tensor, frame.position);
  const source = (/** @type {string | null} */ chapter) => (chapter ? t(run.spec.faults?.length ? "inspector.source.faulty" : "inspector.source", { chapter }) : t("inspector.own"));
  const { symbolic = "", numeric = "" } = known?.formula ?? {};
  return [
    // Of a number that nothing computed the symbols say nothing more.
    ...(symbolic && known?.terms.length ? [formulaLine(symbolic, t("inspector.formula"))] : []),
    ...(numeric ? [formulaLine(numeric, t("inspector.numbers"))] : []),
    ...lines.flatMap((line) => [code(line.code), make("p", "source", source(line.chapter))]),
  ];
}

/** @param {string} text */
function code(text) {
  const line = make("pre", "code", text);
  line.tabIndex = 0;
  return line;
}

/**
 * @param {Explanation | null} known
 * @param {string} tensor
 */
function terms(known, tensor) {
  rows.value = [];
  dropPointing();
  if (!known) return [pending(explaining.value, busy.value ? "inspector.resting" : "inspector.asking")];
  if (known.terms.length === 0) return [make("p", "hint", t(originOf(known, tensor)))];
  const made = termsTable(known, all.value === known, () => (all.value = known));
  rows.value = made.rows;
  return [made.table, ...penaltyPart(known)];
}

/**
 * What of a gradient is no sample's.
 * @param {Explanation} known
 */
function penaltyPart(known) {
  const penalty = penaltyIn(known);
  const words = { penalty: readable(penalty ?? 0), sum: readable(toNumber(known.value) - (penalty ?? 0)) };
  return penalty === null ? [] : [make("p", "hint", t("alone.penalty", words))];
}

/**
 * Where a number came from that nothing computed: biases and what optimisers remember are not drawn, they start at 0.
 * @param {Explanation} known
 * @param {string} tensor
 */
function originOf({ origin }, tensor) {
  return `origin.${origin === "initial" && /\.(bias|momentum|cache)$/.test(tensor) ? "zero" : origin ?? "data"}`;
}

/** @param {Explanation} known */
function cells({ terms, used_by: users }) {
  const read = terms.flatMap(({ factors }) => factors.flatMap(({ cells }) => cells));
  const distinct = new Map(read.map((cell) => [cellName(cell), cell]));
  return [...list(t("inspector.made_of"), [...distinct.values()]), ...list(t("inspector.used_by"), users)];
}

/**
 * Cells to go to, the first ones of many.
 * @param {string} title
 * @param {Cell[]} all
 */
function list(title, all) {
  if (all.length === 0) return [];
  const links = (/** @type {Cell[]} */ some) =>
    some.map((cell) => pointing(button("cell", cellName(cell), () => follow(cell)), [cell]));
  const box = make("div", "cells", ...links(all.slice(0, MOST_CELLS)));
  if (all.length > MOST_CELLS) {
    const more = button("cell", t("show_all", { count: all.length }), () => {
      const rest = links(all.slice(MOST_CELLS));
      more.replaceWith(...rest);
      rest[0].focus();
    });
    box.append(more);
  }
  return [make("h3", "", title), box];
}

/** @param {Chosen} chosen */
function walkButton(chosen) {
  const from = walkFrom(chosen.run, chosen.tensor);
  const start = async () => (await import("./walk.js")).start(now ?? chosen, from ?? "");
  return from && button("whole", t("walk.start"), () => void start());
}

/** @param {Chosen} chosen */
function figureButton({ tensor }) {
  return button("", t("inspector.figure"), () => openTensor(tensor));
}

/** @param {Chosen} chosen */
function tableButton({ tensor }) {
  return button("", t("inspector.table"), () => openTable(tensor));
}

/** @param {Chosen} chosen */
function pasteButton({ tensor }) {
  return button("", t("paste.open"), () => openPaste(tensor));
}
