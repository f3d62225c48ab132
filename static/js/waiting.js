/** While the server is slow, out of reach or asks for a pause: the page says so, counts the seconds, and asks again by itself. */

import { Problem } from "./api.js";
import { shownStep, state } from "./state.js";

const SLOW = 3;
const AGAIN = 4;
const TICK = 250;

/** @type {Set<{since: number, wanted: () => boolean}>} The questions on their way. */
const waits = new Set();
/** @type {(() => void)[]} Those who wait for the next attempt, */
let sleepers = [];
/** which is then; 0 where nobody waits for it. */
let ends = 0;
/** Until when the server asked for a pause. */
let pause = 0;
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

/**
 * Ask, and ask again until the server is in reach or nobody wants to know any more.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {() => boolean} wanted
 * @param {(error: unknown) => void} [tell] What stands between two attempts.
 * @returns {Promise<T>}
 * @throws {Problem} A refusal; or out of reach, and no longer wanted.
 */
export async function patiently(ask, wanted, tell) {
  for (;;) {
    /** @type {unknown} */
    let missed;
    const wait = { since: Date.now(), wanted };
    waits.add(wait);
    clock ??= setInterval(tick, TICK);
    try {
      const answer = await ask();
      if (Date.now() >= pause) hurry();
      return answer;
    } catch (error) {
      if (!isAway(error) || !wanted()) throw error;
      missed = error;
      const { pause: asked } = /** @type {Problem} */ (error);
      if (asked) pause = Math.max(pause, Date.now() + asked * 1000);
      ends = Math.max(ends || Date.now() + (asked || AGAIN) * 1000, pause);
      tell?.(error);
    } finally {
      waits.delete(wait);
      tick();
    }
    await new Promise((wake) => sleepers.push(() => wake(null)));
    if (!wanted()) throw missed;
  }
}

/** Do not wait for the next attempt: the browser is online again, a person asks for it, or another question was answered. */
export function hurry() {
  ends = 0;
  const woken = sleepers;
  sleepers = [];
  for (const wake of woken) wake();
}

/** @param {unknown} error */
export function isAway(error) {
  return error instanceof Problem && (error.code === "offline" || error.code === "late" || error.pause > 0);
}

function tick() {
  const now = Date.now();
  if (ends && now >= ends) hurry();
  const since = Math.min(...[...waits].filter(({ wanted }) => wanted()).map((wait) => wait.since));
  const seconds = Math.floor((now - since) / 1000);
  if (ends) say(now < pause ? "notice.busy" : "notice.offline", { seconds: Math.ceil((ends - now) / 1000) });
  else if (seconds >= SLOW) say(state.frame.peek() ? "notice.slow" : "notice.slow.first", { seconds, step: shownStep.peek().step });
  // The attempt itself is no news.
  else if (waits.size === 0 || !["notice.busy", "notice.offline"].includes(state.waiting.peek()?.key ?? "")) state.waiting.value = null;
  if (waits.size > 0 || ends) return;
  clearInterval(clock);
  clock = undefined;
}

/**
 * @param {string} key
 * @param {Record<string, unknown>} params
 */
function say(key, params) {
  state.waiting.value = { key, params };
}
