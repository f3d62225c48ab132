"""Data of one's own: a table let go on the page, or chosen by keys, becomes a run."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, shown, violations
from tests.browser.test_builder import apply, build, field, run_of, spec_of
from tests.browser.test_sharing import download, drop, share

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

PETS = "number,weight,height,kind\n" + "".join(
    f"n{n},{n + 0.5},{n * n},{('cat', 'dog', 'cow')[n % 3]}\n" for n in range(12)
)
BROKEN = PETS.replace("7.5", "?")


def table(page: Page) -> Locator:
    """The dialog, with the table in it."""
    dialog = page.locator("#own")
    expect(dialog.locator("table")).to_be_visible()
    return dialog


def go(dialog: Locator) -> None:
    """Go, and wait until it is done."""
    dialog.get_by_role("button", name="Go", exact=True).click()
    expect(dialog).to_be_hidden()


def test_a_table_that_is_dropped_becomes_a_run(visit: Open) -> None:
    page = visit()
    drop(page, "pets.csv", PETS)
    dialog = table(page)
    expect(page.get_by_role("dialog", name="Your own data: pets.csv")).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text(
        "12 samples of 4 columns, separated by commas; the first line names the columns."
    )
    # Two columns are words: the last is taken for the label, the other is left out.
    assert dialog.locator("#own-label").input_value() == "kind"
    expect(dialog.get_by_role("checkbox", name="number")).to_be_disabled()
    expect(dialog.get_by_role("checkbox", name="weight")).to_be_checked()
    expect(dialog.locator("thead th").nth(3)).to_have_text("kind — the label3 different")
    expect(dialog.locator("tbody tr").first).to_have_text("n00.50cat")
    expect(dialog.locator("#own-net")).to_contain_text("2 → 8 → 3")
    go(dialog)
    weights = np.arange(12) + 0.5
    kept = [n for n in range(12) if n in shown_samples(page)]
    column = ((weights - weights.mean()) / weights.std())[kept]
    assert len(kept) == 9, "a quarter of every class is held back"
    np.testing.assert_allclose(shown(page, "batch.input")[:, 0], column, atol=5.1e-4)
    expect(page.locator("#preset")).to_have_value("")
    page.locator("#next").click()
    expect(page.locator("#counter")).to_be_visible()
    assert run_of(page)["data"] == {"features": ["weight", "height"], "classes": ["cat", "cow", "dog"]}
    assert f"#run={run_of(page)['id']}" in page.url
    page.reload()
    shown(page, "batch.input")
    share(page)
    expect(page.get_by_text("The data of this run are kept on this server")).to_be_visible()
    # The run file has them in it, and so opens where they were never uploaded.
    name, content = download(page, "Download the run file")
    other = visit()
    with other.expect_response("**/datasets?label=kind") as sent:
        drop(other, name, content.decode())
    assert sent.value.json()["upload"] == spec_of(page)["dataset"]["upload"]
    expect(other).to_have_url(re.compile(run_of(page)["id"]))
    np.testing.assert_array_equal(becomes_data(other), shown(page, "batch.input"))


def shown_samples(page: Page) -> set[int]:
    """The rows of the table that are trained with, by their standardised heights."""
    heights = np.arange(12.0) ** 2
    standard = (heights - heights.mean()) / heights.std()
    expect(page.locator('matrix-view[aria-label^="batch.input,"]')).to_be_visible()
    assert page.locator("#counter").inner_text()
    here = becomes_data(page)
    return {int(np.abs(standard - height).argmin()) for height in here[:, 1]}


def becomes_data(page: Page) -> Any:
    page.wait_for_function(
        """async () => {
            const { state } = await import("/static/js/state.js");
            return state.frame.value.run === state.run.value.id && state.run.value.spec.dataset.upload;
        }"""
    )
    return shown(page, "batch.input")


def test_arrays_of_numpy_become_a_run(visit: Open) -> None:
    page = visit()
    file = io.BytesIO()
    grid = np.indices((4, 5)).reshape(2, -1).T
    np.savez(file, input=grid, target=np.where(grid.sum(axis=1) > 3, "far", "near"))
    page.locator("#own-file").set_input_files(
        FilePayload(name="grid.npz", mimeType="", buffer=file.getvalue())
    )
    dialog = table(page)
    expect(dialog.get_by_role("status")).to_have_text("20 samples of 3 columns, from NumPy.")
    expect(dialog.locator("#own-label")).to_have_value("target")
    go(dialog)
    becomes_data(page)
    assert run_of(page)["data"] == {"features": ["x0", "x1"], "classes": ["far", "near"]}


def test_names_of_the_table_are_said_of_its_cells(visit: Open) -> None:
    page = visit()
    drop(page, "pets.csv", PETS)
    go(table(page))
    becomes_data(page)
    said = page.locator("#inspector-meaning")
    page.locator("#stage").focus()
    for tensor, sentence in {
        "batch.input": "Feature 1 (height) of sample 0, as it enters the network.",
        "batch.target": "What sample 0 should come out as: cat.",
        "softmax_1.output": "How likely the network takes class 1 (cow) to be for sample 0.",
    }.items():
        page.evaluate(
            """async ([tensor, column]) => {
                const { select } = await import("/static/js/state.js");
                select({ tensor, index: [0, column], position: 11 });
            }""",
            [tensor, 0 if tensor == "batch.target" else 1],
        )
        expect(said).to_contain_text(sentence)


def test_by_keyboard_from_the_builder_into_its_draft(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    dialog = build(page)
    expect(field(dialog, "dataset.name").locator("[value=upload]")).to_be_disabled()
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Use a table of your own").focus()
        page.keyboard.press("Enter")
    chooser.value.set_files(FilePayload(name="pets.csv", mimeType="text/csv", buffer=PETS.encode()))
    own = table(page)
    expect(own.locator("#own-label")).to_be_focused()
    box = own.get_by_role("checkbox", name="height")
    box.focus()
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()
    expect(own.locator("#own-net")).to_contain_text("1 → 8 → 3")
    own.get_by_role("button", name="Go", exact=True).focus()
    page.keyboard.press("Enter")
    expect(own).to_be_hidden()
    expect(field(dialog, "dataset.name")).to_have_value("upload")
    expect(field(dialog, "dataset.name")).to_be_focused()
    expect(dialog.locator("#builder-summary")).to_have_text("1 → 5 → 3 · 28 parameters")
    expect(dialog.locator("#builder-hints")).to_contain_text("Your own table has 3 classes")
    # From one data set to another and back.
    field(dialog, "dataset.name").select_option("moons")
    field(dialog, "dataset.name").select_option("upload")
    field(dialog, "dataset.samples").fill("6")
    apply(dialog)
    spec = spec_of(page)
    assert spec["dataset"]["samples"] == 6
    assert len(spec["dataset"]["upload"]) == 64
    expect(page.locator("#change-text")).to_contain_text("Data set Iris: flowers, measured → Your own table")
    dialog = build(page)
    expect(field(dialog, "dataset.name")).to_have_value("upload")
    expect(field(dialog, "dataset.samples")).to_have_attribute("max", "12")


@pytest.mark.parametrize(
    ("text", "locale", "sentence"),
    [
        ("", "en-GB", "The file is empty."),
        (PETS + "1,2,x\n", "en-GB", "Line 14: 4 columns are expected, as in the first line; here are 3."),
        ('a,b\n1,"x\n', "zh-CN", "第 2 行：此处的引号没有闭合。"),
        ("a,b\n1,x\0\n2,y\n", "en-GB", ""),
    ],
    ids=["empty", "width", "quote", "fine so far"],
)
def test_what_is_no_table_is_said_with_its_place(visit: Open, text: str, locale: str, sentence: str) -> None:
    page = visit(locale=locale, fails=True)
    before = page.url
    drop(page, "a.csv", text)
    if sentence:
        expect(page.get_by_role("alert").and_(page.locator("#own-wrong"))).to_have_text(sentence)
        expect(page.locator("#own-go")).to_be_hidden()
    else:
        go_refused(page)
        expect(page.locator("#own-wrong")).to_have_text(
            "Line 2, column b: the name has a control character in it."
        )
    page.keyboard.press("Escape")
    expect(page.locator("#own")).to_be_hidden()
    assert page.url == before


def go_refused(page: Page) -> None:
    table(page).get_by_role("button", name="Go", exact=True).click()


def test_a_cell_that_is_no_number_is_named_and_its_column_left_out(visit: Open) -> None:
    page = visit(fails=True)
    drop(page, "pets.csv", BROKEN)
    dialog = table(page)
    weight = dialog.get_by_role("checkbox", name="weight")
    expect(weight).to_be_checked()
    expect(dialog.locator("thead th").nth(1)).to_contain_text("line 9: “?” is no number")
    go_refused(page)
    expect(dialog.get_by_role("alert")).to_have_text(
        "Line 9, column weight: “?” is no number. Mend it, or leave the column out."
    )
    weight.uncheck()
    go(dialog)
    becomes_data(page)
    assert run_of(page)["data"]["features"] == ["height"]


def test_the_newer_of_two_files_is_the_one_that_is_shown(visit: Open) -> None:
    page = visit()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/datasets?preview=true", hold)
    drop(page, "old.csv", "a,b\n1,x\n")
    expect(page.locator("#own-said")).to_have_text("Reading old.csv …")
    drop(page, "pets.csv", PETS)
    dialog = table(page)
    with page.expect_response("**/datasets?preview=true"):
        held[0].continue_()
    page.unroute("**/datasets?preview=true")
    go(dialog)
    becomes_data(page)
    assert run_of(page)["data"]["classes"] == ["cat", "cow", "dog"]


@pytest.mark.parametrize(
    ("size", "theme", "locale"),
    [(DESKTOP, "dark", "en-GB"), (PHONE, "light", "zh-CN")],
    ids=["desk", "phone"],
)
def test_it_is_accessible_and_fits(visit: Open, size: tuple[int, int], theme: str, locale: str) -> None:
    page = visit(size=size, theme=theme, locale=locale)
    drop(page, "pets.csv", BROKEN)
    dialog = table(page)
    assert violations(page, AXE) == []
    assert fits(page)
    if size == PHONE:
        small = dialog.locator("button, select, label.check").evaluate_all(
            "all => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.id)"
        )
        assert small == []
