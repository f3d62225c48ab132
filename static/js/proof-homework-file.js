/** A file of homework: chosen by a button, or let go anywhere on the tab. */

import { expectSmall } from "./api.js";
import { byId } from "./dom.js";

/**
 * @param {HTMLTextAreaElement} text The field that it is read into.
 * @param {() => void} read What to do then.
 * @param {(error: unknown) => void} failed
 */
export function takeFiles(text, read, failed) {
  const file = /** @type {HTMLInputElement} */ (byId("homework-file"));

  /** @param {File} [from] */
  async function take(from) {
    if (!from) return;
    try {
      expectSmall(from);
      text.value = await from.text();
      read();
    } catch (error) {
      failed(error);
    }
    text.focus();
  }

  /** @param {DragEvent} event */
  function drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    // Elsewhere on the page it would be a run or data.
    event.stopPropagation();
    text.classList.toggle("over", event.type === "dragover");
    if (event.type === "drop") void take(event.dataTransfer.files[0]);
  }

  byId("homework-open").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    void take(file.files?.[0]);
    file.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    byId("proof-homework").addEventListener(kind, (event) => drop(/** @type {DragEvent} */ (event)));
  }
}
