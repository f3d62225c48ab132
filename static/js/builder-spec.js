/** The builder's arithmetic: a spec and its fields, what of it changed, what it adds up to, what it lacks. */

/** @typedef {import("./types.js").Spec} Spec */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Matrix} Matrix */
/**
 * @typedef {{type: string, units?: any, initializer?: any, weight?: Matrix | null, bias?: Matrix | null, l1?: number, l2?: number, was?: string}} Layer
 *   `was`: its name in the run that it came from.
 * @typedef {Omit<Spec, "layers"> & {layers: Layer[], leave?: boolean}} Draft `leave`: without the edits that do not fit.
 * @typedef {{name: string, type: string, default: any, minimum: number, maximum: number}} Option
 * @typedef {{name: string, upload?: string, target: "index" | "flags", samples: number, features: string[], classes: string[], options: Option[]}} Dataset
 *   As GET /datasets describes it.
 * @typedef {{key: string, params: Record<string, unknown>, fix?: Partial<Draft>}} Hint A sentence, and what would settle it.
 */

/** The last layer that each loss expects. */
const LAST = { categorical_crossentropy: "softmax", binary_crossentropy: "sigmoid" };

/**
 * A draft of a run's spec: a copy whose layers know their names.
 * @param {Spec} spec
 * @returns {Draft}
 */
export function drafted(spec) {
  const copy = structuredClone(spec);
  const names = namesOf(copy.layers);
  return { ...copy, layers: copy.layers.map((layer, at) => ({ ...layer, was: names[at] })) };
}

/**
 * Layers are named by type and count.
 * @param {{type: string}[]} layers
 */
export function namesOf(layers) {
  return layers.map(({ type }, at) => `${type}_${layers.slice(0, at + 1).filter((one) => one.type === type).length}`);
}

/**
 * A field by its name, as "layers[0].initializer.scale".
 * @param {any} spec
 * @param {string} name
 */
export function read(spec, name) {
  return steps(name).reduce((part, step) => part?.[step], spec);
}

/**
 * @param {any} spec
 * @param {string} name
 * @param {unknown} value
 */
export function write(spec, name, value) {
  const path = steps(name);
  const last = /** @type {string} */ (path.pop());
  path.reduce((part, step) => part[step], spec)[last] = value;
}

/** @param {string} name */
function steps(name) {
  return name.split(/[.[\]]+/);
}

/**
 * How wide the wires are: the features, then every dense layer's units; null where that is not known.
 * @param {Draft} draft
 * @param {Dataset} [data]
 * @returns {(number | null)[]} A width a layer, the input's before them.
 */
export function widths(draft, data) {
  const { dataset } = draft;
  const features = dataset.input ? dataset.input[0].length : dataset.features ?? data?.features.length;
  /** @type {(number | null)[]} */
  const found = [whole(features)];
  for (const layer of draft.layers) found.push(layer.type === "dense" ? whole(layer.units) : found[found.length - 1]);
  return found;
}

/** @param {unknown} value */
function whole(value) {
  return Number.isInteger(value) && Number(value) > 0 ? Number(value) : null;
}

/**
 * "4 → 5 → 3", and how many parameters that has; null where a width is not known.
 * @param {Draft} draft
 * @param {Dataset} [data]
 */
export function summary(draft, data) {
  const found = widths(draft, data);
  const dense = draft.layers.map(({ type }) => type === "dense");
  const shown = found.filter((_, at) => at === 0 || dense[at - 1]);
  const parameters = shown.slice(1).reduce((/** @type {number} */ sum, units, at) => sum + (Number(shown[at]) + 1) * Number(units), 0);
  return { widths: shown.map((width) => width ?? "?").join(" → "), parameters: shown.includes(null) ? null : parameters };
}

/**
 * Whether a dense layer's own weight has the shape that its place asks for.
 * @param {Layer} layer
 * @param {number | null} inputs
 */
export function given(layer, inputs) {
  const { weight, units } = layer;
  return !!weight && weight[0].length === units && (inputs === null || weight.length === inputs);
}

/**
 * The layers to send: without their former names, and without the arrays that no longer fit.
 * @param {Draft} draft
 * @param {Dataset} [data]
 */
function layersOf(draft, data) {
  const found = widths(draft, data);
  return draft.layers.map(({ was, ...layer }, at) => {
    if (layer.type !== "dense") return layer;
    const weight = given(layer, found[at]) ? layer.weight : null;
    const bias = layer.bias?.[0].length === layer.units && (weight || !layer.weight) ? layer.bias : null;
    return { ...layer, weight, bias };
  });
}

/**
 * The fields in which a draft differs from the spec that it came from. A head that is left to the conventions goes with
 * the name of their preset, which decides it.
 * @param {Spec} base
 * @param {Draft} draft
 * @param {Record<string, object>} rules
 * @param {Dataset} [data]
 */
export function changed(base, draft, rules, data) {
  const { leave, ...next } = /** @type {Record<string, any>} */ ({ ...draft, layers: layersOf(draft, data) });
  const fields = Object.keys(next).filter((name) => JSON.stringify(next[name]) !== JSON.stringify(base[name]));
  const changes = Object.fromEntries(fields.map((name) => [name, next[name]]));
  if (next.head === null) changes.conventions = presetOf(next.conventions, rules) ?? next.conventions;
  return changes;
}

/**
 * The preset that has these rules.
 * @param {object | undefined} conventions
 * @param {Record<string, any>} rules
 */
export function presetOf(conventions, rules) {
  const same = (/** @type {any} */ one) => Object.keys(one).every((name) => one[name] === read(conventions, name));
  return Object.keys(rules).find((name) => same(rules[name]));
}

/**
 * Names in a tensor or a step, as the layers are called in the draft; one that is gone has no name that a run knows.
 * @param {Draft} draft
 * @returns {(text: string) => string}
 */
export function renaming(draft) {
  const names = namesOf(draft.layers);
  return (text) =>
    text.replace(/\b(dense|relu|sigmoid|softmax)_\d+/, (was) => names[draft.layers.findIndex((one) => one.was === was)] ?? "gone");
}

/**
 * What the data wants of the network, and what the loss wants of its last layer.
 * @param {Draft} draft
 * @param {Record<string, any>} rules
 * @param {Dataset} [data]
 * @returns {Hint[]}
 */
export function hints(draft, rules, data) {
  const { layers, loss } = draft;
  /** @type {Hint[]} */
  const found = [];
  const classes = draft.dataset.classes ?? data?.classes.length;
  const binary = loss === "binary_crossentropy";
  if (data && binary && data.target === "index" && classes > 2) {
    found.push({ key: "classes", params: { data: data.name, classes }, fix: { loss: "categorical_crossentropy" } });
  } else if (data && whole(classes)) {
    const outputs = binary && data.target === "index" ? 1 : classes;
    const last = layers.findLastIndex(({ type }) => type === "dense");
    const right = widths(draft, data).at(-1) === outputs;
    const fit = layers.map((layer, at) => (at === last ? { ...layer, units: outputs } : layer));
    found.push({ key: "outputs", params: { data: data.name, classes, outputs }, ...(!right && last >= 0 && { fix: { layers: fit } }) });
  }
  const wanted = LAST[/** @type {keyof typeof LAST} */ (loss)];
  const end = layers.at(-1);
  if (end?.type !== wanted) {
    const before = end && end.type !== "dense" ? layers.slice(0, -1) : layers;
    found.push({ key: wanted, params: {}, fix: { layers: [...before, { type: wanted }] } });
  }
  if (draft.head === null && presetOf(draft.conventions, rules) === "pytorch") {
    found.push({ key: end?.type === wanted ? "fused" : "separate", params: { layer: wanted } });
  }
  return found;
}
