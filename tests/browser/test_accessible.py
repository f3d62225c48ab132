"""Every view of the page as axe-core sees it, and what is said at each thing that a person does."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import announced, fits, violations
from tests.browser.screenshots import VIEWS, runs

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

LOOKS = list(itertools.product((DESKTOP, PHONE), ("en-GB", "zh-CN"), ("light", "dark")))

LISTEN = """() => {
  const first = !window.heard;
  window.heard = [];
  if (first) new MutationObserver(() => heard.push(document.getElementById("live").textContent))
    .observe(document.getElementById("live"), {childList: true, characterData: true, subtree: true});
}"""


@pytest.fixture(scope="module")
def own(url: str) -> dict[str, str]:
    return runs(url)


@pytest.mark.parametrize("name", VIEWS)
def test_axe_finds_nothing_in_any_view(visit: Open, own: dict[str, str], name: str) -> None:
    """The views take turns in sizes, languages and themes."""
    view = VIEWS[name]
    # Three on: neighbours, which are alike, differ in all.
    size, locale, theme = LOOKS[list(VIEWS).index(name) * 3 % len(LOOKS)]
    size = size if size in view.sizes else view.sizes[0]
    path = re.sub(r"\{(\w+)\}", lambda found: own[found[1]], view.path)
    page = visit(path, size=size, locale=locale, theme=theme, first=view.first, fails=True)
    if view.act:
        view.act(page)
    assert violations(page, AXE) == [], (size, locale, theme)
    assert fits(page), (size, locale)


def heard(page: Page, act: Callable[[], object], last: str) -> list[str]:
    """What the live region says from an act on until it says this."""
    page.evaluate(LISTEN)
    act()
    expect(page.locator("#live")).to_contain_text(last)
    page.wait_for_timeout(150)
    said: list[str] = page.evaluate("heard")
    return said


def press(page: Page, *keys: str) -> str:
    """The keys, on the stage; what is said then."""
    page.locator("#stage").focus()
    for key in keys:
        page.keyboard.press(key)
    return announced(page)


def edit(page: Page, value: str) -> None:
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.locator("#editor-value").fill(value)
    page.keyboard.press("Enter")


def test_a_change_is_said_once_and_not_as_a_step(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.weight,2,3")
    said = heard(page, lambda: edit(page, "0.5"), "Largest change")
    assert [text for text in said if text.startswith("Backward")] == []
    assert sum("0.539 → 0.500" in text for text in said) == 1
    said = heard(page, lambda: press(page, "Control+z"), "Undone: dense_1.weight[2, 3]")
    assert len(said) == 1
    said = heard(page, lambda: press(page, "Control+Shift+z"), "Redone: dense_1.weight[2, 3]")
    assert len(said) == 1
    assert heard(page, lambda: press(page, "."), "Update: every weight") == [announced(page)]


def test_what_is_said_when_it_plays_and_when_it_pauses(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    assert press(page, "p") == "Playing."
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    # Its name says what it does; that it were pressed besides would contradict it.
    assert page.locator("#play").get_attribute("aria-pressed") is None
    expect(page.locator("#counter")).not_to_have_text("Step 3 of 12")
    assert announced(page) == "Playing."
    press(page, "p")
    expect(page.locator("#live")).to_have_text(page.locator("#sentence").inner_text())


def test_what_is_said_of_scale_and_contrast(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1")
    page.get_by_label("Colour scale").select_option("stage")
    assert announced(page) == "dense_2.dweight: colours reach as far as ±10."
    page.get_by_label("Colour scale").select_option("tensor")
    assert announced(page) == "dense_2.dweight: colours reach as far as ±0.5."
    assert press(page, "ArrowDown", "c").startswith("dense_2.dweight: colours reach as far as ±0.0")


STATES = {
    "chosen": ("/#preset=default&p=11&sel=dense_2.dweight,2,1", "Chosen.", "已选中。"),
    "old": ("/#preset=default&p=12&sel=dense_2.dweight,2,1", "From before the update.", "来自更新之前。"),
    "blocked": ("/#preset=default&p=11&sel=relu_1.dinput,0,0", "ReLU blocks it.", "被 ReLU 挡住。"),
    "not computed": (
        "/#preset=default&p=2&sel=dense_2.dweight,2,1",
        "Not computed yet. Step 9 computes it.",
        "还没有计算。第 9 步会计算它。",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_the_cursor_says_a_cells_state(visit: Open, state: str) -> None:
    path, *words = STATES[state]
    for locale, word in zip(("en-GB", "zh-CN"), words, strict=True):
        page = visit(path, locale=locale)
        said = press(page, "ArrowDown")
        assert said.endswith(word), said
        assert ("row " in said.lower()) if locale == "en-GB" else "行" in said


def test_a_gradient_that_passes_is_not_said_to_be_blocked(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=relu_1.dinput,0,1")
    assert "blocks" not in press(page, "ArrowDown")


def test_the_cursor_says_what_is_edited_and_what_differs(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.weight,2,3")
    heard(page, lambda: edit(page, "0.5"), "Largest change")
    assert press(page, "ArrowLeft", "ArrowRight") == (
        "0.500, row 3 of 4, column 4 of 5, dense_1.weight. Chosen. Differs from before. Edited."
    )
    heard(page, lambda: press(page, "d"), "new − old")
    said = press(page, "ArrowLeft", "ArrowRight")
    assert said.startswith("difference −0.039, row 3 of 4")
    assert "Differs" not in said
    press(page, "t")
    expect(page.get_by_role("heading", name="difference dense_1.weight (4, 5)")).to_be_visible()
    assert page.get_by_role("dialog").get_by_role("cell").filter(has_text="−0.03").count() == 1


def test_the_cursor_says_what_is_beyond_the_range_and_what_is_no_number(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1")
    press(page, "ArrowDown", "c")
    assert press(page, "ArrowUp").startswith("0.313, row 2 of 5, column 2 of 3")
    assert announced(page).endswith("Beyond the range of the colours.")
    page = visit("/#preset=default&p=11&sel=dense_1.weight,2,3")
    heard(page, lambda: edit(page, "1.7e308"), "Largest change")
    said = press(
        page, "ArrowUp", "]", "]", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"
    )
    assert said.startswith("∞, row 3 of 8, column 4 of 5, dense_1.output."), said
    assert "Beyond" not in said


def test_the_cursor_says_where_a_pasted_matrix_differs(visit: Open) -> None:
    view = VIEWS["compare"]
    for locale, word in (("en-GB", "Differs from what was pasted."), ("zh-CN", "与粘贴的数不同。")):
        page = visit(view.path, locale=locale)
        assert view.act
        view.act(page)
        expect(page.locator("#paste-said")).to_contain_text("15")
        page.keyboard.press("Escape")
        assert word in press(page, "ArrowDown")


def test_the_walk_starts_from_what_is_shown_after_a_change(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.weight,2,3")
    heard(page, lambda: edit(page, "0.5"), "Largest change")
    page.get_by_role("button", name="Walk the chain rule").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chain rule, hop 0")).to_be_visible()
    assert announced(page).startswith("From dense_1.weight[2, 3] a path leads to the loss")


def test_landmarks_and_headings(visit: Open) -> None:
    page = visit()
    for role in ("banner", "main", "complementary"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("region", name="Transport")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    levels: list[int] = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3")].filter((one) => one.checkVisibility())
            .map((one) => Number(one.tagName[1]))"""
    )
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


def test_a_tour_that_is_open_is_said_in_the_language_that_is_chosen_then(visit: Open) -> None:
    page = visit(first=True)
    expect(page.locator("#tour")).to_contain_text("One step at a time")
    page.locator("#language").click()
    expect(page.locator("#tour")).to_contain_text("一次一步")
    expect(page.locator("#tour button").first).to_have_text("下一站")
