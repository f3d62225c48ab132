"""How soon the page paints: from a click on step, from the server's answer, and from a move of the pointer.

While a run trains: how often the screen is drawn, and how many frames of the training come to be seen.

    python -m tests.benchmarks.page

The aim is two frames (33 ms) for a step, one (16.7 ms) for a hover, and 60 frames a second while training. A
time ends with the first task after the frame in which the change was drawn. Run it by hand on a quiet
machine; nothing is asserted.
"""

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from playwright.sync_api import Browser, Page, sync_playwright

from tests.api.conftest import served
from tests.browser.conftest import DESKTOP, QUIET, SEEN, browser_path

PRESETS = ("default", "vanishing", "digits")

WATCH = """
window.times = {step: [], answer: [], hover: []};
const painted = (then) => requestAnimationFrame(() => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => then(performance.now());
  port2.postMessage(0);
});
let clicked = 0, answered = 0;
addEventListener("click", ({timeStamp}) => { clicked = timeStamp; }, true);
addEventListener("pointermove", () => {
  const moved = performance.now();
  painted((now) => times.hover.push(now - moved));
}, true);
const ask = window.fetch;
window.fetch = async (...asked) => {
  const answer = await ask(...asked);
  if (!/\\/frames\\//.test(asked[0])) return answer;
  const read = answer.json.bind(answer);
  answer.json = async () => {
    const text = await answer.text();
    answered = performance.now();
    return JSON.parse(text);
  };
  return answer;
};
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const [click, answer] = [clicked, answered];
  clicked = answered = 0;
  painted((now) => {
    if (answer > click && click) times.answer.push(now - answer);
    else if (click) times.step.push(now - click);
  });
}).observe(document.getElementById("counter"), {childList: true, characterData: true, subtree: true}));
"""
"""Notes the times. A step whose frame was asked for after the click counts from the answer."""


TRAINED = 5000
"""Iterations; the training is watched for as long as they take, or SECONDS."""

SECONDS = 8

COUNT = """
window.drawn = [];
window.seen = 0;
const tick = (now) => { drawn.push(now); if (!window.over) requestAnimationFrame(tick); };
requestAnimationFrame(tick);
const figures = document.getElementById("figures");
const all = {childList: true, characterData: true, subtree: true};
new MutationObserver(() => { seen += 1; }).observe(figures, all);
"""
"""Notes every frame of the screen, and counts those of the training."""


def line(kind: str, times: list[float]) -> str:
    """Tenth, median and 95th percentile, and of how many: the tenth is what a busy machine has in quiet."""
    if len(times) < 2:
        return f"{kind:>8}  too few: {len(times)}"
    share = quantiles(times, n=20)
    return f"{kind:>8}  10% {share[1]:5.1f}  median {share[9]:5.1f}  95% {share[18]:5.1f} ms  of {len(times)}"


def settle(page: Page) -> None:
    """Until nothing is asked for, and what was asked for ahead is there."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(80)


def measure(browser: Browser, url: str, preset: str, rounds: int) -> dict[str, list[float]]:
    """The times of one preset, on a page of its own."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="en-GB")
    context.add_init_script(SEEN)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{url}/#preset={preset}&p=1")
    page.locator("#counter:not(:empty)").wait_for(state="attached")
    settle(page)
    page.evaluate("times.step.length = times.answer.length = 0")
    for _ in range(rounds):
        page.locator("#step").click()
        page.wait_for_timeout(60)
    # Where nothing was asked for ahead; each time at another step, so that the counter changes.
    for at in range(rounds // 3):
        page.locator("#goto").click()
        page.locator("#goto-update").fill(str(40 + 3 * at))
        page.locator("#goto-step").fill(str(2 + at % 2))
        page.locator("#goto-form button").click()
        settle(page)
    page.locator("#step").click()
    settle(page)
    page.evaluate("times.hover.length = 0")
    views = page.locator("#columns matrix-view").all()
    for at in range(4 * rounds):
        box = views[at % len(views)].bounding_box()
        if box and box["width"] > 1:
            across, down = 0.1 + 0.8 * (at * 0.37 % 1), 0.1 + 0.8 * (at * 0.61 % 1)
            page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            page.wait_for_timeout(20)
    times: dict[str, list[float]] = page.evaluate("times")
    context.close()
    return times


def trained(browser: Browser, url: str, preset: str) -> str:
    """How a training looks, on a page of its own."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="en-GB")
    context.add_init_script(SEEN)
    page = context.new_page()
    page.goto(f"{url}/#preset={preset}")
    page.locator("#train").click()
    page.locator("#train-count").fill(str(TRAINED))
    page.locator("#train-go").click()
    page.locator("#curve").wait_for()
    page.evaluate(COUNT)
    for _ in range(SECONDS * 10):
        page.wait_for_timeout(100)
        if page.locator("#train-go").get_attribute("data-on") == "false":
            break
    drawn, seen = page.evaluate("[drawn, seen]")
    page.evaluate("window.over = true")
    context.close()
    seconds = (drawn[-1] - drawn[0]) / 1000
    late = sum(later - earlier > 34 for earlier, later in pairwise(drawn))
    return (
        f"training  {len(drawn) / seconds:.1f} frames a second, {late} of {len(drawn)} late by one or more;"
        f" {seen / seconds:.1f} of the training"
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=48, help="steps of each preset")
    parser.add_argument("presets", nargs="*", default=PRESETS)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data) / "backglass.db") as (url, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        for preset in asked.presets:
            print(preset)
            for kind, times in measure(browser, url, preset, asked.rounds).items():
                print(line(kind, times))
            print(trained(browser, url, preset))
        browser.close()


if __name__ == "__main__":
    main()
