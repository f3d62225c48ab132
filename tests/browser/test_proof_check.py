"""The check of every gradient: its verdict, its figure moved over and read out, gone from to the stage."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.presets import PRESETS
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
START = "/#preset=default&p=5"


def opened(page: Page) -> Locator:
    """The dialog, its check done and a gradient's figure drawn."""
    if not page.locator("#proof-open").is_visible():
        page.locator("#more-button").click()
    page.locator("#proof-open").click()
    dialog = page.locator("#proof")
    # Modules, words, styles, the check, the figure and Plotly itself come one after the other.
    expect(dialog.locator("#check-plot[data-drawn] .main-svg").first).to_be_visible(timeout=30_000)
    return dialog


def spoiled(page: Page, **changes: Any) -> Page:
    """The same page on the default run with something changed."""
    made = page.request.post(
        "/".join([*page.url.split("/")[:3], "api/v1/runs"]), data=PRESETS["default"] | changes
    )
    page.goto(page.url.split("#")[0] + f"#run={made.json()['id']}&p=5")
    expect(page.locator("#counter")).to_have_text("Step 5 of 12")
    return page


def verdict(dialog: Locator) -> Locator:
    return dialog.locator("#check-verdict[role=status]")


def said(dialog: Locator) -> Locator:
    return dialog.locator("#check-said")


def test_a_right_run_is_said_to_be_right_and_each_cell_both_ways(visit: Open) -> None:
    page = visit(START)
    dialog = opened(page)
    expect(dialog.get_by_role("tab", name="Check")).to_be_focused()
    expect(dialog.get_by_role("tabpanel")).to_have_count(1)
    least = r"[\d.]+e−(9|1\d)"
    all_right = rf"^✓ Right: 203 cells were compared and agree, the largest relative error is {least}\.$"
    expect(verdict(dialog)).to_have_text(re.compile(all_right))
    rows = dialog.locator("#check-rows tr")
    expect(rows).to_have_count(9)
    assert all(text.startswith("✓") for text in rows.all_inner_texts())
    dialog.get_by_role("button", name="dense_1.dweight").click()
    expect(dialog.get_by_role("button", name="dense_1.dweight")).to_have_attribute("aria-pressed", "true")
    expect(dialog.locator("#check-plot[data-drawn='dense_1.dweight']")).to_be_visible()
    plot = dialog.get_by_role("application", name="dense_1.dweight")
    plot.focus()
    for key in ("ArrowUp",) * 4 + ("ArrowLeft",) * 5 + ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(said(dialog)).to_have_text(
        re.compile(
            r"^dense_1\.dweight\[2, 1\]: (−?[\d.e−]+) by differences, \1 by the backward pass\."
            r" ✓ They agree, relative error [\d.]+e−\d+\.$"
        )
    )
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="dense_1.dweight[2, 1]")).to_be_visible()
    expect(page.locator("#stage")).to_be_focused()
    expect(page.locator("#counter")).to_have_text("Step 11 of 12")


def test_the_difference_of_the_chosen_cell_is_opened_and_follows_the_cursor(visit: Open) -> None:
    page = visit(START)
    dialog = opened(page)
    dialog.get_by_text("How this difference was made").click()
    made = dialog.get_by_role("group", name="How this difference was made").last
    expect(made.locator("p").first).to_have_text(
        "softmax_1.output[1, 1] is moved by multiples of h = 2⁻⁸, and the network run on from there."
        " Unmoved, the loss is 0.6481038431."
    )
    lines = [text.replace("−", "-").split("\t") for text in made.locator("tbody tr").all_inner_texts()]
    assert [line[0] for line in lines] == ["-2 h", "-1 h", "1 h", "2 h"]
    slope = sum(float(change) * float(counts) for _, _, change, counts in lines) / 12 * 2**8
    assert slope == pytest.approx(-0.317936, rel=1e-5)
    expect(made).to_contain_text("add up to 12 h times −0.31793")
    dialog.get_by_role("button", name="dense_2.dbias").click()
    expect(made).to_contain_text("dense_2.bias[0,")
    dialog.locator("#check-plot[data-drawn='dense_2.dbias']").focus()
    for keys, column in ((("ArrowLeft", "ArrowLeft"), 0), (("ArrowRight",), 1)):
        for key in keys:
            page.keyboard.press(key)
        expect(made).to_contain_text(f"dense_2.bias[0, {column}] is moved")


def test_how_far_a_long_gradient_is_stands_beside_the_others(visit: Open) -> None:
    page = visit(START)
    begin = {"tensors": ["loss.dinput", "dense_1.dweight"]}
    parts = [{"name": "loss.dinput", "done": 0.25}, {"name": "loss.dinput", "done": 0.5}]
    events = [("begin", begin), *(("part", part) for part in parts)]
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    page.evaluate(
        """(body) => {
            const real = window.fetch;
            const start = (to) => to.enqueue(new TextEncoder().encode(body));
            const headers = { "content-type": "text/event-stream" };
            window.fetch = (address, options) =>
                String(address.url ?? address).includes("/check?")
                    ? Promise.resolve(new Response(new ReadableStream({ start }), { headers }))
                    : real(address, options);
        }""",
        body,
    )
    page.locator("#proof-open").click()
    progress = page.get_by_role("progressbar", name="How many gradients are checked")
    expect(progress).to_have_attribute("aria-valuetext", "0 of 2 gradients, 50 % of loss.dinput")
    assert progress.evaluate("bar => bar.position") == 0.25


def test_the_first_wrong_step_is_named_and_gone_to(visit: Open) -> None:
    page = spoiled(visit(START), faults=["missing_transpose"])
    dialog = opened(page)
    expect(verdict(dialog)).to_contain_text("✗ Wrong from step 9 on (backward:dense_2): dense_2.dinput[")
    marks = [text[0] for text in dialog.locator("#check-rows tr").all_inner_texts()]
    assert "".join(marks) == "✓✓✓✓✗✗✗✗✗"
    expect(dialog.get_by_role("button", name="dense_2.dinput")).to_have_attribute("aria-pressed", "true")
    expect(said(dialog)).to_contain_text("✗ They do not agree, relative error")
    expect(dialog.locator(".textpoint", has_text="✗").first).to_be_visible()
    cell = said(dialog).inner_text().partition(":")[0]
    dialog.get_by_role("button", name="Go to the first wrong cell").click()
    expect(page.get_by_role("heading", name=cell)).to_be_visible()
    expect(page.locator("#counter")).to_have_text("Step 9 of 12")


def test_an_update_that_goes_uphill_is_found_though_every_gradient_is_right(visit: Open) -> None:
    page = spoiled(visit(START), faults=["wrong_sign"])
    dialog = opened(page)
    expect(verdict(dialog)).to_contain_text("step 12 (update) goes along it instead of against it")
    assert all(text.startswith("✓") for text in dialog.locator("#check-rows tr").all_inner_texts())


def test_a_fault_that_does_not_show_is_not_passed_over(visit: Open) -> None:
    page = spoiled(visit(START), faults=["relu_at_zero"])
    expect(verdict(opened(page))).to_contain_text(
        "A fault is set in this run (ReLU’s slope at 0), but it does not show in this iteration."
    )


def test_a_cell_that_cannot_be_compared_says_why_and_so_does_the_table(visit: Open) -> None:
    edit = {"position": 10, "tensor": "relu_1.dinput", "index": [1, 2], "value": 0.25}
    page = spoiled(visit(START), edits=[edit], dtype="float32")
    dialog = opened(page)
    expect(verdict(dialog)).to_contain_text(
        re.compile(r"\d+ cells are not comparable, neither right nor wrong\.")
    )
    expect(dialog.get_by_text("What is checked is the same run in float64.")).to_be_visible()
    dialog.get_by_role("button", name="relu_1.dinput").click()
    expect(dialog.locator("#check-plot[data-drawn='relu_1.dinput']")).to_be_visible()
    dialog.get_by_role("application").focus()
    for key in ("ArrowUp",) * 7 + ("ArrowLeft",) * 4 + ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(said(dialog)).to_contain_text("? not comparable: an edit in mid-pass came between")
    expect(dialog.locator(".textpoint", has_text="?")).to_have_count(1)
    page.keyboard.press("t")
    table = dialog.get_by_role("group", name="relu_1.dinput")
    expect(table).to_be_focused()
    expect(table.get_by_role("row", name="1, 2")).to_contain_text("? not comparable")
    expect(table.get_by_role("row", name="0, 0")).to_contain_text("✓ right")


def test_who_looks_for_a_fault_is_told_only_when_they_ask(visit: Open) -> None:
    page = visit(START)
    page.locator("#proof-open").click()
    dialog = page.locator("#proof")
    dialog.get_by_role("tab", name="Find the fault").click()
    dialog.get_by_role("button", name="Set me a fault").click()
    expect(page.locator("#hunt-box")).to_contain_text("Show me", timeout=30_000)
    expect(dialog).to_be_hidden()
    page.locator("#proof-open").click()
    dialog.get_by_role("tab", name="Check").click()
    expect(verdict(dialog)).to_contain_text("the check would tell you where it is")
    expect(dialog.locator("#check-rows tr")).to_have_count(0)
    dialog.get_by_role("button", name="Tell me anyway").click()
    expect(verdict(dialog)).to_contain_text("✗", timeout=30_000)


def test_it_can_be_stopped_gone_on_with_and_fails_in_words(visit: Open) -> None:
    page = visit(START, fails=True)
    held: list[Route] = []
    page.route("**/check?values=none", lambda route: held.append(route))
    page.locator("#proof-open").click()
    dialog = page.locator("#proof")
    dialog.get_by_role("button", name="Stop").click()
    expect(verdict(dialog)).to_have_text("Stopped after 0 of 0 gradients.")
    go_on = dialog.get_by_role("button", name="Go on")
    expect(go_on).to_be_focused()
    page.unroute("**/check?values=none")
    page.route("**/check?values=none", lambda route: route.abort())
    go_on.click()
    expect(verdict(dialog)).to_contain_text("The server cannot be reached.")
    page.unroute("**/check?values=none")
    dialog.get_by_role("button", name="Try again").click()
    expect(verdict(dialog)).to_contain_text("✓ Right: 203 cells")


def test_tabs_go_by_arrows(visit: Open) -> None:
    page = visit(START)
    dialog = opened(page)
    page.keyboard.press("ArrowLeft")
    expect(dialog.get_by_role("tab", name="Autopsy")).to_be_focused()
    expect(dialog.get_by_role("tab", name="Autopsy")).to_have_attribute("aria-selected", "true")
    expect(dialog.locator("#proof-check")).to_be_hidden()
    page.keyboard.press("Home")
    expect(dialog.locator("#proof-check")).to_be_visible()


def test_the_words_follow_the_language_that_is_chosen_before_and_after(visit: Open) -> None:
    page = visit(START)
    dialog = page.locator("#proof")
    for language, name, word in (
        ("中文", "梯度对不对？", "正确"),
        ("English", "Is this gradient right?", "Right"),
        ("中文", "梯度对不对？", "正确"),
    ):
        page.get_by_role("button", name=language).click()
        expect(page.locator("#language")).not_to_have_text(language)
        page.locator("#proof-open").click()
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        expect(verdict(dialog)).to_contain_text(word, timeout=30_000)
        expect(said(dialog)).to_contain_text("loss.dinput")
        page.keyboard.press("Escape")
        expect(page.locator("#proof-open")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_phone_shows_the_three_one_below_the_other(visit: Open, locale: str) -> None:
    page = visit(START, size=PHONE, locale=locale, theme="dark")
    dialog = opened(page)
    tops = [box["y"] for box in (one.bounding_box() for one in dialog.locator(".heatmaplayer").all()) if box]
    assert tops == sorted(set(tops))
    assert len(tops) == 3
    dialog.locator("#check-made summary").click()
    expect(dialog.locator("#check-points tbody tr")).to_have_count(4)
    small: int = dialog.locator(":is(button, summary):visible").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
    assert violations(page, AXE) == []
    assert fits(page)
    page.keyboard.press("Escape")
    expect(page.locator("#more-button")).to_be_focused()
