/** Where a small panel stands beside what it is about. */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{width: number, height: number}} Room */

const GAP = 10;
const EDGE = 8;

/**
 * Below it, else above, else beside it; always within the window.
 * @param {Box} target
 * @param {Room} panel
 * @param {Room} room
 * @returns {{left: number, top: number}}
 */
export function placeBeside(target, panel, room) {
  const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ all) =>
    Math.max(EDGE, Math.min(at, all - size - EDGE));
  const left = within(target.left, panel.width, room.width);
  if (target.bottom + GAP + panel.height <= room.height) return { left, top: Math.max(EDGE, target.bottom + GAP) };
  if (target.top - GAP - panel.height >= 0) return { left, top: target.top - GAP - panel.height };
  const top = within(target.top, panel.height, room.height);
  const before = target.left - GAP - panel.width;
  return { left: within(before >= 0 ? before : target.right + GAP, panel.width, room.width), top };
}

/**
 * @param {HTMLElement} panel A popover that is open.
 * @param {Element} target
 */
export function stand(panel, target) {
  const box = target.getBoundingClientRect();
  const { left, top } = placeBeside(box, panel.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
  panel.style.setProperty("left", `${left}px`);
  panel.style.setProperty("top", `${top}px`);
}
