"""Any number opened: its terms sorted and pointed at, followed and come back from, walked to the loss."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits, number, position, shown, violations
from tests.browser.test_everyone import AXE

CHAIN = "/#preset=default&p=11&sel=dense_1.dweight,2,1"


def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="The chosen number")


def opened(page: Page, name: str) -> None:
    expect(inspector(page).locator(".name")).to_have_text(name)


def said(page: Page) -> str:
    return page.locator("#live").inner_text()


def shares(page: Page) -> list[float]:
    rows = inspector(page).locator(".terms tbody tr").all()
    return [number(row.locator("td").last.inner_text()) for row in rows]


def marked(page: Page) -> list[str]:
    """The matrices that have a cell outlined as pointed at."""
    views = page.locator("#stage matrix-view:has(i.hover)").all()
    return sorted((view.get_attribute("aria-label") or "").partition(",")[0] for view in views)


def cell(page: Page, tensor: str, row: int, column: int) -> tuple[float, float]:
    """The middle of a cell on the stage."""
    rows, columns = shown(page, tensor).shape
    box = page.locator(f'matrix-view[aria-label^="{tensor},"]').bounding_box()
    assert box
    return box["x"] + (column + 0.5) * box["width"] / columns, box["y"] + (row + 0.5) * box["height"] / rows


def walk(page: Page) -> Locator:
    return page.get_by_role("region", name="A walk along the chain rule")


def test_the_terms_are_sorted_by_size_or_as_they_are_summed_and_that_is_remembered(visit: Open) -> None:
    page = visit()
    head = inspector(page).get_by_role("columnheader", name="= share")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert shares(page) == sorted(shares(page), key=abs, reverse=True)
    order = inspector(page).get_by_role("button", name="sample", exact=True)
    order.click()
    expect(inspector(page).get_by_role("columnheader", name="sample", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert head.get_attribute("aria-sort") is None
    expect(order).to_be_focused()
    labels = inspector(page).locator(".terms tbody td:first-child").all_inner_texts()
    assert labels == [str(sample) for sample in range(8)]
    value = number(inspector(page).locator(".terms tfoot td").inner_text())
    assert abs(sum(shares(page)) - value) < 8 * 5e-4
    page.reload()
    expect(inspector(page).get_by_role("columnheader", name="sample", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_of_many_terms_the_rest_is_summed_and_all_can_be_shown(visit: Open) -> None:
    page = visit("/#preset=spiral&p=15&sel=dense_1.dweight,0,0")
    rows, foot = inspector(page).locator(".terms tbody tr"), inspector(page).locator(".terms tfoot tr")
    expect(rows).to_have_count(40)
    expect(foot.first).to_contain_text("the other 50 terms")
    whole = number(foot.last.locator("td").inner_text())
    assert abs(sum(shares(page)) + number(foot.first.locator("td").inner_text()) - whole) < 2e-3
    inspector(page).get_by_role("button", name="Show all 90").click()
    expect(rows).to_have_count(90)
    expect(foot).to_have_count(1)
    assert abs(sum(shares(page)) - whole) < 2e-3


def test_a_term_outlines_its_cells_by_pointer_and_by_focus(visit: Open) -> None:
    page = visit()
    row = inspector(page).locator(".terms tbody tr").nth(1)
    row.hover()
    assert marked(page) == ["relu_1.output", "softmax_1.dinput"]
    page.mouse.move(5, 5)
    assert marked(page) == []
    row.get_by_role("button").first.focus()
    assert marked(page) == ["relu_1.output", "softmax_1.dinput"]


def test_the_outline_lies_over_the_very_cell(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1")
    page.locator("#inspector-terms").get_by_role("button", name="1.39").hover()
    outline = page.locator('matrix-view[aria-label^="relu_1.output,"] i.hover').bounding_box()
    assert outline
    x, y = cell(page, "relu_1.output", 7, 2)
    assert abs(outline["x"] + outline["width"] / 2 - x) < 3
    assert abs(outline["y"] + outline["height"] / 2 - y) < 3


def test_a_cell_of_the_stage_marks_the_terms_that_read_it(visit: Open) -> None:
    page = visit()
    row = inspector(page).locator(".terms tbody tr", has=page.locator("td:first-child", has_text="5"))
    page.mouse.move(*cell(page, "relu_1.output", 5, 2))
    expect(row).to_have_class("linked")
    expect(inspector(page).locator(".linked")).to_have_count(1)
    page.mouse.move(*cell(page, "relu_1.output", 5, 3))
    expect(inspector(page).locator(".linked")).to_have_count(0)
    page.mouse.move(*cell(page, "softmax_1.dinput", 5, 1))
    expect(row).to_have_class("linked")


def test_the_keyboards_cursor_says_what_share_it_has(visit: Open) -> None:
    page = visit()
    page.locator("#stage").focus()
    for _ in range(40):
        page.keyboard.press("]")
        if "softmax_1.dinput" in said(page):
            break
    page.keyboard.press("ArrowRight")
    expect(inspector(page).locator(".linked")).to_have_count(1)
    share = inspector(page).locator(".linked td").last.inner_text().removeprefix("= ")
    assert said(page).endswith(f"dense_2.dweight[2, 1] reads it: share {share}.")


def test_a_followed_term_is_announced_and_back_comes_back(visit: Open) -> None:
    page = visit()
    inspector(page).locator(".terms tbody tr").first.locator("button.cell").first.click()
    opened(page, "relu_1.output[7, 2]")
    expect(inspector(page).locator(".name")).to_be_focused()
    expect(page.locator("#live")).to_have_text(
        re.compile(r"^relu_1\.output\[7, 2\]: 1\.391\. What relu_1 lets")
    )
    inspector(page).get_by_role("button", name="dense_1.output[7, 2]").first.click()
    opened(page, "dense_1.output[7, 2]")
    inspector(page).get_by_role("button", name="Back to relu_1.output[7, 2]").click()
    opened(page, "relu_1.output[7, 2]")
    page.keyboard.press("Backspace")
    opened(page, "dense_2.dweight[2, 1]")
    expect(page.locator("#live")).to_have_text(re.compile(r"^dense_2\.dweight\[2, 1\]: "))
    expect(inspector(page).get_by_role("button", name="Back to")).to_have_count(0)


def test_a_term_at_another_position_is_followed_there_and_back(visit: Open) -> None:
    page = visit("/#preset=default&p=12&sel=dense_2.weight,2,1")
    inspector(page).get_by_role("button", name="dense_2.weight[2, 1]").first.click()
    expect(page).to_have_url(re.compile("p=0&"))
    opened(page, "dense_2.weight[2, 1]")
    inspector(page).get_by_role("button", name="dense_2.output[0, 1]").click()
    opened(page, "dense_2.output[0, 1]")
    assert position(page) == 4


def test_what_it_is_made_of_and_goes_into_can_all_be_shown(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.weight,2,1")
    expect(inspector(page).get_by_text("It is an initial value, drawn by")).to_be_visible()
    expect(inspector(page).get_by_role("heading", name="Made of")).to_have_count(0)
    cells = inspector(page).locator(".cells").get_by_role("button")
    expect(cells).to_have_count(5)
    inspector(page).get_by_role("button", name="Show all 17").click()
    expect(cells).to_have_count(17)
    expect(cells.nth(4)).to_be_focused()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("p=11&sel=dense_1.bias,0,1", "it starts at 0"),
        ("p=11&sel=batch.target,1,0", "What sample 1 should come out as"),
        ("p=11&sel=loss.output,3,0", "How wrong the network is about sample 3"),
        ("p=11&sel=loss.value,0,0", "How wrong the network is: the mean"),
        ("p=11&sel=loss.dinput,0,0", "How the loss changes when softmax_1.output[0, 0] grows: raising"),
        ("p=11&sel=loss.dinput,0,1", "How the loss changes when softmax_1.output[0, 1] grows: not at all"),
        ("p=11&sel=data.input,0,1", "Feature 1 (sepal_width) of sample 0 of the data set"),
    ],
)
def test_every_kind_of_number_says_what_it_means(visit: Open, where: str, words: str) -> None:
    page = visit(f"/#preset=default&{where}")
    expect(inspector(page)).to_contain_text(words)


def test_stepping_leaves_the_focus_and_what_has_not_changed(visit: Open) -> None:
    page = visit()
    button = inspector(page).get_by_role("button", name="Show as a table")
    button.focus()
    page.locator(".terms").evaluate("terms => { terms.dataset.seen = 'yes' }")
    page.evaluate("document.querySelector('#back').click()")
    expect(page.locator("#counter")).to_contain_text("Step 10 of 12")
    expect(button).to_be_focused()
    assert page.locator(".terms").get_attribute("data-seen") == "yes"


def test_a_walk_leads_to_the_loss_and_back_with_the_product_so_far(visit: Open) -> None:
    page = visit(CHAIN)
    inspector(page).get_by_role("button", name="Walk the chain rule").click()
    expect(walk(page)).to_contain_text("Chain rule, hop 0 of 11")
    expect(walk(page)).to_contain_text("72 paths lead there")
    expect(page.locator("#live")).to_have_text(re.compile("^From dense_1.weight"))
    seen: list[tuple[int, str]] = []
    products: list[list[float]] = []
    for hop in range(1, 12):
        page.keyboard.press("Enter")
        expect(walk(page)).to_contain_text(f"hop {hop} of 11")
        seen.append((position(page), inspector(page).locator(".name").inner_text()))
        line = walk(page).locator(".product").inner_text()
        assert line in said(page)
        products.append([number(one.strip("() ")) for one in re.split("[×=]", line.partition(": ")[2])])
    assert [where for where, _ in seen] == [2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11]
    assert seen[-1][1] == "dense_1.dweight[2, 1]"
    for factors in products[1:]:
        assert abs(float(np.prod(factors[:-1])) - factors[-1]) <= abs(factors[-1]) * 0.01
    there, back = products[5], products[10]
    assert there[-1] == back[-1]
    assert sorted(there[:-1]) == sorted(back[:-1])
    expect(walk(page)).to_contain_text("one of 72 paths that add up to it")
    page.keyboard.press("Enter")
    expect(walk(page)).to_have_count(0)
    opened(page, "dense_1.dweight[2, 1]")
    assert position(page) == 11


def test_a_walk_goes_on_through_the_cell_that_is_chosen(visit: Open) -> None:
    page = visit(CHAIN)
    inspector(page).get_by_role("button", name="Walk the chain rule").click()
    ways = walk(page).get_by_label("Go on through")
    expect(ways.locator("option").first).to_contain_text("carries")
    options = ways.locator("option").all_inner_texts()
    carried = [number(option.partition("carries ")[2]) for option in options]
    assert [abs(one) for one in carried] == sorted(map(abs, carried), reverse=True)
    whole = re.search(r"dense_1\.dweight\[2, 1\] = (\S+);", walk(page).inner_text())
    assert whole
    assert abs(sum(carried) - number(whole[1])) < 5e-4
    ways.select_option(index=2)
    chosen = options[2].partition(", carries")[0]
    walk(page).get_by_role("button", name=f"On to {chosen}").click()
    opened(page, chosen)
    page.mouse.click(*cell(page, "dense_1.weight", 0, 0))
    expect(walk(page)).to_have_count(0)
    opened(page, "dense_1.weight[0, 0]")
    expect(inspector(page).get_by_role("button", name="Back to dense_1.dweight[2, 1]")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_walk_on_a_phone_fits_and_is_accessible(visit: Open, theme: str) -> None:
    page = visit(CHAIN, size=PHONE, theme=theme)
    page.locator("#inspector-open").click()
    inspector(page).get_by_role("button", name="Walk the chain rule").click()
    expect(walk(page)).to_be_visible()
    assert fits(page)
    assert violations(page, AXE) == []
    heights = [box["height"] for one in walk(page).get_by_role("button").all() if (box := one.bounding_box())]
    assert min(heights) >= 44


def test_the_numbers_of_a_formula_wrap(visit: Open) -> None:
    page = visit()
    line = inspector(page).get_by_role("group", name="The formula with its numbers")
    assert line.evaluate("line => line.scrollWidth <= line.clientWidth")
    assert line.locator("math").count() == 10
