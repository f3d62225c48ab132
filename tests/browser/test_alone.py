"""One sample alone: every gradient shows its share, said beside what it is a share of."""

import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.presets import PRESETS
from engine.arrays import Array
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import announced, becomes, fits, number, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
CHOSEN, GRADIENTS = (
    "dense_2.dweight",
    ("dense_1.dweight", "dense_1.dbias", "dense_2.dweight", "dense_2.dbias"),
)


def made(url: str, spec: dict[str, Any]) -> str:
    """A run's id."""
    run: str = httpx.post(f"{url}/api/v1/runs", json=spec).json()["id"]
    return run


def frame_of(url: str, run: str, position: int) -> dict[str, Any]:
    tensors: dict[str, Any] = httpx.get(f"{url}/api/v1/runs/{run}/frames/{position}").json()["tensors"]
    return tensors


def shares_of(url: str, run: str, position: int, sample: int) -> dict[str, Array]:
    """A sample's share of every gradient, as the service tells it."""
    answer = httpx.get(f"{url}/api/v1/runs/{run}/frames/{position}/samples/{sample}").json()
    return {name: np.array(one["values"]) for name, one in answer["tensors"].items()}


def cells(array: Array) -> Array:
    """Rounded as the stage writes numbers: three decimals, or one digit of what would be none."""
    return np.array([[float(f"{x:.3f}" if abs(x) >= 0.0005 else f"{x:.0e}") for x in row] for row in array])


def alone(page: Page, sample: int) -> None:
    page.locator("#sample").fill(str(sample))
    page.locator("#alone").click()
    expect(page.locator("#alone")).to_have_attribute("aria-pressed", "true")


def view(page: Page, tensor: str) -> Any:
    return page.locator(f'#stage matrix-view[aria-label^="{tensor},"]').first


def test_every_gradient_shows_the_sample_s_share_and_all_of_them_again(visit: Open, url: str) -> None:
    page = visit()
    run = made(url, PRESETS["default"])
    whole = frame_of(url, run, 11)
    before = {name: view(page, name).locator("xpath=..").locator(".range").inner_text() for name in GRADIENTS}
    alone(page, 6)
    assert announced(page) == "Sample 6 alone: every gradient shows its share."
    for name, share in shares_of(url, run, 11, 6).items():
        assert becomes(page, name, cells(share)), name
        expect(view(page, name)).to_have_attribute("aria-label", re.compile(r"Only the share of sample 6\.$"))
        figure = view(page, name).locator("xpath=..")
        expect(figure.locator(".share")).to_have_text("sample 6’s share")
        # The colours reach as far as those of the whole.
        assert figure.locator(".range").inner_text().endswith(before[name]), name
    lines = view(page, "relu_1.dinput").locator("pre").inner_text().split("\n")
    assert [bool(line.strip()) for line in lines] == [row == 6 for row in range(8)]
    row = np.array([[float(text) for text in lines[6].split()]])
    np.testing.assert_allclose(row, cells(np.array(whole["relu_1.dinput"]["values"])[6:7]), atol=1e-12)
    # What runs forward is whole; the other samples only stand back.
    assert shown(page, "relu_1.output").shape == (8, 5)
    assert view(page, "relu_1.output").locator("i.others").count() == 2
    page.locator("#alone").click()
    assert announced(page) == "All samples together again."
    for name in GRADIENTS:
        assert becomes(page, name, cells(np.array(whole[name]["values"]))), name
    assert page.locator("#stage i.others").count() == 0


def test_a_number_is_told_as_a_share_of_its_sum_and_a_share_is_chosen_where_it_is_a_term(
    visit: Open, url: str
) -> None:
    page = visit()
    run = made(url, PRESETS["default"])
    inspector = page.locator("#inspector")
    shares = [shares_of(url, run, 11, sample)[CHOSEN][2, 1] for sample in range(8)]
    order = sorted(range(8), key=lambda sample: -abs(shares[sample]))
    rows = inspector.locator(".terms tbody tr")
    expect(rows).to_have_count(8)
    assert int(rows.first.locator("button").first.inner_text()) == order[0]
    rows.first.get_by_role("button", name=f"Sample {order[0]} alone").click()
    expect(inspector.locator(".value")).to_have_text(re.compile(" of −0.03822$"))
    said = inspector.locator(".value").inner_text().split(" of ")
    assert number(said[0]) == pytest.approx(shares[order[0]], rel=2e-3)
    assert number(said[1]) == pytest.approx(sum(shares), rel=2e-3)
    expect(inspector.locator(".meaning")).to_contain_text(f"Through sample {order[0]} alone")
    assert announced(page) == f"Sample {order[0]} alone: every gradient shows its share."
    pressed = rows.first.locator('[aria-pressed="true"]')
    expect(pressed).to_be_focused()
    expect(page.locator("#sample")).to_have_value(str(order[0]))
    pressed.click()
    expect(inspector.locator(".value")).to_have_text("−0.03822")


def test_by_keyboard_it_is_said_what_is_whose_and_escape_ends_it(visit: Open) -> None:
    page = visit()
    live = page.locator("#live")
    page.locator("#stage").focus()
    page.keyboard.press("a")
    expect(live).to_have_text("Sample 0 alone: every gradient shows its share.")
    expect(view(page, CHOSEN)).to_have_attribute("aria-label", re.compile("Only the share"))
    page.keyboard.press("ArrowUp")
    expect(live).to_have_text(re.compile(r"^share of sample 0: \S+ of \S+, row 3 of 5, .*Chosen\."))
    page.keyboard.press("[")
    page.keyboard.press("ArrowDown")
    expect(live).to_have_text(
        re.compile(r"softmax_1\.dinput\. This is sample 1’s; sample 0 is shown alone\.$")
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(live).to_have_text("All samples together again.")
    expect(page.locator("#alone")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#inspector .name")).to_have_text(f"{CHOSEN}[2, 1]")
    # In its field, the arrows lead from sample to sample.
    page.keyboard.press("a")
    page.locator("#sample").focus()
    page.keyboard.press("ArrowUp")
    expect(live).to_have_text("Sample 1 alone: every gradient shows its share.")
    page.keyboard.press("Escape")
    expect(live).to_have_text("All samples together again.")


def test_a_penalty_s_part_is_told_to_be_no_sample_s(visit: Open, url: str) -> None:
    layers = [{"type": "dense", "units": 3, "l1": 0.01, "l2": 0.1}, {"type": "softmax"}]
    run = made(url, {"dataset": {"name": "iris", "samples": 8}, "layers": layers})
    page = visit(f"/#run={run}&p=7&sel=dense_1.dweight,1,1&sample=2&alone=1")
    total = sum(shares_of(url, run, 7, sample)["dense_1.dweight"][1, 1] for sample in range(8))
    whole = frame_of(url, run, 7)["dense_1.dweight"]["values"][1][1]
    hint = page.locator("#inspector-terms .hint")
    expect(hint).to_have_text(re.compile("belongs to no sample"))
    found = re.search(r"sum to (\S+?)\. The penalty’s part, (\S+),", hint.inner_text())
    assert found is not None
    assert number(found[1]) == pytest.approx(total, rel=2e-3)
    assert number(found[2]) == pytest.approx(whole - total, rel=2e-3)
    rows = page.locator(".terms tbody tr td:first-child").all_inner_texts()
    assert sorted(rows) == sorted([*map(str, range(8)), "—", "—"])


def test_a_link_opens_it_and_a_batch_of_another_size_ends_it(visit: Open, url: str) -> None:
    spec = {
        "dataset": {"name": "iris", "samples": 8},
        "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}],
        "batch": {"size": 5},
    }
    run = made(url, spec)
    page = visit(f"/#run={run}&p=8&sample=4&alone=1")
    expect(page.locator("#alone")).to_have_attribute("aria-pressed", "true")
    # Right after the update, it is still the batch that the update was made of.
    assert becomes(page, "dense_1.dweight", cells(shares_of(url, run, 8, 4)["dense_1.dweight"]))
    page.locator("#step").click()
    expect(page.locator("#live")).to_have_text("All samples together again: the batch now has 3 samples.")
    expect(page.locator("#alone")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#sample")).to_have_value("2")


def test_its_table_has_no_other_sample_s_numbers(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=softmax_1.dinput,3,1&alone=1")
    expect(page.locator("#sample")).to_have_value("3")
    expect(page).to_have_url(re.compile("alone=1$"))
    expect(page.locator("#alone")).to_have_attribute("aria-pressed", "true")
    page.locator("#stage").focus()
    page.keyboard.press("t")
    expect(page.locator("#table-title")).to_have_text("softmax_1.dinput (8, 3) sample 3")
    rows = [
        row.all_inner_texts() for row in (one.locator("td") for one in page.locator("#table tbody tr").all())
    ]
    assert [all(row) for row in rows] == [at == 3 for at in range(8)]
    assert [any(row) for row in rows] == [at == 3 for at in range(8)]


def test_no_answer_is_said_beside_the_choice(visit: Open) -> None:
    page = visit(fails=True)
    page.route("**/samples/*", lambda route: route.fulfill(status=500, json={"code": "internal"}))
    page.locator("#alone").click()
    expect(page.locator("#alone-problem .problem")).to_be_visible()
    page.unroute("**/samples/*")
    page.locator("#alone-problem button").click()
    expect(view(page, CHOSEN)).to_have_attribute("aria-label", re.compile(r"Only the share of sample 0\.$"))
    expect(page.locator("#alone-problem .problem")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_it_is_the_same_and_accessible(visit: Open, theme: str) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1&sample=3&alone=1", PHONE, theme=theme)
    equation = page.locator("#equation")
    expect(equation.locator("figcaption").first).to_contain_text("sample 3’s share")
    for name in ("#sample", "#alone"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name
    assert fits(page)
    assert violations(page, AXE) == []
