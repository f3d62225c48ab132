/** Runs and frames in the wire form, as small as the page's pure parts need them. */

/**
 * A run of dense_1, relu_1, dense_2 and softmax_1 over four samples of two features and three classes.
 * @param {Record<string, unknown>} [changes] Of the spec.
 */
export function runOf(changes = {}) {
  const shapes = {
    "data.input": [4, 2], "data.target": [4, 1], "batch.input": [4, 2], "batch.target": [4, 1],
    "dense_1.weight": [2, 5], "dense_1.bias": [1, 5], "dense_1.output": [4, 5], "relu_1.output": [4, 5],
    "dense_2.weight": [5, 3], "dense_2.bias": [1, 3], "dense_2.output": [4, 3], "softmax_1.output": [4, 3],
    "loss.output": [4, 1], "loss.value": [1, 1], "loss.dinput": [4, 3], "softmax_1.dinput": [4, 3],
    "dense_2.dinput": [4, 5], "dense_2.dweight": [5, 3], "dense_2.dbias": [1, 3], "relu_1.dinput": [4, 5],
    "dense_1.dinput": [4, 2], "dense_1.dweight": [2, 5], "dense_1.dbias": [1, 5],
  };
  const aliases = {
    "batch.input": ["dense_1.input"], "dense_1.output": ["relu_1.input"], "relu_1.output": ["dense_2.input"],
    "dense_2.output": ["softmax_1.input"], "loss.dinput": ["softmax_1.dvalue"], "softmax_1.dinput": ["dense_2.dvalue"],
    "dense_2.dinput": ["relu_1.dvalue"], "relu_1.dinput": ["dense_1.dvalue"],
  };
  const tensors = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: "float64", aliases: aliases[name] ?? [] }]),
  );
  const layers = ["dense_1", "relu_1", "dense_2", "softmax_1"];
  const backward = [...layers].reverse().map((layer) => `backward:${layer}`);
  const steps = ["batch", ...layers.map((layer) => `forward:${layer}`), "loss", "loss_backward", ...backward, "update"];
  return {
    id: "rfixture", layers, steps, steps_per_iteration: steps.length, tensors, page: "/",
    parameters: ["dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias"],
    spec: {
      dataset: {}, layers: [], loss: "categorical_crossentropy", head: "separate", edits: [],
      optimizer: { learning_rate: 0.1, decay: 0 }, ...changes,
    },
  };
}

/**
 * The same with weights that cost something, and an optimiser that remembers something of each parameter.
 * @param {Record<string, unknown>} [optimizer]
 * @param {string[]} [memory]
 */
export function costly(optimizer = { type: "adam" }, memory = ["momentum", "cache"]) {
  const penalty = { type: "dense", l1: 0.001, l2: 0.01 };
  const run = runOf({ optimizer, layers: [penalty, { type: "relu" }, { ...penalty, l1: 0 }, { type: "softmax" }] });
  const like = (name, shape) => (run.tensors[name] = { shape, dtype: "float64", aliases: [] });
  like("loss.penalty", [1, 1]);
  for (const name of run.parameters) for (const one of memory) like(`${name}.${one}`, run.tensors[name].shape);
  return run;
}

/** The position in iteration 0 that writes each tensor of `runOf`. */
const WRITTEN = {
  "data.input": 0, "data.target": 0, "dense_1.weight": 0, "dense_1.bias": 0, "dense_2.weight": 0, "dense_2.bias": 0,
  "batch.input": 1, "batch.target": 1, "dense_1.output": 2, "relu_1.output": 3, "dense_2.output": 4,
  "softmax_1.output": 5, "loss.output": 6, "loss.value": 6, "loss.dinput": 7, "softmax_1.dinput": 8,
  "dense_2.dinput": 9, "dense_2.dweight": 9, "dense_2.dbias": 9, "relu_1.dinput": 10,
  "dense_1.dinput": 11, "dense_1.dweight": 11, "dense_1.dbias": 11,
};

/**
 * The last frame of an iteration; every second value is negative.
 * @param {ReturnType<typeof runOf>} run
 * @param {number} [iteration]
 */
export function lastFrame(run, iteration = 0) {
  const start = iteration * run.steps_per_iteration;
  const tensors = Object.fromEntries(
    Object.entries(run.tensors).map(([name, { shape: [rows, columns], dtype }]) => {
      const values = Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => (row * columns + column + 1) * (column % 2 ? -1 : 1)),
      );
      const written = WRITTEN[name];
      const computed_at = written === 0 && !run.parameters.includes(name) ? 0 : start + written;
      return [name, { shape: [rows, columns], dtype, computed_at, min: -1, max: 1, norm: 1, nan: 0, inf: 0, values }];
    }),
  );
  return {
    run: run.id, position: start + run.steps_per_iteration - 1, iteration, step: "backward:dense_1",
    loss: 0.75, accuracy: 0.5, tensors,
  };
}
