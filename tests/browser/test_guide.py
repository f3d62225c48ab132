"""The guide on a first visit, and the glossary where its words stand: mouse, keyboard, both languages."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import announced, fits, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def tour(page: Page) -> Locator:
    return page.locator("#tour")


def test_a_first_visit_is_shown_round_and_never_again(visit: Open) -> None:
    page = visit(first=True)
    dialog = page.get_by_role("dialog", name="One step at a time")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "tour"
    toured = []
    for number in range(1, 7):
        expect(tour(page)).to_contain_text(f"{number} of 6")
        toured.append(
            page.locator(".toured").get_attribute("id") or page.locator(".toured").get_attribute("class")
        )
        tour(page).get_by_role("button").first.click()
    assert toured[0] == "step"
    assert "jacobian" in (toured[3] or "")
    expect(tour(page)).to_be_hidden()
    assert page.locator(".toured").count() == 0
    page.reload()
    page.locator("#counter:not(:empty)").wait_for(state="attached")
    page.wait_for_timeout(300)
    assert tour(page).is_hidden()


def test_doing_what_it_says_leads_on_and_keeps_the_focus_where_it_is(visit: Open) -> None:
    page = visit(first=True)
    expect(tour(page)).to_contain_text("1 of 6")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(tour(page)).to_contain_text("2 of 6")
    assert page.evaluate("document.activeElement.id") == "step"
    assert announced(page).startswith("Update: ")
    view = page.locator('matrix-view[aria-label^="dense_1.weight,"]')
    view.click(position={"x": 5, "y": 5})
    expect(tour(page)).to_contain_text("3 of 6")
    tour(page).get_by_role("button", name="Next").click()
    expect(tour(page)).to_contain_text("4 of 6")
    page.locator(".slot.jacobian matrix-view").click(position={"x": 5, "y": 5})
    expect(page.locator("#figure")).to_be_visible()
    expect(tour(page)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(tour(page)).to_contain_text("5 of 6")


@pytest.mark.parametrize("how", ["key", "button"])
def test_it_is_left_at_any_moment_and_comes_back_when_asked_for(visit: Open, how: str) -> None:
    page = visit(first=True)
    expect(tour(page)).to_contain_text("1 of 6")
    tour(page).get_by_role("button", name="Next").click()
    if how == "key":
        page.locator("#stage").focus()
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="dense_2.dweight[2, 1]")).to_be_visible()
    else:
        tour(page).get_by_role("button", name="Skip the guide").click()
        assert page.evaluate("document.activeElement.id") == "stage"
    expect(tour(page)).to_be_hidden()
    page.get_by_role("button", name="Guide", exact=True).focus()
    page.keyboard.press("Enter")
    expect(tour(page)).to_contain_text("1 of 6")
    page.keyboard.press("Tab")
    expect(tour(page).get_by_role("button", name="Next")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Guide", exact=True)).to_be_focused()


def test_who_follows_a_link_is_only_offered_it(visit: Open) -> None:
    page = visit("/#preset=default&p=9", first=True)
    expect(tour(page)).to_contain_text("New here?")
    assert page.evaluate("document.activeElement.id") != "tour"
    page.get_by_role("button", name="No, thank you").click()
    expect(tour(page)).to_be_hidden()
    other = visit("/#preset=default&p=9", first=True)
    other.get_by_role("button", name="Show me").click()
    expect(tour(other)).to_contain_text("1 of 6")


def test_stops_that_the_page_does_not_have_are_left_out(visit: Open) -> None:
    page = visit("/#preset=binary&p=3")
    page.get_by_role("button", name="Guide", exact=True).click()
    for _ in range(3):
        tour(page).get_by_role("button", name="Next").click()
    expect(tour(page)).to_contain_text("5 of 6")


@pytest.mark.parametrize(
    ("size", "locale", "theme"),
    [(DESKTOP, "en-GB", "dark"), (PHONE, "zh-CN", "light"), (PHONE, "en-GB", "dark")],
)
def test_every_stop_is_within_the_window_and_axe_finds_nothing(
    visit: Open, size: tuple[int, int], locale: str, theme: str
) -> None:
    page = visit(size=size, locale=locale, theme=theme, first=True)
    for number in range(1, 7):
        expect(tour(page)).to_contain_text(str(number))
        page.wait_for_timeout(50)
        box = tour(page).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
        assert fits(page)
        if number in (1, 3):
            assert violations(page, AXE) == []
        tour(page).get_by_role("button").first.click()


def test_a_word_opens_where_it_stands_and_gives_the_focus_back(visit: Open) -> None:
    page = visit("/#preset=default&p=8")
    sentence = page.locator("#sentence")
    text = "Backward through softmax_1: each sample’s dvalue row times its own 3×3 Jacobian."
    word = sentence.get_by_role("button", name="Jacobian")
    expect(word).to_be_visible()
    assert sentence.inner_text() == text
    assert announced(page) == text
    assert page.locator("#live button").count() == 0
    word.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Jacobian")
    expect(panel).to_contain_text("how output j changes as input k grows")
    expect(panel).to_contain_text("After the note: Softmax")
    expect(panel).to_be_focused()
    assert violations(page, AXE) == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(word).to_be_focused()


def test_in_chinese_with_the_notes_own_words(visit: Open) -> None:
    page = visit("/#preset=default&p=8", locale="zh-CN", size=PHONE, theme="dark")
    page.locator("#sentence").get_by_role("button", name="雅可比矩阵").click()
    panel = page.get_by_role("dialog", name="雅可比矩阵")
    expect(panel).to_contain_text("见笔记：Softmax")
    box = panel.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]


def test_words_open_in_the_inspector_and_within_a_figures_dialog(visit: Open) -> None:
    page = visit("/#preset=default&p=9&sel=dense_2.dweight,2,1")
    page.locator("#inspector .word", has_text="loss").click()
    expect(page.get_by_role("dialog", name="loss")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#stage").focus()
    page.keyboard.press("j")
    page.locator("dialog .heatmaplayer image").first.wait_for(state="attached")
    page.keyboard.press("ArrowDown")
    page.locator("#figure .said .word").first.click()
    panel = page.locator("#glossary")
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#figure")).to_be_visible()


def test_playing_pauses_while_a_word_is_read(visit: Open) -> None:
    page = visit("/#preset=default&p=8")
    page.clock.install()
    page.locator("#play").click()
    page.locator("#sentence .word").first.click()
    page.clock.run_for(3000)
    assert page.locator("#counter").inner_text() == "Step 8 of 12"
    assert page.locator("#glossary").is_visible()


def test_the_whole_glossary_stands_in_the_help(visit: Open) -> None:
    page = visit()
    page.get_by_role("button", name="Keys and options").click()
    page.get_by_text("Glossary").click()
    terms = page.locator("#help-glossary dt").all_inner_texts()
    assert {"dvalue", "dinput", "dweight", "dbias", "Jacobian", "one-hot", "softmax", "learning rate"} <= set(
        terms
    )
    expect(page.locator("#help-glossary")).to_contain_text("After the note: Dense Layer")
    assert violations(page, AXE) == []


def test_without_its_glossary_the_page_reads_as_well(visit: Open) -> None:
    page = visit("/#preset=default&p=8", fails=True)
    page.route("**/glossary.zh.json*", lambda route: route.fulfill(status=500, body="{}"))
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#sentence")).to_contain_text("雅可比矩阵")
    assert page.locator("#sentence .word").count() == 0
