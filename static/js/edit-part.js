/** The inspector's part about editing: what the number was before, whether it was edited, and the way to edit it. */

import { closed, editOf } from "./edit-rules.js";
import { openEditor } from "./editor.js";
import { change } from "./edits.js";
import { valueBefore } from "./difference.js";
import { button, make } from "./dom.js";
import { t } from "./i18n.js";
import { report } from "./loader.js";
import { readable, signed, toNumber } from "./numbers.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {string} tensor Its canonical name; one that is computed at the frame.
 * @param {Index} index
 * @returns {Node[]}
 */
export function editPart(run, frame, tensor, index) {
  const why = closed(run, frame, tensor);
  const edit = editOf(run, frame, tensor, index);
  const now = frame.tensors[tensor].values?.[index[0]]?.[index[1]];
  /** @type {Node[]} */
  const nodes = state.difference.value && now !== undefined ? [compared(now, valueBefore(tensor, index))] : [];
  if (edit) {
    const edits = (run.spec.edits ?? []).filter((one) => one !== edit);
    nodes.push(button("", t("edit.take_back"), () => void change([], { edits }).catch(report)));
  }
  if (why) return [...nodes, make("p", "hint", t(why.key, why.params))];
  const open = button("", t("edit.open"), () => openEditor(tensor, index, open.getBoundingClientRect()));
  open.id = "edit";
  return [...nodes, open];
}

/**
 * @param {import("./types.js").Num} now
 * @param {import("./types.js").Num | undefined} before
 */
function compared(now, before) {
  if (before === undefined) return make("p", "hint", t("difference.alone"));
  const by = signed(toNumber(now) - toNumber(before));
  return make("p", "", t("difference.cell", { now: readable(now), before: readable(before), by }));
}
