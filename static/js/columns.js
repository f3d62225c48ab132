/** A run as the stage's columns: which tensor stands where, and under which names. */

import { canonical, isFused, typeOf } from "./linkage.js";
import { pixelSlots } from "./pixels.js";
import { memoriesOf } from "./updates.js";

/** @typedef {import("./types.js").Run} Run */
/**
 * @typedef {"weight" | "bias" | "output" | "target" | "gradient" | "dweight" | "dbias" | "jacobian" | "pixels" | "dpixels" | "memory" | "bias-memory" | "penalty"} Place
 * @typedef {{tensor: string, name: string, also: string | null, place: Place, shape: import("./types.js").Index}} Slot
 *   One matrix: its canonical name, what its caption says, and its second name.
 * @typedef {{id: string, kind: string, slots: Slot[]}} Column
 */

/**
 * Batch, a column a layer, loss.
 * @param {Run} run
 * @returns {Column[]}
 */
export function columnsOf(run) {
  const layers = run.layers.map((layer) => layerColumn(run, layer));
  const gradient = canonical(run, `${run.layers[0]}.dinput`);
  const batch = [slot(run, "batch.input", "input", "output"), slot(run, gradient, gradient, "gradient")];
  const penalty = slot(run, "loss.penalty", "penalty", "penalty");
  const loss = [penalty, slot(run, "batch.target", "target", "target"), slot(run, "loss.output", "loss", "output")];
  return [
    { id: "batch", kind: "batch", slots: [...present(batch), ...pixelSlots(run)] },
    ...layers,
    { id: "loss", kind: run.spec.loss === "binary_crossentropy" ? "bce" : "cce", slots: present(loss) },
  ];
}

/**
 * All slots in the order in which their tensors are computed; what the update alone writes comes last.
 * @param {Column[]} columns
 * @returns {Slot[]}
 */
export function inOrder(columns) {
  const all = columns.flatMap((column) => column.slots);
  const forward = all.filter(({ place }) => ["weight", "bias", "output", "target", "penalty"].includes(place));
  const backward = [...columns].reverse().flatMap((column) =>
    column.slots.filter(({ place }) => ["gradient", "dweight", "dbias"].includes(place)),
  );
  return [...forward, ...backward, ...all.filter(({ place }) => place.endsWith("memory"))];
}

/**
 * @param {Run} run
 * @param {string} layer
 * @returns {Column}
 */
function layerColumn(run, layer) {
  const kind = typeOf(layer);
  const gradient = canonical(run, `${layer}.dvalue`);
  // Between a fused head and its layer there is no gradient.
  const slots = [
    slot(run, `${layer}.weight`, "weight", "weight"),
    slot(run, `${layer}.bias`, "bias", "bias"),
    ...memoriesOf(run).flatMap((memory) => [
      slot(run, `${layer}.weight.${memory}`, memory, "memory"),
      slot(run, `${layer}.bias.${memory}`, memory, "bias-memory"),
    ]),
    slot(run, `${layer}.output`, "output", "output"),
    isFused(run, layer) ? null : slot(run, gradient, "dvalue", "gradient"),
    slot(run, `${layer}.dweight`, "dweight", "dweight"),
    slot(run, `${layer}.dbias`, "dbias", "dbias"),
  ];
  if (kind === "softmax") {
    const classes = run.tensors[`${layer}.output`].shape[1];
    slots.push({ tensor: layer, name: "jacobian", also: null, place: "jacobian", shape: [classes, classes] });
  }
  return { id: layer, kind, slots: present(slots) };
}

/**
 * @param {Run} run
 * @param {string} tensor
 * @param {string} name
 * @param {Place} place
 * @returns {Slot | null}
 */
function slot(run, tensor, name, place) {
  const found = run.tensors[tensor];
  if (!found) return null;
  const also = place === "output" ? found.aliases[0] ?? null : place === "gradient" && name === "dvalue" ? tensor : null;
  return { tensor, name, also, place, shape: found.shape };
}

/**
 * @param {(Slot | null)[]} slots
 * @returns {Slot[]}
 */
function present(slots) {
  return slots.filter((one) => one !== null);
}
