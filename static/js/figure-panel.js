/** What stands beside a Jacobian: the sample's scores and probabilities, a column of the product, why sums are zero. */

import { make } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/** @typedef {import("./figure-dialog.js").Parts} Dialog */
/** @typedef {import("./figure-view.js").Shown} Shown */
/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-sample.js").Sampled} Sampled */

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

/**
 * The terms of the column as a table; fused with the loss, the difference that stands in their place.
 * @param {Part[]} parts
 * @param {Sampled} sampled
 * @param {number} k
 * @returns {Node[]}
 */
function productOf(parts, sampled, k) {
  const [j, dvalue, dinput] = ["J", "dvalue", "dinput"].map((one) => parts.find(({ name }) => name === one)?.values);
  const result = dinput?.[0][k];
  if (!j || result === undefined) return [];
  if (!dvalue) return sampled.fused ? [make("p", "", difference(sampled, k, result))] : [];
  const heads = ["j", "dvalue[j]", `× J[j, ${k}]`, "="];
  const rows = dvalue.map(([slope], at) => line("td", [String(at), readable(slope), `× ${readable(j[at][k])}`, readable(slope * j[at][k])]));
  const label = make("th", "", `dinput[${k}]`);
  Object.assign(label, { scope: "row", colSpan: 3 });
  const foot = make("tr", "", label, make("td", "", readable(result)));
  return [make("table", "terms", make("thead", "", line("th", heads)), make("tbody", "", ...rows), make("tfoot", "", foot))];
}

/**
 * @param {Sampled} sampled
 * @param {number} k
 * @param {number} result
 */
function difference({ run, s, y, n }, k, result) {
  const labels = y ?? [];
  const sum = labels.reduce((all, one) => all + one, 0);
  const mean = run.spec.loss === "binary_crossentropy" && run.spec.conventions?.bce_outputs === "mean";
  const [below, number] = mean ? ["(n · J)", `(${n} · ${s.length})`] : ["n", n];
  // Where the targets of a softmax do not sum to 1, ŷ counts as often as they do.
  const times = run.spec.loss !== "binary_crossentropy" && sum !== 1 ? [" · Σy", ` · ${readable(sum, 3)}`] : ["", ""];
  const [made, target] = [readable(s[k]), readable(labels[k])];
  return `dinput[${k}] = (ŷ[${k}]${times[0]} − y[${k}]) / ${below} = (${made}${times[1]} − ${target}) / ${number} = ${readable(result)}`;
}

/**
 * @param {"td" | "th"} tag
 * @param {string[]} texts
 */
function line(tag, texts) {
  return make("tr", "", ...texts.map((text) => make(tag, "", text)));
}
