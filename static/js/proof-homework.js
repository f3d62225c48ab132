/** The proof's tab for homework: a tensor that somebody worked out is graded, cell by cell. */

import { postAnswer, tensorPath } from "./api.js";
import { shapeName } from "./cells.js";
import { byId, make } from "./dom.js";
import { t, worded } from "./i18n.js";
import { canonical } from "./linkage.js";
import { parseMatrix } from "./parse-matrix.js";
import { stepOf } from "./positions.js";
import { goToCell, proof } from "./proof-state.js";
import { takeFiles } from "./proof-homework-file.js";
import { gradeTable } from "./proof-homework-table.js";
import { gradedAt, homeworkOf, roundedOff, sentAs } from "./proof-homework-read.js";
import { gradeSaid } from "./proof-homework-words.js";
import { effect, onStage, signal, state } from "./state.js";

/** @typedef {import("./proof-homework-words.js").Grade} Grade */

const tensors = /** @type {HTMLSelectElement} */ (byId("homework-tensor"));
const tolerances = /** @type {HTMLSelectElement} */ (byId("homework-tolerance"));
const text = /** @type {HTMLTextAreaElement} */ (byId("homework-text"));
const [rounding, telling] = ["homework-rounding", "homework-shown"].map((id) => /** @type {HTMLInputElement} */ (byId(id)));

const [tensor, typed, told] = [signal(""), signal(""), signal(false)];
const tolerance = signal("1e-6");
const forgiven = signal(true);
const graded = signal(/** @type {Grade | null} */ (null));
const refusal = signal("");
/** How often was asked: only the last answer is shown. */
let asked = 0;

text.addEventListener("input", () => (typed.value = text.value));
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void grade();
});
tensors.addEventListener("change", () => (tensor.value = tensors.value));
tolerances.addEventListener("change", () => (tolerance.value = tolerances.value));
rounding.addEventListener("change", () => (forgiven.value = rounding.checked));
telling.addEventListener("change", () => (told.value = telling.checked));
byId("homework-go").addEventListener("click", () => void grade());
takeFiles(text, () => (typed.value = text.value), (error) => (refusal.value = worded(error)));

/** What can be chosen follows the run; the choice stays where the new run has it too. */
export function showHomework() {
  const run = state.run.peek();
  if (!run) return;
  const { gradients, others } = homeworkOf(run);
  const group = (/** @type {string} */ key, /** @type {string[]} */ names) => {
    const made = make("optgroup", "", ...names.map((name) => new Option(`${name} ${shapeName(run.tensors[name].shape)}`, name)));
    made.label = t(key);
    return made;
  };
  tensors.replaceChildren(group("proof.homework.gradients", gradients), group("proof.homework.others", others));
  const chosen = canonical(run, state.selection.peek()?.tensor ?? "");
  const names = [...gradients, ...others];
  tensor.value = [tensor.peek(), chosen, ...gradients, ...others].find((name) => names.includes(name)) ?? "";
  tensors.value = tensor.peek();
}

async function grade() {
  const there = onStage.peek();
  const parsed = parseMatrix(typed.peek());
  if (!there || !("values" in parsed)) {
    if ("key" in parsed) refusal.value = t(parsed.key, parsed.params);
    return text.focus();
  }
  const [{ run, frame }, name, call] = [there, tensor.peek(), (asked += 1)];
  const { absolute, share } = forgiven.peek() ? roundedOff(typed.peek()) : { absolute: 0, share: 0 };
  const body = { values: sentAs(parsed.values, run.tensors[name].shape), tolerance: Math.max(Number(tolerance.peek()), share), absolute };
  refusal.value = "";
  byId("homework-go").ariaBusy = "true";
  try {
    const answer = await postAnswer(`${tensorPath(run.id, gradedAt(run, frame, name), name)}/grade`, body);
    if (call !== asked) return;
    graded.value = answer;
    // On a phone it stands below.
    byId("homework-verdict").scrollIntoView({ block: "start" });
  } catch (error) {
    if (call === asked) refusal.value = refused(error);
  } finally {
    if (call === asked) byId("homework-go").ariaBusy = "false";
  }
}

/** @param {any} error */
function refused(error) {
  if (error.code !== "wrong_shape" || error.field !== "body.values") return worded(error);
  const [expected, got] = [error.params.expected, error.params.got].map(shapeName);
  return t("proof.homework.shape", { expected, got });
}

// A grade is of one text, one tensor and one place.
effect(() => {
  const key = [onStage.value?.frame.run, onStage.value?.frame.position, tensor.value, typed.value, tolerance.value, forgiven.value];
  if (key) asked += 1;
  byId("homework-go").ariaBusy = "false";
  graded.value = null;
  refusal.value = "";
});

effect(() => {
  const there = onStage.value;
  if (proof.tab.value !== "homework" || !there || !tensor.value) return;
  const { run, frame } = there;
  const { iteration, step } = stepOf(gradedAt(run, frame, tensor.value), run.steps_per_iteration);
  byId("homework-where").textContent = t("proof.homework.where", { step, of: run.steps_per_iteration, iteration });
  byId("homework-faulty").hidden = !run.spec.faults?.length;
});

effect(() => {
  if (proof.tab.value !== "homework") return;
  const parsed = typed.value.trim() ? parseMatrix(typed.value) : null;
  const wrong = refusal.value || (parsed && "key" in parsed ? t(parsed.key, parsed.params) : "");
  const { decimals } = forgiven.value ? roundedOff(typed.value) : { decimals: 0 };
  byId("homework-error").textContent = wrong;
  text.ariaInvalid = String(wrong !== "");
  const rounded = decimals > 0 && decimals < 16;
  const shape = parsed && "values" in parsed && shapeName([parsed.values.length, parsed.values[0].length]);
  byId("homework-read").textContent = shape ? t(rounded ? "proof.homework.read_rounded" : "proof.homework.read", { shape, decimals }) : "";
});

effect(() => {
  const found = graded.value;
  const [verdict, cells] = [byId("homework-verdict"), byId("homework-cells")];
  byId("homework-telling").hidden = cells.hidden = !found;
  if (!found) return verdict.replaceChildren();
  if (!state.lang.value) return;
  const { head, lines } = gradeSaid(found);
  verdict.className = found.verdict;
  verdict.replaceChildren(make("h3", "", head), ...(lines.length > 0 ? [make("ul", "", ...lines.map((line) => make("li", "", line)))] : []));
  cells.replaceChildren(gradeTable(found, told.value, (index) => goToCell({ tensor: found.tensor, index, position: found.position })));
});
