/** On a phone, under the map: a matrix and those it is made of, as an equation with numbers large enough to read. */

import { shareName } from "./alone-words.js";
import { arrange, partsOf } from "./arrange.js";
import { shapeName, transposed } from "./cells.js";
import { isOld } from "./derive.js";
import { shownTensor } from "./difference.js";
import { make, byId } from "./dom.js";
import { t } from "./i18n.js";
import { canonical } from "./linkage.js";
import { marking } from "./marks.js";
import { MatrixView } from "./matrix-view.js";
import { rangeNow } from "./ranges.js";
import { rangeText } from "./scales.js";
import { unfold } from "./sheet.js";
import { effect, select, signal, state } from "./state.js";
import { isMap } from "./viewport.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./arrange.js").Part} Part */

/** What is drawn now. */
const drawn = signal(/** @type {{part: Part, view: MatrixView}[]} */ ([]));
/** Another one whenever the window has changed. */
const room = signal({});

export function mountEquation() {
  const root = byId("equation");
  effect(() => draw(root));
  effect(mark);
  addEventListener("resize", () => (room.value = {}));
}

/** @param {HTMLElement} root */
function draw(root) {
  const [run, frame] = [state.run.value, state.frame.value];
  const here = room.value && isMap() && !state.strip.value && run && frame?.run === run.id;
  const tensor = here ? subject(run, frame) : null;
  if (!here || !tensor) {
    drawn.value = [];
    root.replaceChildren(...(here ? [hint("inspector.empty")] : []));
    return;
  }
  const parts = partsOf(run, tensor, frame.position);
  const { places, cells, numbers } = arrange(parts, root.clientWidth - 24);
  const made = parts.map((part, at) => matrix(run, frame, part, { cell: cells[at], numbers }));
  made.forEach(({ figure }, at) => {
    const { row, column, rows, columns } = places[at];
    figure.style.setProperty("grid-area", `${row} / ${column} / span ${rows} / span ${columns}`);
  });
  drawn.value = made.map(({ view }, at) => ({ view, part: parts[at] }));
  root.replaceChildren(...made.map(({ figure }) => figure), hint("equation.hint"));
}

/** @param {string} key */
function hint(key) {
  return make("p", "hint", t(key));
}

/**
 * What was chosen at this position; after a step, what that step wrote, its weight gradient first.
 * @param {Run} run
 * @param {Frame} frame
 */
function subject(run, frame) {
  const cell = state.selection.value;
  const chosen = cell && canonical(run, cell.tensor);
  const wrote = Object.keys(run.tensors).filter((name) => frame.tensors[name].computed_at === frame.position);
  const first = wrote.find((name) => name.endsWith(".dweight")) ?? wrote[0] ?? null;
  return chosen && frame.tensors[chosen] && (!first || cell.position === state.position.value) ? chosen : first;
}

/** Mark what the stage marks, row for row and column for column. */
function mark() {
  const [run, frame] = [state.run.value, state.frame.value];
  if (!run || !frame) return;
  const marksOf = marking(run, frame, state.selection.value);
  for (const { part: { tensor, turned }, view } of drawn.value) {
    const marks = marksOf(tensor);
    view.mark(turned ? marks.map(({ rows, columns, kind }) => ({ rows: columns, columns: rows, kind })) : marks);
  }
}

/**
 * @param {Run} run
 * @param {Frame} frame
 * @param {Part} part
 * @param {import("./stage-layout.js").Size} size
 */
function matrix(run, frame, { tensor: name, caption, turned, shape }, size) {
  const tensor = shownTensor(frame, name);
  const [rows, columns] = tensor.shape;
  const own = tensor.values ?? null;
  const values = own && turned ? transposed(own) : own;
  const range = rangeNow(name);
  const share = shareName(name);
  const view = /** @type {MatrixView} */ (document.createElement("matrix-view"));
  view.setAttribute("role", "img");
  view.setAttribute("aria-label", t("matrix.label", { tensor: name, rows, columns, said: share }).trim());
  view.show({ values, shape, ...size, whole: tensor.dtype.startsWith("int"), signed: state.difference.value, range });
  view.addEventListener("click", (event) => {
    const at = view.cellAt(event);
    if (!at) return;
    select({ tensor: name, index: turned ? [at[1], at[0]] : at, position: state.position.peek() });
    unfold();
  });
  const words = [make("span", "open", caption), ...(share ? [make("span", "share", share)] : []), make("span", "range", own ? rangeText(range) : ""), make("span", "also", shapeName(shape))];
  const figure = make("figure", "slot", make("figcaption", "", ...words), view);
  figure.classList.toggle("old", isOld(run, frame, name));
  return { figure, view };
}
