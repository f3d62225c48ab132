/** A slider's keys (pure). */

/**
 * Where a key leads, as every slider has it: arrows a little, Page keys far, up and right to more.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">} press
 * @param {{now: number, most: number, page: number}} slider From 0 on.
 * @returns {number | undefined} Undefined where the press means nothing.
 */
export function slid({ key, ctrlKey, metaKey, altKey }, { now, most, page }) {
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -page, PageUp: page, Home: -Infinity, End: Infinity }[key];
  return by === undefined || ctrlKey || metaKey || altKey ? undefined : Math.max(0, Math.min(most, now + by));
}
