"""The builder: every field of the run as a control, an error beside what caused it, a fork for a result."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.form import FORM
from app.presets import PRESETS
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def build(page: Page) -> Locator:
    """The builder, opened."""
    if not page.locator("#build").is_visible():
        page.locator("#more-button").click()
    page.locator("#build").click()
    dialog = page.get_by_role("dialog", name="Build a run")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#builder-hints p").first).to_be_visible()
    return dialog


def field(dialog: Locator, name: str) -> Locator:
    """A control by the name of its field."""
    return dialog.locator(f'[name="{name}"]')


def enter(control: Locator, value: str | bool) -> None:
    """Give a control a value, as a person does."""
    if isinstance(value, bool):
        control.set_checked(value)
    elif control.evaluate("one => one.localName") == "select":
        control.select_option(value)
    else:
        control.fill(value)


def apply(dialog: Locator) -> None:
    """Apply, and wait until it is done."""
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_be_hidden()


def run_of(page: Page) -> dict[str, Any]:
    """The run that is shown."""
    run: dict[str, Any] = page.evaluate(
        """async () => (await import("/static/js/state.js")).state.run.value"""
    )
    return run


def spec_of(page: Page) -> dict[str, Any]:
    """Its spec."""
    spec: dict[str, Any] = run_of(page)["spec"]
    return spec


def columns(page: Page) -> list[str]:
    """Its layers."""
    layers: list[str] = run_of(page)["layers"]
    return layers


def loss(page: Page) -> str:
    return page.locator("#figures").inner_text()


def test_a_layer_added_moved_and_removed(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    dialog = build(page)
    summary = dialog.locator("#builder-summary")
    expect(summary).to_have_text("4 → 5 → 3 · 43 parameters")
    dialog.get_by_role("button", name="Add a layer after relu_1 (layer 2 of 4)").click()
    expect(dialog.locator("legend", has_text="dense_")).to_have_text(["dense_1", "dense_2", "dense_3"])
    assert page.evaluate("document.activeElement.name") == "layers[2].type"
    field(dialog, "layers[2].units").fill("6")
    expect(summary).to_have_text("4 → 5 → 6 → 3 · 82 parameters")
    dialog.get_by_role("button", name="Add a layer after dense_2").click()
    apply(dialog)
    assert columns(page) == ["dense_1", "relu_1", "dense_2", "relu_2", "dense_3", "softmax_1"]
    assert run_of(page)["tensors"]["dense_2.output"]["shape"] == [8, 6]
    dialog = build(page)
    dialog.get_by_role("button", name="Move dense_2 up").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Move dense_2 up (layer 2 of 6)"
    dialog.get_by_role("button", name="Remove dense_1").click()
    expect(summary).to_have_text("4 → 6 → 3 · 51 parameters")
    apply(dialog)
    assert columns(page) == ["dense_1", "relu_1", "relu_2", "dense_2", "softmax_1"]
    page.locator("#undo").click()
    assert columns(page) == ["dense_1", "relu_1", "dense_2", "relu_2", "dense_3", "softmax_1"]


CHANGES: dict[str, str | bool] = {
    "dataset.name": "blobs",
    "dataset.samples": "12",
    "dataset.classes": "4",
    "dataset.features": "5",
    "dataset.noise": "0.3",
    "dataset.seed": "3",
    "dataset.test_fraction": "0.25",
    "layers[0].units": "7",
    "layers[0].initializer.type": "normal",
    "layers[0].initializer.scale": "0.5",
    "layers[0].l1": "0.001",
    "layers[1].type": "sigmoid",
    "layers[2].units": "4",
    "layers[2].l2": "0.02",
    "head": "fused",
    "conventions.relu_at_zero": "0",
    "conventions.bce_outputs": "mean",
    "conventions.clip": "0.001",
    "batch.size": "5",
    "batch.order": "shuffled",
    "optimizer.learning_rate": "0.25",
    "optimizer.decay": "0.5",
    "optimizer.momentum": "0.9",
    "optimizer.nesterov": True,
    "dtype": "float32",
    "seed": "17",
}
"""A field -> what is entered, in the order in which a person could."""


def test_every_kind_of_field_is_what_the_api_makes_of_it(visit: Open, url: str) -> None:
    page = visit("/#preset=default&p=11")
    before = loss(page)
    dialog = build(page)
    for name, value in CHANGES.items():
        enter(field(dialog, name), value)
    expect(dialog.locator("#builder-summary")).to_have_text("5 → 7 → 4 · 74 parameters")
    expect(field(dialog, "conventions")).to_have_value("own")
    apply(dialog)
    asked = {
        "dataset": {
            "name": "blobs",
            "samples": 12,
            "classes": 4,
            "features": 5,
            "noise": 0.3,
            "seed": 3,
            "test_fraction": 0.25,
        },
        "layers": [
            {"type": "dense", "units": 7, "initializer": {"type": "normal", "scale": 0.5}, "l1": 0.001},
            {"type": "sigmoid"},
            {"type": "dense", "units": 4, "initializer": {"type": "he"}, "l2": 0.02},
            {"type": "softmax"},
        ],
        "head": "fused",
        "conventions": {"relu_at_zero": 0, "bce_outputs": "mean", "clip": 0.001},
        "batch": {"size": 5, "order": "shuffled"},
        "optimizer": {
            "type": "sgd",
            "learning_rate": 0.25,
            "decay": 0.5,
            "momentum": 0.9,
            "nesterov": True,
        },
        "dtype": "float32",
        "seed": 17,
    }
    made = httpx.post(f"{url}/api/v1/runs", json=asked).json()
    expect(page.locator("#figures")).not_to_have_text(before)
    assert spec_of(page) == made["spec"]
    assert run_of(page)["id"] == made["id"]
    frame = httpx.get(f"{url}/api/v1/runs/{made['id']}/frames/{made['steps_per_iteration'] - 1}").json()
    weight = frame["tensors"]["dense_1.dweight"]["values"]
    np.testing.assert_allclose(shown(page, "dense_1.dweight"), weight, atol=5.1e-4)
    page.locator("#undo").click()
    expect(page.locator("#figures")).to_have_text(before)
    tried = {re.sub(r"\[\d+\]", "[]", name) for name in CHANGES}
    controls = {
        control.name for section, controls in FORM.items() if section != "faults" for control in controls
    }
    others = controls - tried
    assert others == {"dataset.standardise", "loss", "conventions", "dataset.unit"} | {
        f"optimizer.{name}" for name in ("type", "epsilon", "rho", "beta1", "beta2", "weight_decay")
    }, "the next tests try these"


def test_faults_are_folded_until_a_run_has_some_and_one_that_does_not_fit_is_refused(
    visit: Open, url: str
) -> None:
    page = visit("/#preset=default&p=11", fails=True)
    dialog = build(page)
    expect(field(dialog, "faults.missing_mean")).to_be_hidden()
    dialog.get_by_text("Faults", exact=True).click()
    dialog.get_by_label("Wrong sign of the update").check()
    dialog.get_by_label("1/n left out").check()
    apply(dialog)
    expect(page.locator("#change-text")).to_contain_text("Faults — → 1/n left out + Wrong sign of the update")
    asked = PRESETS["default"] | {"faults": ["missing_mean", "wrong_sign"]}
    assert run_of(page)["id"] == httpx.post(f"{url}/api/v1/runs", json=asked).json()["id"]
    dialog = build(page)
    expect(dialog.get_by_label("1/n left out")).to_be_checked()
    dialog.get_by_label("1/n left out").uncheck()
    dialog.get_by_label("Softmax: S·S a scalar").check()
    enter(field(dialog, "head"), "fused")
    dialog.get_by_role("button", name="Apply").click()
    expect(field(dialog, "faults.missing_mean")).to_have_attribute("aria-invalid", "true")
    said = "No part of this network can have the fault Softmax: S·S a scalar."
    expect(dialog.locator("[id='faults.missing_mean-wrong']")).to_have_text(said)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("adagrad", {"decay": 0.5, "epsilon": 1e-6}),
        ("rmsprop", {"rho": 0.8, "epsilon": 1e-6}),
        ("adam", {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6}),
        ("adamw", {"beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1}),
    ],
)
def test_every_optimiser_is_what_the_api_makes_of_it(
    kind: str, changes: dict[str, float], visit: Open, url: str
) -> None:
    page = visit("/#preset=default&p=11")
    dialog = build(page)
    enter(field(dialog, "optimizer.type"), kind)
    enter(field(dialog, "optimizer.learning_rate"), "0.01")
    for name, value in changes.items():
        enter(field(dialog, f"optimizer.{name}"), str(value))
    apply(dialog)
    before = spec_of(page)
    asked = before | {"optimizer": {"type": kind, "learning_rate": 0.01} | changes}
    made = httpx.post(f"{url}/api/v1/runs", json=asked).json()
    assert before["optimizer"]["type"] == kind
    assert run_of(page)["id"] == made["id"]


def test_digits_from_0_to_1(visit: Open) -> None:
    page = visit("/#preset=digits&p=11")
    dialog = build(page)
    enter(field(dialog, "dataset.standardise"), False)
    enter(field(dialog, "dataset.unit"), True)
    apply(dialog)
    largest = page.evaluate(
        """async () => {
          const { state } = await import("/static/js/state.js");
          return state.frame.value.tensors["batch.input"].max;
        }"""
    )
    assert largest == 1


def test_standardising_conventions_and_loss(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    dialog = build(page)
    enter(field(dialog, "dataset.standardise"), False)
    enter(field(dialog, "dataset.samples"), "")
    enter(field(dialog, "conventions"), "pytorch")
    expect(field(dialog, "head")).to_have_value("")
    expect(field(dialog, "conventions.clip")).to_have_value("0")
    expect(dialog.locator("#builder-hints")).to_contain_text(
        "softmax and the loss will go backward in one step"
    )
    apply(dialog)
    spec = spec_of(page)
    assert spec["dataset"]["standardise"] is False
    assert spec["dataset"]["samples"] is None
    assert spec["head"] == "fused"
    assert spec["conventions"] == {"relu_at_zero": 0, "bce_outputs": "mean", "clip": 0}
    dialog = build(page)
    enter(field(dialog, "dataset.samples"), "9")
    enter(field(dialog, "dataset.name"), "moons")
    expect(field(dialog, "dataset.samples")).to_have_value("9")
    expect(field(dialog, "dataset.noise")).to_have_value("0.1")
    expect(field(dialog, "dataset.standardise")).to_be_hidden()
    enter(field(dialog, "loss"), "binary_crossentropy")
    dialog.get_by_role("button", name="End with sigmoid").click()
    dialog.get_by_role("button", name="Give it 1").click()
    expect(dialog.locator("#builder-hints button")).to_have_count(0)
    apply(dialog)
    assert shown(page, "sigmoid_1.output").shape == (9, 1)


WRONG = {
    "layers[0].units": ("0", "A whole number of at least 1 is needed here."),
    "dataset.samples": ("9999", "A whole number from 1 to 150 is needed here."),
    "optimizer.learning_rate": ("-1", "A number of at least 0 is needed here."),
    "optimizer.momentum": ("", "A number from 0 to 1 is needed here."),
    "seed": ("1.5", "A whole number of at least 0 is needed here."),
}


def test_what_is_wrong_is_said_beside_it_and_nothing_changes(visit: Open) -> None:
    page = visit("/#preset=default&p=11", fails=True)
    before = page.url
    dialog = build(page)
    for name, (value, _) in WRONG.items():
        enter(field(dialog, name), value)
    dialog.get_by_role("button", name="Apply").click()
    for name, (_, sentence) in WRONG.items():
        control = field(dialog, name)
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(control).to_have_accessible_description(re.compile("^" + re.escape(sentence)))
    assert page.evaluate("document.activeElement.name") == "layers[0].units"
    assert violations(page, AXE) == []
    assert page.url == before
    field(dialog, "layers[0].units").fill("6")
    expect(field(dialog, "layers[0].units")).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    assert page.url == before
    assert columns(page) == ["dense_1", "relu_1", "dense_2", "softmax_1"]
    expect(page.locator("#build")).to_be_focused()


def test_what_has_no_control_is_said_at_the_head(visit: Open) -> None:
    page = visit("/#preset=default&p=11", fails=True)
    dialog = build(page)
    dialog.get_by_label("Start from").select_option("no layers")
    expect(dialog.locator("#builder-summary")).to_have_text("4 · 0 parameters")
    dialog.get_by_role("button", name="Apply").click()
    wrong = dialog.get_by_text("The network needs 1 to 64 layers.")
    expect(wrong).to_be_focused()
    dialog.get_by_role("button", name="End with softmax").click()
    field(dialog, "head").select_option("fused")
    field(dialog, "layers[0].type").select_option("sigmoid")
    dialog.get_by_role("button", name="Apply").click()
    expect(field(dialog, "head")).to_be_focused()
    expect(field(dialog, "head")).to_have_accessible_description(re.compile("^Fused takes softmax"))


def test_starting_from_an_example_and_leaving_it(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    dialog = build(page)
    dialog.get_by_label("Start from").select_option("vanishing")
    expect(dialog.locator("#builder-summary")).to_have_text("2 → 4 → 4 → 4 → 4 → 4 → 1 · 97 parameters")
    dialog.get_by_role("button", name="Cancel").click()
    assert len(columns(page)) == 4
    dialog = build(page)
    expect(dialog.locator("#builder-summary")).to_have_text("4 → 5 → 3 · 43 parameters")
    dialog.get_by_label("Start from").select_option("binary")
    expect(field(dialog, "dataset.name")).to_have_value("moons")
    apply(dialog)
    assert columns(page) == ["dense_1", "relu_1", "dense_2", "sigmoid_1"]


def test_edits_follow_their_layers_or_are_left_out(visit: Open, url: str) -> None:
    edits = [
        {"position": 0, "tensor": "dense_1.weight", "index": [0, 4], "value": 0.25},
        {"position": 12, "tensor": "dense_2.weight", "index": [4, 2], "value": 0.5},
    ]
    base = {
        "dataset": {"name": "iris", "samples": 8},
        "layers": [
            {"type": "dense", "units": 5},
            {"type": "relu"},
            {"type": "dense", "units": 3},
            {"type": "softmax"},
        ],
        "edits": edits,
    }
    run = httpx.post(f"{url}/api/v1/runs", json=base).json()
    page = visit(f"/#run={run['id']}&p=12", fails=True)
    dialog = build(page)
    dialog.get_by_role("button", name="Add a layer after relu_1").click()
    field(dialog, "layers[2].units").fill("5")
    apply(dialog)
    assert spec_of(page)["edits"] == [edits[0], edits[1] | {"position": 14, "tensor": "dense_3.weight"}]
    dialog = build(page)
    expect(dialog).to_contain_text("This run carries 2 edits of single numbers.")
    field(dialog, "layers[0].units").fill("4")
    dialog.get_by_role("button", name="Apply").click()
    box = dialog.get_by_label("Leave out the edits that no longer fit")
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description(
        re.compile(r"^The edit of dense_1\.weight\[0, 4\] does not fit")
    )
    box.check()
    apply(dialog)
    assert [edit["tensor"] for edit in spec_of(page)["edits"]] == ["dense_3.weight"]


def test_weights_of_ones_own_stay_while_they_fit(visit: Open, url: str) -> None:
    weight = [[0.5, -0.5, 1.0], [1.0, 0.0, -1.0], [0.1, 0.2, 0.3], [0.0, 0.0, 0.0]]
    base = {
        "dataset": {"name": "iris", "samples": 8},
        "layers": [{"type": "dense", "weight": weight}, {"type": "softmax"}],
    }
    run = httpx.post(f"{url}/api/v1/runs", json=base).json()
    page = visit(f"/#run={run['id']}&p=1")
    dialog = build(page)
    start = field(dialog, "layers[0].initializer.type")
    expect(start).to_have_value("given")
    field(dialog, "layers[0].units").fill("4")
    expect(start).to_have_value("normal")
    field(dialog, "layers[0].units").fill("3")
    expect(start).to_have_value("given")
    field(dialog, "optimizer.learning_rate").fill("0.5")
    apply(dialog)
    np.testing.assert_allclose(shown(page, "dense_1.weight"), weight)
    dialog = build(page)
    start.select_option("he")
    apply(dialog)
    assert spec_of(page)["layers"][0]["weight"] is None


def until(page: Page, true: Callable[[], bool]) -> None:
    """Wait for what the page does not show."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited for 5 s")


def test_a_slow_server_is_asked_once_and_cancelling_is_final(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    held: list[Route] = []
    page.route("**/forks", lambda route: held.append(route))
    dialog = build(page)
    field(dialog, "seed").fill("5")
    button = dialog.locator("#builder-apply")
    button.click()
    expect(button).to_have_text("Asking the server…")
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    page.wait_for_timeout(300)
    assert len(held) == 1
    field(dialog, "seed").fill("6")
    button.click()
    until(page, lambda: len(held) == 2)
    held[1].continue_()
    expect(dialog).to_be_hidden()
    held[0].continue_()
    page.wait_for_timeout(150)
    assert spec_of(page)["seed"] == 6
    dialog = build(page)
    field(dialog, "seed").fill("7")
    button.click()
    until(page, lambda: len(held) == 3)
    page.keyboard.press("Escape")
    held[2].continue_()
    page.wait_for_timeout(150)
    assert spec_of(page)["seed"] == 6


def test_what_is_wrong_with_the_whole_run_is_said_at_the_head(visit: Open) -> None:
    page = visit("/#preset=default&p=11", fails=True)
    dialog = build(page)
    field(dialog, "layers[0].units").fill("9000000")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_text("This run would need too much memory.")).to_be_focused()
    expect(dialog.locator("#builder-apply")).to_have_text("Apply")


@pytest.mark.parametrize("size", [DESKTOP, (1024, 768), PHONE], ids=["desktop", "tablet", "phone"])
@pytest.mark.parametrize(("locale", "theme"), [("en-GB", "light"), ("zh-CN", "dark")])
def test_everyone_can_build(visit: Open, size: tuple[int, int], locale: str, theme: str) -> None:
    page = visit("/#preset=default&p=11", size=size, locale=locale, theme=theme)
    if not page.locator("#build").is_visible():
        page.locator("#more-button").click()
    page.locator("#build").click()
    dialog = page.locator("#builder")
    expect(dialog.locator("#builder-hints p").first).to_be_visible()
    assert violations(page, AXE) == []
    assert fits(page)
    inside = dialog.locator(".sections").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert inside
    if size == PHONE:
        for box in sizes(dialog.locator("button, select, input[type=number]")):
            assert box >= 44
    page.keyboard.press("Escape")
    expect(page.locator("#more-button" if size == PHONE else "#build")).to_be_focused()


def sizes(controls: Locator) -> Iterator[float]:
    """The heights of those that are seen."""
    for control in controls.all():
        box = control.bounding_box()
        if box:
            yield box["height"]
