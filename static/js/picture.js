/** The stage as a picture: SVG made of what stands there, in the present theme, and the same as PNG. */

import { byId } from "./dom.js";
import { state } from "./state.js";

/** @typedef {{svg: string, width: number, height: number}} Picture */

const MARGIN = 16;
const TITLE = 56;
/** Pixels of the PNG's longer side. */
const LONGEST = 8192;
const FONT = "/static/vendor/inconsolata-latin.woff2";
const HATCH = '<pattern id="missing" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V8" stroke="#888"/></pattern>';

/** @returns {Promise<Picture>} */
export async function drawStage() {
  const [columns, style] = [byId("columns"), getComputedStyle(document.body)];
  const area = columns.getBoundingClientRect();
  const parts = [...columns.querySelectorAll("matrix-view")].map(matrix);
  const walker = document.createTreeWalker(columns, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) parts.push(words(/** @type {Text} */ (walker.currentNode)));
  // Over the numbers too, as on the stage.
  parts.push(...[...columns.querySelectorAll("i.others")].map((one) => shape("g", { opacity: getComputedStyle(one).opacity }, outline(one, "none", "0", style.backgroundColor))));
  const line = (/** @type {number} */ y, /** @type {(string | null)[]} */ ...said) =>
    shape("text", { x: MARGIN, y, fill: style.color, "font-family": style.fontFamily, "font-size": 14 }, escaped(said.join(" · ")));
  const [width, height] = [Math.ceil(area.width) + 2 * MARGIN, Math.ceil(area.height) + TITLE + MARGIN];
  const font = new Uint8Array(await (await fetch(FONT)).arrayBuffer());
  // Nothing outside of the file is needed to show it as it stands here.
  const face = `<style>@font-face{font-family:"Backglass Numbers";src:url(data:font/woff2;base64,${btoa(String.fromCharCode(...font))})}</style>`;
  const svg = shape("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    HATCH + face + shape("rect", { width, height, fill: style.backgroundColor }) +
    line(22, byId("counter").textContent, byId("sentence").textContent) +
    line(42, "Backglass", `${state.run.peek()?.id} @ ${state.position.peek()}`) +
    shape("g", { transform: `translate(${MARGIN - area.left} ${TITLE - area.top})` }, parts.join("")));
  return { svg, width, height };
}

/**
 * @param {Picture} picture
 * @returns {Promise<Blob>}
 */
export async function asPng({ svg, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, LONGEST / Math.max(width, height));
  const canvas = enlarged(image, width * scale, height * scale);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("png")))));
}

/** @param {Element} view */
function matrix(view) {
  const [canvas, { outlineColor, outlineWidth }] = [view.querySelector("canvas"), getComputedStyle(view)];
  const { x, y, width, height } = view.getBoundingClientRect();
  if (!canvas || !width) return "";
  const missing = view.classList.contains("missing");
  const href = missing ? "" : enlarged(canvas, width * 2, height * 2).toDataURL();
  const marks = [...view.querySelectorAll("i:not(.cursor, .hover, .others)")].map((mark) => {
    const { borderTopColor, borderTopWidth } = getComputedStyle(mark);
    return outline(mark, borderTopColor, borderTopWidth);
  });
  return shape("g", { opacity: opacityOf(view) },
    (href && shape("image", { x, y, width, height, href })) +
    outline(view, outlineColor, outlineWidth, missing ? "url(#missing)" : "none") + marks.join(""));
}

/**
 * @param {Element} element
 * @param {string} stroke
 * @param {string} wide
 * @param {string} [fill]
 */
function outline(element, stroke, wide, fill = "none") {
  const { x, y, width, height } = element.getBoundingClientRect();
  return shape("rect", { x, y, width, height, fill, stroke, "stroke-width": wide });
}

/**
 * Cells with sharp edges, whoever shows them: each pixel as many.
 * @param {HTMLCanvasElement | HTMLImageElement} from
 * @param {number} width
 * @param {number} height
 */
function enlarged(from, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("canvas");
  context.imageSmoothingEnabled = false;
  context.drawImage(from, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * Each word where it stands; of a caption that is cut off there, its first name.
 * @param {Text} node
 */
function words(node) {
  const parent = /** @type {HTMLElement} */ (node.parentElement);
  const { color: fill, fontFamily, fontSize, fontWeight, visibility } = getComputedStyle(parent);
  const { right: edge, bottom } = parent.closest("figcaption")?.getBoundingClientRect() ?? { right: Infinity, bottom: Infinity };
  const range = document.createRange();
  range.selectNodeContents(node);
  if (visibility === "hidden" || (parent.matches(".also") && range.getBoundingClientRect().right > edge + 1)) return "";
  return [...node.data.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const { x, y, width, height } = range.getBoundingClientRect();
    const place = { x, y: y + height / 2 + parseFloat(fontSize) * 0.35, textLength: Math.min(width, edge - x), lengthAdjust: "spacingAndGlyphs" };
    const look = { fill, opacity: opacityOf(parent), "font-family": fontFamily, "font-size": fontSize, "font-weight": fontWeight };
    return width && place.textLength > 0 && y + height < bottom + 5 ? shape("text", { ...place, ...look }, escaped(word)) : "";
  }).join("");
}

/** @param {Element} element What is old is dimmed with all that is in its figure. */
function opacityOf(element) {
  return getComputedStyle(element.closest("figure") ?? element).opacity;
}

/**
 * @param {string} name
 * @param {object} attributes
 * @param {string} [content]
 */
function shape(name, attributes, content = "") {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${pairs.join("")}>${content}</${name}>`;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
