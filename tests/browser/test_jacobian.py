"""The Jacobian under study: rules, sums and products in numbers, and scores that are dragged."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.arrays import Array
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import fits, number, violations
from tests.browser.test_figures import opened, tables

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

GOLDEN = "/#preset=golden&p=5"


def scores(dialog: Locator) -> Array:
    """A row a class: the score, its probability, its target."""
    rows = dialog.locator(".scores tbody tr").all()
    return np.array(
        [
            [
                float(row.get_by_role("spinbutton").input_value()),
                *map(number, row.locator("td:nth-child(n + 4)").all_inner_texts()),
            ]
            for row in rows
        ]
    )


def loss(dialog: Locator) -> float:
    """The sample's."""
    return number(dialog.get_by_text("Loss of this sample").inner_text().partition(":")[2])


def grab(page: Page, slider: Locator, by: float) -> None:
    """Move a slider's thumb by a share of its width, and hold it."""
    box = slider.bounding_box()
    assert box
    low, high, value = (
        float(slider.get_attribute("min") or 0),
        float(slider.get_attribute("max") or 0),
        float(slider.input_value()),
    )
    x, y = box["x"] + box["width"] * (value - low) / (high - low), box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] * by, y, steps=3)


def kept(dialog: Locator) -> None:
    """Wait until the server's own figure stands there again."""
    expect(dialog).to_have_attribute("aria-busy", "false")
    expect(dialog.locator("canvas.live")).to_be_hidden()


def test_a_cell_says_its_rule_with_its_numbers(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    expect(dialog).to_contain_text("Row j, column k: how much probability j changes when score k rises.")
    np.testing.assert_allclose(scores(dialog)[:, 1:], [[0.7, 1], [0.1, 0], [0.2, 0]], atol=1e-6)
    status = dialog.get_by_role("status")
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text("J[0, 0] = S₀ · (1 − S₀) = 0.700 · (1 − 0.700) = 0.2100: raising score 0")
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("J[0, 1] = −S₀ · S₁ = −0.700 · 0.100 = −0.07000: raising score 1")


def test_sums_stand_beside_the_matrix_and_are_explained(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    annotations = dialog.locator(".annotation-text").all_text_contents()
    assert annotations.count("0") == 6
    assert annotations.count("Σ") == 2
    expect(dialog).to_contain_text("Every column sums to 0: the probabilities always sum to 1")
    page.keyboard.press("t")
    table = dialog.locator(".tables table:nth-child(2)")
    for sums in ("tbody tr:last-child td", "td:last-child"):
        expect(table.locator(sums)).to_have_text(["0"] * 4)


def test_a_column_of_the_product_is_worked_out(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(dialog.get_by_role("heading", level=3).nth(1)).to_contain_text("Column 2")
    rows = dialog.locator(".terms tbody tr").all()
    terms = np.array([[number(cell) for cell in row.locator("td").all_inner_texts()] for row in rows])
    np.testing.assert_allclose(terms[:, 1] * terms[:, 2], terms[:, 3], atol=1e-4)
    total = number(dialog.locator(".terms tfoot td").inner_text())
    assert abs(terms[:, 3].sum() - total) < 1e-4
    page.keyboard.press("t")
    assert abs(tables(dialog)["dinput"][0, 2] - total) < 1e-4


def test_what_is_dragged_is_what_the_server_finds_when_let_go(visit: Open) -> None:
    page = visit("/#preset=default&p=12")
    dialog = opened(page, "j")
    page.keyboard.press("t")
    before, at_first = scores(dialog), loss(dialog)
    run = page.evaluate("location.hash")
    grab(page, dialog.get_by_role("slider", name="Score 1"), 0.2)
    during, shown, lost = scores(dialog), tables(dialog), loss(dialog)
    assert during[1, 0] > before[1, 0] + 3
    assert abs(during[:, 1].sum() - 1) < 2e-3
    assert lost != at_first
    s = during[:, 1]
    np.testing.assert_allclose(shown["J"], np.diag(s) - np.outer(s, s), atol=2e-3)
    page.mouse.up()
    expect(dialog).to_contain_text("Kept as a new run.")
    kept(dialog)
    found = tables(dialog)
    assert found.keys() == shown.keys() == {"J", "dvalue", "dinput"}
    for name, values in found.items():
        np.testing.assert_allclose(shown[name], values, rtol=1e-5)
    np.testing.assert_allclose(scores(dialog), during, atol=1e-4)
    assert loss(dialog) == lost
    assert page.evaluate("location.hash") != run
    dialog.get_by_role("button", name="Undo the last change").click()
    expect(dialog.get_by_role("spinbutton").nth(1)).to_have_value(re.compile(f"^{before[1, 0]:g}$"))
    np.testing.assert_allclose(scores(dialog), before)


def test_the_picture_does_not_jump_when_let_go(visit: Open) -> None:
    page = visit("/#preset=default&p=12")
    dialog = opened(page, "j")
    plot = dialog.locator(".over")
    grab(page, dialog.get_by_role("slider", name="Score 1"), 0.15)
    expect(dialog.locator("canvas.live")).to_be_visible()
    during = plot.screenshot()
    page.mouse.up()
    kept(dialog)
    page.wait_for_timeout(100)
    after = plot.screenshot()
    compare = """async ([a, b]) => {
      const [one, two] = await Promise.all([a, b].map(async (data) => {
        const image = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
        canvas.drawImage(image, 0, 0);
        return canvas.getImageData(0, 0, image.width, image.height).data;
      }));
      let far = 0;
      for (let at = 0; at < one.length; at += 4) if (Math.abs(one[at] - two[at]) > 24) far += 1;
      return far / (one.length / 4);
    }"""
    # The page's policy lets it fetch nothing but its own: another page compares.
    other = page.context.browser
    assert other
    blank = other.new_page()
    share = blank.evaluate(compare, [_base64(during), _base64(after)])
    blank.close()
    assert share < 0.02


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_the_scores_are_typed_and_moved_by_keys_and_escape_puts_them_back(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    before = scores(dialog)
    slider = dialog.get_by_role("slider", name="Score 2")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Let go, or press Enter, to keep this as a new run. Escape puts it back.")
    spoken = slider.get_attribute("aria-valuetext") or ""
    assert re.fullmatch(r"−1\.\d+, probability 2 is 0\.2\d+", spoken)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    np.testing.assert_allclose(scores(dialog), before)
    box = dialog.get_by_role("spinbutton", name="Score 2")
    box.fill("0.5")
    box.press("Enter")
    expect(dialog).to_contain_text("Kept as a new run.")
    kept(dialog)
    assert scores(dialog)[2, 0] == 0.5
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_only_what_changed_is_an_edit_where_it_entered(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    box = dialog.get_by_role("spinbutton", name="Score 0")
    box.fill("1")
    with page.expect_request("**/forks") as asked:
        box.press("Enter")
    edits = json.loads(asked.value.post_data or "")["edits"]
    assert edits == [{"position": 1, "tensor": "batch.input", "index": [0, 0], "value": 1}]


def test_escape_in_mid_drag_keeps_nothing(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    before = scores(dialog)
    page.on("request", lambda request: pytest.fail(request.url) if request.url.endswith("/forks") else None)
    grab(page, dialog.get_by_role("slider", name="Score 1"), 0.2)
    assert not np.allclose(scores(dialog), before)
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    page.mouse.up()
    np.testing.assert_allclose(scores(dialog), before)
    expect(dialog.locator("canvas.live")).to_be_hidden()


def test_a_draft_changes_its_colours_with_the_theme(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    grab(page, dialog.get_by_role("slider", name="Score 1"), 0.1)
    expect(dialog.locator("canvas.live")).to_be_visible()
    # What is painted on average, of 255: cells near 0 are near white, or near black.
    painted = """canvas => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext("2d", { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      let [sum, count] = [0, 0];
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 255) { sum += data[at + 1]; count += 1; }
      }
      return sum / count; }"""
    assert dialog.locator("canvas.live").evaluate(painted) > 150
    page.emulate_media(color_scheme="dark")
    for _ in range(60):
        if dialog.locator("canvas.live").evaluate(painted) < 105:
            break
        page.wait_for_timeout(50)
    assert dialog.locator("canvas.live").evaluate(painted) < 105


def test_a_refusal_stands_beside_the_scores(visit: Open) -> None:
    page = visit(GOLDEN)
    dialog = opened(page, "j")
    before = scores(dialog)

    # As the service would answer, without the browser's own line about a refused request.
    page.evaluate(
        "() => { window.fetch = (fetch => (url, options) => String(url).includes('/forks')"
        " ? Promise.resolve(new Response(JSON.stringify({code: 'too_much_memory'}), {status: 422}))"
        " : fetch(url, options))(window.fetch); }"
    )
    box = dialog.get_by_role("spinbutton", name="Score 0")
    box.fill("1")
    box.press("Enter")
    expect(dialog.locator(".panel")).to_contain_text("This run would need too much memory.")
    np.testing.assert_allclose(scores(dialog), before)


def test_before_its_step_a_button_goes_there(visit: Open) -> None:
    page = visit("/#preset=default&p=2")
    page.locator("#stage").focus()
    page.keyboard.press("j")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".panel")).to_be_hidden()
    dialog.get_by_role("button", name="Go to step 5").click()
    dialog.locator("svg .heatmaplayer image").first.wait_for(state="attached")
    expect(page).to_have_url(re.compile(r"[#&]p=5(&|$)"))
    expect(dialog.locator(".terms")).to_have_count(0)
    dialog.get_by_role("button", name="Go to step 8").click()
    expect(dialog.locator(".terms tfoot td")).not_to_be_empty()


def test_fused_with_the_loss_the_difference_stands_for_the_product(visit: Open) -> None:
    page = visit()
    spec = {
        "dataset": {"name": "golden"},
        "layers": [{"type": "softmax"}],
        "loss": "categorical_crossentropy",
        "head": "fused",
    }
    run = page.evaluate(
        "spec => fetch('/api/v1/runs', {method: 'POST', headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify(spec)}).then(answer => answer.json())",
        spec,
    )
    page.goto(page.url.partition("#")[0] + f"#run={run['id']}&p=4")
    page.reload()
    dialog = opened(page, "j")
    expect(dialog).to_contain_text("has no dvalue of its own: dinput is (ŷ − y) / n at once.")
    expect(dialog.locator(".panel")).to_contain_text(
        "dinput[0] = (ŷ[0] − y[0]) / n = (0.7000 − 1) / 3 = −0.1000"
    )
    page.keyboard.press("t")
    grab(page, dialog.get_by_role("slider", name="Score 0"), 0.1)
    during = tables(dialog)
    page.mouse.up()
    kept(dialog)
    for name, values in tables(dialog).items():
        np.testing.assert_allclose(during[name], values, rtol=1e-5)


def test_other_layers_have_their_jacobian_too(visit: Open) -> None:
    page = visit("/#preset=binary&p=12&sel=relu_1.output,0,0")
    page.get_by_role("button", name="Open as a figure").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Jacobian of relu_1").click()
    expect(dialog).to_contain_text("how much output j changes when input k rises")
    dialog.locator("svg .x2y2 .heatmaplayer image").wait_for(state="attached")
    dialog.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"J\[0, 0\] = [01] \(input₀ = \S+ [<≥] 0\)"))
    expect(dialog.locator(".scores")).to_be_hidden()


@pytest.mark.parametrize(("size", "theme", "locale"), [(DESKTOP, "light", "en-GB"), (PHONE, "dark", "zh-CN")])
def test_a_drag_is_clean_and_within_reach_everywhere(
    visit: Open, size: tuple[int, int], theme: str, locale: str
) -> None:
    page = visit("/#preset=digits&p=9", size=size, theme=theme, locale=locale)
    dialog = opened(page, "j")
    slider = dialog.locator(".scores input[type=range]").nth(9)
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert violations(page, AXE) == []
    assert fits(page)
    box, over = slider.bounding_box(), dialog.locator(".drawn").bounding_box()
    assert box
    assert over
    assert box["height"] >= (44 if size == PHONE else 24)
    assert size == DESKTOP or over["y"] + over["height"] <= box["y"], "the figure covers what is dragged"
