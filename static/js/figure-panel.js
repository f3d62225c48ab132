/** What stands beside a Jacobian: the sample's scores and probabilities, a column of the product, why sums are zero. */

import { productOf } from "./figure-product.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/** @typedef {import("./figure-dialog.js").Parts} Dialog */
/** @typedef {import("./figure-view.js").Shown} Shown */

/**
 * @param {Dialog} dialog
 * @param {Shown | null} shown
 * @param {number} column Of J, which the product sums.
 * @param {string} said Of the scores that are being dragged, or were kept.
 */
export function fillPanel({ panel, lead, scores, scoresTitle, loss, kept, productTitle, product, sums }, shown, column, said) {
  const sampled = shown?.sampled;
  panel.hidden = lead.hidden = !sampled;
  if (!shown || !sampled) return;
  const softmax = sampled.layer.startsWith("softmax");
  lead.textContent = t(softmax ? "figure.lead.softmax" : "figure.lead");
  for (const part of [scores.element, scoresTitle, kept, sums]) part.hidden = !softmax;
  if (softmax) scores.fill(sampled);
  scoresTitle.textContent = t("scores.title", { sample: sampled.sample });
  loss.hidden = sampled.loss === null;
  loss.textContent = sampled.loss === null ? "" : t("scores.loss", { loss: readable(sampled.loss) });
  kept.textContent = said;
  sums.textContent = t("figure.sums");
  const worked = productOf(shown.parts, sampled, column);
  productTitle.hidden = worked.length === 0;
  productTitle.textContent = t("figure.product", { k: column });
  product.replaceChildren(...worked);
}
