"""Find the fault: it is set, kept secret, pointed at, and mended."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import violations
from tests.browser.screenshots import hunt
from tests.browser.test_builder import build, run_of

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
NAME = re.compile("1/n|missing_mean")


def begin(page: Page) -> Locator:
    """A search for `missing_mean`, the first of those that show: chance is a constant."""
    page.evaluate("Math.random = () => 0.5")
    hunt(page)
    page.get_by_role("button", name="Set me a fault").click()
    box = page.locator("#inspector-hunt")
    expect(box).to_be_visible()
    expect(page.locator("#proof")).to_be_hidden()
    return box


def point(page: Page, tensor: str, row: int, column: int) -> None:
    """Open a cell and say that it is wrong."""
    cell = {"tensor": tensor, "index": [row, column], "position": 11}
    page.evaluate("async (cell) => (await import('/static/js/state.js')).select(cell)", cell)
    page.get_by_role("button", name=f"{tensor}[{row}, {column}] is wrong").press("Enter")


def test_the_cell_that_is_computed_wrong_is_found_and_the_run_mended(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    right = run_of(page)["id"]
    box = begin(page)
    said = box.get_by_role("status")
    expect(said).to_have_text("Find the cell that is computed wrong, somewhere in this iteration.")
    expect(page.locator("#stage")).to_be_focused()
    point(page, "dense_2.output", 0, 0)
    expect(said).to_have_text("dense_2.output[0, 0] is right: 1.321.")
    point(page, "dense_2.dweight", 2, 1)
    expect(said).to_contain_text(
        "is wrong, −0.3057 for −0.03822, but it was computed right, of a wrong number"
    )
    expect(page.get_by_role("button", name="dense_2.dweight[2, 1] is wrong")).to_be_focused()
    point(page, "data.input", 0, 0)
    expect(said).to_contain_text("No step computed data.input[0, 0]")
    expect(box.get_by_role("heading")).to_have_text("A fault is in this run · 3 tries")
    point(page, "loss.dinput", 7, 1)
    expect(box.get_by_role("heading")).to_have_text("Found in 4 tries: 1/n left out")
    expect(said).to_contain_text("It is −2.947; of the same numbers, −0.3683 should be made.")
    expect(box).to_contain_text("self.dinput = self.dinput / n_sample")
    box.get_by_role("button", name="Mend it").press("Enter")
    expect(box).to_be_hidden()
    expect(page.locator("#change-text")).to_contain_text("The run changed: Faults 1/n left out → —")
    assert run_of(page)["id"] == right
    expect(page.locator("#stage")).to_be_focused()


def test_which_fault_it_is_stands_nowhere_while_it_is_looked_for(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    begin(page)
    assert run_of(page)["spec"]["faults"] == ["missing_mean"]
    expect(page.locator("#change")).to_be_hidden()
    assert page.locator("#difference").is_hidden()
    page.get_by_role("button", name="Runs", exact=True).click()
    expect(page.locator("#runs [aria-current]")).to_have_text("Faults")
    page.keyboard.press("Escape")
    dialog = build(page)
    expect(dialog.locator("[name=seed]")).to_be_visible()
    expect(dialog.locator("#builder-faults")).to_be_hidden()
    # What a person builds and edits meanwhile keeps the fault.
    dialog.get_by_label("Learning rate").fill("0.5")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator("#change-text")).to_contain_text("Learning rate 0.1 → 0.5")
    expect(page.locator("body")).not_to_have_text(NAME, use_inner_text=True)
    point(page, "loss.dinput", 7, 1)
    expect(page.locator("#inspector-hunt")).to_contain_text("Found in 1 try: 1/n left out")
    page.get_by_role("button", name="Runs", exact=True).click()
    expect(page.locator("#runs-list")).to_contain_text("Faults — → 1/n left out")


def test_a_reload_keeps_the_search_and_its_secret(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    right = run_of(page)["id"]
    begin(page)
    point(page, "dense_2.output", 0, 0)
    box = page.locator("#inspector-hunt")
    expect(box.get_by_role("heading")).to_have_text("A fault is in this run · 1 try")
    page.reload()
    expect(box.get_by_role("heading")).to_have_text("A fault is in this run · 1 try")
    expect(box.get_by_role("status")).to_have_text("dense_2.output[0, 0] is right: 1.321.")
    expect(page.locator("#change")).to_be_hidden()
    assert page.locator("#difference").is_hidden()
    page.get_by_role("button", name="Runs", exact=True).click()
    expect(page.locator("#runs [aria-current]")).to_have_text("Faults")
    page.keyboard.press("Escape")
    expect(build(page).locator("#builder-faults")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("body")).not_to_have_text(NAME, use_inner_text=True)
    point(page, "loss.dinput", 7, 1)
    expect(box.get_by_role("heading")).to_have_text("Found in 2 tries: 1/n left out")
    box.get_by_role("button", name="Mend it").press("Enter")
    expect(box).to_be_hidden()
    assert run_of(page)["id"] == right
    page.reload()
    expect(page.locator("#sentence")).not_to_be_empty()
    assert page.evaluate("sessionStorage.getItem('hunt')") == "null"


def test_it_is_shown_to_who_asks_and_the_next_one_is_another(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    box = begin(page)
    box.get_by_role("button", name="Show me").press("Enter")
    expect(box.get_by_role("heading")).to_have_text("It was: 1/n left out")
    box.get_by_role("button", name="Go to loss.dinput[7, 1]").press("Enter")
    expect(page.locator("#inspector-name")).to_have_text("loss.dinput[7, 1]")
    box.get_by_role("button", name="Another fault").press("Enter")
    expect(box.get_by_role("heading")).to_have_text("A fault is in this run · 0 tries")
    assert run_of(page)["spec"]["faults"] not in ([], ["missing_mean"])
    page.locator("#undo").click()
    expect(box.get_by_role("status")).to_have_text("You are looking at a run without the fault.")
    box.get_by_role("button", name="Leave, to the right run").press("Enter")
    expect(box).to_be_hidden()
    assert run_of(page)["spec"]["faults"] == []


def test_the_walk_and_the_meaning_claim_nothing_that_a_faulty_gradient_does_not_hold(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    begin(page)
    cell = {"tensor": "dense_2.dweight", "index": [2, 1], "position": 11}
    page.evaluate("async (cell) => (await import('/static/js/state.js')).select(cell)", cell)
    expect(page.locator("#inspector-meaning")).to_contain_text(
        "What this run takes for the change of the loss"
    )
    expect(page.locator("#sentence")).to_contain_text("as it is meant,")
    expect(page.locator("#inspector")).to_contain_text(
        "The note’s own line, which this run may not follow: Dense Layer"
    )
    page.get_by_role("button", name="Walk the chain rule").click()
    walk = page.locator("#inspector-walk")
    expect(walk).to_contain_text("a path leads to the loss")
    expect(walk).not_to_contain_text("together they are all of it")
    while not walk.get_by_text("Back to").count():
        walk.locator("[data-key=on]").click()
    expect(walk).to_contain_text("By the chain rule the cell would hold the sum over all paths through it")


@pytest.mark.parametrize(("size", "locale"), [(DESKTOP, "en-GB"), (PHONE, "zh-CN")], ids=["en", "zh"])
def test_the_search_is_accessible(visit: Open, size: tuple[int, int], locale: str) -> None:
    page = visit("/#preset=default&p=11", size, locale)
    page.evaluate("Math.random = () => 0.5")
    hunt(page)
    page.locator("#proof-hunt summary").click()
    expect(page.locator("#hunt-kinds tr")).to_have_count(8)
    assert violations(page, AXE) == []
    page.locator("#hunt-box [data-key=set]").click()
    box = page.locator("#inspector-hunt")
    expect(box.locator("[data-key=claim]")).to_be_visible()
    box.locator("[data-key=show]").click()
    expect(box.locator("[data-key=mend]")).to_be_visible()
    if size == PHONE:
        for button in box.get_by_role("button").all():
            assert (button.bounding_box() or {"height": 0})["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, AXE) == []
