"""Homework in the dialog of the proof: graded cell by cell, its mistakes named, and the way to a cell."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.arrays import Array
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, violations
from tests.browser.test_pasting import whole

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
AT = "/#preset=default&p=11"


def opened(page: Page, tensor: str = "dense_2.dweight") -> Locator:
    """The tab, with a tensor chosen."""
    if not page.locator("#proof-open").is_visible():
        page.locator("#more-button").click()
    page.locator("#proof-open").click()
    page.locator("#proof-tab-homework").click()
    page.locator("#homework-tensor").select_option(tensor)
    return page.locator("#proof-homework")


def graded(page: Page, text: str) -> Locator:
    """What is said of it."""
    page.locator("#homework-text").fill(text)
    page.locator("#homework-go").click()
    verdict = page.locator("#homework-verdict")
    expect(verdict).to_have_role("status")
    expect(verdict).not_to_be_empty()
    return verdict


def by_hand(page: Page) -> Array:
    """dense_2.dweight as the note has it: inputᵀ · (ŷ − y) / n."""
    label = whole(page, "batch.target").astype(int)[:, 0]
    prediction = whole(page, "softmax_1.output")
    gradient: Array = (
        whole(page, "relu_1.output").T @ (prediction - np.eye(prediction.shape[1])[label]) / len(label)
    )
    return gradient


def test_a_gradient_worked_out_by_hand_is_right_however_it_is_written(visit: Open) -> None:
    page = visit(AT)
    gradient = by_hand(page)
    tab = opened(page)
    csv = "\n".join(",".join(map(str, row)) for row in gradient.tolist())
    for text in (repr(gradient), str(gradient), str(gradient.tolist()), csv):
        verdict = graded(page, text)
        expect(verdict.get_by_role("heading")).to_have_text(
            "15 of 15 cells are right, within 1e−6 of the number."
        )
        expect(tab.locator("td").filter(has_text="✓")).to_have_count(15)
        expect(tab.locator("td.wrong")).to_have_count(0)
    # NumPy writes eight decimals: without forgiveness the last cells are no longer within the share.
    graded(page, np.array2string(gradient, precision=5))
    expect(page.locator("#homework-read")).to_have_text(re.compile("Read as .5, 3., written with 5 decimals"))
    expect(tab.locator("td.wrong")).to_have_count(0)
    page.get_by_label("Forgive what printing rounded off").uncheck()
    expect(verdict).to_be_empty()
    page.locator("#homework-text").press("Control+Enter")
    expect(tab.locator("td.wrong").first).to_be_visible()


def test_mistakes_are_named_in_both_languages(visit: Open) -> None:
    page = visit(AT)
    gradient = by_hand(page)
    row = gradient.copy()
    row[1] *= -1
    opened(page)
    n = len(whole(page, "batch.target"))
    for values, said in (
        (-gradient, "One explanation fits every cell: the sign is the other one."),
        (gradient * n, f"One explanation fits every cell: n = {n} times too large"),
        (gradient / 2, "every number is 0.5 times the right one"),
        (gradient.T, "it is transposed"),
        (row, "Row 1 alone: the sign is the other one."),
        (whole(page, "dense_2.weight"), "These are the numbers of dense_2.weight."),
        (gradient + 1, "15 cells fit no known mistake, ["),
    ):
        expect(graded(page, str(values.tolist())).locator("li").first).to_contain_text(said)
    # In the other language the same grade stays, and says so there.
    page.evaluate("document.getElementById('language').click()")
    expect(page.locator("#homework-verdict h3")).to_have_text("15 个单元格中有 15 个是错的。")
    expect(page.locator("#homework-text")).to_have_value(str((gradient + 1).tolist()))


def test_a_wrong_cell_tells_its_numbers_and_leads_to_the_stage(visit: Open) -> None:
    # Before the gradient is there: it is graded where this iteration computes it.
    page = visit(AT)
    gradient = by_hand(page)
    gradient[3, 2] = 0.5
    page = visit("/#preset=default&p=2")
    tab = opened(page)
    expect(page.locator("#homework-where")).to_have_text("Graded at step 9 of 12, iteration 0.")
    graded(page, repr(gradient))
    wrong = tab.locator("td.wrong").get_by_role("button")
    expect(wrong).to_have_count(1)
    expect(wrong).to_have_accessible_name(re.compile("^wrong ?0.5000$"))
    expect(wrong).to_have_accessible_description(re.compile(r"^\[3, 2\]: 0\.500000, wrong\."))
    page.get_by_label("Show the right numbers too").check()
    shown = tab.locator("td.wrong").get_by_role("button")
    expect(shown).to_contain_text("→ −0.0")
    expect(shown).to_have_accessible_description(re.compile(r"wrong; −0\.0\d+ is right, the relative error"))
    shown.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.get_by_role("heading", name="dense_2.dweight[3, 2]")).to_be_visible()
    expect(page).to_have_url(re.compile("p=9"))


def test_of_a_large_tensor_the_worst_cells_are_listed(visit: Open) -> None:
    page = visit("/#preset=digits&p=11")
    gradient = whole(page, "dense_1.dweight")
    gradient[7, 3] += 1e-4
    gradient[40, 5] += 1
    tab = opened(page, "dense_1.dweight")
    expect(graded(page, str(gradient.tolist())).get_by_role("heading")).to_have_text(
        f"2 of {gradient.size} cells are wrong."
    )
    expect(tab.locator("li button")).to_have_text([re.compile(r"^\[40, 5\]"), re.compile(r"^\[7, 3\]")])
    expect(page.locator("#homework-cells table")).to_have_count(0)


def test_what_cannot_be_graded_is_said_beside_the_field_and_stays_there(visit: Open) -> None:
    page = visit(AT, fails=True)
    opened(page)
    error = page.locator("#homework-error")
    expect(error).to_have_role("alert")
    field = page.locator("#homework-text")
    for text, said in (
        ("[[0.1 0.2 ... 0.3]]", "the print-out leaves numbers out"),
        ("[[1, 2], [3]]", "Row 1 has 1 number, expected 2"),
        ("[[1, 2], [3, 4]]", "This tensor has the shape (5, 3); yours has (2, 2)."),
    ):
        field.fill(text)
        page.locator("#homework-go").click()
        expect(error).to_contain_text(said)
        expect(field).to_have_value(text)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#homework-verdict")).to_be_empty()
    field.fill("1 2")
    expect(error).to_be_empty()
    # A file that is let go on the field is read into it, and is no run file.
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["1,2,3"], "gradient.csv"));
            for (const kind of ["dragover", "drop"]) document.getElementById("homework-text")
                .dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(field).to_have_value("1,2,3")
    expect(page.locator("#own")).to_be_hidden()
    page.locator("#homework-file").set_input_files(
        {"name": "gradient.txt", "mimeType": "text/plain", "buffer": b"[4 5 6]"}
    )
    expect(field).to_have_value("[4 5 6]")


@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_on_a_phone_it_fits_and_axe_finds_nothing(visit: Open, locale: str, theme: str) -> None:
    page = visit(AT, size=PHONE, locale=locale, theme=theme)
    opened(page)
    verdict = graded(page, "0.1, 0.2, 0.3\n" * 5)
    expect(verdict).to_be_in_viewport()
    assert fits(page)
    assert violations(page, AXE) == []
    small = page.evaluate(
        """[...document.querySelectorAll("#proof-homework :is(button, select, textarea)")]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).length"""
    )
    assert small == 0
