/** A row of a comparison: the tensor in the one run, in the other, and the difference. */

import { shapeName, valueIn } from "./cells.js";
import { comparable } from "./compare.js";
import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { MatrixView } from "./matrix-view.js";
import { readable, signed, toNumber } from "./numbers.js";
import { nextStepOf, stepOf } from "./positions.js";
import { rangeFor, rangeText } from "./scales.js";
import { isSmall } from "./stage-layout.js";
import { captioned } from "./table.js";
import { comparison, lessOf, place } from "./versus-state.js";

/** @typedef {import("./types.js").Tensor} Tensor */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./versus-rows.js").Row} Row */
/** @typedef {import("./versus-state.js").Now} Now */
/** @typedef {{root: HTMLElement, said: HTMLElement, parts: HTMLButtonElement, table: HTMLElement, views: MatrixView[], captions: HTMLElement[]}} RowView */
/** @typedef {{values: Tensor | null, range: number}} Third */

const NAMES = ["A", "B", "B − A"];
const NUMBER = /** @type {Index} */ ([42, 16]);
const [WIDEST, HIGHEST] = [260, 168];

/**
 * @param {Row} row
 * @returns {RowView}
 */
export function rowView({ name }) {
  const said = make("p", "hint");
  const parts = button("cell", "", () => {
    const at = comparison.peek()?.tensors[name]?.parted_at;
    if (typeof at === "number") place.value = at;
  });
  const table = button("", t("versus.table"), () => undefined);
  const figures = NAMES.map((side) => {
    const view = /** @type {MatrixView} */ (document.createElement("matrix-view"));
    view.setAttribute("role", "img");
    const caption = make("span", "range");
    return { view, caption, figure: make("figure", "", make("figcaption", "", side, caption), view) };
  });
  const root = make("section", "pair", make("div", "about", make("h3", "", name), said, parts, table), ...figures.map(({ figure }) => figure));
  root.dataset.tensor = name;
  return { root, said, parts, table, views: figures.map(({ view }) => view), captions: figures.map(({ caption }) => caption) };
}

/**
 * @param {Row} row
 * @param {RowView} shown
 * @param {Now} now
 * @param {number} room The width that a matrix may take.
 * @returns {{differs: boolean, wrote: boolean, norm: string}}
 */
export function paintRow({ name, inA, inB }, shown, now, room) {
  const [a, b] = [inA, inB].map((there, side) => (there ? now.shown[side].frame.tensors[name] : null));
  const less = a && b && now.pair.same && comparable(a, b) ? lessOf(a, b) : null;
  const range = rangeFor(name, { [name]: extent(now, name) }, "tensor", null);
  const whole = Boolean((a ?? b)?.dtype.startsWith("int"));
  [a, b, less].forEach((tensor, side) => {
    const own = side < 2 ? range : rangeFor("difference", { difference: less ?? { min: null, max: null } }, "tensor", null);
    const beside = tensor ?? a ?? b;
    if (!beside) return;
    const view = shown.views[side];
    const values = tensor?.values ?? null;
    view.show({ values, shape: beside.shape, ...sizeOf(beside.shape, room), whole, signed: side === 2, range: own });
    const missing = (side < 2 ? tensor : a ?? b)?.computed_at === null;
    const alone = tensor === null && !missing ? t("difference.no_match") : "";
    view.dataset.alone = alone;
    const [rows, columns] = beside.shape;
    const owner = now.pair.sides[side === 1 ? 1 : 0].run;
    const said = missing ? t("matrix.missing", nextStepOf(owner, name, now.shown[side === 1 ? 1 : 0].frame.position)) : alone;
    view.setAttribute("aria-label", `${NAMES[side]}: ${t("matrix.label", { tensor: name, rows, columns, said })}`.trim());
    shown.captions[side].textContent = values && Number.isFinite(own) && (tensor?.norm || side < 2) ? rangeText(own) : "";
  });
  const differs = less?.norm ? less.norm !== 0 : Boolean(less && ((less.nan ?? 0) > 0 || (less.inf ?? 0) > 0));
  const norm = !less ? "" : differs ? `‖B − A‖ = ${readable(less.norm ?? 0, 3)}` : t("versus.equal");
  shown.said.textContent = `${shapeName((a ?? b)?.shape ?? [])} ${norm}`;
  const at = comparison.value?.tensors[name]?.parted_at ?? null;
  shown.parts.hidden = at === null;
  if (at !== null) {
    shown.parts.textContent = t(at ? "versus.row_parts" : "versus.row_start", stepOf(at, now.pair.sides[0].run.steps_per_iteration));
  }
  shown.table.onclick = () => openBoth(name, [a, b, less]);
  shown.table.setAttribute("aria-label", `${t("versus.table")}: ${name}`);
  shown.table.hidden = !a?.values && !b?.values;
  const wrote = now.position > 0 && [a, b].some((tensor, side) => tensor?.computed_at === now.shown[side].frame.position);
  shown.root.classList.toggle("wrote", wrote);
  return { differs: differs || !now.pair.same, wrote, norm };
}

/**
 * A cell in words, as the pointer finds it.
 * @param {Now} now
 * @param {string} name
 * @param {Index} index
 */
export function cellSaid(now, name, index) {
  const [a, b] = now.shown.map(({ frame }) => valueIn(frame.tensors[name], index));
  const [before, after] = [a, b].map((value) => (value === undefined ? "—" : readable(value)));
  const by = a === undefined || b === undefined || !now.pair.same ? "" : `, B − A ${signed(toNumber(b) - toNumber(a))}`;
  return `${name}[${index.join(", ")}]: A ${before}, B ${after}${by}`;
}

/**
 * How far both reach, also those that are still to be computed in this iteration.
 * @param {Now} now
 * @param {string} name
 */
function extent({ shown }, name) {
  const ends = shown.flatMap(({ frame, last }) => {
    const own = frame.tensors[name];
    const tensor = own && own.computed_at === null ? last.tensors[name] : own;
    return tensor ? [tensor.min ?? 0, tensor.max ?? 0] : [];
  });
  return { min: Math.min(...ends), max: Math.max(...ends) };
}

/**
 * With numbers where there is room for them.
 * @param {Index} shape
 * @param {number} room
 * @returns {{cell: Index, numbers: boolean}}
 */
function sizeOf(shape, room) {
  const [rows, columns] = shape;
  if (isSmall({ shape }) && columns * NUMBER[0] <= room) return { cell: NUMBER, numbers: true };
  return { cell: [Math.min(NUMBER[0] / 2, Math.min(room, WIDEST) / columns), Math.min(NUMBER[1], HIGHEST / rows)], numbers: false };
}

/**
 * The three as tables.
 * @param {string} name
 * @param {(Tensor | null)[]} tensors
 */
function openBoth(name, tensors) {
  const tables = tensors.flatMap((tensor, side) => (tensor?.values ? [captioned(NAMES[side], tensor.values)] : []));
  byId("table-title").textContent = name;
  byId("table-content").replaceChildren(...tables);
  /** @type {HTMLDialogElement} */ (byId("table")).showModal();
}
