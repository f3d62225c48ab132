"""A tensor and the softmax's Jacobian as figures: drawn, moved over, read out, shown as tables."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.arrays import Array
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, matrix, number, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def opened(page: Page, key: str) -> Locator:
    """The dialog that a key opens on the stage, its figure drawn."""
    page.locator("#stage").focus()
    page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    dialog.locator("svg .heatmaplayer image").first.wait_for(state="attached")
    return dialog


def tables(dialog: Locator) -> dict[str, Array]:
    """The figure's matrices as its tables show them, by caption, without their sums."""
    found = {}
    for table in dialog.locator(".tables table").all():
        rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
        values = np.array([[number(cell) for cell in row] for row in rows])
        summed = table.locator("thead th").last.inner_text() == "Σ"
        found[table.locator("caption").inner_text()] = values[:-1, :-1] if summed else values
    return found


def test_plotly_is_fetched_only_for_the_first_figure(visit: Open) -> None:
    page = visit()
    bundle = page.locator("script[src*='vendor/plotly']")
    page.wait_for_load_state("networkidle")
    assert bundle.count() == 0
    opened(page, "f")
    page.keyboard.press("Escape")
    opened(page, "j")
    assert bundle.count() == 1


def test_a_tensor_is_drawn_and_every_cell_can_be_reached(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1")
    page.get_by_role("button", name="Open as a figure").click()
    dialog = page.get_by_role("dialog", name="dense_2.dweight (5, 3)")
    dialog.locator("svg .heatmaplayer image").first.wait_for(state="attached")
    plot = dialog.get_by_role("application")
    expect(plot).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    status = dialog.get_by_role("status")
    expect(status).to_contain_text("row 2 of 5, column 3 of 3, dense_2.dweight")
    said = number(status.inner_text().split(",")[0])
    stage = matrix(page, "dense_2.dweight")
    assert stage is not None
    assert abs(stage[1, 2] - said) < 5.1e-4
    page.keyboard.press("t")
    np.testing.assert_allclose(tables(dialog)["dense_2.dweight"], stage, atol=5.1e-4)
    page.keyboard.press("t")
    plot.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="dense_2.dweight[1, 2]")).to_be_visible()


def test_a_figure_takes_the_room_that_its_words_leave(visit: Open) -> None:
    page = visit()
    page.locator("#stage").focus()
    page.keyboard.press("f")
    expect(page.locator("#figure-plot .main-svg").first).to_be_visible()
    dialog, plot = (page.locator(name).bounding_box() for name in ("#figure", "#figure-plot"))
    assert dialog
    assert plot
    assert plot["height"] > 0.6 * dialog["height"]


def test_the_pointer_reads_a_cell_too(visit: Open) -> None:
    page = visit()
    dialog = opened(page, "j")
    image = dialog.locator("svg .x2y2 .heatmaplayer image").bounding_box()
    assert image
    page.mouse.move(image["x"] + image["width"] * 0.9, image["y"] + image["height"] * 0.1)
    page.mouse.move(image["x"] + image["width"] * 0.85, image["y"] + image["height"] * 0.15)
    expect(dialog.get_by_role("status")).to_contain_text("J[0, 2]")
    expect(dialog.locator(".hovertext")).to_contain_text("−S0 · S2")


def test_each_samples_row_times_its_jacobian_is_its_gradient(visit: Open) -> None:
    page = visit("/#preset=default&p=12")
    probabilities, dvalue, dinput = (
        matrix(page, name) for name in ("softmax_1.output", "loss.dinput", "softmax_1.dinput")
    )
    assert probabilities is not None
    assert dvalue is not None
    assert dinput is not None
    dialog = opened(page, "j")
    page.keyboard.press("t")
    slider = dialog.get_by_role("slider", name="Sample")
    slider.focus()
    page.keyboard.press("Home")
    for sample in range(8):
        expect(slider).to_have_attribute("aria-valuetext", f"Sample {sample}, {sample + 1} of 8")
        expect(dialog).to_have_attribute("aria-busy", "false")
        found = tables(dialog)
        row = probabilities[sample]
        np.testing.assert_allclose(found["J"], np.diag(row) - np.outer(row, row), atol=2e-3)
        np.testing.assert_allclose(found["dvalue"] @ found["J"], found["dinput"], atol=2e-6)
        np.testing.assert_allclose(found["dvalue"][0], dvalue[sample], atol=5.1e-4)
        np.testing.assert_allclose(found["dinput"][0], dinput[sample], atol=5.1e-4)
        page.keyboard.press("ArrowRight")


def test_a_cell_of_the_jacobian_says_what_raising_a_score_does(visit: Open) -> None:
    page = visit()
    dialog = opened(page, "j")
    status = dialog.get_by_role("status")
    expect(status).to_have_text("Point at a cell, or use the arrow keys, to read what it says.")
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text("raising score 0 by 0.01 raises probability 0 by about 0.00")
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("J[0, 1]")
    expect(status).to_contain_text("raising score 1 by 0.01 lowers probability 0 by about 0.00")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(status).to_contain_text("dinput[1]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="softmax_1.dinput[0, 1]")).to_be_visible()


def test_a_jacobian_without_a_gradient_says_so(visit: Open) -> None:
    page = visit("/#preset=default&p=6")
    dialog = opened(page, "j")
    expect(dialog).to_contain_text("Nothing has gone back through softmax_1 yet")


def test_what_is_not_computed_says_so_in_place_of_a_figure(visit: Open) -> None:
    page = visit("/#preset=default&p=2")
    page.locator("#stage").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(
        "Not computed yet. Step 5 computes it."
    )


def test_in_chinese(visit: Open) -> None:
    page = visit(locale="zh-CN")
    dialog = opened(page, "j")
    expect(dialog.get_by_role("heading", level=2)).to_have_text("softmax_1 的雅可比矩阵")
    expect(dialog.get_by_role("application")).to_contain_text("概率 j")
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("status")).to_contain_text("第 0 个分数增加 0.01，第 0 个概率约增加")


def test_focus_stays_in_the_dialog_and_goes_back_where_it_was(visit: Open) -> None:
    page = visit()
    dialog = opened(page, "j")
    inside = "document.activeElement.closest('dialog') !== null || document.activeElement === document.body"
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()


@pytest.mark.parametrize("key", ["f", "j"])
@pytest.mark.parametrize(
    ("size", "theme", "locale"),
    [
        (DESKTOP, "light", "en-GB"),
        (DESKTOP, "dark", "zh-CN"),
        (PHONE, "dark", "en-GB"),
        (PHONE, "light", "zh-CN"),
    ],
)
def test_axe_finds_nothing_and_nothing_overflows(
    visit: Open, key: str, size: tuple[int, int], theme: str, locale: str
) -> None:
    page = visit(size=size, theme=theme, locale=locale)
    dialog = opened(page, key)
    page.keyboard.press("ArrowDown")
    assert violations(page, AXE) == []
    box = dialog.bounding_box()
    assert box
    assert 0 <= box["x"] <= box["x"] + box["width"] <= size[0]
    page.keyboard.press("t")
    assert violations(page, AXE) == []
    assert fits(page)
