"""What an optimiser remembers and what weights cost: seen on the stage, opened, edited, and told."""

import re
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import announced, shown
from tests.browser.test_editing import LINE, edit

ADAM = {"type": "adam"}
MOMENTUM = {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}
IRIS = {"name": "iris", "samples": 8, "standardise": True, "seed": 0}


def made(url: str, optimizer: dict[str, Any], l1: float = 0, l2: float = 0, head: str = "separate") -> Any:
    """A run like the default one, which it looks like."""
    first = {"type": "dense", "units": 5, "initializer": {"type": "he"}, "l1": l1, "l2": l2}
    layers = [first, {"type": "relu"}, {"type": "dense", "units": 3}, {"type": "softmax"}]
    spec = {"dataset": IRIS, "layers": layers, "optimizer": optimizer, "head": head}
    return httpx.post(f"{url}/api/v1/runs", json=spec).json()


def picture(page: Page, tensor: str) -> Any:
    """The matrix of a tensor on the stage."""
    return page.locator(f'#columns matrix-view[aria-label^="{tensor},"]')


def marked(page: Page, kind: str) -> set[tuple[str, int, int]]:
    """Every cell of the stage under a mark, by where the mark is drawn."""
    found = page.evaluate(
        """kind => [...document.querySelectorAll("#columns matrix-view")].flatMap(view =>
             [...view.querySelectorAll(`i.${kind}`)].map(mark => {
               const [all, one] = [view, mark].map(element => element.getBoundingClientRect());
               const [down, across] = ["top", "bottom"].map(side => (one[side] - all.top) / all.height)
                 .map((at, end) => [at, (one[["left", "right"][end]] - all.left) / all.width]);
               return { label: view.ariaLabel, at: [...down, ...across] };
             }))""",
        kind,
    )
    cells = set()
    for mark in found:
        tensor, *size = re.findall(r"(\S+), (\d+) by (\d+)", mark["label"])[0]
        top, left, bottom, right = (
            round(at * int(one)) for at, one in zip(mark["at"], size * 2, strict=True)
        )
        cells |= {(tensor, row, column) for row in range(top, bottom) for column in range(left, right)}
    return cells


@pytest.mark.parametrize("optimizer", [MOMENTUM, ADAM], ids=["momentum", "adam"])
def test_what_is_remembered_is_there_from_the_start_and_all_of_the_stage_still_fits(
    visit: Open, url: str, optimizer: dict[str, Any]
) -> None:
    run = made(url, optimizer)
    page = visit(f"/#run={run['id']}&p=0")
    expect(page.locator("#sentence")).to_contain_text("what the optimiser remembers, all 0 so far")
    names = [name for name in run["tensors"] if name.count(".") == 2]
    assert len(names) == 4 * (1 + (optimizer is ADAM))
    for name in names:
        expect(picture(page, name)).to_be_visible()
        expect(picture(page, name)).not_to_have_class(re.compile("missing"))
    page.locator("#next").click()
    expect(page.locator("#counter")).to_have_text("Step 12 of 12")
    for name in names:
        expect(page.locator(f'.wrote > matrix-view[aria-label^="{name},"]')).to_have_count(1)
    beyond = "stage => [stage.scrollWidth - stage.clientWidth, stage.scrollHeight - stage.clientHeight]"
    assert page.locator("#stage").evaluate(beyond) == [0, 0]
    shown(page, "dense_1.weight")
    shown(page, "softmax_1.dinput")


UPDATES = [
    (ADAM, "en-GB", "Update by Adam: momentum = 0.9·momentum + 0.1·dw, cache = 0.999·cache + 0.001·dw²"),
    (MOMENTUM, "zh-CN", "动量更新：momentum = 0.9·momentum + dw，再 w = w − lr·momentum，lr = 0.1。"),
]


@pytest.mark.parametrize(("optimizer", "locale", "said"), UPDATES, ids=["adam", "momentum"])
def test_an_update_says_its_formula(
    visit: Open, url: str, optimizer: dict[str, Any], locale: str, said: str
) -> None:
    page = visit(f"/#run={made(url, optimizer)['id']}&p=11", locale=locale)
    page.locator("#step").click()
    expect(page.locator("#sentence")).to_contain_text(said)
    expect(page.locator("#live")).to_contain_text(said)


@pytest.mark.parametrize("head", ["separate", "fused"])
def test_what_is_marked_is_what_the_explanation_reads(visit: Open, url: str, head: str) -> None:
    run = made(url, {"type": "sgd", "momentum": 0.9, "nesterov": True}, l1=0.001, l2=0.01, head=head)
    end = run["steps_per_iteration"]
    page = visit(f"/#run={run['id']}&p={end}")
    for tensor, row, column in [
        ("dense_1.weight", 1, 2),
        ("dense_1.bias.momentum", 0, 3),
        ("dense_1.dweight", 2, 4),
        ("loss.penalty", 0, 0),
    ]:
        at = f"/runs/{run['id']}/frames/{end}/tensors/{tensor}/cells/{row},{column}"
        terms = httpx.get(f"{url}/api/v1{at}").json()["terms"]
        read = {(c["tensor"], *c["index"]) for term in terms for f in term["factors"] for c in f["cells"]}
        box = picture(page, tensor).bounding_box()
        rows, columns = run["tensors"][tensor]["shape"]
        across, down = (column + 0.5) / columns * box["width"], (row + 0.5) / rows * box["height"]
        page.mouse.click(box["x"] + across, box["y"] + down)
        expect(page.locator("#inspector-name")).to_have_text(f"{tensor}[{row}, {column}]")
        assert marked(page, "reads") == read - {(tensor, row, column)}, tensor
        assert marked(page, "selected") == {(tensor, row, column)}


def test_a_memory_opens_by_keyboard_with_its_meaning_and_its_line(visit: Open, url: str) -> None:
    page = visit(f"/#run={made(url, ADAM)['id']}&p=12")
    page.locator("#stage").focus()
    for key in ("ArrowDown", "[", "Enter"):
        page.keyboard.press(key)
    panel = page.locator("#inspector")
    expect(panel.locator(".name")).to_have_text("dense_2.bias.cache[0, 0]")
    expect(panel).to_contain_text("The running mean of the squared gradients of dense_2.bias[0, 0].")
    expect(panel).to_contain_text("beta2 * cache + (1 - beta2) * dw ** 2")
    expect(panel).to_contain_text("Not in the note: what this run computes")
    expect(panel.locator(".terms")).to_contain_text("dbias")
    assert announced(page).startswith("dense_2.bias.cache[0, 0]: ")


def test_an_edited_memory_is_told_by_the_weight_that_it_moves_and_taken_back(visit: Open, url: str) -> None:
    page = visit(f"/#run={made(url, MOMENTUM)['id']}&p=11")
    edit(page, "dense_1.weight.momentum", (1, 2), "1")
    line = page.locator(LINE)
    expect(line).to_contain_text("dense_1.weight.momentum[1, 2]: 0 → 1.")
    # μ times as much is left of it, and the rate times that is how much further the weight moves.
    expect(line).to_contain_text("The loss stays 1.19.")
    expect(line).to_contain_text("Largest change at the next update: dense_1.weight[1, 2], −0.0900.")
    expect(page.locator("#live")).to_have_text(line.inner_text())
    assert ("dense_1.weight.momentum", 1, 2) in marked(page, "differs")
    page.locator("#step").click()
    page.locator("#difference").click()
    expect(page.locator("#centre")).to_have_class(re.compile("differences"))
    less = np.zeros((4, 5))
    less[1, 2] = -0.09
    np.testing.assert_allclose(shown(page, "dense_1.weight"), less, atol=1e-9)
    page.locator("#take-back").click()
    expect(line).to_contain_text("Undone: dense_1.weight.momentum[1, 2] is 0 again.")
    assert marked(page, "differs") == set()


def test_what_was_written_over_is_made_of_nothing(visit: Open, url: str) -> None:
    page = visit(f"/#run={made(url, MOMENTUM)['id']}&p=12&sel=dense_1.weight,1,2")
    expect(page.locator("#inspector-name")).to_have_text("dense_1.weight[1, 2]")
    assert marked(page, "reads") == {("dense_1.weight.momentum", 1, 2)}
    edit(page, "dense_1.weight", (1, 2), "0.25")
    expect(page.locator("#inspector-terms")).to_contain_text("It was edited here")
    assert marked(page, "reads") == set()


def test_a_penalty_is_seen_in_the_loss_and_walked_through(visit: Open, url: str) -> None:
    run = made(url, ADAM, l2=0.01)
    page = visit(f"/#run={run['id']}&p=6&sel=dense_1.weight,0,1")
    sentence = page.locator("#sentence").inner_text()
    said = r"Loss (\S+): the mean over 8 samples, (\S+), plus the penalty on the weights, (\S+);"
    told = re.match(said, sentence)
    assert told is not None, sentence
    loss, data, penalty = map(float, told.groups())
    assert abs(loss - data - penalty) < 0.002
    np.testing.assert_allclose(shown(page, "loss.penalty"), [[penalty]], atol=6e-4)
    expect(page.locator(".total")).to_contain_text("mean loss + penalty")
    page.get_by_role("button", name="Walk the chain rule").click()
    walk = page.locator("#inspector-walk")
    # Eight samples, three scores, three probabilities; and one way through the penalty.
    expect(walk).to_contain_text("73 paths lead there")
    option = walk.locator("option").filter(has_text="loss.penalty[0, 0]")
    walk.locator("select").select_option(value=option.get_attribute("value"))
    for cell in ("loss.penalty[0, 0]", "loss.value[0, 0]", "dense_1.dweight[0, 1]"):
        walk.locator("[data-key=on]").click()
        expect(page.locator("#inspector-name")).to_have_text(cell)
    expect(walk).to_contain_text("one of 73 paths that add up to it")


def test_on_a_phone_an_update_is_an_equation(visit: Open, url: str) -> None:
    page = visit(f"/#run={made(url, ADAM)['id']}&p=12", size=PHONE)
    captions = page.locator("#equation figcaption .open")
    expect(captions).to_have_text(
        ["dense_1.weight = weight", "− 0.001 · momentum / 0.1", "/ (√(cache / 0.001) + ε)"]
    )
