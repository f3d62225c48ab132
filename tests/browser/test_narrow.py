"""A phone, a tablet and a desktop at 400%: the map, the step as an equation, the drawer, one menu."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import announced, fits, position, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TABLET, UPRIGHT, ZOOMED, SMALLEST = (1024, 768), (768, 1024), (360, 225), (320, 256)


def box(found: Locator) -> dict[str, float]:
    """Where it is."""
    where = found.bounding_box()
    assert where
    return {"left": where["x"], "top": where["y"], "width": where["width"], "height": where["height"]}


def part(page: Page, tensor: str) -> Locator:
    """A matrix of the equation."""
    return page.locator(f'#equation matrix-view[aria-label^="{tensor},"]')


def line(page: Page) -> Locator:
    """What opens the drawer."""
    return page.locator("#inspector-open")


def test_the_step_is_an_equation_whose_rows_and_columns_line_up(visit: Open) -> None:
    page = visit("/#preset=default&p=4&sel=dense_2.output,3,1", size=PHONE)
    result, left, right = (part(page, name) for name in ("dense_2.output", "relu_1.output", "dense_2.weight"))
    assert box(result)["top"] == box(left)["top"]
    assert box(result)["left"] == box(right)["left"]
    assert box(result)["height"] == 8 * 26
    row, chosen, column = (box(one.locator("i")) for one in (left, result, right))
    assert (row["top"], row["height"]) == (chosen["top"], chosen["height"])
    assert (column["left"], column["width"]) == (chosen["left"], chosen["width"])
    captions = page.locator("#equation figcaption .open").all_inner_texts()
    assert captions == ["dense_2.output", "= input", "· weight", "+ bias"]


def test_an_operand_that_is_read_transposed_stands_transposed(visit: Open) -> None:
    page = visit(size=PHONE)
    turned = part(page, "relu_1.output")
    lines = turned.locator("pre").inner_text().splitlines()
    assert [len(one.split()) for one in lines] == [8] * 5
    mark = box(turned.locator("i.reads"))
    assert (round(mark["height"]), round(mark["width"])) == (26, 8 * 45)
    turned.click(position={"x": 7.5 * 45, "y": 0.5 * 26})
    expect(page.get_by_role("heading", name="relu_1.output[7, 0]")).to_be_visible()


def test_after_a_step_the_equation_is_that_steps(visit: Open) -> None:
    page = visit("/#preset=default&p=8&sel=dense_1.output,0,0", size=PHONE)
    expect(part(page, "dense_1.output")).to_be_visible()
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator("#equation figcaption .open").first).to_have_text("dense_2.dweight")


def test_a_tap_on_the_map_chooses_or_goes_to_a_step(visit: Open) -> None:
    page = visit("/#preset=default&p=5", size=PHONE)
    stage = page.locator("#stage")
    stage.locator('matrix-view[aria-label^="dense_1.output,"]').click()
    assert position(page) == 5
    expect(page.locator("#equation figcaption .open").first).to_have_text("dense_1.output")
    stage.locator('matrix-view[aria-label^="dense_2.dweight,"]').click()
    expect(page).to_have_url(re.compile(r"[#&]p=9(&|$)"))
    assert announced(page).startswith("Backward through dense_2")
    page.locator("#column-relu_1 .head").click()
    expect(page).to_have_url(re.compile(r"[#&]p=3(&|$)"))
    below = box(page.locator("#column-relu_1"))
    page.mouse.click(below["left"] + 6, below["top"] + below["height"] - 8)
    expect(page).to_have_url(re.compile(r"[#&]p=10(&|$)"))
    expect(page.locator("#equation .hint")).to_contain_text("tap a matrix to choose it")


@pytest.mark.parametrize("size", [PHONE, UPRIGHT, TABLET], ids=["phone", "upright", "tablet"])
def test_the_drawer_opens_and_closes_with_the_focus_where_it_belongs(
    visit: Open, size: tuple[int, int]
) -> None:
    page = visit(size=size)
    expect(line(page)).to_have_text("dense_2.dweight[2, 1] = −0.03822")
    inspector = page.get_by_role("complementary", name="The chosen number")
    line(page).focus()
    page.keyboard.press("Enter")
    expect(inspector.get_by_role("table")).to_be_visible()
    expect(inspector).to_be_focused()
    assert violations(page, AXE) == []
    page.keyboard.press("Escape")
    expect(line(page)).to_be_focused()
    expect(inspector.get_by_role("table")).to_be_hidden()
    line(page).click()
    inspector.get_by_role("button", name="Close").click()
    expect(line(page)).to_be_focused()


def test_the_sheet_leaves_the_equation_in_sight(visit: Open) -> None:
    page = visit(size=PHONE)
    part(page, "dense_2.dweight").click(position={"x": 10, "y": 10})
    sheet = box(page.get_by_role("complementary", name="The chosen number"))
    expect(page.get_by_role("heading", name="dense_2.dweight[0, 0]")).to_be_visible()
    chosen = box(part(page, "dense_2.dweight"))
    assert chosen["top"] + chosen["height"] <= sheet["top"]


def test_beside_the_open_drawer_a_tablet_shows_both_passes(visit: Open) -> None:
    page = visit(size=TABLET)
    line(page).click()
    for tensor in ("dense_2.output", "softmax_1.dinput", "dense_2.dweight"):
        found = box(page.locator(f'#stage matrix-view[aria-label^="{tensor},"]'))
        assert found["left"] + found["width"] <= TABLET[0] - 320
        assert found["top"] + found["height"] <= TABLET[1] - 52


@pytest.mark.parametrize("size", [UPRIGHT, PHONE, SMALLEST], ids=["upright", "phone", "smallest"])
def test_what_has_no_room_in_the_header_is_in_one_menu(visit: Open, size: tuple[int, int]) -> None:
    page = visit(size=size)
    preset = box(page.get_by_label("Example"))
    assert preset["width"] >= 150
    theme = page.get_by_role("button", name="Light or dark")
    expect(theme).to_be_hidden()
    more = page.get_by_role("button", name="More")
    more.focus()
    page.keyboard.press("Enter")
    expect(theme).to_be_visible()
    assert violations(page, AXE) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#more') !== null")
    page.keyboard.press("Escape")
    expect(theme).to_be_hidden()
    expect(more).to_be_focused()


@pytest.mark.parametrize("size", [ZOOMED, SMALLEST], ids=["zoomed", "smallest"])
def test_at_400_percent_everything_is_reached_by_scrolling_one_way(
    visit: Open, size: tuple[int, int]
) -> None:
    page = visit(size=size)
    line(page).click()
    assert fits(page)
    cut = """() => [...document.querySelectorAll("button, select, input")]
        .filter((one) => one.checkVisibility() && !one.closest("[popover], #equation, #inspector, #stage"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.id)"""
    assert page.evaluate(cut) == []
    for name in ("Step", "Play"):
        button = page.get_by_role("button", name=name, exact=True)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport()
    table = page.get_by_role("complementary", name="The chosen number").get_by_role("table")
    table.scroll_into_view_if_needed()
    expect(table).to_be_in_viewport()
    assert violations(page, AXE) == []


def test_a_phones_rows_have_their_heights(visit: Open) -> None:
    page = visit(size=PHONE)
    assert box(page.locator(".header"))["height"] <= 45
    assert box(page.locator("#narration"))["height"] <= 50
    assert box(page.locator("#stage"))["height"] <= 250
    for button in page.locator("#transport > button, #transport > select, .header > button").all():
        if button.is_visible():
            assert box(button)["height"] >= 44


def test_the_equation_marks_what_the_stage_marks(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.weight,2,3", size=PHONE)
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.locator("#editor-value").fill("0.5")
    page.keyboard.press("Enter")
    subject = page.locator("#equation matrix-view").first
    for mark in ("selected", "edited", "differs"):
        expect(subject.locator(f"i.{mark}")).to_have_count(1)
    page.locator("#stage").focus()
    page.keyboard.press("d")
    expect(subject.locator("pre")).to_contain_text("-0.039")
    expect(subject.locator("i.differs")).to_have_count(0)
