/** Parts of a panel that are built anew only when what they show has changed, so that the focus stays. */

/** @type {WeakMap<HTMLElement, string>} */
const keys = new WeakMap();

/**
 * @param {HTMLElement} part
 * @param {string} key Says all that it shows.
 * @param {() => (Node | string)[]} build
 * @param {HTMLElement} otherwise Where the focus goes when what held it is gone.
 */
export function fill(part, key, build, otherwise) {
  if (keys.get(part) === key) return;
  keys.set(part, key);
  const focused = part.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const name = focused?.dataset.key;
  part.replaceChildren(...build());
  part.hidden = part.childNodes.length === 0;
  if (!focused) return;
  const again = name ? /** @type {HTMLElement | null} */ (part.querySelector(`[data-key="${name}"]`)) : null;
  (again ?? otherwise).focus();
}
