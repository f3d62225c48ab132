/** One picture of the data: painted as the state is, and a slider over the batch's samples for the keyboard. */

import { pending } from "./answers.js";
import { paintGallery, roomFor, sampleAt } from "./data-gallery.js";
import { batchNow, classNames, pointsNow, regionsNow } from "./data-now.js";
import { paintPlane, pointAt, projection } from "./data-plane.js";
import { NO_CLASS, classCount, regionAt } from "./data-samples.js";
import { isOld } from "./derive.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { percent, readable } from "./numbers.js";
import { slid } from "./slide.js";
import { computed, effect, sampleOf, select, signal, state } from "./state.js";
import { palette } from "./theme.js";
import { isMap } from "./viewport.js";

/** @typedef {{resolution: number, wanted: () => boolean, open?: () => void}} Options `open`: what Enter does. */

/** Samples that Page Up and Page Down go. */
const PAGE = 10;

/** @param {number} sample A row of the batch; a chosen cell of a sample's goes with it. */
function choose(sample) {
  const cell = state.selection.peek();
  if (cell && sampleOf(cell) !== null) select({ ...cell, index: [sample, cell.index[1]] });
  else state.sample.value = sample;
}

/**
 * @param {Options} options
 * @returns {{box: HTMLElement, words: HTMLElement}} The picture, and what it says of the chosen sample.
 */
export function dataView({ resolution, wanted, open }) {
  const canvas = make("canvas", "");
  canvas.ariaHidden = "true";
  const box = make("div", "data-box", canvas);
  const [said, right, here] = [make("p", "data-said"), make("p", "hint"), make("p", "hint")];
  here.role = "status";
  const words = make("div", "data-words", said, right, here);
  const size = signal({ width: 0, height: 0 });
  const regions = regionsNow(resolution, () => wanted() && batchNow.value?.kind === "plane");
  new ResizeObserver(() => (size.value = { width: box.clientWidth, height: box.clientHeight })).observe(box);
  /** What is said of the place that a pointer or a click was at; a function, so that it follows the language. */
  const pointed = signal(/** @type {(() => string) | null} */ (null));
  box.tabIndex = 0;
  box.role = "slider";

  /** What is painted, by its kind. */
  const painted = computed(() => {
    const now = batchNow.value;
    const { width, height } = size.value;
    if (!now || !wanted() || !(width && height)) return null;
    const { run, frame, kind, samples, chosen } = now;
    const names = classNames(run);
    const colours = palette(state.theme.value);
    const found = regions.value?.regions ?? null;
    const plane = kind === "plane" ? {
      size: Math.min(width, height), regions: found, points: pointsNow(found), chosen: chosen < 0 ? null : chosen,
      count: classCount(run), colours,
    } : null;
    const input = kind === "digits" ? frame.tensors["batch.input"].values ?? null : null;
    const gallery = plane ? null : { width, height, samples, input, chosen, names, colours };
    return { ...now, names, plane, gallery };
  });

  effect(() => {
    const { plane, gallery } = painted.value ?? {};
    if (plane) paintPlane(canvas, plane);
    if (gallery) paintGallery(canvas, gallery);
    box.classList.toggle("late", regions.value?.late === true);
    box.classList.toggle("plane", Boolean(plane));
  });

  effect(() => {
    const now = painted.value;
    if (!now) return;
    const { samples, chosen, plane, gallery } = now;
    box.ariaLabel = t("data.sample");
    box.ariaValueMin = "0";
    box.ariaValueMax = String(Math.max(0, samples.length - 1));
    box.ariaValueNow = String(Math.max(0, chosen));
    const point = plane?.points.find((one) => one.sample === chosen);
    const text = spoken(now, point?.said ?? null);
    box.ariaValueText = text;
    said.textContent = text;
    const judged = (plane ? plane.points : samples).filter((one) => one.said !== null);
    const hits = judged.filter((one) => one.said === one.label).length;
    const counts = judged.length ? t(plane ? "data.right" : "data.right.batch", { right: hits, count: judged.length }) : "";
    const { first, last } = gallery && samples.length ? roomFor(gallery) : { first: 0, last: samples.length };
    const part = last - first < samples.length ? t("data.part", { first, last: last - 1, count: samples.length }) : "";
    right.textContent = [counts, part].filter(Boolean).join(" ");
    const { held } = regions.value ?? {};
    if (held?.problem) here.replaceChildren(pending(held, "data.asking"));
    else here.textContent = pointed.value?.() ?? "";
  });

  box.addEventListener("click", (event) => {
    const { plane, gallery, samples } = painted.peek() ?? {};
    // A phone's picture is too small to choose in.
    if (open && isMap()) return open();
    const [left, top] = placeIn(canvas, event);
    const point = plane && pointAt(plane, left, top);
    const sample = plane ? point?.sample : gallery && sampleAt(gallery, left, top);
    if (typeof sample === "number") {
      pointed.value = null;
      choose(sample);
    } else if (point) {
      pointed.value = () => t(samples?.length ? "data.elsewhere" : "data.nothing", { count: samples?.length });
    }
  });
  box.addEventListener("pointermove", (event) => {
    const { plane, names } = painted.peek() ?? {};
    if (!plane?.regions || !names) return;
    const at = projection(plane).from(...placeIn(canvas, event));
    const found = regionAt(plane.regions, at);
    if (!found || found.said === NO_CLASS) return;
    const [x, y] = at.map((value) => readable(value, 2));
    pointed.value = () => t("data.here", { x, y, said: names(found.said), percent: percent(found.share) });
  });
  box.addEventListener("pointerleave", () => (pointed.value = null));
  box.addEventListener("keydown", (event) => {
    const { samples, chosen } = painted.peek() ?? { samples: [], chosen: 0 };
    const to = slid(event, { now: chosen, most: samples.length - 1, page: PAGE });
    if (event.key === "Enter" && open) open();
    else if (to !== undefined && samples.length) choose(to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { box, words };
}

/**
 * The chosen sample in words.
 * @param {{run: import("./types.js").Run, frame: import("./types.js").Frame, samples: import("./data-samples.js").Sample[], chosen: number, names: (code: number) => string}} now
 * @param {number | null} coming What the network will say of it, with the weights that are shown.
 */
function spoken({ run, frame, samples, chosen, names }, coming) {
  const sample = samples[chosen];
  if (!sample) return t("data.nothing");
  const { label, said, share } = sample;
  const what = t("data.is", { sample: chosen, count: samples.length, label: names(label) });
  const stale = said === null || isOld(run, frame, "batch.target");
  if (stale && coming !== null && coming !== NO_CLASS) return `${what} ${t("data.will", { said: names(coming) })}`;
  if (said === null) return `${what} ${t("data.unsaid")}`;
  if (said === NO_CLASS) return `${what} ${t("data.no_class")}`;
  return `${what} ${t(said === label ? "data.hit" : "data.miss", { said: names(said), percent: percent(share) })}`;
}

/**
 * @param {HTMLElement} canvas
 * @param {MouseEvent} event
 * @returns {[number, number]}
 */
function placeIn(canvas, event) {
  const { left, top } = canvas.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
