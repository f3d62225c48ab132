"""Whole matrices pasted: put in place as one change, or compared number by number."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.arrays import Array
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import becomes, fits, position, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def paste(page: Page, text: str) -> Locator:
    """Paste onto what has the focus, as the browser does it; the dialog that opens."""
    page.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    dialog = page.locator("#paste-dialog")
    expect(dialog).to_be_visible()
    return dialog


def whole(page: Page, tensor: str) -> Array:
    """A tensor's numbers with every digit, of the run that is shown."""
    values = page.evaluate(
        """async (tensor) => {
            const { state } = await import("/static/js/state.js");
            while (state.frame.peek().run !== state.run.peek().id) await new Promise(requestAnimationFrame);
            return state.frame.peek().tensors[tensor].values;
        }""",
        tensor,
    )
    return np.array(values)


def test_a_weight_is_replaced_as_one_change_and_comes_back(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.weight,0,0")
    before, gradient = whole(page, "dense_2.weight"), shown(page, "dense_1.dweight")
    wanted = before.copy()
    wanted[1, 2], wanted[4, 0] = 0.5, -0.25
    page.locator("#stage").focus()
    dialog = paste(page, repr(wanted))
    expect(dialog.get_by_role("heading")).to_have_text("Paste into dense_2.weight (5, 3)")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^5 by 3; \d+ of 15 numbers differ"))
    dialog.get_by_label("A whole matrix").fill(str(wanted.tolist()))
    expect(dialog.get_by_role("status")).to_have_text("5 by 3; 2 of 15 numbers differ from what is shown.")
    dialog.get_by_role("button", name="Replace the matrix").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("#s="))
    np.testing.assert_array_equal(whole(page, "dense_2.weight"), wanted)
    assert (shown(page, "dense_1.dweight") != gradient).any()
    assert page.locator("#counter").inner_text() == "Step 11 of 12"
    page.locator("#undo").click()
    expect(page).to_have_url(re.compile("preset=default"))
    np.testing.assert_array_equal(whole(page, "dense_2.weight"), before)
    assert position(page) == 11


def test_an_activation_is_patched_from_the_inspector(visit: Open) -> None:
    page = visit("/#preset=default&p=5&sel=dense_1.output,0,0")
    page.get_by_role("complementary", name="The chosen number").get_by_role("button", name="Paste").click()
    dialog = page.get_by_role("dialog", name="Paste into dense_1.output (8, 5)")
    field = dialog.get_by_label("A whole matrix")
    expect(field).to_be_focused()
    rows = np.round(whole(page, "dense_1.output"), 1)
    np.set_printoptions(linewidth=30)
    field.fill(str(rows))
    np.set_printoptions(linewidth=75)
    dialog.get_by_label("Where the edit takes effect").select_option(index=0)
    dialog.get_by_role("button", name="Replace the matrix").click()
    expect(dialog).to_be_hidden()
    assert becomes(page, "dense_1.output", rows)
    assert becomes(page, "relu_1.output", np.maximum(rows, 0))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2,3\n4,x,6", "Line 2, column 3: expected a number, got “x”."),
        ("[[1, 2, 3],\n [4, 5]]", "Row 1 has 2 numbers, expected 3 as in row 0."),
        ("[[1. ... 3.]]", "the print-out leaves numbers out"),
        ("[[1, 2, 3]]", "Expected the shape (5, 3), got (1, 3)."),
    ],
)
def test_what_is_wrong_stands_beside_the_field(visit: Open, text: str, sentence: str) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.weight,0,0")
    page.locator("#stage").focus()
    dialog = paste(page, text)
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text(sentence)
    assert dialog.get_by_label("A whole matrix").get_attribute("aria-invalid") == "true"
    expect(dialog.get_by_role("button", name="Replace the matrix")).to_be_disabled()
    assert violations(page, AXE) == []


def test_a_transposed_matrix_is_turned_and_nan_is_no_edit(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.weight,0,0")
    page.locator("#stage").focus()
    wanted = np.arange(15.0).reshape(5, 3) / 8
    dialog = paste(page, str(wanted.T))
    expect(dialog.get_by_role("alert")).to_have_text(
        "Expected the shape (5, 3), got (3, 5): is it transposed?"
    )
    dialog.get_by_role("button", name="Transpose").click()
    expect(dialog.get_by_role("alert")).to_be_empty()
    field = dialog.get_by_label("A whole matrix")
    field.fill(field.input_value().replace("1.75", "nan"))
    dialog.get_by_role("button", name="Replace the matrix").click()
    expect(dialog.get_by_role("alert")).to_contain_text("[4, 2]: This is no number.")
    field.fill(field.input_value().replace("nan", "1.75"))
    dialog.get_by_role("button", name="Replace the matrix").click()
    expect(dialog).to_be_hidden()
    np.testing.assert_array_equal(whole(page, "dense_2.weight"), wanted)


def test_ones_own_gradient_is_compared_number_by_number(visit: Open) -> None:
    page = visit()
    mine = whole(page, "dense_2.dweight") * (1 + 1e-5)
    mine[3, 1] += 0.25
    page.locator("#stage").focus()
    dialog = paste(
        page, ",".join("abc") + "\n" + "\n".join(",".join(map(repr, row)) for row in mine.tolist())
    )
    dialog.get_by_role("button", name="Compare").click()
    status = dialog.get_by_role("status")
    expect(status).to_contain_text("15 of 15 numbers differ; the largest difference is 0.2500, at [3, 1].")
    dialog.get_by_label("What counts as the same").select_option("1e-3")
    dialog.get_by_role("button", name="Compare").click()
    expect(status).to_contain_text("1 of 15 numbers differ; the largest difference is 0.2500, at [3, 1].")
    cell = dialog.get_by_role("table").get_by_role("row").nth(4).get_by_role("cell").nth(1)
    expect(cell).to_contain_text("≠ 0.22")
    assert violations(page, AXE) == []
    page.keyboard.press("Escape")
    mark = page.locator('matrix-view[aria-label^="dense_2.dweight,"] i.differs')
    expect(mark).to_have_count(1)
    expect(page.locator("#legend-now")).to_contain_text("differs from the pasted")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(mark).to_have_count(1)
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(mark).to_have_count(0)
    expect(page.locator("#legend-now")).not_to_contain_text("pasted")


def test_an_open_figure_takes_a_matrix_too_and_equal_ones_agree(visit: Open) -> None:
    page = visit()
    page.locator("#stage").focus()
    page.keyboard.press("f")
    page.locator("#figure-plot").focus()
    name = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('open')")
    dialog = paste(page, repr(whole(page, name)).replace("array", "np.array"))
    dialog.get_by_label("A whole matrix").fill(str(whole(page, name).tolist()))
    dialog.get_by_label("What counts as the same").select_option("0")
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_role("status")).to_have_text("Every number agrees.")


def test_a_loss_is_only_compared(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=loss.output,0,0")
    page.locator("#stage").focus()
    dialog = paste(page, str(shown(page, "loss.output")))
    expect(dialog.get_by_text("The loss is only read")).to_be_visible()
    expect(dialog.get_by_role("button", name="Replace the matrix")).to_be_hidden()
    dialog.get_by_label("What counts as the same").select_option("1e-3")
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_role("table")).to_be_visible()


def test_in_chinese(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.weight,0,0", locale="zh-CN")
    page.locator("#stage").focus()
    dialog = paste(page, "[[1, 2], [3, 4]]")
    expect(dialog.get_by_role("alert")).to_have_text("应为形状 (5, 3)，得到 (2, 2)。")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialog(visit: Open, size: tuple[int, int], theme: str) -> None:
    page = visit(size=size, theme=theme)
    page.locator("#stage").focus()
    dialog = paste(
        page, str((shown(page, "dense_2.dweight") if size == DESKTOP else np.ones((5, 3))).tolist())
    )
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_role("table")).to_be_visible()
    assert violations(page, AXE) == []
    assert fits(page)
