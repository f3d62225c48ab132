/** How the page says whose share of a gradient is shown. */

import { alone, isAlone, isShared, shareOf } from "./alone.js";
import { valueIn } from "./cells.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { readable } from "./numbers.js";

/**
 * Whose share a matrix is, as captions say it; nothing where it is shown whole.
 * @param {string} tensor
 */
export function shareName(tensor) {
  const on = isAlone(tensor) && alone.value;
  return on ? t(isShared(tensor) ? "alone.share" : "alone.row", { sample: on.sample }) : "";
}

/**
 * Say it in a caption, after the matrix's name.
 * @param {HTMLElement} caption
 * @param {string} tensor
 */
export function noteShare(caption, tensor) {
  const text = shareName(tensor);
  const note = caption.querySelector(".share") ?? make("span", "share");
  if (note.textContent !== text) note.textContent = text;
  if (text && !note.parentNode) caption.firstChild?.after(" ", note);
  note.toggleAttribute("hidden", !text);
}

/**
 * What a norm is of: the share, or as NumPy writes it the sample's row.
 * @param {string} tensor
 * @param {string} name
 */
export function normed(tensor, name) {
  if (!isAlone(tensor)) return name;
  return isShared(tensor) ? t("alone.norm") : `${name}[${alone.value?.sample}]`;
}

/**
 * What is shown of a parameter's gradient's cell while a sample is alone.
 * @param {import("./types.js").Frame} frame
 * @param {string} tensor
 * @param {import("./types.js").Index} index
 */
export function shareOfCell(frame, tensor, index) {
  return alone.value && isShared(tensor) ? valueIn(shareOf(alone.value, tensor, frame.tensors[tensor]), index) : undefined;
}

/**
 * "0.004 of 0.081": a cell's share, where that is shown, and its value.
 * @param {string} value
 * @param {import("./types.js").Num | undefined} share
 */
export function valueWithShare(value, share) {
  return share === undefined ? value : t("alone.of", { share: readable(share), whole: value });
}

/**
 * The same as a sentence.
 * @param {string} tensor
 * @param {boolean} there Whether the share has come.
 */
export function shareSaid(tensor, there) {
  const on = isAlone(tensor) && alone.value;
  if (!on) return "";
  return t(!isShared(tensor) ? "alone.row.said" : there ? "alone.share.said" : "alone.asking", { sample: on.sample });
}
