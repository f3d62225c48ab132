"""Any number can be changed where it stands: the page says what came of it, marks it, and takes it back."""

import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from app.presets import PRESETS
from engine.arrays import Array
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import announced, matrix, number, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
FIELD, LINE = "#editor-value", "#change-text"

KINDS = [
    ("dense_1.weight", (2, 3), "-0.5", 0),
    ("dense_1.bias", (0, 1), "1.5", 0),
    ("batch.input", (3, 2), "2", 1),
    ("batch.target", (1, 0), "2", 1),
    ("relu_1.output", (0, 1), "3.25", 3),
    ("dense_2.dinput", (4, 0), "-1e-1", 9),
]
"""A tensor of each kind, a cell of it, what is typed, and the position where its value entered."""


def centre(page: Page, tensor: str, index: tuple[int, int]) -> tuple[float, float]:
    """Where a cell of the stage is."""
    view = page.locator(f'matrix-view[aria-label^="{tensor},"]').first
    view.scroll_into_view_if_needed()
    box, said = view.bounding_box(), view.get_attribute("aria-label")
    found = re.search(r", (\d+) by (\d+)", said or "")
    assert box is not None
    assert found is not None
    rows, columns = int(found[1]), int(found[2])
    return box["x"] + (index[1] + 0.5) * box["width"] / columns, box["y"] + (index[0] + 0.5) * box[
        "height"
    ] / rows


def edit(page: Page, tensor: str, index: tuple[int, int], text: str, place: str | None = None) -> None:
    """Double click, type, Enter; and wait for the line."""
    page.mouse.dblclick(*centre(page, tensor, index))
    field = page.locator(FIELD)
    expect(field).to_be_focused()
    if place:
        page.locator("#editor-place").select_option(label=place)
    field.fill(text)
    field.press("Enter")
    expect(page.locator(LINE)).to_contain_text(f"{tensor}[{index[0]}, {index[1]}]")


def forked(url: str, edits: list[dict[str, Any]], at: int = 11) -> dict[str, Array]:
    """The same by the API: the tensors of the default run's fork."""
    api = f"{url}/api/v1/runs"
    run = httpx.post(api, json=PRESETS["default"]).json()["id"]
    fork = httpx.post(f"{api}/{run}/forks", json={"edits": edits}).json()["id"]
    frame = httpx.get(f"{api}/{fork}/frames/{at}").json()
    return {name: np.array(one["values"]) for name, one in frame["tensors"].items() if one.get("values")}


@pytest.mark.parametrize(("tensor", "index", "text", "entered"), KINDS)
def test_every_kind_of_number_can_be_edited_where_it_entered(
    visit: Open, url: str, tensor: str, index: tuple[int, int], text: str, entered: int
) -> None:
    page = visit()
    old = shown(page, tensor)[index]
    edit(page, tensor, index, text)
    expect(page.locator("#counter")).to_have_text("Step 11 of 12")
    made = {"position": entered, "tensor": tensor, "index": list(index), "value": float(text)}
    expected = forked(url, [made])
    for name in ("dense_1.output", "softmax_1.output", "dense_2.dweight", "dense_1.dinput", tensor):
        np.testing.assert_allclose(shown(page, name), expected[name], atol=6e-4, err_msg=name)
    line = page.locator(LINE).inner_text()
    assert announced(page) == line
    told = re.match(r".*?: (\S+) → (\S+)\. .*[Ll]oss", line)
    assert told is not None, line
    assert number(told[1]) == pytest.approx(old, rel=2e-3)
    assert number(told[2]) == float(text)


def test_a_number_can_be_patched_at_the_present_step(visit: Open, url: str) -> None:
    page = visit()
    before = shown(page, "dense_2.output")
    edit(page, "relu_1.output", (0, 1), "9", "Patch here (step 11)")
    assert shown(page, "relu_1.output")[0, 1] == 9
    np.testing.assert_array_equal(shown(page, "dense_2.output"), before)
    assert "The loss stays" in announced(page)
    made = {"position": 11, "tensor": "relu_1.output", "index": [0, 1], "value": 9}
    np.testing.assert_allclose(shown(page, "relu_1.output"), forked(url, [made])["relu_1.output"], atol=6e-4)
    # Where the value entered is now where it was patched: there is no second choice.
    page.mouse.dblclick(*centre(page, "relu_1.output", (0, 1)))
    expect(page.locator(FIELD)).to_be_focused()
    assert page.locator("#editor-place").is_hidden()


def test_the_line_says_what_changed_most(visit: Open, url: str) -> None:
    page = visit()
    plain = forked(url, [])
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    made = {"position": 0, "tensor": "dense_1.weight", "index": [2, 3], "value": -0.5}
    moved = forked(url, [made])
    gradients = [name for name in moved if re.search(r"\.d(input|weight|bias)$", name)]
    most = max(gradients, key=lambda name: np.abs(moved[name] - plain[name]).max())
    less = moved[most] - plain[most]
    row, column = np.unravel_index(np.abs(less).argmax(), less.shape)
    line = page.locator(LINE).inner_text()
    assert line.startswith("dense_1.weight[2, 3]: 0.539 → −0.500. Loss 0.648 → 0.880 (+0.232). ")
    assert f"Largest change of a gradient: {most}[{row}, {column}], " in line
    assert number(line.rstrip(".").split()[-1]) == pytest.approx(less[row, column], abs=6e-4)
    page.get_by_role("button", name=f"{most}[{row}, {column}]").first.click()
    expect(page.locator("#inspector")).to_contain_text(f"{most}[{row}, {column}]")


def test_what_is_refused_is_said_beside_the_field_and_changes_nothing(visit: Open) -> None:
    page = visit()
    address = page.url
    page.mouse.dblclick(*centre(page, "batch.target", (1, 0)))
    field, error = page.locator(FIELD), page.locator("#editor-error")
    for text, said in [
        ("two", "This is no number."),
        ("1.5", "A label is a whole number from 0 to 2."),
        ("1e999", "too large"),
    ]:
        field.fill(text)
        field.press("Enter")
        expect(error).to_contain_text(said)
        assert said in announced(page)
        assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "editor-error"
    assert violations(page, AXE) == []
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()
    assert shown(page, "batch.target")[1, 0] == 1
    assert page.locator("#undo").is_disabled()
    assert page.url.split("&sel")[0] == address.split("&sel")[0]


def test_the_servers_refusal_stands_beside_the_field_too(visit: Open) -> None:
    page = visit(fails=True)
    body = {"code": "out_of_range", "field": "body.edits", "params": {}, "detail": "too many"}
    forks = re.compile("/forks$")
    page.route(forks, lambda route: route.fulfill(status=422, json=body))
    page.mouse.dblclick(*centre(page, "dense_1.bias", (0, 0)))
    field, error = page.locator(FIELD), page.locator("#editor-error")
    field.fill("1")
    field.press("Enter")
    expect(error).to_have_text("A value of the run is out of range: body.edits")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.unroute(forks)
    field.press("Enter")
    expect(page.locator(LINE)).to_contain_text("dense_1.bias[0, 0]: 0 → 1.")


def test_who_leaves_the_field_while_the_server_is_away_changes_nothing(visit: Open) -> None:
    page = visit(fails=True)
    forks, asked = re.compile("/forks$"), list[Route]()
    page.route(forks, lambda route: asked.append(route))
    page.mouse.dblclick(*centre(page, "dense_1.bias", (0, 0)))
    page.locator(FIELD).fill("1")
    page.locator(FIELD).press("Enter")
    page.locator(FIELD).press("Escape")
    expect(page.locator(FIELD)).to_be_hidden()
    asked[0].continue_()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("#counter")).to_have_text("Step 10 of 12")
    assert page.locator("#undo").is_disabled()
    assert shown(page, "dense_1.bias")[0, 0] == 0


def test_what_cannot_be_edited_says_why(visit: Open) -> None:
    page = visit("/#preset=default&p=6")
    for tensor, why in [
        ("dense_2.dweight", "Not computed yet. Step 9 computes it."),
        ("loss.output", "The loss is only read"),
    ]:
        page.mouse.dblclick(*centre(page, tensor, (1, 0)))
        expect(page.locator("#editor-error")).to_contain_text(why)
        assert why in announced(page)
        assert page.locator(FIELD).is_hidden()
        page.keyboard.press("Escape")
    expect(page.locator("#edit-why")).to_have_text("")


def test_by_keyboard_alone(visit: Open) -> None:
    page = visit()
    page.locator("#stage").focus()
    page.keyboard.press("Enter")
    expect(page.locator(FIELD)).to_be_focused()
    assert page.locator("#editor-name").inner_text() == "dense_2.dweight[2, 1]"
    page.keyboard.press("Escape")
    expect(page.locator("#stage")).to_be_focused()
    page.keyboard.press("]")
    page.keyboard.press("[")
    page.keyboard.press("e")
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type("0.25")
    page.keyboard.press("Enter")
    expect(page.locator(LINE)).to_contain_text("dense_2.dweight[0, 0]: ")
    expect(page.locator("#stage")).to_be_focused()


def test_undo_and_redo(visit: Open) -> None:
    page = visit()
    was = shown(page, "dense_1.weight")
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    edit(page, "dense_1.weight", (0, 0), "1")
    now = shown(page, "dense_1.weight")
    page.keyboard.press("Control+z")
    expect(page.locator(LINE)).to_have_text("Undone: dense_1.weight[0, 0] is 0.142 again.")
    assert announced(page) == "Undone: dense_1.weight[0, 0] is 0.142 again."
    page.locator("#transport #step").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(LINE)).to_have_text("Undone: dense_1.weight[2, 3] is 0.539 again.")
    np.testing.assert_array_equal(shown(page, "dense_1.weight"), was)
    assert page.locator("#undo").is_disabled()
    assert "preset=default" in page.url
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(LINE)).to_contain_text("Redone: dense_1.weight[2, 3]: 0.539 → −0.500. Loss")
    page.keyboard.press("Control+y")
    expect(page.locator(LINE)).to_contain_text("Redone: dense_1.weight[0, 0]: 0.142 → 1. Loss")
    np.testing.assert_array_equal(shown(page, "dense_1.weight"), now)
    assert page.locator("#redo").is_disabled()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(LINE)).to_contain_text("Undone: dense_1.weight[0, 0]")


def test_undo_keys_leave_a_text_field_alone(visit: Open) -> None:
    page = visit()
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    page.mouse.dblclick(*centre(page, "dense_1.weight", (0, 0)))
    page.locator(FIELD).press("Control+z")
    page.locator("#preset").focus()
    page.keyboard.press("Control+z")
    assert page.locator("#undo").is_enabled()
    assert shown(page, "dense_1.weight")[2, 3] == -0.5


def test_differences_are_marked_counted_and_shown(visit: Open, url: str) -> None:
    page = visit()
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    made = {"position": 0, "tensor": "dense_1.weight", "index": [2, 3], "value": -0.5}
    new, old = forked(url, [made]), forked(url, [])

    def view(name: str) -> Any:
        return page.locator(f'matrix-view[aria-label^="{name},"]').first

    expect(view("dense_1.weight")).to_have_attribute("aria-label", re.compile("1 cell differs from before"))
    count = int((new["loss.dinput"] != old["loss.dinput"]).sum())
    expect(view("loss.dinput")).to_have_attribute(
        "aria-label", re.compile(f"{count} cells differ from before")
    )
    assert view("dense_1.weight").locator("i.differs, i.edited").count() == 2
    assert view("dense_1.bias").locator("i.differs, i.edited").count() == 0
    switch = page.get_by_role("button", name="Show differences")
    switch.click()
    assert switch.get_attribute("aria-pressed") == "true"
    assert announced(page).startswith("What you see is new − old")
    for name in ("dense_1.weight", "dense_1.output", "softmax_1.output", "dense_2.dweight", "batch.target"):
        np.testing.assert_allclose(shown(page, name), new[name] - old[name], atol=6e-4, err_msg=name)
    assert "+" in view("dense_1.output").locator("pre").inner_text()
    page.mouse.click(*centre(page, "dense_1.weight", (2, 3)))
    expect(page.locator("#edit-difference")).to_have_text("New −0.5000 − old 0.5388 = −1.04")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert announced(page).startswith("difference −1.039, row 3 of 4, column 4 of 5, dense_1.weight.")
    assert violations(page, AXE) == []
    page.keyboard.press("d")
    assert switch.get_attribute("aria-pressed") == "false"
    assert shown(page, "dense_1.weight")[2, 3] == -0.5
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert announced(page).endswith("dense_1.weight. Chosen. Differs from before. Edited.")


def test_the_jacobian_and_the_norms_are_differences_too_and_the_legend_says_what_is_marked(
    visit: Open, url: str
) -> None:
    page = visit()
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    legend = page.locator("#legend-now")
    expect(legend).to_contain_text("changed")
    expect(legend).to_contain_text("edited")
    page.keyboard.press("d")
    expect(legend).not_to_contain_text("changed")
    made = {"position": 0, "tensor": "dense_1.weight", "index": [2, 3], "value": -0.5}
    new, old = forked(url, [made]), forked(url, [])
    sample = int(np.abs(new["softmax_1.output"] - old["softmax_1.output"]).max(axis=1).argmax())
    page.mouse.click(*centre(page, "softmax_1.output", (sample, 0)))
    small = page.locator(".slot.jacobian")
    expect(small.locator(".also")).to_have_text(f"sample {sample}")

    def jacobian(s: Array) -> Array:
        j: Array = np.diag(s) - np.outer(s, s)
        return j

    by = jacobian(new["softmax_1.output"][sample]) - jacobian(old["softmax_1.output"][sample])
    expect(small.locator("pre")).not_to_be_empty()
    text = small.locator("pre").inner_text()
    drawn = np.array([[float(one) for one in row.split()] for row in text.splitlines()])
    np.testing.assert_allclose(drawn, by, atol=6e-4)
    assert "+" in text
    moved = np.linalg.norm(new["dense_2.dweight"] - old["dense_2.dweight"])
    norm = page.locator("#column-dense_2 .norm").inner_text()
    assert norm.startswith("‖Δdweight‖ ")
    assert number(norm.split()[1]) == pytest.approx(moved, rel=2e-3)


def test_differences_follow_the_steps(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    page.keyboard.press("d")
    assert matrix(page, "dense_2.output") is None
    page.keyboard.press(".")
    expect(page.locator("#counter")).to_have_text("Step 4 of 12")
    assert np.abs(shown(page, "dense_2.output")).max() > 0.1
    assert (shown(page, "dense_2.weight") == 0).all()
    page.keyboard.press("n")
    expect(page.locator("#counter")).to_have_text("Step 12 of 12")
    expect(page.locator('matrix-view[aria-label^="dense_2.weight,"]')).to_have_attribute(
        "aria-label", re.compile("cells differ from before")
    )
    assert (shown(page, "dense_2.weight") != 0).any()


def test_the_line_goes_when_it_is_dismissed_and_survives_the_next_step(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    page.keyboard.press(".")
    expect(page.locator("#counter")).to_have_text("Step 4 of 12")
    assert page.locator(LINE).is_visible()
    page.locator("#change-close").click()
    expect(page.locator("#change")).to_be_hidden()
    expect(page.locator("#stage")).to_be_focused()
    assert page.locator("#undo").is_enabled()
    page.get_by_label("Example").select_option(label="Golden batch: softmax alone")
    expect(page).to_have_url(re.compile("golden"))
    expect(page.locator("#undo")).to_be_disabled()


def test_one_edit_of_two_can_be_taken_back(visit: Open) -> None:
    page = visit()
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    edit(page, "dense_1.weight", (0, 0), "1")
    page.mouse.click(*centre(page, "dense_1.weight", (2, 3)))
    page.get_by_role("button", name="Take back this edit").click()
    expect(page.locator(LINE)).to_contain_text("dense_1.weight[2, 3]: −0.500 → 0.539.")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()
    weight = shown(page, "dense_1.weight")
    assert weight[2, 3] == 0.539
    assert weight[0, 0] == 1
    expect(page.get_by_role("button", name="Take back this edit")).to_be_hidden()


def test_a_forked_runs_link_compares_with_its_parent(visit: Open) -> None:
    page = visit()
    edit(page, "dense_1.weight", (2, 3), "-0.5")
    expect(page).to_have_url(re.compile("#s="))
    other = visit("/" + page.url[page.url.index("#") :])
    expect(other.locator(LINE)).to_contain_text(
        "Forked from another run. dense_1.weight[2, 3]: 0.539 → −0.500. Loss"
    )
    assert other.locator("#undo").is_disabled()
    other.locator("#stage").focus()
    other.keyboard.press("d")
    assert shown(other, "dense_1.weight")[2, 3] == -1.039


def test_by_touch_on_the_phone(visit: Open) -> None:
    page = visit(size=PHONE)
    page.get_by_role("button", name="dense_2.dweight[2, 1] = −0.03822").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.locator(FIELD).fill("0.5")
    for control in page.locator("#editor :is(input, select, button)").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
    page.get_by_role("button", name="Set").click()
    expect(page.locator(LINE)).to_contain_text("dense_2.dweight[2, 1]: −0.0382 → 0.500.")
    assert violations(page, AXE) == []


def test_a_fork_that_changes_nothing_is_nothing_to_undo(visit: Open) -> None:
    page = visit()
    same = page.evaluate(
        """async () => {
          const [{ fork, canUndo }, { state }] = await Promise.all(
            [import("/static/js/forks.js"), import("/static/js/state.js")]);
          const made = await fork([]);
          return made.id === state.run.value.id && !canUndo.value;
        }"""
    )
    assert same
