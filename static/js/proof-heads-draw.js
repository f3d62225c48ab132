/** The curves of loss and gradient, each above its error, with a line where the slider is. */

import { answers } from "./answers.js";
import { getAnswer } from "./api.js";
import { byId } from "./dom.js";
import { t, worded } from "./i18n.js";
import { clear, draw, mark } from "./plot.js";
import { heads, looking, queryOf, told } from "./proof-heads-now.js";
import { QUANTITIES, drawnAt, placeAt } from "./proof-heads-read.js";
import { proof } from "./proof-state.js";
import { effect, signal, state } from "./state.js";

/** @typedef {import("./figure-matrices.js").Figure} Figure */
/** @typedef {import("./proof-heads-read.js").Quantity} Quantity */

/** @type {ReturnType<typeof answers<Figure>>} */
const kept = answers(16);

export function drawCurves() {
  QUANTITIES.forEach(drawOne);
}

/** @param {Quantity} of */
function drawOne(of) {
  const plot = byId(`proof-heads-${of}`);
  const [drawn, failed] = [signal(/** @type {Figure | null} */ (null)), signal("")];
  /** @type {Figure | undefined} */
  let wanted;
  let marking = false;

  effect(() => {
    if (proof.tab.value !== "heads") return;
    const query = `${queryOf(heads.dtype.value)}&of=${of}&lang=${state.lang.value}&theme=${state.theme.value}`;
    const { answer, problem } = kept.of(query, () => getAnswer(`/api/v1/heads/figure?${query}`), looking);
    failed.value = problem ? worded(problem) : "";
    wanted = answer;
    if (answer) drawAnew(answer).catch((error) => (failed.value = t("figure.failed", { reason: String(error) })));
  });
  effect(() => {
    byId(`proof-heads-${of}-trouble`).textContent = failed.value;
  });
  effect(() => {
    if (told.value?.shown && drawn.value && !marking) {
      marking = true;
      requestAnimationFrame(() => {
        marking = false;
        void markPlace();
      });
    }
  });

  /** @param {Figure} figure */
  async function drawAnew(figure) {
    drawn.value = null;
    await draw(plot, figure, () => {}, ({ column }) => {
      const shown = told.peek()?.shown;
      if (shown) heads.logit.value = shown.logits[placeAt(shown, column)][0];
    });
    if (figure === wanted) drawn.value = figure;
    if (!looking()) await clear(plot);
  }

  async function markPlace() {
    const [now, figure] = [told.peek(), drawn.peek()];
    if (!now?.shown || !figure) return;
    const x = drawnAt(now.shown, now.at);
    const line = { color: getComputedStyle(plot).getPropertyValue("--focus"), width: 2 };
    await mark(plot, [...(figure.layout.shapes ?? []), { type: "line", xref: "x2", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line }]);
    plot.dataset.marked = String(x);
  }
}
