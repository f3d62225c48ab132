/** The stage by keyboard: one tab stop, a cursor over cells, matrices in the order in which they are computed. */

import { alone, isAlone, isShared } from "./alone.js";
import { endAlone } from "./alone-control.js";
import { cellName, valueIn } from "./cells.js";
import { changedCells, shownTensor } from "./difference.js";
import { isOld } from "./derive.js";
import { editOf } from "./edit-rules.js";
import { openEditor } from "./editor.js";
import { passesZero } from "./faults.js";
import { t } from "./i18n.js";
import { linked } from "./hover.js";
import { ARROWS, listen } from "./keys.js";
import { contrast } from "./legend.js";
import { pointed } from "./lens.js";
import { say } from "./live.js";
import { cellText, minus, readable, signedText, toNumber } from "./numbers.js";
import { canonical } from "./linkage.js";
import { pastedCells } from "./marks.js";
import { nextStepOf } from "./positions.js";
import { rangeNow } from "./ranges.js";
import { unfold } from "./sheet.js";
import { chosenCell, openJacobian, openTensor, select, state } from "./state.js";
import { openTable } from "./table.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./columns.js").Slot} Slot */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./state.js").Cursor} Cursor */

/** @type {{value: Stage | null}} */
let built = { value: null };

/**
 * @param {HTMLElement} root
 * @param {{value: Stage | null}} stage The present one.
 */
export function listenToKeys(root, stage) {
  built = stage;
  listen(root, "stage", {
    move: (key) => onCursor((at) => move(at, ARROWS[key])),
    matrix: (key) => onCursor((at) => leap(at, key === "]" ? 1 : -1)),
    open: () => onCursor((at) => (isChosen(at.slot.tensor, at.index) ? edit(at) : openCell(at))),
    edit: () => onCursor(edit),
    figure: () => onCursor(({ slot: { tensor } }) => openTensor(tensor)),
    table: () => onCursor(({ slot }) => openTable(slot.tensor)),
    jacobian: () => built.value && openFirstJacobian(built.value),
    contrast: () => onCursor(({ slot: { tensor }, index }) => contrast({ tensor, index })),
    escape,
  });
}

/**
 * @param {(at: Cursor) => unknown} act
 * @returns {unknown} False where the stage has no matrices yet.
 */
function onCursor(act) {
  const stage = built.value;
  if (!stage || stage.order.length === 0) return false;
  return act(here(stage) ?? start(stage));
}

/** First the lens goes, then what is shown alone, then the choice. */
function escape() {
  if (pointed.value) pointed.value = null;
  else if (!endAlone()) select(null);
}

/** @param {Cursor} at */
function openCell(at) {
  select({ tensor: at.slot.tensor, index: at.index, position: state.position.value });
  unfold();
  place(at);
}

/**
 * @param {string} tensor
 * @param {Index} index
 */
function isChosen(tensor, index) {
  const cell = chosenCell.value;
  return cell?.tensor === tensor && String(cell.index) === String(index);
}

/** @param {Cursor} at */
function edit(at) {
  openCell(at);
  const view = built.value?.views.get(at.slot)?.view;
  if (view) openEditor(at.slot.tensor, at.index, () => view.boxOf(at.index));
}

/** @param {Stage} of */
function openFirstJacobian(of) {
  const slot = of.columns.flatMap(({ slots }) => slots).find(({ place }) => place === "jacobian");
  // Where there is no softmax, the last layer has one too.
  const layer = slot?.tensor ?? state.run.value?.layers.at(-1);
  if (layer) openJacobian(layer);
}

/**
 * The cursor, if it is on this stage and not on one of a run before.
 * @param {Stage} of
 */
function here(of) {
  return state.cursor.value && of.views.has(state.cursor.value.slot) ? state.cursor.value : null;
}

/**
 * Where the cursor is before it was moved: the chosen cell, else the first one.
 * @param {Stage} of
 * @returns {Cursor}
 */
function start(of) {
  const cell = chosenCell.value;
  const slot = of.order.find(({ tensor }) => tensor === cell?.tensor);
  return slot && cell ? { slot, index: cell.index } : { slot: of.order[0], index: [0, 0] };
}

/**
 * @param {Cursor} at
 * @param {Index} by
 */
function move({ slot, index }, by) {
  const within = (/** @type {0 | 1} */ axis) =>
    Math.max(0, Math.min(slot.shape[axis] - 1, index[axis] + (state.cursor.value?.slot === slot ? by[axis] : 0)));
  place({ slot, index: [within(0), within(1)] });
}

/**
 * @param {Cursor} at
 * @param {number} by
 */
function leap({ slot }, by) {
  const order = built.value?.order ?? [];
  const next = order[(order.indexOf(slot) + by + order.length) % order.length];
  place({ slot: next, index: [0, 0] });
}

/** @param {Cursor} at */
function place(at) {
  state.cursor.value = at;
  const view = built.value?.views.get(at.slot)?.view;
  if (view) pointed.value = { ...at, view, cell: at.index };
  if (!isMap()) view?.scrollIntoView({ block: "nearest", inline: "nearest" });
  say(read(spoken(at)));
}

/**
 * And the share that the chosen cell's terms make of it.
 * @param {string} said
 */
function read(said) {
  const [terms, chosen] = [linked.peek(), state.selection.peek()];
  if (terms.length === 0 || !chosen) return said;
  const share = terms.reduce((sum, { value }) => sum + toNumber(value), 0);
  return t("cell.reads", { said, cell: cellName(chosen), share: readable(share, 3) });
}

/** @param {Cursor} at */
function spoken({ slot, index: [row, column] }) {
  const [run, frame] = [state.run.value, state.frame.value];
  if (!run || !frame?.tensors[slot.tensor]) return "";
  const tensor = shownTensor(frame, slot.tensor);
  const [rows, columns] = tensor.shape;
  const where = { row: row + 1, rows, column: column + 1, columns, tensor: slot.tensor };
  const wire = valueIn(tensor, [row, column]);
  const sum = isAlone(slot.tensor) && isShared(slot.tensor) ? valueIn(frame.tensors[slot.tensor], [row, column]) : undefined;
  if (wire !== undefined) return [t("cell.spoken", { value: valueSaid(wire, tensor, sum), ...where }), ...marksSaid(run, frame, slot.tensor, [row, column])].join(" ");
  const why = tensor.computed_at === null ? t("matrix.missing", nextStepOf(run, slot.tensor, frame.position))
    : !isAlone(slot.tensor) ? t("difference.alone")
    : t(isShared(slot.tensor) ? "alone.asking" : "alone.other", { sample: alone.value?.sample, other: row });
  return t("cell.missing", { said: why, ...where });
}

/**
 * @param {import("./types.js").Num} wire
 * @param {import("./types.js").Tensor} tensor
 * @param {import("./types.js").Num | undefined} [sum] What it is a sample's share of.
 */
function valueSaid(wire, { dtype }, sum) {
  const whole = dtype.startsWith("int");
  if (sum !== undefined) return t("alone.spoken", { sample: alone.value?.sample, share: minus(cellText(wire)), whole: minus(cellText(sum)) });
  return state.difference.value ? t("difference.spoken", { value: minus(signedText(wire, whole)) }) : minus(cellText(wire, whole));
}

/**
 * What a cell's colour, frame and marks say.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @param {Index} index
 */
function marksSaid(run, frame, tensor, index) {
  const pasted = pastedCells(frame, tensor);
  const value = Math.abs(toNumber(shownTensor(frame, tensor).values?.[index[0]]?.[index[1]] ?? 0));
  /** @type {[unknown, string][]} */
  const all = [
    [isChosen(tensor, index), "cell.chosen"],
    [isOld(run, frame, tensor), "cell.old"],
    [value < Infinity && value > rangeNow(tensor), "cell.clipped"],
    [isBlocked(run, frame, tensor, index), "cell.blocked"],
    [!state.difference.value && (pasted ?? changedCells(tensor)).some((cell) => String(cell) === String(index)), pasted ? "cell.pasted" : "difference.differs"],
    [editOf(run, frame, tensor, index), "edit.edited"],
  ];
  return all.flatMap(([there, key]) => (there ? t(key) : []));
}

/**
 * Whether a gradient is 0 because ReLU let nothing through there.
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor
 * @param {Index} index
 */
function isBlocked(run, frame, tensor, [row, column]) {
  const { values, computed_at: since } = frame.tensors[canonical(run, tensor.replace(/^(relu_\d+\.)dinput$/, "$1input"))];
  const value = toNumber(values?.[row]?.[column] ?? 1);
  // The input of the next iteration says nothing of this gradient.
  const own = /^relu.*dinput$/.test(tensor) && (since ?? Infinity) < (frame.tensors[tensor].computed_at ?? 0);
  return own && (passesZero(run) ? value < 0 : value <= 0);
}
