/** How the run is looked at, as links carry it: `&sample=2&open=softmax_1&difference=1&scale=stage`. */

import { holds } from "./forks.js";
import { whole } from "./fragment.js";
import { sampleOf, state } from "./state.js";

/** @typedef {import("./fragment.js").View} View */

const SCALES = /** @type {const} */ (["kind", "stage"]);

/**
 * What is not as the page opens; reading it inside an effect follows it.
 * @returns {View}
 */
export function viewNow() {
  const [opened, contrast, sample, scale] = [state.opened.value, state.contrast.value, state.sample.value, state.scaleBy.value];
  const all = {
    sample: sample === (sampleOf(state.selection.value) ?? 0) ? "" : String(sample),
    open: opened ? ("tensor" in opened ? opened.tensor : opened.layer) : "",
    difference: state.difference.value ? "1" : "",
    alone: state.alone.value ? "1" : "",
    scale: scale === "tensor" ? "" : scale,
    contrast: contrast ? `${contrast.tensor},${contrast.value}` : "",
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/**
 * Look at a run as a link says, once its cell is chosen; what does not fit the run is left out.
 * @param {import("./types.js").Run} run
 * @param {View} view
 */
export function openView(run, { sample, open = "", difference, alone, scale, contrast = "" }) {
  const there = (/** @type {string} */ tensor) => holds(run, tensor, [0, 0]);
  const last = run.tensors["batch.input"].shape[0] - 1;
  const [tensor, value] = contrast.split(",");
  state.sample.value = sample ? Math.min(whole(sample), last) : sampleOf(state.selection.value) ?? 0;
  state.opened.value =
    run.layers.includes(open) ? { kind: "jacobian", layer: open, sample: state.sample.value }
    : there(open) ? { kind: "tensor", tensor: open }
    : null;
  state.difference.value = difference === "1";
  state.alone.value = alone === "1";
  state.scaleBy.value = SCALES.find((one) => one === scale) ?? state.scaleBy.value;
  state.contrast.value = there(tensor) && Number.isFinite(Number(value)) ? { tensor, value: Number(value) } : null;
}
