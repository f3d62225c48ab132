/** The one polite live region: what a step did, or the cell that the cursor is on. */

/** @param {string} text */
export function say(text) {
  const region = document.getElementById("live");
  if (region && region.textContent !== text) region.textContent = text;
}
