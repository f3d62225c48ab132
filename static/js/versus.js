/** The dialog that compares two runs: step for step, side by side, and where they part. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { listen } from "./keys.js";
import { narrate } from "./narration.js";
import { directionOf, stepAt } from "./positions.js";
import { computed, effect, signal, state } from "./state.js";
import { counted, opensFrom } from "./versus-head.js";
import { pairsOf } from "./versus-rows.js";
import { compareRuns, dropPair, now, pair, parting, place, placeInB, trouble } from "./versus-state.js";
import { cellSaid, paintRow, rowView } from "./versus-view.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./versus-state.js").Side} Side */
/** @typedef {import("./versus-state.js").Now} Now */

const dialog = /** @type {HTMLDialogElement} */ (byId("versus"));
const scroll = byId("versus-rows");
const only = /** @type {HTMLInputElement} */ (byId("versus-only"));
const GAP = 16;

/** The width of a matrix at most; whether only what differs is shown. */
const room = signal(0);
const filtered = signal(false);
let [stood, of] = [-1, /** @type {unknown} */ (null)];

const perIteration = () => pair.value?.sides[0].run.steps_per_iteration ?? 1;
const to = (/** @type {number} */ position) => (place.value = Math.max(0, position));
const ACTS = {
  previous: () => to((Math.ceil(place.value / perIteration()) - 1) * perIteration()),
  back: () => to(place.value - 1),
  step: () => to(place.value + 1),
  next: () => to((Math.floor(place.value / perIteration()) + 1) * perIteration()),
};
for (const [name, act] of Object.entries(ACTS)) byId(`versus-${name}`).addEventListener("click", act);
listen(dialog, "transport", ACTS);
only.addEventListener("change", () => (filtered.value = only.checked));
byId("versus-swap").addEventListener("click", () => {
  const two = pair.peek();
  if (two) compareRuns(two.sides[1], two.sides[0], placeInB(two, place.peek()));
});
byId("versus-go").addEventListener("click", () => {
  const first = parting.peek();
  if (first) to(first.position);
});
dialog.addEventListener("close", dropPair);
new ResizeObserver(() => {
  const [about, width] = [scroll.clientWidth > 700 ? 200 + GAP : 0, scroll.clientWidth];
  room.value = (width - about - 2 * GAP) / 3;
}).observe(scroll);
scroll.addEventListener("pointermove", point);
scroll.addEventListener("click", point);

/**
 * @param {Side} a
 * @param {Side} b
 * @param {number} position In the first run.
 * @param {(run: Run, position: number) => void} opens What leads from here to the stage.
 */
export function openVersus(a, b, position, opens) {
  opensFrom(opens);
  byId("versus-cell").textContent = "";
  compareRuns(a, b, position);
  if (!dialog.open) dialog.showModal();
  scroll.scrollTop = 0;
}

const rows = computed(() => {
  const two = pair.value;
  return two ? pairsOf(two.sides[0].run, two.sides[1].run).map((row) => ({ row, view: rowView(row) })) : [];
});

effect(() => byId("versus-list").replaceChildren(...rows.value.map(({ view }) => view.root)));
effect(() => {
  if (now.value && room.value > 0) paint(now.value, room.value);
});
effect(() => {
  byId("versus-trouble").textContent = trouble.value;
  for (const id of ["versus-back", "versus-previous"]) byId(id).toggleAttribute("disabled", place.value === 0);
});

/**
 * @param {Now} there
 * @param {number} width
 */
function paint(there, width) {
  const painted = rows.value.map(({ row, view }) => ({ row, view, ...paintRow(row, view, there, width) }));
  for (const { view, differs } of painted) view.root.hidden = filtered.value && !differs;
  byId("versus-none").hidden = painted.some(({ view }) => !view.root.hidden);
  const [{ run }] = there.pair.sides;
  const { frame } = there.shown[0];
  const { kind } = stepAt(run, frame.position);
  const { key, params } = narrate(run, frame);
  // Its figures are the one run's: the step is named, what came of it stands below.
  const lead = kind === "loss" ? t("builder.field.loss") : t(key, params).split(/[:：]/)[0].replace(/[.。]$/, "");
  const wrote = painted.filter(({ wrote, norm }) => wrote && norm).map(({ row, norm }) => `${row.name}: ${norm}`);
  byId("versus-step-said").textContent = [`${counted(run, frame)} · ${lead}`, ...wrote].join(state.lang.value === "zh" ? "。" : ". ");
  byId("versus-step-said").dataset.direction = directionOf(kind);
  const moved = of === there.pair && stood !== there.position;
  [of, stood] = [there.pair, there.position];
  const target = painted.find(({ wrote, view }) => wrote && !view.root.hidden);
  if (moved && target) target.view.root.scrollIntoView({ block: "nearest" });
}

/** @param {MouseEvent} event */
function point(event) {
  const there = now.peek();
  const view = /** @type {Element} */ (event.target).closest("matrix-view");
  const name = view?.closest("section")?.dataset.tensor;
  const index = /** @type {import("./matrix-view.js").MatrixView | null} */ (view)?.cellAt(event);
  if (there && name && index) byId("versus-cell").textContent = cellSaid(there, name, index);
}
