/** Where sharing and pasting start: what they need is fetched when it is asked for. */

import { byId } from "./dom.js";
import { canonical } from "./linkage.js";
import { report } from "./loader.js";
import { openPlace } from "./navigation.js";
import { state } from "./state.js";

/** @typedef {import("./types.js").Boot} Boot */

/** @param {Boot} boot */
export function mountSharing(boot) {
  const file = /** @type {HTMLInputElement} */ (byId("share-file"));
  byId("share").addEventListener("click", () => void import("./share.js").then(({ openShare }) => openShare()).catch(report));
  file.addEventListener("change", () => {
    /** @type {HTMLDialogElement} */ (byId("share-dialog")).close();
    take(boot, file.files);
    file.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    addEventListener(kind, (event) => drop(boot, /** @type {DragEvent} */ (event)));
  }
  addEventListener("paste", paste);
  const own = /** @type {HTMLInputElement} */ (byId("own-file"));
  own.addEventListener("change", () => {
    take(boot, own.files);
    own.value = "";
  });
}

/**
 * Open the dialog that takes a matrix for a tensor.
 * @param {string} tensor Its canonical name.
 * @param {string} [text] What was pasted already.
 */
export function openPaste(tensor, text = "") {
  void import("./paste.js").then((paste) => paste.showPaste(tensor, text)).catch(report);
}

/**
 * A run file or a table may be let go anywhere on the page.
 * @param {Boot} boot
 * @param {DragEvent} event
 */
function drop(boot, event) {
  const files = event.dataTransfer?.types.includes("Files");
  document.body.classList.toggle("dropping", files && event.type === "dragover");
  if (!files) return;
  event.preventDefault();
  if (event.type === "drop") take(boot, event.dataTransfer?.files);
}

/**
 * @param {Boot} boot
 * @param {FileList | null} [files]
 */
function take(boot, files) {
  const [file] = files ?? [];
  if (!file) return;
  if (/\.json$/i.test(file.name)) void import("./run-file.js").then(async ({ readRunFile }) => openPlace(boot, await readRunFile(file))).catch(report);
  else void import("./own.js").then(({ openOwn }) => openOwn(boot, file)).catch(report);
}

/**
 * What is pasted onto the stage, or onto an open figure, is meant for the matrix that is chosen there.
 * @param {ClipboardEvent} event
 */
function paste({ target, clipboardData }) {
  const [run, cell, opened] = [state.run.peek(), state.selection.peek(), state.opened.peek()];
  const on = target instanceof Element && target.closest("#stage, #figure") && !target.closest("input, textarea");
  const name = opened ? (opened.kind === "tensor" ? opened.tensor : null) : cell?.tensor;
  if (run && on && name) openPaste(canonical(run, name), clipboardData?.getData("text"));
}
