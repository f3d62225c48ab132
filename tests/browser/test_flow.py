"""Gradient flow and curves as figures: drawn, moved over, read out, gone to, stopped."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
VANISHING = "/#preset=vanishing&p=0"
EXPLODING = {
    "dataset": {"name": "spiral", "classes": 3, "samples": 90, "noise": 0.2, "test_fraction": 0.25},
    "layers": [{"type": "dense", "units": 8}, {"type": "dense", "units": 3}, {"type": "softmax"}],
    "head": "fused",
    "optimizer": {"type": "sgd", "learning_rate": 1e200},
}


def opened(page: Page) -> Locator:
    """The dialog, its figure whole and drawn."""
    page.locator("#train").click()
    page.locator("#flow-open").click()
    dialog = page.locator("#flow")
    drawn(dialog)
    return dialog


def drawn(dialog: Locator, what: str = "gradient") -> None:
    # The first one waits for a worker process to start.
    expect(dialog).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(dialog.locator(f"#flow-plot[data-drawn*='\"{what}\"'] .main-svg").first).to_be_visible()


def said(dialog: Locator) -> Locator:
    return dialog.locator("#flow-said")


def test_vanishing_is_seen_read_and_gone_to(visit: Open) -> None:
    page = visit(VANISHING)
    dialog = opened(page)
    assert dialog.locator(".ytick text").all_text_contents() == [f"dense_{n}" for n in range(1, 7)]
    plot = dialog.get_by_role("application")
    expect(plot).to_be_focused()
    expect(said(dialog)).to_contain_text("use the arrow keys")
    page.keyboard.press("ArrowRight")
    expect(said(dialog)).to_have_text(
        re.compile(
            r"^dense_1, iteration 0, gradient norm ‖dweight‖: 0\.00196\. "
            r"That is 13 times smaller than in dense_6, where it is largest\.$"
        )
    )
    for key in ("End", "PageUp", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    expect(said(dialog)).to_contain_text("dense_2, iteration 88, gradient norm")
    expect(dialog.get_by_role("button", name="Go to iteration 88")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="dense_2.dweight[0, 0]")).to_be_visible()
    expect(page.locator("#figures")).to_contain_text("88 updates so far")


def test_a_click_on_a_cell_goes_there(visit: Open) -> None:
    page = visit(VANISHING)
    dialog = opened(page)
    box = dialog.locator(".heatmaplayer image").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.505, box["y"] + box["height"] * 0.9
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    expect(said(dialog)).to_contain_text("dense_6, iteration 50")
    expect(dialog.locator(".hovertext")).to_contain_text("dense_6 · iteration 50")
    page.mouse.down()
    page.mouse.up()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="dense_6.dweight[0, 0]")).to_be_visible()
    expect(page.locator("#figures")).to_contain_text("50 updates so far")


def test_only_the_pictures_that_there_are_can_be_chosen(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    dialog = opened(page)
    choice = dialog.get_by_label("What is shown")
    assert choice.locator("option:not([hidden])").all_inner_texts() == [
        "gradient norm ‖dweight‖",
        "update / weight ‖Δw‖ / ‖w‖",
        "dead ReLUs",
        "loss and accuracy",
    ]
    choice.select_option("dead")
    drawn(dialog, "dead")
    dialog.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(said(dialog)).to_have_text("relu_1, iteration 0, dead ReLUs: 0%.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="relu_1.output[0, 0]")).to_be_visible()


def test_curves_are_read_at_an_iteration_and_as_a_table(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    dialog = opened(page)
    dialog.get_by_label("to", exact=True).fill("9")
    dialog.get_by_label("What is shown").select_option("curves")
    drawn(dialog, "curves")
    expect(dialog.locator(".scatterlayer .trace")).to_have_count(2)
    dialog.get_by_role("application").focus()
    page.keyboard.press("End")
    page.keyboard.press("End")
    expect(said(dialog)).to_have_text(re.compile(r"^Iteration 9: loss 0\.\d+, accuracy [\d.]+%\.$"))
    loss = said(dialog).inner_text().split("loss ")[1].split(",")[0]
    page.keyboard.press("t")
    table = dialog.get_by_role("table")
    assert table.locator("thead th").all_inner_texts() == ["iteration", "loss (train)", "accuracy (train)"]
    last = table.locator("tbody tr").last
    assert [last.locator("th").inner_text(), last.locator("td").first.inner_text()] == ["9", loss]
    page.keyboard.press("t")
    expect(dialog.locator("#flow-plot")).to_be_focused()


def test_what_was_held_back_has_curves_of_its_own_and_nan_says_where(visit: Open) -> None:
    page = visit("/#preset=spiral&p=0")
    made = page.request.post(page.url.split("#")[0] + "api/v1/runs", data=EXPLODING)
    page.goto(page.url.split("#")[0] + f"#run={made.json()['id']}&p=0")
    expect(page.locator("#columns")).not_to_contain_text("dense_3")
    dialog = opened(page)
    assert dialog.locator(".legendtext").all_text_contents()
    expect(dialog.locator(".textpoint").first).to_have_text(re.compile("NaN|∞"))
    page.keyboard.press("End")
    page.keyboard.press("End")
    expect(said(dialog)).to_have_text("dense_1, iteration 99, gradient norm ‖dweight‖: NaN.")
    dialog.get_by_label("What is shown").select_option("curves")
    drawn(dialog, "curves")
    expect(dialog.locator(".annotation-text").first).to_contain_text("not finite from iteration")
    page.locator("#flow-plot").focus()
    page.keyboard.press("Home")
    expect(said(dialog)).to_contain_text("Test: loss")


def test_a_computation_is_seen_stopped_and_gone_on_with(visit: Open) -> None:
    page = visit("/#preset=spiral&p=0")
    dialog = opened(page)
    dialog.get_by_label("to", exact=True).fill("400000")
    dialog.get_by_label("to", exact=True).press("Tab")
    expect(dialog.get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", re.compile(r"^[1-9]\d* of 400001 iterations$"), timeout=30_000
    )
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.locator("#flow-note")).to_have_text(
        re.compile(r"^Stopped after \d+ of 400001 iterations\.$")
    )
    expect(dialog).to_have_attribute("aria-busy", "false")
    expect(dialog.locator("#flow-plot")).to_be_focused()
    stopped = int(dialog.locator("#flow-note").inner_text().split()[2])
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_have_attribute("aria-busy", "true")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.locator("#flow-note")).to_contain_text("Stopped")
    assert stopped > 0


def test_a_server_that_breaks_off_is_said_and_asked_again(visit: Open) -> None:
    page = visit("/#preset=default&p=0", fails=True)

    def cut(route: Route) -> None:
        route.fulfill(content_type="text/event-stream", body='event: progress\ndata: {"reached": 3}\n\n')

    page.route("**/history/figure**", cut)
    page.locator("#train").click()
    page.locator("#flow-open").click()
    dialog = page.locator("#flow")
    expect(dialog.locator("#flow-note")).to_contain_text("cannot be reached")
    page.unroute("**/history/figure**")
    dialog.get_by_role("button", name="Try again").click()
    drawn(dialog)
    expect(dialog.locator("#flow-note")).to_be_hidden()


def test_escape_leaves_and_the_focus_goes_back(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    dialog = opened(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#flow-open")).to_be_focused()


def test_in_chinese_words_and_figure(visit: Open) -> None:
    page = visit("/#preset=default&p=0", locale="zh-CN")
    dialog = opened(page)
    expect(dialog.get_by_role("heading", level=2)).to_have_text("梯度如何流动")
    expect(dialog.locator(".xtitle")).to_have_text("迭代")
    page.keyboard.press("ArrowDown")
    expect(said(dialog)).to_have_text(re.compile(r"^dense_1，第 0 次迭代，梯度范数 ‖dweight‖：[\d.]+。"))


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
    visit: Open, size: tuple[int, int], theme: str, locale: str
) -> None:
    page = visit("/#preset=default&p=0", size=size, theme=theme, locale=locale)
    dialog = opened(page)
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("#flow-go")).to_be_visible()
    assert violations(page, AXE) == []
    assert fits(page)
    page.keyboard.press("t")
    expect(dialog.get_by_role("table")).to_be_visible()
    assert violations(page, AXE) == []
    assert fits(page)
