/** A whole pass worked out independently of the page: dense, an activation, dense, softmax, cross-entropy. */

const INPUT = [[0.5, -1.2], [1.5, 0.3], [-0.7, 0.8]];
const LABELS = [0, 2, 1];
const WEIGHTS = [[[0.4, -0.6], [0.9, 0.2]], [[0.3, -0.8, 0.5], [-0.4, 0.7, 0.1]]];
const BIASES = [[[0.1, -0.2]], [[0, 0.3, -0.1]]];

const map = (matrix, act) => matrix.map((row, i) => row.map((value, j) => act(value, i, j)));
const transpose = (matrix) => matrix[0].map((_, j) => matrix.map((row) => row[j]));
const times = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const sums = (matrix) => [matrix[0].map((_, j) => matrix.reduce((sum, row) => sum + row[j], 0))];

function softmax(rows) {
  return rows.map((row) => {
    const powers = row.map(Math.exp);
    const sum = powers.reduce((so, one) => so + one, 0);
    return powers.map((power) => power / sum);
  });
}

/**
 * @param {"relu" | "sigmoid"} kind
 * @param {"separate" | "fused"} head
 */
export function passOf(kind, head) {
  const act = `${kind}_1`;
  const hidden = map(times(INPUT, WEIGHTS[0]), (value, _, j) => value + BIASES[0][0][j]);
  const active = map(hidden, (z) => (kind === "relu" ? Math.max(0, z) : 1 / (1 + Math.exp(-z))));
  const scores = map(times(active, WEIGHTS[1]), (value, _, j) => value + BIASES[1][0][j]);
  const likely = softmax(scores);
  const n = INPUT.length;
  // By the scores the two together are (prediction − target) / n, however they are computed.
  const byScores = map(likely, (p, i, j) => (p - Number(LABELS[i] === j)) / n);
  const byActive = times(byScores, transpose(WEIGHTS[1]));
  const byHidden = map(byActive, (value, i, j) =>
    value * (kind === "relu" ? Number(hidden[i][j] > 0) : active[i][j] * (1 - active[i][j])));
  const values = {
    "batch.input": INPUT, "batch.target": LABELS.map((label) => [label]),
    "dense_1.weight": WEIGHTS[0], "dense_1.bias": BIASES[0], "dense_1.output": hidden, [`${act}.output`]: active,
    "dense_2.weight": WEIGHTS[1], "dense_2.bias": BIASES[1], "dense_2.output": scores, "softmax_1.output": likely,
    "loss.output": likely.map((row, i) => [-Math.log(row[LABELS[i]])]), "loss.value": [[0]],
    "loss.dinput": map(likely, (p, i, j) => (LABELS[i] === j ? -1 / p / n : 0)),
    "softmax_1.dinput": byScores, "dense_2.dinput": byActive, "dense_2.dweight": times(transpose(active), byScores),
    "dense_2.dbias": sums(byScores), [`${act}.dinput`]: byHidden, "dense_1.dinput": times(byHidden, transpose(WEIGHTS[0])),
    "dense_1.dweight": times(transpose(INPUT), byHidden), "dense_1.dbias": sums(byHidden),
  };
  if (head === "fused") delete values["loss.dinput"];
  const aliases = {
    "batch.input": ["dense_1.input"], "dense_1.output": [`${act}.input`], [`${act}.output`]: ["dense_2.input"],
    "dense_2.output": ["softmax_1.input"],
  };
  const tensors = Object.fromEntries(Object.entries(values).map(([name, rows]) => {
    const shape = [rows.length, rows[0].length];
    return [name, { shape, dtype: name === "batch.target" ? "int64" : "float64", values: structuredClone(rows), aliases: aliases[name] ?? [] }];
  }));
  const run = {
    layers: ["dense_1", act, "dense_2", "softmax_1"], tensors,
    parameters: ["dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias"],
    spec: { loss: "categorical_crossentropy", head, layers: [] },
  };
  return { run, frame: { tensors } };
}
