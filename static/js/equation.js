/** On a phone, under the map: the chosen matrix and those that it is made of, with numbers large enough to read. */

import { make, byId } from "./dom.js";
import { t } from "./i18n.js";
import { canonical, readsOf } from "./linkage.js";
import { MatrixView } from "./matrix-view.js";
import { niceRange, rangeText } from "./scales.js";
import { isSmall } from "./stage-layout.js";
import { effect, select, state } from "./state.js";
import { palette } from "./theme.js";
import { isMap, onMapChange } from "./viewport.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./matrix-view.js").Mark} Mark */

const CELL = /** @type {[number, number]} */ ([45, 26]);

export function mountEquation() {
  const root = byId("equation");
  const draw = () => {
    const [run, frame, cell] = [state.run.value, state.frame.value, state.selection.value];
    if (!isMap() || !run || !frame || frame.run !== run.id) {
      root.replaceChildren();
      return;
    }
    const tensor = cell ? canonical(run, cell.tensor) : writtenBy(run, frame);
    if (!tensor || !frame.tensors[tensor]) {
      root.replaceChildren(make("p", "hint", t("inspector.empty")));
      return;
    }
    const wide = (/** @type {{tensor: string}} */ block) => frame.tensors[block.tensor].shape[1];
    const blocks = readsOf(run, tensor, cell?.index ?? [0, 0], frame.position).sort((a, b) => wide(a) - wide(b));
    root.replaceChildren(
      matrix(frame, tensor, cell && around(cell.index)),
      ...blocks.map((block) => matrix(frame, block.tensor, cell && { ...block, kind: "reads" })),
    );
  };
  effect(draw);
  onMapChange(draw);
}

/**
 * Where no cell is chosen: the step that just ran, by what it wrote first.
 * @param {Run} run
 * @param {Frame} frame
 */
function writtenBy(run, frame) {
  const wrote = Object.keys(run.tensors).filter((name) => frame.tensors[name].computed_at === frame.position);
  return wrote.find((name) => name.endsWith(".dweight")) ?? wrote[0] ?? null;
}

/**
 * @param {Index} index
 * @returns {Mark}
 */
function around([row, column]) {
  return { rows: [row, row + 1], columns: [column, column + 1], kind: "selected" };
}

/**
 * @param {Frame} frame
 * @param {string} name
 * @param {Mark | null} mark
 */
function matrix(frame, name, mark) {
  const tensor = frame.tensors[name];
  const [rows, columns] = tensor.shape;
  const small = isSmall(tensor);
  const cell = /** @type {[number, number]} */ (small ? CELL : [Math.min(12, 340 / columns), Math.min(12, 200 / rows)]);
  const range = niceRange(tensor.min, tensor.max);
  const whole = tensor.dtype.startsWith("int");
  const view = /** @type {MatrixView} */ (document.createElement("matrix-view"));
  view.setAttribute("role", "img");
  view.setAttribute("aria-label", t("matrix.label", { tensor: name, rows, columns, said: "" }).trim());
  const values = tensor.values ?? null;
  view.show({ values, shape: tensor.shape, cell, numbers: small, whole, range, ...palette(state.theme.value) });
  view.mark(mark ? [mark] : []);
  view.addEventListener("click", (event) => {
    const index = view.cellAt(event);
    if (index) select({ tensor: name, index, position: state.position.peek() });
  });
  const caption = make("figcaption", "", make("span", "open", name), make("span", "range", rangeText(range)));
  return make("figure", "slot", caption, view);
}
