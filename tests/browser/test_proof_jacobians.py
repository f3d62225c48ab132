"""The tab of Jacobians: between any two places, moved over, read out, opened, large ones in parts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
IRIS = "/#preset=default&p=11"
WIDE = {
    "dataset": {"name": "digits", "samples": 4},
    "layers": [{"type": "dense", "units": 200}, {"type": "dense", "units": 10}, {"type": "softmax"}],
}


def shown(page: Page, ends: str = "batch.input softmax_1.output 0") -> Locator:
    """The tab, its figure drawn."""
    if not page.locator("#proof").is_visible():
        opener = page.locator("#proof-open")
        if not opener.is_visible():
            page.locator("#more-button").click()
        opener.click()
        page.locator("#proof-tab-jacobians").click()
    panel = page.locator("#proof-jacobians")
    drawn(panel, ends)
    return panel


def drawn(panel: Locator, ends: str) -> None:
    plot = panel.locator(f"#proof-jacobians-plot[data-drawn='{ends}'] .main-svg")
    # The first one waits for Plotly.
    expect(plot.first).to_be_visible(timeout=30_000)
    expect(panel.locator("#proof-jacobians-now")).to_have_attribute("aria-busy", "false")


def said(panel: Locator) -> Locator:
    return panel.locator("#proof-jacobians-said")


def test_the_whole_network_is_read_as_a_product_and_each_factor_opened(visit: Open) -> None:
    page = visit(IRIS)
    panel = shown(page)
    expect(said(panel)).to_have_role("status")
    expect(said(panel)).to_contain_text(
        "∂softmax_1.output / ∂batch.input of sample 0 is a 3 × 4 matrix, the product of 4 Jacobians. "
        "It lets 1 of 3 directions through (its rank)"
    )
    expect(said(panel)).to_contain_text("dvalue · J is dinput, to rounding: ‖dvalue‖ = 0.2472")
    factors = panel.locator("#proof-jacobians-factors button")
    assert [text.split("\n")[0] for text in factors.all_inner_texts()] == [
        "softmax_1 (3, 3)",
        "dense_2 (3, 5)",
        "relu_1 (5, 5)",
        "dense_1 (5, 4)",
    ]
    expect(factors.nth(2)).to_contain_text("diagonal, 4 of 5 slopes 0")
    assert (
        panel.locator("#proof-jacobians-sigma td:not(.bar)").all_inner_texts()[1:] == ["0, to rounding"] * 2
    )
    factors.nth(1).click()
    drawn(panel, "relu_1.output dense_2.output 0")
    expect(panel.get_by_label("From")).to_have_value("relu_1.output")
    expect(said(panel)).to_contain_text(
        re.compile(r"is a 3 × 5 matrix\. It lets 3 of 3 .* condition number is \d")
    )
    expect(panel.get_by_role("button", name="Whole network")).to_be_focused()
    page.keyboard.press("Enter")
    drawn(panel, "batch.input softmax_1.output 0")


def test_a_cell_is_moved_to_read_and_opened_by_keyboard(visit: Open) -> None:
    page = visit(IRIS)
    panel = shown(page)
    panel.get_by_label("From").select_option("dense_1.output")
    panel.get_by_role("combobox", name="to", exact=True).select_option("dense_2.output")
    drawn(panel, "dense_1.output dense_2.output 0")
    panel.get_by_role("application").focus()
    spoken = panel.locator("#proof-jacobians-cell")
    expect(spoken).to_have_role("status")
    page.keyboard.press("ArrowDown")
    expect(spoken).to_contain_text("J[0, 0] = ")
    expect(spoken).to_contain_text(
        "raising dense_1.output[0, 0] by 0.01 changes dense_2.output[0, 0] by about"
    )
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(spoken).to_contain_text("dinput[0] = ")
    terms = panel.locator("#proof-jacobians-column tbody tr")
    expect(terms).to_have_count(3)
    total = panel.locator("#proof-jacobians-column tfoot td").last.inner_text()
    expect(spoken).to_contain_text(f"dinput[0] = {total}:")
    page.keyboard.press("Enter")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.get_by_role("heading", name="relu_1.dinput[0, 0]")).to_be_visible()


def test_a_dense_layers_cells_are_its_weights(visit: Open) -> None:
    page = visit(IRIS)
    panel = shown(page)
    panel.get_by_role("combobox", name="to", exact=True).select_option("dense_1.output")
    drawn(panel, "batch.input dense_1.output 0")
    panel.get_by_label("Sample").fill("3")
    panel.get_by_label("Sample").press("Enter")
    drawn(panel, "batch.input dense_1.output 3")
    panel.get_by_role("application").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    value = re.match(r"J\[2, 1\] = (\S+):", panel.locator("#proof-jacobians-cell").inner_text())
    assert value
    panel.get_by_role("button", name="Open dense_1.weight[1, 2]").click()
    expect(page.locator("#inspector")).to_contain_text("dense_1.weight[1, 2]")
    expect(page.locator("#inspector")).to_contain_text(value[1])


def test_what_is_not_computed_says_which_step_does(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    page.locator("#proof-open").click()
    page.locator("#proof-tab-jacobians").click()
    panel = page.locator("#proof-jacobians")
    panel.get_by_role("button", name="Go to step 5").click()
    drawn(panel, "batch.input softmax_1.output 0")
    expect(said(panel)).to_contain_text("The gradients at both ends are not computed yet at this position.")
    expect(panel.get_by_label("From")).to_be_focused()
    panel.get_by_role("combobox", name="to", exact=True).select_option("loss.output")
    expect(panel).to_contain_text("Not computed yet. Step 6 computes it.")


def test_a_large_one_is_shown_in_parts(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    made = page.request.post(page.url.split("#")[0] + "api/v1/runs", data=WIDE)
    page.goto(page.url.split("#")[0] + f"#run={made.json()['id']}&p=9")
    expect(page.locator('matrix-view[aria-label^="dense_1.weight, 64 by 200"]').first).to_be_attached()
    panel = shown(page)
    panel.get_by_role("combobox", name="to", exact=True).select_option("dense_1.output")
    drawn(panel, "batch.input dense_1.output 0")
    expect(panel).to_contain_text("Shown: rows 0 to 127 of 200, columns 0 to 63 of 64.")
    panel.get_by_role("button", name="Rows after").click()
    expect(panel).to_contain_text("Shown: rows 128 to 199 of 200, columns 0 to 63 of 64.")
    expect(panel.locator(".ytick text", has_text="180").first).to_be_visible()
    panel.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")
    expect(panel.locator("#proof-jacobians-cell")).to_contain_text("J[128, 0] = ")
    expect(panel.get_by_role("button", name="Open dense_1.weight[0, 128]")).to_be_visible()


@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_it_is_accessible_and_fits_a_phone(visit: Open, locale: str, theme: str) -> None:
    page = visit(IRIS, size=PHONE, locale=locale, theme=theme)
    panel = shown(page)
    panel.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")
    assert violations(page, AXE) == []
    assert fits(page)
    low = panel.locator("button:visible, select:visible, input:visible").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.id)"
    )
    assert low == []
    panel.locator("#proof-jacobians-swap").click()
    table = panel.locator("#proof-jacobians-tables table").nth(1)
    expect(table.locator("caption")).to_have_text("J")
    expect(table.locator("tbody tr")).to_have_count(3)
    assert violations(page, AXE) == []
