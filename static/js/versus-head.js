/** Over a comparison: where the two part, which they are, and their losses. */

import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { readable, signed, toNumber } from "./numbers.js";
import { stepOf } from "./positions.js";
import { effect } from "./state.js";
import { comparison, now, pair, parting, place, placeInB, trouble } from "./versus-state.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {(run: Run, position: number) => void} Opens */

const dialog = /** @type {HTMLDialogElement} */ (byId("versus"));
const MOST_NAMES = 3;

/** @type {Opens} */
let opens = () => undefined;

effect(headline);
effect(heads);

/** @param {Opens} given What leads from a run's name to the stage. */
export function opensFrom(given) {
  opens = given;
}

/** Where they part. */
function headline() {
  const [two, found, first] = [pair.value, comparison.value, parting.value];
  if (!two) return;
  const each = two.sides[0].run.steps_per_iteration;
  dialog.classList.toggle("apart", !two.same);
  byId("versus-go").hidden = !first;
  byId("versus-parting").textContent =
    !two.same ? t("versus.other_steps")
    : !found ? (trouble.value ? "" : t("versus.seeking"))
    : !first ? t("versus.agree", stepOf(found.searched, each))
    : t(first.position === 0 ? "versus.part_first" : first.start.length > 0 ? "versus.part_from" : "versus.part", {
      ...stepOf(first.position, each), tensors: listed(first.names), start: listed(first.start),
    });
}

/** @param {string[]} all The first of them, and how many more. */
function listed(all) {
  const names = all.slice(0, MOST_NAMES).join(", ");
  return all.length > MOST_NAMES ? t("versus.more", { names, more: all.length - MOST_NAMES }) : names;
}

/** The two runs over their columns, with their losses. */
function heads() {
  const [two, there] = [pair.value, now.value];
  if (!two) return;
  const losses = there?.shown.map(({ frame }) => frame.loss) ?? [null, null];
  const loss = (/** @type {number} */ side) => (losses[side] === null ? "" : `${t("builder.field.loss")} ${readable(losses[side] ?? 0)}`);
  two.sides.forEach(({ run, name }, side) => {
    const leads = button("cell", name, () => leave(run, side ? placeInB(two, place.peek()) : place.peek()));
    leads.title = t("versus.open");
    const hint = make("span", "hint", [two.same ? "" : counted(run, there?.shown[side].frame), loss(side)].filter(Boolean).join(" · "));
    byId(`versus-${"ab"[side]}`).replaceChildren(make("b", "", "AB"[side]), " ", leads, hint);
  });
  const [a, b] = losses;
  const by = a === null || b === null || !two.same ? "" : `${t("builder.field.loss")} ${signed(toNumber(b) - toNumber(a))}`;
  byId("versus-less").replaceChildren(make("b", "", "B − A"), " ", make("span", "hint", by));
}

/**
 * Where a run stands among its own steps.
 * @param {Run} run
 * @param {import("./types.js").Frame} [frame]
 */
export function counted({ steps_per_iteration: of }, frame) {
  return frame ? t("versus.counter", { ...stepOf(frame.position, of), of }) : "";
}

/**
 * @param {Run} run
 * @param {number} position
 */
function leave(run, position) {
  dialog.close();
  opens(run, position);
}
