/** What stands beside a Jacobian: the sample's scores and probabilities, a column of the product, why sums are zero. */

import { byId, make } from "./dom.js";
import { figure, figureNow } from "./figure-now.js";
import { fillScores } from "./figure-scores.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";
import { effect } from "./state.js";

/** @typedef {import("./figure-matrices.js").Part} Part */
/** @typedef {import("./figure-sample.js").Sampled} Sampled */

effect(() => {
  const [shown, k] = [figureNow.value, figure.column.value];
  const sampled = shown?.sampled;
  byId("figure-panel").hidden = byId("figure-lead").hidden = !sampled;
  if (!shown || !sampled) return;
  const softmax = sampled.layer.startsWith("softmax");
  for (const id of ["scores", "scores-title", "scores-said", "figure-sums"]) byId(id).hidden = !softmax;
  if (softmax) fillScores(sampled);
  const worked = productOf(shown.parts, sampled, k);
  byId("product-title").hidden = worked.length === 0;
  byId("figure-product").replaceChildren(...worked);
  const texts = {
    "figure-lead": t(softmax ? "figure.lead.softmax" : "figure.lead"),
    "scores-title": t("scores.title", { sample: sampled.sample }),
    "scores-loss": sampled.loss === null ? "" : t("scores.loss", { loss: readable(sampled.loss) }),
    "scores-said": figure.said.value,
    "product-title": t("figure.product", { k }),
  };
  for (const [id, text] of Object.entries(texts)) byId(id).textContent = text;
});

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
