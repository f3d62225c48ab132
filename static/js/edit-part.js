/** The inspector's part about editing: what the number was before, the way to edit it, and the way back. */

import { valueIn } from "./cells.js";
import { editOf, whyClosed } from "./edit-rules.js";
import { openEditor } from "./editor.js";
import { change } from "./edits.js";
import { valueBefore } from "./difference.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { report } from "./loader.js";
import { readable, signed, toNumber } from "./numbers.js";
import { chosenCell, effect, state } from "./state.js";

/** The chosen cell, and the edit that it comes from. */
function chosen() {
  const found = chosenCell.value;
  const known = found?.frame.tensors[found.tensor];
  return found && known && { ...found, edit: editOf(found.run, found.frame, found.tensor, found.index) };
}

export function mountEditPart() {
  effect(() => {
    // What has the focus stays until the new run's numbers are there.
    if (state.frame.value?.run !== state.run.value?.id) return;
    const found = chosen();
    const why = found && whyClosed(found.run, found.frame, found.tensor);
    byId("edit").hidden = !found || why !== null;
    byId("edit-back").hidden = !found?.edit;
    byId("edit-why").textContent = why?.key.startsWith("edit") ? t(why.key, why.params) : "";
    byId("edit-difference").textContent = found && state.difference.value ? compared(found) : "";
  });
  byId("edit").addEventListener("click", () => {
    const found = chosen();
    if (found) openEditor(found.tensor, found.index, () => byId("edit").getBoundingClientRect());
  });
  byId("edit-back").addEventListener("click", () => {
    const found = chosen();
    const edits = found?.run.spec.edits?.filter((one) => one !== found.edit);
    change([], { edits }).then(() => byId("edit").focus(), report);
  });
}

/** @param {NonNullable<ReturnType<typeof chosen>>} found */
function compared({ frame, tensor, index }) {
  const [now, before] = [valueIn(frame.tensors[tensor], index), valueBefore(tensor, index)];
  if (now === undefined || before === undefined) return t("difference.alone");
  const by = signed(toNumber(now) - toNumber(before));
  return t("difference.cell", { now: readable(now), before: readable(before), by });
}
