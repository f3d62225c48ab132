"""The page opens on a living run and steps all the way round and back, saying at each step what it did."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from app.presets import PRESETS
from engine.datasets import load
from tests.browser.conftest import Open
from tests.browser.reading import announced, matrix, position, shown

S = 12
CATALOGUE = json.loads((Path(__file__).parents[2] / "static" / "locales" / "en.json").read_text())
FORWARD = ["dense_1.output", "relu_1.output", "dense_2.output", "softmax_1.output", "loss.output"]
BACKWARD = ["loss.dinput", "softmax_1.dinput", "dense_2.dinput", "relu_1.dinput", "dense_1.dinput"]
WRITES = ["batch.input", *FORWARD, *BACKWARD]
"""What steps 1 to 11 write."""

BEGINNINGS = [
    "Nothing has run yet",
    "8 samples are laid in, 4 features each.",
    "Forward through dense_1: output is input times weight plus bias, (8, 4)·(4, 5) → (8, 5).",
    "Forward through relu_1: ",
    "Forward through dense_2: ",
    "Forward through softmax_1: each row becomes probabilities that sum to 1.",
    "Loss 0.",
    "Backward through the loss: only the true class",
    "Backward through softmax_1: each sample’s dvalue row times its own 3×3 Jacobian.",
    "Backward through dense_2: its weight gradient is input-transposed times dvalue, (5, 8)·(8, 3) → (5, 3).",
    "Backward through relu_1: dvalue passes where the input was not negative; ",
    "Backward through dense_1: ",
    "Update: every weight moves against its gradient by learning rate 0.1.",
]


def test_the_numbers_on_the_stage_are_those_of_plain_numpy(visit: Open) -> None:
    page = visit()
    assert position(page) == 11
    w1, b1 = shown(page, "dense_1.weight"), shown(page, "dense_1.bias")
    w2, b2 = shown(page, "dense_2.weight"), shown(page, "dense_2.bias")
    # The stage shows three decimals of the weights, so what follows from them is known to about two.
    data = load(**PRESETS["default"]["dataset"])
    labels = data.target[:, 0]
    h = data.input @ w1 + b1
    a = np.maximum(h, 0)
    e = np.exp(a @ w2 + b2)
    p = e / e.sum(axis=1, keepdims=True)
    dz = (p - np.eye(3)[labels]) / 8
    expected = {
        "batch.input": data.input,
        "dense_1.output": h,
        "relu_1.output": a,
        "softmax_1.output": p,
        "softmax_1.dinput": dz,
        "dense_2.dweight": a.T @ dz,
        "dense_1.dbias": ((dz @ w2.T) * (h >= 0)).sum(axis=0, keepdims=True),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(shown(page, name), values, atol=0.012, err_msg=name)


def test_all_the_way_round_and_back(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    step, back = (
        page.get_by_role("button", name="Step", exact=True),
        page.get_by_role("button", name="Back", exact=True),
    )
    assert announced(page).startswith(BEGINNINGS[0])
    assert back.is_disabled()
    seen = []
    for at in range(1, S + 1):
        before = matrix(page, WRITES[at - 1]) if at < S else None
        assert before is None
        step.click()
        expect(page.locator("#counter")).to_have_text(f"Step {at} of 12")
        assert announced(page).startswith(BEGINNINGS[at])
        if at < S:
            shown(page, WRITES[at - 1])
        seen.append(announced(page))
    assert "1 update so far" in page.locator("#figures").inner_text()
    weight = shown(page, "dense_1.weight")
    for at in range(S - 1, 0, -1):
        back.click()
        expect(page.locator("#counter")).to_have_text(f"Step {at} of 12")
        assert announced(page) == seen[at - 1]
    assert position(page) == 1
    assert (shown(page, "dense_1.weight") != weight).any()


def test_what_is_hatched_says_which_step_computes_it(visit: Open) -> None:
    page = visit("/#preset=default&p=5")
    hatched = page.get_by_role("img", name="dense_2.dweight, 5 by 3. Not computed yet. Step 9 computes it.")
    assert hatched.count() == 1
    assert matrix(page, "dense_2.dweight") is None
    shown(page, "softmax_1.output")


def test_whole_updates_and_the_scrubber(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    page.get_by_role("button", name="Next update").click()
    expect(page).to_have_url(re.compile(r"[#&]p=12(&|$)"))
    scrubber = page.get_by_role("slider", name="Step of this iteration")
    scrubber.fill("4")
    expect(page).to_have_url(re.compile(r"[#&]p=4(&|$)"))
    assert scrubber.get_attribute("aria-valuetext") == f"Step 4 of 12. {announced(page)}"
    page.get_by_role("button", name="Previous update").click()
    expect(page).to_have_url(re.compile(r"[#&]p=0(&|$)"))


def test_losses_fall_from_update_to_update(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    losses = []
    for _ in range(3):
        losses.append(float(page.locator("#figures").inner_text().split()[1]))
        where = position(page)
        for _ in range(2):
            page.get_by_role("button", name="Next update").click()
        page.get_by_role("button", name="Back", exact=True).click()
        expect(page).to_have_url(re.compile(f"p={where + 12}(&|$)"))
    assert losses == sorted(losses, reverse=True)
    assert len(set(losses)) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_opens_and_steps(visit: Open, name: str) -> None:
    page = visit()
    page.get_by_label("Example").select_option(label=CATALOGUE[f"preset.{name}"])
    expect(page).to_have_url(re.compile(f"preset={name}"))
    if name != "default":
        expect(page.locator("#counter")).to_have_text(re.compile(r"^Step 0 of"))
    page.get_by_role("button", name="Next update").click()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("#figures")).to_have_text(re.compile(r"^Loss \d"))
    assert page.locator("#notice").is_hidden()


def test_a_cells_colour_is_its_numbers_sign_in_its_own_place(visit: Open) -> None:
    page = visit()
    canvas = page.locator('matrix-view[aria-label^="dense_1.weight,"] canvas')
    flat = canvas.evaluate(
        "c => [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    columns, rows = flat[:2]
    pixels = np.array(flat[2:]).reshape(rows, columns, 4)
    weight = shown(page, "dense_1.weight")
    assert weight.shape == (rows, columns)
    warmth = pixels[:, :, 0] - pixels[:, :, 2]
    certain = np.abs(weight) > 0.2
    assert (np.sign(warmth[certain]) == np.sign(weight[certain])).all()
    assert np.corrcoef(warmth.ravel(), weight.ravel())[0, 1] > 0.9
