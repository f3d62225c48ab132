/** Elements, made and found. */

/**
 * The element of an id that the page's template is known to have.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id}: expected in the page`);
  return /** @type {T} */ (found);
}

/**
 * A new element with a class, and what is in it.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/**
 * A button that does something.
 * @param {string} className
 * @param {string} text
 * @param {() => void} act
 */
export function button(className, text, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

/**
 * A table of numbers.
 * @param {Node[]} heads
 * @param {Node[]} rows
 */
export function numberTable(heads, rows) {
  return make("table", "numbers", make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...rows));
}

/**
 * The cell that names a row or a column.
 * @param {"row" | "col"} scope
 * @param {...(Node | string)} content
 */
export function headCell(scope, ...content) {
  const cell = make("th", "", ...content);
  cell.scope = scope;
  return cell;
}

/**
 * A canvas for so many CSS pixels, empty.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function blank(canvas, width, height) {
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("canvas: expected two dimensions");
  context.scale(scale, scale);
  return context;
}
