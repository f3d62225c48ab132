"""What the stage shows is readable at every size, says what its colours mean, and hides no number."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.reading import announced

DENSE = {"type": "dense", "initializer": {"type": "he"}}
RELU, SOFTMAX = {"type": "relu"}, {"type": "softmax"}


def made(url: str, units: list[int], samples: int = 8, edits: list[dict[str, object]] | None = None) -> str:
    """The id of an iris run of dense and ReLU layers."""
    hidden = [layer for unit in units for layer in ({**DENSE, "units": unit}, RELU)]
    spec = {
        "dataset": {"name": "iris", "samples": samples, "standardise": True, "seed": 0},
        "layers": [*hidden, {**DENSE, "units": 3}, SOFTMAX],
        "loss": "categorical_crossentropy",
        "seed": 3,
        "edits": edits or [],
    }
    run: str = httpx.post(f"{url}/api/v1/runs", json=spec).raise_for_status().json()["id"]
    return run


def matrices_apart(page: Page) -> bool:
    """Whether no two matrices of the stage lie over each other, and none is cut."""
    apart: bool = page.evaluate("""() => {
      const boxes = [...document.querySelectorAll("#stage matrix-view")]
        .map((view) => view.getBoundingClientRect())
        .filter(({ width }) => width > 0);
      return boxes.every((a, at) => boxes.slice(at + 1).every((b) =>
        a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1));
    }""")
    return apart


def test_eight_layers_stand_side_by_side(visit: Open, url: str) -> None:
    page = visit(f"/#run={made(url, [8, 8, 8])}&p=13")
    page.locator("#columns .column.now").wait_for()
    assert matrices_apart(page)


def test_the_legend_says_what_the_colours_mean_now(visit: Open) -> None:
    page = visit()
    legend = page.get_by_role("region", name="Legend")
    expect(legend).to_contain_text("dense_2.dweight")
    expect(legend).to_contain_text("raising it: loss up (orange), down (blue)")
    expect(legend).not_to_contain_text("not computed")
    expect(legend).to_contain_text("just computed")
    height = legend.bounding_box()
    assert height
    assert height["height"] <= 29
    page.locator('#stage matrix-view[aria-label^="softmax_1.output,"]').hover()
    expect(legend).to_contain_text("the deeper, the nearer to 1")
    # From 0 on: nothing is below it.
    expect(legend).not_to_contain_text("−")
    page.goto(page.url.split("#")[0] + "#preset=default&p=3")
    expect(legend).to_contain_text("not computed yet")


def test_scales_are_shared_by_kind_and_by_stage_and_the_choice_lasts(visit: Open) -> None:
    page = visit()
    gradients = page.locator(".dweight .range, .dbias .range, .gradient .range")
    assert len(set(gradients.all_inner_texts())) > 1
    page.get_by_label("Colour scale").select_option("kind")
    assert len(set(gradients.all_inner_texts())) == 1
    page.get_by_label("Colour scale").select_option("stage")
    everything = page.locator("#stage .slot:not(.target) .range").all_inner_texts()
    assert len(set(everything)) == 1
    page.reload()
    expect(page.get_by_label("Colour scale")).to_have_value("stage")


def test_contrast_around_the_chosen_value_marks_what_is_beyond_it(visit: Open) -> None:
    page = visit()
    contrast = page.get_by_role("button", name="Contrast around the chosen value")
    contrast.click()
    shown = page.locator(".dweight[data-column=dense_2]")
    expect(shown.locator(".range")).to_have_text("7 clipped ±0.05")
    assert shown.locator("matrix-view canvas").count() == 2
    expect(page.get_by_role("region", name="Legend")).to_contain_text("beyond the range")
    assert announced(page) == "dense_2.dweight: colours reach as far as ±0.05."
    page.locator("#stage").focus()
    page.keyboard.press("c")
    expect(shown.locator(".range")).to_have_text("±0.5")
    expect(contrast).to_have_attribute("aria-pressed", "false")


def test_what_is_not_a_number_or_infinite_is_marked_and_counted(visit: Open, url: str) -> None:
    huge = [
        {"position": 0, "tensor": "dense_1.weight", "index": [row, 0], "value": value}
        for row, value in ((0, 1e308), (1, -1e308))
    ]
    page = visit(f"/#run={made(url, [], 8, huge)}&p=7")
    legend = page.get_by_role("region", name="Legend")
    expect(legend).to_contain_text("not a number")
    expect(legend).to_contain_text("infinite")
    output = page.locator('matrix-view[aria-label^="dense_1.output,"]')
    assert "∞" in (output.get_attribute("aria-label") or "")
    assert "-∞" in output.locator("pre").inner_text()
    expect(page.locator('matrix-view[aria-label^="softmax_1.output,"]')).to_have_attribute(
        "aria-label", re.compile("NaN")
    )


def test_a_lens_shows_the_numbers_around_a_cell_of_a_picture(visit: Open) -> None:
    page = visit("/#preset=digits&p=11")
    lens = page.locator("#lens")
    expect(lens).to_be_hidden()
    page.locator('matrix-view[aria-label^="dense_1.dweight,"]').hover()
    expect(lens).to_be_visible()
    named = lens.locator("p").inner_text()
    assert re.fullmatch(r"dense_1\.dweight\[\d+, \d+\] = .+", named)
    rows = lens.locator("pre").inner_text().splitlines()
    assert len(rows) == 7
    assert all(len(row.split()) == 7 for row in rows)
    page.mouse.move(2, 2)
    expect(lens).to_be_hidden()
    page.locator("#stage").focus()
    page.keyboard.press("]")
    page.keyboard.press("ArrowDown")
    expect(lens).to_be_visible()
    assert lens.locator("p").inner_text().split(" =")[0] in (
        "batch.input[1, 0]",
        "dense_1.weight[1, 0]",
        "dense_1.bias[0, 0]",
        "dense_1.output[1, 0]",
    )
    page.keyboard.press("Escape")
    expect(lens).to_be_hidden()


def test_a_digits_sample_and_a_units_weights_are_pictures_of_8_by_8(visit: Open) -> None:
    page = visit("/#preset=digits&p=11&sel=dense_1.weight,20,5")
    weight = page.get_by_role("img", name="dense_1.weight: weight[:, 5] as a picture of 8 by 8")
    expect(weight).to_be_visible()
    expect(
        page.get_by_role("img", name="dense_1.dweight: dweight[:, 5] as a picture of 8 by 8")
    ).to_be_visible()
    expect(page.get_by_role("img", name="batch.input: input[0] as a picture of 8 by 8")).to_be_visible()
    expect(weight.locator("i.selected")).to_have_count(1)
    weight.click(position={"x": 35, "y": 15})
    inspector = page.get_by_role("complementary", name="The chosen number")
    expect(inspector.get_by_role("heading", name="dense_1.weight[11, 5]")).to_be_visible()


def test_not_computed_is_hatched_and_never_the_colour_of_zero(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    missing = page.locator('matrix-view[aria-label^="dense_2.output,"]')
    expect(missing).to_have_class(re.compile("missing"))
    expect(missing).to_have_css("background-image", re.compile("repeating-linear-gradient"))
    expect(missing.locator("canvas")).to_be_hidden()


def test_an_edit_has_its_key_and_the_jacobian_its_difference(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.bias,0,1")
    legend = page.get_by_role("region", name="Legend")
    jacobian = page.locator(".slot.jacobian pre")

    def whole() -> list[str]:
        expect(jacobian).to_have_text(re.compile(r"^\s*(\S+\s+){8}\S+\s*$"))
        return numbers(jacobian.inner_text())

    before = whole()
    expect(legend).not_to_contain_text("edited")
    page.locator("#stage").focus()
    page.keyboard.press("e")
    page.locator("#editor-value").fill("0.5")
    page.keyboard.press("Enter")
    expect(legend).to_contain_text("edited")
    expect(jacobian).not_to_have_text(" ".join(before))
    after = whole()
    places = page.locator(".column").evaluate_all("all => all.map((one) => one.getBoundingClientRect().x)")
    page.locator("#stage").focus()
    page.keyboard.press("d")
    expect(jacobian).to_contain_text("+")
    for was, now, less in zip(before, after, whole(), strict=True):
        assert abs(float(now) - float(was) - float(less)) < 2e-3
    # No caption moves a column.
    still = page.locator(".column").evaluate_all("all => all.map((one) => one.getBoundingClientRect().x)")
    assert still == places


def numbers(text: str) -> list[str]:
    """Those of a matrix as it is shown."""
    return text.split()
