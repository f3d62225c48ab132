/** A walk along the chain rule: one cell a click, forward to the loss and back, with the product so far. */

import { cellName } from "./cells.js";
import { button, byId, make } from "./dom.js";
import { load } from "./frames.js";
import { t } from "./i18n.js";
import { say } from "./live.js";
import { report } from "./loader.js";
import { readable } from "./numbers.js";
import { fill } from "./parts.js";
import { iterationEnds } from "./positions.js";
import { batch, effect, goTo, select, state } from "./state.js";
import { carried, gradientAt, gradientOf, onward, pathsFrom, product, stopsOf, toLoss, valueAt } from "./walk-path.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./walk-path.js").Hop} Hop */
/** @typedef {import("./walk-path.js").Stop} Stop */
/** @typedef {import("./walk-path.js").Walk} Walk */

const MOST_WAYS = 100;
/** Paths may miss this share of a gradient by rounding; by more they miss it because it was edited. */
const ROUNDING = 1e-4;

effect(() => {
  const [run, walk, cell] = [state.run.value, state.walk.value, state.selection.value];
  const on = run && walk && walk.frame.run === run.id;
  const stops = on ? stopsOf(run, walk.path) : [];
  // Whoever opens another cell has left the walk.
  if (walk && !(cell && on && cellName(cell) === cellName(stops[walk.at]))) state.walk.value = null;
  else draw(run, walk, stops);
});

/**
 * Set out from a cell's variable, in the iteration that the cell belongs to.
 * @param {import("./inspector.js").Chosen} chosen
 * @param {string} tensor The variable.
 */
export async function start({ run, frame, cell, tensor: opened }, tensor) {
  const home = { ...cell, position: state.position.peek() };
  const written = run.parameters.includes(opened) ? frame.position : frame.tensors[opened].computed_at ?? 0;
  try {
    const { last } = await load(run, iterationEnds(written, run.steps_per_iteration).end);
    if (state.run.peek() !== run || state.selection.peek() !== cell) return;
    stand({ frame: last, path: toLoss(run, last, [{ tensor, index: cell.index, local: 1, why: "" }]), at: 0, home });
    /** @type {HTMLElement} */ (byId("inspector-walk").querySelector("[data-key=on]")).focus();
  } catch (error) {
    report(error);
  }
}

/** @param {Walk} walk With the stop where it is to be. */
function stand(walk) {
  const run = state.run.peek();
  if (!run) return;
  const stops = stopsOf(run, walk.path);
  const stop = stops[walk.at];
  const { start } = iterationEnds(walk.frame.position, run.steps_per_iteration);
  // A parameter is there before the pass; the walk begins once the batch is laid in.
  const position = Math.max(start + 1, walk.frame.tensors[stop.tensor].computed_at ?? 0);
  batch(() => {
    state.walk.value = walk;
    goTo(position);
    select({ tensor: stop.tensor, index: stop.index, position });
  });
  say([...sentences(run, walk, stops), productOf(stop)].join(" "));
}

function leave() {
  const walk = state.walk.peek();
  if (!walk) return;
  batch(() => {
    state.walk.value = null;
    goTo(walk.home.position);
    select(walk.home);
  });
}

/**
 * @param {Run | null} run
 * @param {Walk | null} walk
 * @param {Stop[]} stops
 */
function draw(run, walk, stops) {
  const key = run && walk ? `${state.lang.value} ${walk.at} ${walk.path.map(cellName).join(" ")}` : "";
  fill(byId("inspector-walk"), key, () => (run && walk ? panel(run, walk, stops) : []), byId("inspector-name"));
}

/**
 * @param {Run} run
 * @param {Walk} walk
 * @param {Stop[]} stops
 */
function panel(run, walk, stops) {
  const { at } = walk;
  const move = (/** @type {string} */ key, /** @type {string} */ text, /** @type {() => void} */ act) => {
    const made = button("", text, act);
    made.dataset.key = key;
    return made;
  };
  const go = (/** @type {number} */ to) => () => stand({ ...walk, at: to });
  const next = stops[at + 1];
  const turns = next?.back && !stops[at].back;
  const on = next ? move("on", t(turns ? "walk.turn" : "walk.on", { cell: cellName(next) }), go(at + 1)) : move("on", t("walk.over"), leave);
  const others = [...(at > 0 ? [move("back", t("walk.back"), go(at - 1))] : []), ...(next ? [button("", t("walk.leave"), leave)] : [])];
  return [
    make("h2", "", t("walk.title", { at, all: stops.length - 1 })),
    ...sentences(run, walk, stops).map((text) => make("p", "", text)),
    make("p", "product", productOf(stops[at])),
    ...ways(run, walk),
    make("div", "actions", on, ...others),
  ];
}

/**
 * What happens at a stop: what led there, what it carries, and at both ends what it is for.
 * @param {Run} run
 * @param {Walk} walk
 * @param {Stop[]} stops
 * @returns {string[]}
 */
function sentences(run, { frame, path, at }, stops) {
  const [stop, before, begin] = [stops[at], stops[at - 1], path[0]];
  const count = pathsFrom(run, frame, begin);
  const gradient = gradientOf(run, begin.tensor);
  const whole = { gradient: gradient ? cellName({ tensor: gradient, index: begin.index }) : "", value: number(gradientAt(run, frame, begin)), count };
  const broken = edited(run, frame, path);
  if (!before) return [t("walk.begin", { cell: cellName(stop) }), ...(gradient && !broken ? [t("walk.whole", whole)] : [])];
  const why = t(`walk.by.${stop.why}`, { from: stop.from ? cellName(stop.from) : "" });
  const params = { cell: cellName(stop), before: cellName(before), local: number(stop.local), why };
  const said = stop.back
    ? [t(broken ? "walk.backward.faulty" : "walk.backward", { ...params, value: number(valueAt(frame, stop)) })]
    : [t("walk.forward", params)];
  if (stop.tensor === "loss.value") said.push(t("walk.loss", { cell: cellName(begin), product: number(product(stop.factors)) }));
  if (stop.back && at === stops.length - 1) said.push(t(broken ? (run.spec.faults?.length ? "walk.faulty" : "walk.edited") : "walk.share", whole));
  return said;
}

/** @param {Stop} stop */
function productOf({ factors }) {
  if (factors.length === 0) return "";
  const all = factors.map((one) => (one < 0 ? `(${number(one)})` : number(one))).join(" × ");
  return t("walk.product", { product: factors.length > 1 ? `${all} = ${number(product(factors))}` : all });
}

/**
 * The cells that the path may go on through, that which carries most first.
 * @param {Run} run
 * @param {Walk} walk
 */
function ways(run, walk) {
  const { frame, path, at } = walk;
  const taken = path[at + 1];
  const all = taken ? onward(run, frame, path[at]) : [];
  if (all.length < 2) return [];
  const size = (/** @type {Hop} */ way) => Math.abs(carried(run, frame, way)) || 0;
  const sorted = all.sort((a, b) => size(b) - size(a)).slice(0, MOST_WAYS);
  const choice = make("select", "");
  for (const way of sorted) {
    const text = t("walk.way", { cell: cellName(way), share: number(carried(run, frame, way)) });
    choice.add(new Option(text, "", false, cellName(way) === cellName(taken)));
  }
  choice.dataset.key = "ways";
  choice.addEventListener("change", () => {
    const way = sorted[choice.selectedIndex];
    state.walk.value = { ...walk, path: toLoss(run, frame, [...path.slice(0, at + 1), way]) };
  });
  return [make("label", "", t("walk.ways"), choice)];
}

/**
 * Whether a gradient on the path is not the sum of what goes through its ways: someone wrote over it.
 * @param {Run} run
 * @param {Frame} frame
 * @param {Hop[]} path
 */
function edited(run, frame, path) {
  return path.slice(0, -1).some((spot) => {
    const shares = onward(run, frame, spot).map((way) => carried(run, frame, way));
    const sum = (/** @type {number[]} */ all) => all.reduce((so, one) => so + one, 0);
    return Math.abs(sum(shares) - gradientAt(run, frame, spot)) > ROUNDING * sum(shares.map(Math.abs));
  });
}

/** @param {number} value */
function number(value) {
  return readable(value, 3);
}
