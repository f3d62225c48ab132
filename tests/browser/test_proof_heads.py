"""Separate and fused heads: the slider moves curves, cells and words, and opens as a run."""

import re
from math import exp, log
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, number, shown, violations
from tests.browser.screenshots import heads

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Moved logit")


def press(page: Page, *keys: str) -> None:
    page.locator("#proof-heads-now:not([inert])").wait_for()
    for key in keys:
        slider(page).press(key)


def says(page: Page, text: str) -> None:
    """What is heard when the slider moves, and seen beside it."""
    expect(slider(page)).to_have_attribute("aria-valuetext", text)
    expect(page.locator("#proof-heads-at")).to_have_text(text)


def readings(page: Page, way: str) -> list[str]:
    """A way's losses and gradients in float32 and float64, with their marks."""
    row = page.locator("#proof-heads-readings tr", has=page.get_by_role("rowheader", name=way, exact=True))
    return row.locator("td").all_inner_texts()[:4]


def test_the_slider_moves_numbers_words_and_the_lines_in_the_curves(visit: Open) -> None:
    page = visit()
    heads(page)
    says(page, "z = −20, true ŷ = 1.03e−9")
    why = page.locator("#proof-heads-said")
    expect(why).to_contain_text("separate, clipped (float32, float64): ŷ is outside the clip of 1e−7")
    loss, clipped = 20 + log(2 + exp(-20)), -log(1e-7)
    assert [number(text.rstrip(" ✓")) for text in readings(page, "fused")] == pytest.approx(
        [loss, loss, -1, -1], rel=1e-3
    )
    found = readings(page, "separate, clipped")
    assert all(text.endswith("≠") for text in found)
    probability = exp(-20) / (2 + exp(-20))
    expected = [clipped, clipped, -1e7 * probability, -1e7 * probability]
    assert [number(text.rstrip(" ≠")) for text in found] == pytest.approx(expected, rel=1e-3)
    press(page, *["PageUp"] * 2)
    says(page, "z = 0, true ŷ = 0.333")
    expect(why).to_have_text("Here all three ways agree with the truth to 0.1%, in float32 and in float64.")
    assert all(text.endswith("✓") for text in readings(page, "separate, clipped"))
    press(page, "End", "ArrowLeft")
    says(page, "z = 49.50, true ŷ = 1 − 6.36e−22")
    expect(why).to_contain_text("digits are lost in rounding next to 1")
    for of in ("loss", "dinput"):
        expect(page.locator(f"#proof-heads-{of}")).to_have_attribute("data-marked", "49.5")


def test_cells_live_with_the_slider_in_the_chosen_dtype(visit: Open) -> None:
    page = visit()
    heads(page)
    page.get_by_label("Curves and cells in").select_option("float32")
    cells = page.get_by_role("group", name="Every cell at this place")
    dvalue = cells.locator(
        "tr", has=page.get_by_role("rowheader", name="separate, no clip: dvalue", exact=True)
    )
    # In float32 e^−20 has other digits from the eighth on; 1/ŷ = 2 + e^20 over e^…, here to four.
    expect(dvalue.locator("td").first).to_have_text("−9.703e8")
    press(page, "ArrowRight", "ArrowRight")
    expect(dvalue.locator("td").first).to_have_text("−3.57e8")
    table = cells.get_by_role("table", name="Jacobian")
    numbers = [number(text) for text in table.locator("td").all_inner_texts() if text]
    s = exp(-19) / (2 + exp(-19))
    rest = (1 - s) / 2
    expected = [s * (1 - s), -s * rest, -s * rest, -s * rest, rest * (1 - rest), -rest * rest]
    assert numbers[:6] == pytest.approx(expected, rel=1e-3)
    press(page, *["PageUp"] * 4)
    fused = cells.locator("tr", has=page.get_by_role("rowheader", name="fused: dinput = ŷ − y", exact=True))
    expect(fused.locator("td").first).to_have_text("0")  # 1 − ŷ is 1.5e−9, of which float32 knows nothing
    page.get_by_label("Curves and cells in").select_option("float64")
    expect(fused.locator("td").first).to_have_text("−1.517e−9")


def test_a_probability_of_exactly_zero_breaks_what_divides_by_it(visit: Open) -> None:
    page = visit()
    heads(page)
    page.get_by_label("Slide over").select_option("the probability")
    expect(slider(page)).to_have_attribute("max", "202")
    press(page, "Home")
    expect(page.locator("#proof-heads-at")).to_contain_text("true ŷ = 4e−348")
    assert readings(page, "separate, no clip") == ["∞ ≠", "∞ ≠", "NaN ≠", "NaN ≠"]
    assert readings(page, "separate, clipped")[2:] == ["0 ≠", "0 ≠"]
    assert readings(page, "fused") == ["800 ✓", "800 ✓", "−1 ✓", "−1 ✓"]
    expect(page.locator("#proof-heads-said")).to_contain_text("infinity times the Jacobian’s 0 is NaN")
    page.locator("#proof-heads-by-loss").select_option("sigmoid, then binary cross-entropy")
    page.get_by_label("The moved output should be").select_option("0 (it is not)")
    press(page, "End")
    expect(page.locator("#proof-heads-at")).to_contain_text("true ŷ = 1 − 4e−348")
    expect(page.locator("#proof-heads-readings")).to_contain_text("NaN")
    ends = page.get_by_role("group", name="Where each way agrees with the truth")
    expect(ends.get_by_role("row", name="fused").locator("td").first).to_have_text("everywhere")


def test_these_logits_open_as_a_run_whose_numbers_can_be_opened(visit: Open) -> None:
    page = visit()
    heads(page)
    page.get_by_role("button", name="Open as a run: separate, clipped").click()
    expect(page.locator("#proof")).not_to_be_visible()
    expect(page.locator("#stage")).to_be_focused()
    expect(page.locator("#inspector")).to_contain_text("softmax_1.dinput[0, 0]")
    expect(page.locator("#inspector")).to_contain_text("−0.01031")
    assert shown(page, "dense_1.output").tolist() == [[-20, 0, 0]]
    page.go_back()
    expect(page.locator("#inspector")).not_to_contain_text("softmax_1.dinput[0, 0]")


def test_a_click_on_the_curves_moves_the_slider(visit: Open) -> None:
    page = visit()
    heads(page)
    drawn = page.locator("#proof-heads-loss .nsewdrag").first
    box = None
    while box is None or box != drawn.bounding_box():  # until the dialog makes no more room for what comes
        box = drawn.bounding_box()
        page.wait_for_timeout(500)
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.locator("#proof-heads-loss .hoverlayer > *").first.wait_for(state="attached")
    page.mouse.click(x, y)
    expect(slider(page)).not_to_have_attribute("aria-valuetext", "z = −20, true ŷ = 1.03e−9")
    assert -28 < number((slider(page).get_attribute("aria-valuetext") or "").split()[2].rstrip(",")) < -22


def test_what_fails_says_so_and_is_asked_for_again(visit: Open) -> None:
    page = visit(fails=True)
    failed: list[str] = []

    def broken(route: Route) -> None:
        if len(failed) == 2:
            route.continue_()
            return
        failed.append(route.request.url)
        route.fulfill(status=500, json={"code": "internal"})

    page.route("**/api/v1/heads?*", broken)
    with (
        page.expect_response(re.compile("heads.*dtype=float32")),
        page.expect_response(re.compile("heads.*dtype=float64")),
    ):
        heads(page, there=False)
    again = page.locator("#proof-heads-waiting").get_by_role("button", name="Try again")
    again.wait_for()
    expect(page.locator("#proof-heads-now")).to_be_hidden()
    again.click()
    expect(slider(page)).to_be_visible()


@pytest.mark.parametrize(("size", "locale", "theme"), [(DESKTOP, "en-GB", "dark"), (PHONE, "zh-CN", "light")])
def test_it_is_for_everyone(visit: Open, size: tuple[int, int], locale: str, theme: str) -> None:
    page = visit(size=size, locale=locale, theme=theme)
    heads(page)
    assert violations(page, AXE) == []
    assert fits(page)
    panel = page.locator("#proof-heads")
    panel.evaluate("panel => panel.scrollTo(0, panel.scrollHeight)")
    # What moves the cells is in sight where they are.
    expect(page.locator("#proof-heads-place")).to_be_in_viewport()
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    assert violations(page, AXE) == []
