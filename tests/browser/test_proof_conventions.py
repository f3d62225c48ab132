"""Conventions: one switch, what it changes in the run on the stage, and which rule does it."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, number, violations
from tests.browser.screenshots import conventions

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

ZERO = {
    "dataset": {"input": [[1, 1], [0.5, 2], [-3, 1]], "target": [[0, 1], [1, 1], [1, 0]]},
    "layers": [
        {"type": "dense", "weight": [[1, -1], [-1, 0.5]]},
        {"type": "relu"},
        {"type": "dense", "weight": [[1, -0.5], [0.25, 2]]},
        {"type": "sigmoid"},
    ],
    "loss": "binary_crossentropy",
}
"""Two outputs, and one input of the ReLU that is exactly 0."""

LARGE = {
    "dataset": {
        "input": [[at / 70, 1 - at / 35] for at in range(70)],
        "target": [[at % 2, at % 3 // 2] for at in range(70)],
    },
    "layers": [
        {"type": "dense", "units": 80},
        {"type": "relu"},
        {"type": "dense", "units": 2},
        {"type": "sigmoid"},
    ],
    "loss": "binary_crossentropy",
}
"""Two outputs, and a tensor that is shown in two windows down and two across."""

TWO = "/?preset=two_outputs&p=11"


def of(url: str, spec: dict[str, Any]) -> str:
    """Where the page has that run, with its last gradient computed."""
    run = httpx.post(f"{url}/api/v1/runs", json=spec).raise_for_status().json()
    page: str = httpx.get(f"{url}/api/v1/runs/{run['id']}/frames/11").json()["page"]
    return page


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def said(page: Page) -> Locator:
    return page.locator("#proof-conventions-said[role=status]")


def rule(page: Page, name: str) -> Locator:
    return page.locator(f"#proof-conventions-rules [data-rule={name}] td")


def cell(page: Page) -> Locator:
    return page.locator("#proof-conventions-cell[role=status]")


def tensor(page: Page, name: str) -> Locator:
    return page.locator("#proof-conventions").get_by_role("button", name=name)


def window(page: Page, side: str) -> Locator:
    return page.locator(f"#proof-conventions-{side}")


def matrices(page: Page) -> Locator:
    return page.locator("#proof-conventions-matrices[data-drawn]")


def test_what_changes_by_how_much_and_by_which_rule(visit: Open) -> None:
    page = visit(TWO)
    conventions(page)
    choose(page, "The book’s")
    expect(said(page)).to_contain_text(
        "128 cells of 11 tensors change here, by at most 0.763 (in loss.output)."
    )
    expect(said(page)).to_contain_text("Loss 0.925011 → 0.462506.")
    expect(said(page)).to_contain_text("it begins in loss.output")
    expect(rule(page, "bce_outputs")).to_have_text(["Sum", "Mean", "changes 128 cells"])
    expect(rule(page, "relu_at_zero").last).to_have_text("nothing: no input of a ReLU is exactly 0")
    expect(rule(page, "clip").last).to_have_text("the same in both")
    tensor(page, "relu_1.dinput").click()
    expect(cell(page)).to_contain_text("relu_1.dinput[0, 0]: now −0.09788, then −0.04894 (+0.0489);")
    expect(cell(page)).to_contain_text("; B, Binary loss of a sample.")
    expect(tensor(page, "relu_1.dinput")).to_have_attribute("aria-current", "true")
    numbers = page.locator("#proof-conventions-matrices pre").all_inner_texts()
    now, then, less = ([number(text) for text in one.split()] for one in numbers[:3])
    assert len(now) == 32
    for before, after, by in zip(now, then, less, strict=True):
        assert abs(after - before - by) < 2e-3
        assert abs(after - before / 2) < 2e-3


def test_two_rules_in_one_cell_and_the_keys_that_lead_there(visit: Open, url: str) -> None:
    page = visit(of(url, ZERO))
    conventions(page)
    choose(page, "The book’s")
    tensor(page, "relu_1.dinput").click()
    expect(cell(page)).to_contain_text("relu_1.dinput[0, 0]")
    expect(cell(page)).to_contain_text("then 0 (")
    both = "R, ReLU’s slope at 0; B, Binary loss of a sample; together not their sum."
    expect(cell(page)).to_contain_text(both)
    expect(said(page)).to_contain_text("rules meet")
    matrices(page).focus()
    page.keyboard.press("ArrowDown")
    expect(cell(page)).to_have_text("relu_1.dinput[1, 0]: 0, unchanged.")
    page.keyboard.press("End")
    expect(cell(page)).to_contain_text("relu_1.dinput[1, 1]")
    page.keyboard.press("t")
    tables = page.locator("#table-content table")
    expect(tables).to_have_count(4)
    expect(tables.last.locator("tbody tr").first.locator("td")).to_have_text(["RB+", ""])
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.locator("#inspector .name").first).to_contain_text("relu_1.dinput")


def test_where_nothing_changes_it_says_why_and_what_rounding_is(visit: Open) -> None:
    page = visit()
    conventions(page)
    expect(page.get_by_role("radio", name="PyTorch’s")).to_be_checked()
    expect(said(page)).to_contain_text("Nothing changes here but rounding: ")
    expect(rule(page, "head")).to_have_text(
        ["Separate", "Fused", "rounding only: 62 cells, the same gradient by another way"]
    )
    expect(rule(page, "clip").last).to_contain_text("every probability lies inside, from 0.00547 to 0.719")
    expect(page.locator("#proof-conventions-missing")).to_contain_text("loss.dinput is not compared")
    choose(page, "The book’s")
    expect(said(page)).to_have_text("Nothing changes at this position. Why not, each rule says below.")
    expect(rule(page, "bce_outputs").last).to_have_text("nothing: the loss is not binary cross-entropy")
    expect(page.locator("#proof-conventions-chosen")).to_be_hidden()
    choose(page, "The note’s (this run’s)")
    expect(said(page)).to_have_text("This run follows these conventions already: nothing to switch.")
    expect(page.get_by_role("button", name="Use these conventions")).to_be_hidden()


def test_the_run_takes_the_conventions_and_can_be_taken_back(visit: Open) -> None:
    page = visit(TWO)
    conventions(page)
    expect(said(page)).to_contain_text("112 cells of 10 tensors change here")
    page.get_by_role("button", name="Use these conventions").click()
    expect(said(page)).to_have_text("This run follows these conventions already: nothing to switch.")
    expect(page.get_by_role("radio", name="PyTorch’s (this run’s)")).to_be_checked()
    # Another head has a step less.
    expect(page.locator("#counter")).to_contain_text("Step 10 of 11")
    choose(page, "The note’s")
    expect(said(page)).to_contain_text("Loss 0.462506 → 0.925011.")
    page.keyboard.press("Escape")
    page.locator("#undo").click()
    expect(page.locator("#counter")).to_contain_text("Step 11 of 12")


def test_a_zero_is_set_and_the_end_gone_to_where_a_rule_has_nothing_to_show(visit: Open) -> None:
    page = visit("/?preset=default&p=3")
    page.locator("#proof-open").click()
    page.locator("#proof-tab-conventions").click()
    choose(page, "The book’s")
    expect(rule(page, "relu_at_zero").last).to_contain_text("has not run at this position")
    page.get_by_role("button", name="Go to the end of the backward pass").click()
    expect(page.locator("#counter")).to_contain_text("Step 11 of 12")
    expect(rule(page, "relu_at_zero").last).to_have_text("nothing: no input of a ReLU is exactly 0")
    page.get_by_role("button", name="Set one input of a ReLU to 0").click()
    # The fork stands on the stage, and its matrices are drawn, before what is said of them is read.
    page.locator("#proof-conventions-matrices[data-drawn*='relu_1.dinput']").wait_for()
    expect(rule(page, "relu_at_zero").last).to_contain_text("changes ")
    expect(said(page)).to_contain_text("it begins in relu_1.dinput")
    expect(cell(page)).to_contain_text("then 0 (")
    expect(cell(page)).to_contain_text("; R, ReLU’s slope at 0.")


def test_a_large_tensor_is_looked_at_by_windows_and_a_refusal_is_said(visit: Open) -> None:
    page = visit("/?preset=digits&p=11", fails=True)
    conventions(page)
    tensor(page, "dense_1.dinput").click()
    expect(cell(page)).to_contain_text("rounding only")
    expect(window(page, "columns")).to_be_hidden()
    refusal = {"code": "too_long", "params": {"limit": 7}, "detail": "Too long."}

    def refuse(route: Route) -> None:
        route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(refusal))

    page.route("**/forks", refuse)
    page.get_by_role("button", name="Use these conventions").click()
    expect(page.locator("#proof-conventions-refused[role=alert]")).not_to_be_empty()
    expect(said(page)).to_contain_text("Nothing changes here but rounding")


def test_rows_and_columns_beyond_the_first_window_are_gone_to(visit: Open, url: str) -> None:
    page = visit(of(url, LARGE))
    conventions(page)
    choose(page, "The book’s")
    tensor(page, "relu_1.dinput").click()
    expect(cell(page)).to_contain_text("relu_1.dinput[")
    rows, columns = (window(page, name) for name in ("rows", "columns"))
    expect(rows.locator("option")).to_have_text(["0 – 63", "64 – 69"])
    expect(columns.locator("option")).to_have_text(["0 – 63", "64 – 79"])
    rows.select_option("64 – 69")
    expect(cell(page)).to_contain_text(re.compile(r"relu_1\.dinput\[6[4-9], \d+\]"))
    columns.select_option("64 – 79")
    expect(
        page.locator("#proof-conventions-matrices[data-drawn*='rows=64:70&columns=64:80']")
    ).to_be_visible()
    expect(rows).to_have_value("64")
    expect(columns).to_have_value("64")
    matrices(page).focus()
    for key in ("PageDown", "End", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(cell(page)).to_contain_text("relu_1.dinput[69, 79]")
    tensor(page, "dense_1.dbias").click()
    expect(cell(page)).to_contain_text("dense_1.dbias[0, ")
    expect(rows).to_be_hidden()
    expect(columns).to_have_value("0")


def test_a_phone_has_room_for_it_in_chinese(visit: Open) -> None:
    page = visit(TWO, size=PHONE, locale="zh-CN", theme="dark")
    conventions(page)
    expect(said(page)).to_contain_text("这里有 10 个张量的 112 个数改变，最多差 0.763（在 loss.output 中）。")
    assert violations(page, AXE) == []
    assert fits(page)
    for control in page.locator("#proof-conventions :is(button, label:has(input)):visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
