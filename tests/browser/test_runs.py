"""Every run that was seen stands in a tree of forks; two of them are compared step for step."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from app.presets import PRESETS
from engine.arrays import Array
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, number, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WEIGHT = "/#preset=default&p=11&sel=dense_1.weight,2,3"
PARTING, STEP = "#versus-parting", "#versus-step-said"


def edit(page: Page, value: str) -> None:
    """Type another value for the chosen number; the page says what came of it."""
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.locator("#editor-value").fill(value)
    page.keyboard.press("Enter")
    expect(page.locator("#change-text")).to_contain_text(f"→ {value.replace('-', '−')}")


def open_runs(page: Page) -> Locator:
    page.get_by_role("button", name="Runs", exact=True).click()
    dialog = page.get_by_role("dialog", name="Runs")
    expect(dialog).to_be_visible()
    return dialog


def tree(page: Page) -> list[Any]:
    """The names as they are nested."""
    found: list[Any] = page.evaluate(
        """() => {
          const read = (list) => [...list.children].map((item) => {
            const name = item.querySelector("button").textContent, forks = item.querySelector("ul");
            return forks ? [name, read(forks)] : name;
          });
          return read(document.getElementById("runs-list"));
        }"""
    )
    return found


def compare(page: Page) -> Locator:
    page.get_by_role("button", name="Compare the two").click()
    dialog = page.get_by_role("dialog", name="Two runs, step for step")
    expect(dialog).to_be_visible()
    return dialog


def forked(page: Page, value: str) -> Page:
    """A fork by one edit, compared with the run that it was made from."""
    edit(page, value)
    open_runs(page)
    compare(page)
    expect(page.locator(PARTING)).to_contain_text("part at step")
    return page


def numbers(page: Page, tensor: str) -> list[Array]:
    """The row of a tensor as it is shown: A, B and B − A."""
    texts = page.locator(f'[data-tensor="{tensor}"] matrix-view pre').all_inner_texts()
    return [np.array([[float(one) for one in line.split()] for line in text.splitlines()]) for text in texts]


def ids(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.evaluate("localStorage.runs"))
    return found


def test_forks_stand_under_their_parents_named_by_what_was_changed(visit: Open) -> None:
    page = visit(WEIGHT)
    edit(page, "0.5")
    edit(page, "-0.25")
    for _ in range(2):
        page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()
    edit(page, "3")
    page.locator("#build").click()
    page.locator('[name="optimizer.learning_rate"]').fill("0.25")
    page.locator("#builder-apply").click()
    expect(page.locator("#change-text")).to_contain_text("Learning rate")
    dialog = open_runs(page)
    names = ["dense_1.weight[2, 3] = 0.5", ["dense_1.weight[2, 3] = −0.25"]]
    latest = ["dense_1.weight[2, 3] = 3", ["Learning rate 0.1 → 0.25"]]
    expect(dialog.get_by_role("button", name="Learning rate 0.1 → 0.25")).to_be_focused()
    assert tree(page) == [["Iris 4–5–3", [names, latest]]]
    here = dialog.locator("[aria-current]")
    expect(here).to_have_text("Learning rate 0.1 → 0.25")
    expect(dialog.locator(".run", has=page.locator("[aria-current]"))).to_contain_text(
        "on the stage · Loss 0.644 · 0 updates so far"
    )
    ticked = dialog.get_by_role("checkbox", checked=True)
    assert [one.get_attribute("aria-label") for one in ticked.all()] == [
        "Compare dense_1.weight[2, 3] = 3",
        "Compare Learning rate 0.1 → 0.25",
    ]


def test_a_fork_and_its_difference(visit: Open, url: str) -> None:
    page = forked(visit(WEIGHT), "0.5")
    expect(page.locator(PARTING)).to_have_text(
        "They begin with other values in dense_1.weight, and part at step 2 of iteration 0: dense_1.output"
    )
    b, a = (one["id"] for one in sorted(ids(page), key=lambda one: one["parent"] is None))
    found = httpx.get(f"{url}/api/v1/runs/{a}/compare/{b}?position=11").json()
    losses = [page.locator(f"#versus-{side}").inner_text() for side in ("a", "b", "less")]
    before, after, by = (number(text.split()[-1]) for text in losses)
    assert [before, after] == pytest.approx(found["loss"], abs=6e-4)
    assert by == pytest.approx(found["loss"][1] - found["loss"][0], rel=6e-3)
    for tensor in ("dense_1.weight", "dense_1.output", "dense_2.dweight", "batch.input"):
        left, right, less = numbers(page, tensor)
        np.testing.assert_allclose(less, found["tensors"][tensor]["difference"], atol=6e-4)
        np.testing.assert_allclose(right - left, less, atol=2e-3)
        row = page.locator(f'[data-tensor="{tensor}"]')
        norm = found["tensors"][tensor]["norm"]
        expect(row).to_contain_text("the same" if norm == 0 else "‖B − A‖ = ")
        if norm:
            told = re.search(r"= (\S+)", row.locator(".hint").inner_text())
            assert told
            assert number(told[1]) == pytest.approx(norm, rel=6e-3)


def test_two_runs_are_stepped_together_and_what_comes_of_it_is_said(visit: Open) -> None:
    page = forked(visit(WEIGHT), "0.5")
    said = page.locator(STEP)
    page.get_by_role("button", name="Go there").click()
    expect(said).to_have_text(
        re.compile(
            r"^Step 2 of 12 · iteration 0 · Forward through dense_1\. dense_1\.output: ‖B − A‖ = 0\.\d+$"
        )
    )
    expect(said).to_have_attribute("role", "status")
    expect(page.locator('[data-tensor="dense_1.output"]')).to_be_in_viewport()
    # Before the step nothing of it is shown, and what is there is the same.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press(",")
    expect(said).to_have_text(
        "Step 1 of 12 · iteration 0 · 8 samples are laid in, 4 features each. "
        "batch.input: the same. batch.target: the same"
    )
    later = page.locator('[data-tensor="dense_1.output"] matrix-view')
    expect(later.first).to_have_class("missing")
    expect(later.last).to_have_accessible_name(
        "B − A: dense_1.output, 8 by 5. Not computed yet. Step 2 computes it."
    )
    for key in "..":
        page.keyboard.press(key)
    expect(said).to_contain_text(
        "Step 3 of 12 · iteration 0 · Forward through relu_1. relu_1.output: ‖B − A‖"
    )
    assert asked == [], "within an iteration nothing is asked"
    page.keyboard.press("n")
    expect(said).to_contain_text("Step 12 of 12 · iteration 0 · Update. dense_1.weight: ‖B − A‖ = ")
    page.get_by_role("button", name="Previous update").last.click()
    expect(said).to_contain_text("Step 0 of 12")
    for name in ("Back", "Previous update"):
        expect(page.locator("#versus").get_by_role("button", name=name)).to_be_disabled()


def test_a_patch_in_the_middle_of_a_trained_run_parts_there(visit: Open) -> None:
    page = visit("/#preset=default&p=500&sel=relu_1.output,0,1")
    expect(page.locator("#counter")).to_have_text("Step 8 of 12")
    page = forked(page, "3")
    expect(page.locator(PARTING)).to_have_text("They part at step 3 of iteration 41: relu_1.output")
    expect(page.locator(STEP)).to_contain_text("Step 8 of 12 · iteration 41")
    page.get_by_role("button", name="Go there").click()
    expect(page.locator(STEP)).to_contain_text("Step 3 of 12 · iteration 41 · Forward through relu_1")
    left, right, less = numbers(page, "relu_1.output")
    assert np.argwhere(less).tolist() == [[0, 1]]
    assert right[0, 1] == 3
    assert less[0, 1] == pytest.approx(3 - left[0, 1], abs=1e-3)
    for _ in range(2):
        page.keyboard.press(",")
    expect(page.locator(STEP)).to_contain_text("batch.input: the same")
    page.get_by_label("Only what differs").check()
    expect(page.locator("#versus-none")).to_have_text("Nothing differs at this step.")
    assert not page.locator("#versus-list matrix-view").first.is_visible()
    page.keyboard.press("n")
    expect(page.locator("#versus-none")).to_be_hidden()
    expect(page.locator('[data-tensor="dense_2.weight"]')).to_be_visible()
    expect(page.locator('[data-tensor="batch.input"]')).to_be_hidden()


def test_a_patch_in_the_middle_of_the_pass_is_followed_step_by_step(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=relu_1.output,0,1")
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.locator("#editor-place").select_option(label="Patch here (step 11)")
    page.locator("#editor-value").fill("9")
    page.locator("#editor-value").press("Enter")
    expect(page.locator("#change-text")).to_contain_text("relu_1.output[0, 1]")
    open_runs(page)
    compare(page)
    expect(page.locator(PARTING)).to_have_text("They part at step 11 of iteration 0: relu_1.output")
    expect(page.locator('[data-tensor="relu_1.output"] .hint')).to_contain_text("‖B − A‖")
    page.keyboard.press(",")
    expect(page.locator(STEP)).to_contain_text("Step 10 of 12")
    expect(page.locator('[data-tensor="relu_1.output"] .hint')).to_contain_text("the same")


def test_another_optimiser_parts_at_an_update_that_is_still_to_come(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    page.locator("#build").click()
    page.locator('[name="optimizer.momentum"]').fill("0.9")
    page.locator("#builder-apply").click()
    expect(page.locator("#change-text")).to_contain_text("Momentum")
    open_runs(page)
    compare(page)
    # The first update begins from no velocity: the tensors are there, the weights part at the second.
    expect(page.locator(PARTING)).to_contain_text("part at step 12 of iteration 1: dense_1.weight")
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.locator("#versus-b")).to_contain_text("Iris 4–5–3")
    expect(page.locator(PARTING)).to_contain_text("part at step 12 of iteration 1: dense_1.weight")


def test_runs_of_other_steps_stand_side_by_side_without_a_difference(visit: Open) -> None:
    page = visit("/#preset=golden&p=3")
    page.locator("#preset").select_option("vanishing")
    expect(page.locator("#counter")).to_have_text("Step 0 of 28")
    dialog = open_runs(page)
    for box in dialog.get_by_role("checkbox", checked=False).all():
        box.check()
    compare(page)
    expect(page.locator(PARTING)).to_contain_text("The two have different steps.")
    expect(page.locator("#versus-less")).to_be_hidden()
    expect(page.locator("#versus-a")).to_contain_text("Step 0 of 6 · iteration 0")
    expect(page.locator("#versus-b")).to_contain_text("Step 0 of 28 · iteration 0")
    page.keyboard.press("n")
    expect(page.locator('[data-tensor="dense_1.weight"] matrix-view').first).to_have_attribute(
        "data-alone", "no counterpart"
    )
    expect(page.locator('[data-tensor="dense_1.weight"] matrix-view').nth(1)).to_be_visible()
    assert violations(page, AXE) == []


def test_the_numbers_of_a_row_can_be_read_and_pointed_at(visit: Open) -> None:
    page = forked(visit(WEIGHT), "0.5")
    row = page.locator('[data-tensor="dense_1.weight"]')
    box = row.locator("matrix-view").last.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 3.5 / 5, box["y"] + box["height"] * 2.5 / 4)
    cell = page.locator("#versus-cell")
    expect(cell).to_have_text("dense_1.weight[2, 3]: A 0.5388, B 0.5000, B − A −0.0388")
    row.get_by_role("button", name="Table: dense_1.weight").click()
    tables = page.get_by_role("dialog", name="dense_1.weight")
    expect(tables.get_by_role("table")).to_have_count(3)
    expect(
        tables.get_by_role("table", name="B − A").get_by_role("cell").filter(has_text="−0.03883")
    ).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Two runs, step for step")).to_be_visible()


def test_a_run_of_the_tree_comes_to_the_stage_where_the_stage_is(visit: Open) -> None:
    page = visit(WEIGHT)
    edit(page, "0.5")
    expect(page).to_have_url(re.compile("#s="))
    page.reload()
    expect(page.locator("#change-text")).to_contain_text("0.539 → 0.500")
    open_runs(page).get_by_role("button", name="Iris 4–5–3").click()
    expect(page.locator("#runs")).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()
    expect(page).to_have_url(re.compile("preset=default&p=11&sel=dense_1.weight,2,3"))
    expect(page.locator("#inspector-value")).to_have_text("0.5388")
    # From the comparison too, at the step that is compared.
    dialog = open_runs(page)
    dialog.get_by_role("checkbox", name="0.5").check()
    versus = compare(page)
    page.keyboard.press(",")
    expect(page.locator(STEP)).to_contain_text("Step 10 of 12")
    versus.get_by_role("button", name="dense_1.weight[2, 3] = 0.5", exact=True).click()
    expect(page.locator("#counter")).to_have_text("Step 10 of 12")
    assert shown(page, "dense_1.weight")[2, 3] == 0.5
    for one in ("#runs", "#versus"):
        expect(page.locator(one)).to_be_hidden()


def test_the_runs_before_are_learned_from_the_server(visit: Open, url: str) -> None:
    api = f"{url}/api/v1/runs"
    run = httpx.post(api, json=PRESETS["default"]).json()["id"]
    for value in (0.75, 0.125):
        change = {"position": 0, "tensor": "dense_1.bias", "index": [0, 0], "value": value}
        run = httpx.post(f"{api}/{run}/forks", json={"edits": [change]}).json()["id"]
    page = visit(f"/#run={run}&p=5")
    open_runs(page)
    expect(page.locator("#runs-list button")).to_have_count(3)
    expect(page.locator("#runs-list button").nth(2)).to_have_text("dense_1.bias[0, 0] = 0.125")
    expect(page.locator("#runs-list button").nth(1)).to_have_text("dense_1.bias[0, 0] = 0.75")
    page.reload()
    expect(page.locator("#counter")).to_have_text("Step 5 of 12")
    assert len(ids(page)) == 3


def test_a_run_that_the_server_lost_is_made_again_and_what_cannot_be_is_said(visit: Open) -> None:
    page = visit(WEIGHT, fails=True)
    edit(page, "0.5")
    page.locator("#preset").select_option("golden")
    expect(page.locator("#counter")).to_have_text("Step 0 of 6")
    lost = next(one["id"] for one in ids(page) if one["parent"])
    body = {"code": "run_unknown", "params": {}, "detail": "lost"}
    made: list[str] = []
    page.on("request", lambda request: made.append(request.method + request.url.split("/api/v1")[-1]))
    page.reload()
    page.route(re.compile(f"/runs/{lost}\\?"), lambda route: route.fulfill(status=404, json=body), times=1)
    page.get_by_role("button", name="Runs", exact=True).click()
    page.get_by_role("button", name="dense_1.weight[2, 3] = 0.5").click()
    expect(page.locator("#counter")).to_have_text("Step 11 of 12")
    assert "POST/runs" in made
    page.locator("#preset").select_option("golden")
    expect(page.locator("#counter")).to_have_text("Step 0 of 6")
    page.route(
        re.compile(f"/runs/{lost}\\?"),
        lambda route: route.fulfill(status=422, json={**body, "code": "too_long"}),
    )
    page.get_by_role("button", name="Runs", exact=True).click()
    page.get_by_role("button", name="dense_1.weight[2, 3] = 0.5").click()
    expect(page.get_by_role("alert").filter(has_text="too many steps away")).to_be_visible()


def test_no_more_than_two_are_ticked_and_no_more_than_two_hundred_kept(visit: Open) -> None:
    page = visit(WEIGHT)
    edit(page, "0.5")
    edit(page, "0.75")
    dialog = open_runs(page)
    button = page.get_by_role("button", name="Compare the two")
    boxes = dialog.get_by_role("checkbox")
    boxes.first.check()
    expect(boxes.nth(1)).not_to_be_checked()
    boxes.first.uncheck()
    expect(button).to_be_disabled()
    page.keyboard.press("Escape")
    page.evaluate(
        """() => {
          const [run] = JSON.parse(localStorage.runs);
          const many = [...Array(300).keys()].map((n) => ({...run, id: `r${n}x`, parent: null}));
          localStorage.runs = JSON.stringify([...many, {id: 3}, {id: "<b>", parent: null}]);
        }"""
    )
    page.locator("#undo").click()
    expect(page.locator("#change-text")).to_contain_text("Undone")
    assert len(ids(page)) == 200
    page.evaluate("localStorage.runs = 'nothing'")
    page.locator("#redo").click()
    expect(page.locator("#change-text")).to_contain_text("Redone")
    assert len(ids(page)) == 1


def test_by_keyboard_alone_on_a_phone_in_chinese(visit: Open) -> None:
    page = visit("/#preset=default&p=3&sel=relu_1.output,0,1", size=PHONE, locale="zh-CN", theme="dark")
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#change-text")).to_contain_text("3")
    page.locator("#more-button").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="各次运行").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#runs [aria-current]")).to_be_focused()
    assert fits(page)
    page.keyboard.press("Tab")
    expect(page.locator("#runs-compare")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(PARTING)).to_have_text("自第 0 次迭代的第 3 步起不同：relu_1.output")
    assert fits(page)
    assert violations(page, AXE) == []
    page.keyboard.press(".")
    expect(page.locator(STEP)).to_contain_text(
        "第 0 次迭代 · 第 4 步，共 12 步 · 前向经过 dense_2。dense_2.output: ‖B − A‖ = "
    )
    small = page.locator("#versus button:visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"
    )
    assert small == []
    for dialog in ("#versus", "#runs"):
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
    expect(page.locator("#more-button")).to_be_focused()
