/** Plotly's cartesian bundle: a classic script, fetched when the first figure is opened and never before. */

import { address } from "./api.js";
import { make } from "./dom.js";

/**
 * The little of Plotly that is used here.
 * @typedef {{points: {data: {name?: string}, curveNumber: number, x: number, y: number}[]}} PlotlyEvent
 * @typedef {HTMLElement & {on(name: string, listener: (event: PlotlyEvent) => void): void}} PlotlyElement
 * @typedef {{
 *   react(element: HTMLElement, data: object[], layout: object, config: object): Promise<PlotlyElement>,
 *   relayout(element: HTMLElement, changes: object): Promise<PlotlyElement>,
 *   purge(element: HTMLElement): void,
 *   Plots: {resize(element: HTMLElement): void},
 * }} Plotly
 */

/** @type {Promise<Plotly> | null} */
let loading = null;

/** @returns {Promise<Plotly>} */
export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = make("script", "");
    script.src = address("/static/vendor/plotly-cartesian.min.js");
    script.addEventListener("load", () => resolve(/** @type {any} */ (window).Plotly));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error(script.src));
    });
    document.head.append(script);
  });
  return loading;
}
