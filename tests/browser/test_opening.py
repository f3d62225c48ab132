"""Any number can be opened and shows what it was made of; a link opens where it was made."""

import re

import httpx
import numpy as np
from playwright.sync_api import expect

from app.packing import EXPORTED
from app.resources import STATIC
from tests.browser.conftest import Open
from tests.browser.reading import number, position, shown


def test_the_open_number_is_the_sum_of_its_terms(visit: Open) -> None:
    page = visit()
    inspector = page.get_by_role("complementary", name="The chosen number")
    expect(inspector.get_by_role("heading", name="dense_2.dweight[2, 1]")).to_be_visible()
    table = inspector.get_by_role("table")
    expect(table).to_be_visible()
    rows = table.locator("tbody tr")
    assert rows.count() == 8
    shares = [number(rows.nth(i).locator("td").last.inner_text()) for i in range(8)]
    assert [abs(share) for share in shares] == sorted((abs(share) for share in shares), reverse=True)
    value = number(inspector.locator(".value").inner_text())
    assert abs(sum(shares) - value) < 8 * 5e-4
    assert abs(shown(page, "dense_2.dweight")[2, 1] - value) < 5.1e-4
    products = [
        number(buttons.nth(0).inner_text()) * number(buttons.nth(1).inner_text())
        for buttons in (rows.nth(i).locator("button.cell") for i in range(8))
    ]
    np.testing.assert_allclose(products, shares, atol=1e-3)
    assert "self.dweight = np.dot(self.input.T, dvalue)" in inspector.inner_text()
    for name in ("Formula", "The formula with its numbers"):
        expect(inspector.get_by_role("group", name=name, exact=True).locator("math").first).to_be_visible()
    assert "raising it by 0.01 changes the loss by about" in inspector.inner_text()


def test_its_factors_are_outlined_on_the_stage(visit: Open) -> None:
    page = visit()
    outlined = page.locator("#stage matrix-view:has(i.reads)")
    names = sorted((one.get_attribute("aria-label") or "").partition(",")[0] for one in outlined.all())
    assert names == ["relu_1.output", "softmax_1.dinput"]


def test_a_click_opens_a_cell_and_its_terms_can_be_followed(visit: Open) -> None:
    page = visit()
    view = page.locator('matrix-view[aria-label^="dense_2.output,"]')
    box = view.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 2)
    inspector = page.get_by_role("complementary", name="The chosen number")
    expect(inspector.get_by_role("heading", name="dense_2.output[0, 1]")).to_be_visible()
    inspector.get_by_role("table").get_by_role("button", name="weight").first.click()
    expect(inspector.get_by_role("heading", name="dense_2.weight[")).to_be_visible()
    expect(inspector.get_by_text("It is an initial value")).to_be_visible()


def test_a_number_that_is_not_computed_says_so(visit: Open) -> None:
    page = visit("/#preset=default&p=3&sel=dense_2.dweight,2,1")
    inspector = page.get_by_role("complementary", name="The chosen number")
    expect(inspector.get_by_text("Not computed yet. Step 9 computes it.")).to_be_visible()
    inspector.get_by_role("button", name="Go to step 9").click()
    expect(page).to_have_url(re.compile(r"[#&]p=9(&|$)"))
    expect(inspector.get_by_role("table")).to_be_visible()


def test_a_link_opens_the_same_state_elsewhere(visit: Open) -> None:
    page = visit("/#preset=spiral&p=9&sel=dense_2.output,3,2")
    inspector = page.get_by_role("complementary", name="The chosen number")
    value = inspector.locator(".value").inner_text()
    other = visit(page.url[page.url.index("/#") :])
    assert position(other) == 9
    assert (
        other.get_by_role("complementary", name="The chosen number").locator(".value").inner_text() == value
    )
    assert other.get_by_label("Example").input_value() == "spiral"


def test_the_apis_page_link_opens_its_run(visit: Open, url: str) -> None:
    spec = {
        "dataset": {"input": [[1, 2], [3, 4]], "target": [0, 1]},
        "layers": [
            {"type": "dense", "units": 2, "weight": [[0.5, -0.25], [0.125, 0.75]]},
            {"type": "softmax"},
        ],
    }
    run = httpx.post(f"{url}/api/v1/runs", json=spec).json()
    page = visit(run["page"][run["page"].index("/#") :])
    assert shown(page, "dense_1.weight").tolist() == [[0.5, -0.25], [0.125, 0.75]]


def test_a_broken_link_says_so_and_shows_the_default_run(visit: Open) -> None:
    page = visit("/#s=nonsense")
    expect(page.locator("#notice")).to_contain_text("This link cannot be read")
    shown(page, "dense_1.weight")


def test_no_module_exports_what_the_browser_calls_so_already(visit: Open) -> None:
    modules = STATIC.glob("js/*.js")
    named = {
        name for path in modules for found in EXPORTED.findall(path.read_text()) for name in found if name
    }
    # Its elements are names of the page's own.
    page = visit().context.new_page()
    assert page.evaluate("names => names.filter((name) => name in window)", sorted(named)) == []
