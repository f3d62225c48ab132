/**
 * The wire forms that the page reads, as the service sends them.
 *
 * @typedef {number | "NaN" | "Infinity" | "-Infinity"} Num A number on the wire.
 * @typedef {Num[][]} Matrix
 * @typedef {[number, number]} Index Row and column.
 * @typedef {{tensor: string, index: Index, position: number}} Cell
 * @typedef {Cell & {value: number}} Edit
 *
 * @typedef {{
 *   type?: "sgd" | "adagrad" | "rmsprop" | "adam" | "adamw", learning_rate?: number, decay?: number, momentum?: number,
 *   nesterov?: boolean, rho?: number, beta1?: number, beta2?: number, epsilon?: number, weight_decay?: number,
 * }} Optimizer
 * @typedef {Record<string, any> & {
 *   dataset: Record<string, any>, layers: {type: string, units?: number, l1?: number, l2?: number}[], loss: string,
 *   head?: string, optimizer?: Optimizer,
 *   conventions?: {relu_at_zero: 0 | 1, bce_outputs: "sum" | "mean", clip: number},
 *   faults?: string[], edits?: Edit[],
 * }} Spec A normalised spec.
 * @typedef {{shape: Index, dtype: string, aliases: string[]}} RunTensor
 * @typedef {{
 *   id: string, parent: string | null, spec: Spec, layers: string[], steps: string[], steps_per_iteration: number,
 *   tensors: Record<string, RunTensor>, parameters: string[], page: string,
 *   data?: {features: string[], classes: string[]} | null,
 * }} Run
 *
 * @typedef {{
 *   min: number | null, max: number | null, norm: Num | null, nan: number | null, inf: number | null,
 *   values?: Matrix | null,
 * }} Figures Of its finite values; a row without values is not shown.
 * @typedef {Figures & {shape: Index, dtype: string, computed_at: number | null}} Tensor
 * @typedef {{
 *   run: string, position: number, iteration: number, step: string | null,
 *   loss: Num | null, accuracy: number | null, tensors: Record<string, Tensor>, regions?: Regions,
 * }} Frame `regions`: where they came with it.
 * @typedef {{
 *   resolution: number, x: [number, number], y: [number, number],
 *   classes: ArrayLike<number>, share: ArrayLike<number>, samples?: ArrayLike<number>,
 * }} Regions Row 0 at the top; `samples`: the class of each sample of the data.
 *
 * @typedef {{
 *   iteration: number, loss: Num, accuracy: number, test_loss: Num | null, test_accuracy: number | null,
 *   layers: Record<string, Record<string, Num>>,
 * }} HistoryRecord
 *
 * @typedef {{label: string, value: Num, derived: boolean, cells: Cell[]}} Factor
 * @typedef {{value: Num, factors: Factor[]}} Term
 * @typedef {{
 *   cell: Cell, value: Num, origin: string | null, formula: {symbolic: string, numeric: string},
 *   terms: Term[], terms_total: number, used_by: Cell[],
 * }} Explanation
 * @typedef {{jacobian: Matrix, sample: number, samples: number, dvalue: Num[] | null, dinput: Num[]}} Jacobian
 *
 * @typedef {{signed: string[], classes: string[], paper: string, ink: string, muted: string, line: string, warn: string}} Scale
 * @typedef {{
 *   build: string, lang: "en" | "zh", catalogue: Record<string, string>, scales: {light: Scale, dark: Scale},
 *   presets: Record<string, object>, opens: {preset: string, position: number, selection: Cell | null},
 *   notice?: {key: string, params: Record<string, unknown>} | null,
 *   run: Run, frames: Frame[],
 * }} Boot
 */

export {};
