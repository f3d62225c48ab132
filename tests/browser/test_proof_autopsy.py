"""What first went wrong: said over the stage, searched for, told with its operands, and gone to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, violations
from tests.browser.screenshots import UNCLIPPED

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

HE = {"type": "dense", "initializer": {"type": "he"}}
NET: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8, "standardise": True, "seed": 0},
    "layers": [{**HE, "units": 5}, {"type": "relu"}, {**HE, "units": 3}, {"type": "softmax"}],
    "seed": 58,
}
SPECS: dict[str, dict[str, Any]] = {
    "wild": NET | {"conventions": UNCLIPPED, "optimizer": {"type": "sgd", "learning_rate": 1e6}},
    "buried": NET | {"edits": [{"position": 24, "tensor": "dense_1.bias", "index": [0, 2], "value": -1000}]},
    "burst": NET | {"edits": [{"position": 36, "tensor": "dense_2.weight", "index": [1, 2], "value": 1e308}]},
    "deep": {
        "dataset": {"name": "moons", "samples": 8},
        "layers": [
            part
            for units in (4, 4, 4, 4, 4, 4, 1)
            for part in ({"type": "dense", "units": units}, {"type": "sigmoid"})
        ],
        "loss": "binary_crossentropy",
    },
}


@pytest.fixture(scope="module")
def ids(url: str) -> Iterator[dict[str, str]]:
    with httpx.Client(base_url=f"{url}/api/v1") as api:
        yield {
            name: api.post("/runs", json=spec).raise_for_status().json()["id"] for name, spec in SPECS.items()
        }


def searched(page: Page) -> Locator:
    """The tab, when the search has ended; the first one waits for a worker process to start."""
    expect(page.locator("#proof-autopsy")).to_be_visible()
    expect(page.locator("#proof-autopsy-said")).not_to_be_empty(timeout=30_000)
    return page.locator("#proof-autopsy")


def from_notice(page: Page) -> Locator:
    page.get_by_role("button", name=re.compile("What first went wrong|最初错在哪里")).click()
    return searched(page)


def finding(tab: Locator, name: str) -> Locator:
    return tab.get_by_role("listitem").filter(has=tab.page.get_by_role("heading", name=name, exact=True))


def test_an_exploded_run_leads_to_its_first_infinity_and_stays_usable(
    visit: Open, ids: dict[str, str]
) -> None:
    page = visit(f"/#run={ids['wild']}&p=500")
    notice = page.locator("#signs")
    expect(notice.get_by_role("status")).to_have_text("In this iteration: a NaN, a dead ReLU unit.")
    tab = from_notice(page)
    expect(tab.get_by_role("status")).to_have_text(
        "3 things went wrong in 100 iterations. First came a dead ReLU unit, in iteration 1."
    )
    first = finding(tab, "The first infinite number")
    expect(first).to_contain_text("Iteration 1, step 6 of 12 (loss): loss.output[0, 0].")
    expect(first).to_contain_text("It is the logarithm of a probability that is exactly 0, and ln 0 is −∞.")
    expect(first.locator(".operands")).to_have_text("ln ŷ = −∞softmax_1.output[0, 0] = 0")
    expect(finding(tab, "The first NaN")).to_contain_text(
        "Zero times infinity has no value: dvalue · J[j,k] = (−∞) · 0 = NaN."
    )
    first.get_by_role("button", name="Go there: loss.output[0, 0]").click()
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.get_by_role("heading", name="loss.output[0, 0]")).to_be_visible()
    expect(page.locator("#counter")).to_have_text("Step 6 of 12")
    expect(page.locator("#figures")).to_contain_text("1 update so far")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowLeft")
    page.locator("#back").click()
    expect(page.locator("#counter")).to_have_text("Step 5 of 12")


def test_a_dead_unit_is_said_when_it_dies_and_told_by_its_bias(visit: Open, ids: dict[str, str]) -> None:
    page = visit(f"/#run={ids['buried']}&p=23")
    expect(page.locator("#signs")).to_be_hidden()
    page.locator("#step").click()
    page.locator("#step").click()
    expect(page.locator("#signs").get_by_role("status")).to_have_text("In this iteration: a dead ReLU unit.")
    tab = from_notice(page)
    dead = finding(tab, "A dead ReLU unit")
    expect(dead).to_contain_text("Iteration 2, step 3 of 12 (forward:relu_1)")
    expect(dead).to_contain_text("Unit 2 lets no gradient pass for any sample of the batch")
    expect(dead).to_contain_text("What weighs most in it: bias = −1000.")
    dead.get_by_role("button", name="Go to dense_1.bias[0, 2] = −1000").click()
    expect(page.get_by_role("heading", name="dense_1.bias[0, 2]")).to_be_visible()
    page.locator("#signs").get_by_role("button", name="Close").click()
    expect(page.locator("#signs")).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()
    page.locator("#step").click()
    expect(page.locator("#signs")).to_be_hidden()


def test_what_a_training_met_is_said_wherever_it_is_looked_at(visit: Open, ids: dict[str, str]) -> None:
    page = visit(f"/#run={ids['wild']}&p=3")
    page.locator("#train").click()
    page.get_by_label("Iterations").fill("120")
    page.locator("#train-go").click()
    said = page.locator("#signs").get_by_role("status")
    expect(said).to_have_text("In this iteration: a NaN, a dead ReLU unit.")
    expect(page.locator("#train-go")).to_have_text("Go on")
    page.locator("#stage").focus()
    page.evaluate("async () => (await import('/static/js/state.js')).goTo(3)")
    expect(said).to_have_text("In the training, first in iteration 1: a NaN, an infinite number.")
    tab = from_notice(page)
    expect(tab.get_by_role("status")).to_contain_text("3 things went wrong in 120 iterations.")
    expect(finding(tab, "The first infinite number")).to_contain_text("Iteration 1, step 6 of 12 (loss)")
    page.keyboard.press("Escape")
    page.locator("#signs").get_by_role("button", name="Close").click()
    expect(page.locator("#signs")).to_be_hidden()


def test_how_far_and_what_counts_as_vanished_are_asked_for(visit: Open) -> None:
    page = visit("/#preset=vanishing&p=27", fails=True)
    expect(page.locator("#signs").get_by_role("status")).to_have_text(
        "In this iteration: a vanished gradient."
    )
    tab = from_notice(page)
    expect(tab.get_by_role("status")).to_have_text(
        "1 thing went wrong in 100 iterations. First came a vanished gradient, in iteration 0."
    )
    tab.get_by_label("Search up to iteration").fill("9")
    tab.get_by_label("A gradient has vanished").select_option("1/1000")
    expect(tab.get_by_role("status")).to_have_text(
        "Nothing went wrong in 10 iterations: every number is finite, no ReLU unit was dead, "
        "and to every dense layer came at least 0.001 of the last one’s gradient."
    )
    tab.get_by_label("A gradient has vanished").select_option("1/100")
    vanished = finding(tab, "A vanished gradient")
    expect(vanished).to_contain_text("The norm of this gradient is 0.00767 times that which came to the last")
    way = vanished.get_by_role("group", name="The gradient’s way back from the loss")
    assert way.locator("tbody tr").count() == 12
    expect(way.locator("tbody tr").last).to_contain_text("sigmoid_1.dinput")
    tab.get_by_label("Search up to iteration").fill("9999999999")
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_role("alert")).not_to_be_empty()
    expect(tab.get_by_label("Search up to iteration")).to_have_attribute("aria-invalid", "true")
    tab.get_by_label("Search up to iteration").fill("0")
    page.keyboard.press("Enter")
    expect(tab.get_by_role("status")).to_contain_text("in 1 iteration.")
    expect(tab.locator("#proof-autopsy-problem")).to_be_empty()


def test_a_search_can_be_stopped_and_says_how_far_it_is(visit: Open, ids: dict[str, str]) -> None:
    page = visit(f"/#run={ids['burst']}&p=3")

    def never_ends(route: Route) -> None:
        found = {"run": ids["burst"], "stop": 100, "searched": 40, "vanished": 0.001, "findings": []}
        events = f"event: found\ndata: {json.dumps(found)}\n\n"
        route.fulfill(body=events, content_type="text/event-stream")

    page.route("**/autopsy?*", never_ends)
    page.locator("#proof-open").click()
    page.get_by_role("tab", name="Autopsy").click()
    tab = page.locator("#proof-autopsy")
    expect(tab.get_by_role("alert")).not_to_be_empty()
    page.unroute_all()
    page.route("**/autopsy?*", lambda _: None)
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_role("progressbar")).to_have_attribute("aria-valuetext", "0 of 100 iterations searched")
    expect(tab.locator("#proof-autopsy-problem")).to_be_empty()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_role("progressbar")).to_be_hidden()
    expect(tab.get_by_label("Search up to iteration")).to_be_focused()
    page.unroute_all()
    tab.get_by_role("button", name="Search").click()
    first = finding(searched(page), "The first infinite number")
    expect(first).to_contain_text("Iteration 3, step 4 of 12 (forward:dense_2)")
    expect(first).to_contain_text("A product is beyond the largest number that float64 can hold, 1.798e308.")
    expect(first.get_by_role("button", name="Go to dense_2.weight[1, 2] = 1e308")).to_be_visible()


@pytest.mark.parametrize(("size", "locale"), [(DESKTOP, "zh-CN"), (PHONE, "en-GB")])
def test_it_is_there_for_everyone(
    visit: Open, ids: dict[str, str], size: tuple[int, int], locale: str
) -> None:
    page = visit(f"/#run={ids['deep']}&p=31", size=size, locale=locale, theme="dark")
    assert violations(page, AXE) == []
    from_notice(page)
    assert violations(page, AXE) == []
    assert fits(page)
    if size == PHONE:
        for control in page.locator("#proof-autopsy :is(button, input, select):visible").all():
            box = control.bounding_box()
            assert box
            assert box["height"] >= 44
    page.keyboard.press("Escape")
    expect(page.locator("#proof")).to_be_hidden()
