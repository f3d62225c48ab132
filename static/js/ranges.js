/** How far the colours of each tensor reach at this moment. */

import { shownTensor } from "./difference.js";
import { rangeFor } from "./scales.js";
import { computed, onStage, state } from "./state.js";

/** @typedef {import("./scales.js").Extent} Extent */

/** Of all tensors of the stage; of what is not computed yet, the one that it will have. */
const extents = computed(() => {
  const [there, last] = [onStage.value, state.last.value];
  /** @type {Record<string, Extent>} */
  const found = {};
  if (!there || !last) return found;
  const { run, frame } = there;
  for (const name of Object.keys(run.tensors)) {
    if (name.startsWith("data.")) continue;
    // A sample's share is seen beside the whole: on its scale.
    const tensor = state.difference.value ? shownTensor(frame, name) : frame.tensors[name];
    found[name] = tensor.computed_at === null && !state.difference.value ? last.tensors[name] : tensor;
  }
  return found;
});

/**
 * @param {string} name A tensor's, or the layer's of a Jacobian.
 * @param {Extent} [own] Where the frame does not know it.
 */
export function rangeNow(name, own) {
  const all = own ? { ...extents.value, [name]: own } : extents.value;
  return rangeFor(name, all, state.scaleBy.value, state.contrast.value);
}
