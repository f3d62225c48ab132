/** The proof's search for a fault: how it goes, and what a fault may be. */

import { byId, headCell, make } from "./dom.js";
import { followHunt } from "./proof-hunt-box.js";
import { t } from "./i18n.js";
import { proof } from "./proof-state.js";

/** The kinds of faults, in the order in which a pass meets them. */
const KINDS = ["missing_mean", "unsigned_label", "softmax_scalar", "relu_at_zero", "missing_transpose", "input_overwritten", "bias_not_summed", "wrong_sign"];

followHunt(byId("hunt-box"), "h3", () => proof.tab.value === "hunt");

/** The faults by name, in the present language. */
export function showHunt() {
  const rows = KINDS.map((kind) => make("tr", "", headCell("row", t(`builder.field.faults.${kind}`)), make("td", "", t(`builder.field.faults.${kind}.help`))));
  byId("hunt-kinds").replaceChildren(...rows);
}
