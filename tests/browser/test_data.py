"""The data's picture: decision regions of the shown weights, points and digits to choose a sample by."""

import base64
import re
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from app.presets import PRESETS
from app.scales import Theme, palette
from engine.arrays import Array
from tests.browser.conftest import PHONE, Open
from tests.browser.reading import fits

SPIRAL = "/#preset=spiral&p="
STEPS = 16
"""Of the spiral's iteration."""

PATIENCE = 20_000
"""Milliseconds until the first worker is there, on a busy machine."""

BATCHES: dict[str, Any] = PRESETS["spiral"] | {"batch": {"size": 8}}


def opened(page: Page) -> Locator:
    """The picture in the strip, painted."""
    page.get_by_role("button", name="Train").click()
    return settled(page.locator("#strip-data .data-box"))


def settled(box: Locator) -> Locator:
    """A picture of what is shown now, and of nothing before it."""
    expect(box).to_have_attribute("aria-valuetext", re.compile("."))
    expect(box).not_to_have_class(re.compile("late"))
    return box


def right(page: Page) -> Locator:
    """How many are right, as it is said in the strip."""
    return page.locator("#strip-data .data-words .hint").first


def made(url: str, spec: dict[str, Any]) -> str:
    """The id of a spec's run."""
    run: str = httpx.post(f"{url}/api/v1/runs", json=spec).json()["id"]
    return run


def asked(url: str, run: str, position: int) -> Any:
    """What the service says of the regions."""
    return httpx.get(f"{url}/api/v1/runs/{run}/frames/{position}/regions").json()


def tensor(url: str, run: str, position: int, name: str) -> Array:
    answer = httpx.get(f"{url}/api/v1/runs/{run}/frames/{position}/tensors/{name}")
    return np.array(answer.json()["values"])


def array(form: dict[str, str]) -> Array:
    return np.frombuffer(base64.b64decode(form["bdata"]), form["dtype"])


def hits(url: str, run: str, position: int) -> int:
    """How many of the data the network has right."""
    labels = tensor(url, run, position, "data.target")[:, 0]
    return int((array(asked(url, run, position)["samples"]) == labels).sum())


def place(box: Locator, regions: Any, point: Array) -> dict[str, float]:
    """Where a point of the plane is in the picture."""
    size = box.locator("canvas").evaluate("(canvas) => canvas.clientWidth")
    (left, end), (bottom, top) = regions["x"], regions["y"]
    return {"x": (point[0] - left) / (end - left) * size, "y": (top - point[1]) / (top - bottom) * size}


def seen(box: Locator, resolution: int, theme: Theme) -> Array:
    """The class that each part of the picture has by its colour; −1 where it is too faint to tell."""
    code = """(canvas, resolution) => {
      const { width, height } = canvas;
      const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      const at = (cell) => Math.floor(((cell + 0.5) * width) / resolution);
      const all = [...Array(resolution).keys()];
      return all.map((row) => all.map((column) => {
        const start = 4 * (at(row) * width + at(column));
        return [...data.slice(start, start + 4)];
      }));
    }"""
    pixels = np.array(box.locator("canvas").evaluate(code, resolution))
    colours = [[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in palette(theme)["classes"][:3]]
    nearest = np.abs(pixels[:, :, None, :3] - np.array(colours)).sum(axis=3).argmin(axis=2)
    return np.where(pixels[:, :, 3] > 80, nearest, -1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_regions_are_those_of_the_network(visit: Open, url: str, theme: Theme) -> None:
    run, position = made(url, PRESETS["spiral"]), 200 * STEPS
    box = opened(visit(f"{SPIRAL}{position + 3}", theme=theme))
    regions = asked(url, run, position)
    expected, share = (array(regions[name]).reshape(64, 64) for name in ("classes", "share"))
    sure = share > 0.8
    assert len(set(expected[sure])) == 3
    # Points and borders are drawn over them.
    assert (seen(box, 64, theme) == expected)[sure].mean() > 0.85


def test_they_follow_the_weights_and_are_asked_for_only_when_those_move(visit: Open, url: str) -> None:
    run = made(url, PRESETS["spiral"])
    page = visit(f"{SPIRAL}0")
    requests: list[str] = []

    def noted(request: Request) -> None:
        found = re.search(r"frames/(\d+)/regions", request.url)
        requests.extend(found.groups() if found else [])

    page.on("request", noted)
    box = opened(page)
    expect(right(page)).to_contain_text(f"{hits(url, run, 0)} of 90 data points right")
    for _ in range(3):
        page.get_by_role("button", name="Step", exact=True).click()
    settled(box)
    assert requests == ["0"]
    page.locator("#next").click()
    expect(page.locator("#figures")).to_contain_text("1 update so far")
    settled(box)
    assert requests == ["0", str(STEPS)]
    expect(right(page)).to_contain_text(f"{hits(url, run, STEPS)} of 90 data points right")


def test_an_edited_weight_moves_them(visit: Open, url: str) -> None:
    """The first class gets all of the plane."""
    edit = {"position": 5, "tensor": "dense_3.bias", "index": [0, 0], "value": 1000.0}
    run = made(url, PRESETS["spiral"] | {"edits": [edit]})
    page = visit(f"/#run={run}&p=4")
    box = opened(page)
    assert len(set(seen(box, 64, "light").ravel()) - {-1}) > 1
    page.get_by_role("button", name="Step", exact=True).click()
    expect(right(page)).to_contain_text("30 of 90 data points right")
    found = seen(settled(box), 64, "light")
    assert (found == 0).mean() > 0.8


def test_a_point_of_the_batch_is_chosen_by_a_click_and_another_says_why_not(visit: Open, url: str) -> None:
    run, position = made(url, BATCHES), 4
    page = visit(f"/#run={run}&p={position}")
    box, regions = opened(page), asked(url, run, 0)
    batch, data = (tensor(url, run, position, f"{name}.input") for name in ("batch", "data"))
    away = np.linalg.norm(batch - batch[5], axis=1)
    assert np.partition(away, 1)[1] > 0
    box.click(position=place(box, regions, batch[5]))  # type: ignore[arg-type]
    expect(box).to_have_attribute("aria-valuenow", "5")
    expect(page.locator("#strip-data .data-said")).to_contain_text("Sample 5 of 8: arm_")
    others = np.linalg.norm(data[:, None] - batch[None], axis=2).min(axis=1)
    box.click(position=place(box, regions, data[others.argmax()]))  # type: ignore[arg-type]
    expect(page.locator("#strip-data [role=status]")).to_contain_text("not among the 8 samples of this batch")
    expect(box).to_have_attribute("aria-valuenow", "5")


def test_by_keyboard_a_sample_is_chosen_and_spoken_and_the_picture_enlarged(visit: Open, url: str) -> None:
    page = visit(f"{SPIRAL}15")
    box = opened(page)
    box.focus()
    for key, sample in (
        ("End", 89),
        ("ArrowLeft", 88),
        ("PageDown", 78),
        ("ArrowUp", 79),
        ("Home", 0),
        ("ArrowDown", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        expect(box).to_have_attribute("aria-valuenow", str(sample))
        expect(box).to_have_attribute(
            "aria-valuetext", re.compile(rf"^Sample {sample} of 90: arm_\d\. The network says")
        )
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Decision regions and data")
    large = settled(dialog.get_by_role("slider", name="Sample"))
    for name in ("arm_1", "arm_2", "arm_3", "hollow: the network says another class"):
        expect(dialog.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    large.focus()
    page.keyboard.press("ArrowRight")
    expect(large).to_have_attribute("aria-valuenow", "2")
    dialog.get_by_text("The batch as a table").click()
    expect(dialog.get_by_role("row")).to_have_count(91)
    position = tensor(url, made(url, PRESETS["spiral"]), 15, "batch.input")[0]
    expect(dialog.get_by_role("row").nth(1)).to_contain_text(f"{position[0]:.3f}".replace("-", "−"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("[#&]sample=2"))
    expect(box).to_have_attribute("aria-valuenow", "2")


def test_a_chosen_cell_goes_to_the_chosen_sample(visit: Open) -> None:
    page = visit("/#preset=default&p=5&sel=dense_2.output,1,2")
    box = opened(page)
    expect(box).to_have_attribute("aria-valuenow", "1")
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#inspector-name")).to_contain_text("dense_2.output[2, 2]")
    expect(page.locator("#strip-data .data-said")).to_contain_text("Sample 2 of 8: virginica")


def test_digits_are_chosen_by_their_pictures(visit: Open, url: str) -> None:
    page = visit("/#preset=digits&p=6")
    box = opened(page)
    label = int(tensor(url, made(url, PRESETS["digits"]), 6, "batch.target")[8, 0])
    # Six in a row: the third of the second.
    box.click(position={"x": 2.5 * 40, "y": 1.5 * 46})
    expect(box).to_have_attribute("aria-valuenow", "8")
    expect(page.locator("#strip-data .data-said")).to_contain_text(f"Sample 8 of 20: {label}.")
    expect(page.get_by_role("button", name="input[8]", exact=True)).to_be_visible()
    expect(right(page)).to_contain_text("Samples 0 to 17 of 20.")


def test_before_the_first_step_there_is_no_batch(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    box = opened(page)
    expect(page.locator("#strip-data .data-said")).to_have_text(
        "No batch is laid in yet: the first step of an iteration does that."
    )
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator("#strip-data .data-said")).to_have_text(
        "Sample 0 of 8: setosa. The network has not seen it yet."
    )
    expect(box).to_have_attribute("aria-valuemax", "7")


def test_where_the_regions_cannot_be_had_it_says_so_and_asks_again(visit: Open) -> None:
    page = visit(f"{SPIRAL}3", fails=True)

    def refused(route: Route) -> None:
        route.fulfill(status=500, content_type="application/problem+json", body='{"code": "internal"}')

    page.route("**/regions?*", refused)
    page.get_by_role("button", name="Train").click()
    status = page.locator("#strip-data [role=status]")
    expect(status.get_by_role("button", name="Try again")).to_be_visible()
    # The points are there without them.
    expect(page.locator("#strip-data .data-said")).to_contain_text("Sample 0 of 90")
    page.unroute("**/regions?*")
    status.get_by_role("button").click()
    expect(right(page)).to_contain_text("of 90 data points right")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_the_picture_opens_large(visit: Open, theme: str) -> None:
    page = visit(f"{SPIRAL}20", size=PHONE, theme=theme, locale="zh-CN")
    page.locator("#train").click()
    page.locator("#strip-data .data-box").click()
    dialog = page.get_by_role("dialog", name="决策区域与数据")
    expect(dialog).to_be_visible()
    settled(dialog.get_by_role("slider"))
    assert fits(page)
    close = dialog.get_by_role("button").bounding_box()
    assert close
    assert min(close["width"], close["height"]) >= 44


def test_while_training_the_regions_come_with_the_frames(visit: Open, url: str) -> None:
    spec = PRESETS["spiral"] | {"seed": 10}
    run = made(url, spec)
    page = visit(f"/#run={run}&p=3")
    box = opened(page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.locator("#train-count").fill("60")
    page.locator("#train-go").click()
    expect(page.locator("#figures")).to_contain_text("59 updates so far", timeout=PATIENCE)
    position = 59 * STEPS
    expect(right(page)).to_contain_text(f"{hits(url, run, position)} of 90 data points right")
    regions = asked(url, run, position)
    expected, share = (array(regions[name]).reshape(64, 64) for name in ("classes", "share"))
    assert (seen(settled(box), 64, "light") == expected)[share > 0.8].mean() > 0.85
    assert not [one for one in requests if "/regions?" in one]


def test_a_network_too_large_for_so_many_pictures_trains_without_them(visit: Open, url: str) -> None:
    wide = {"type": "dense", "units": 600, "initializer": {"type": "he"}}
    head = [{"type": "relu"}, {"type": "dense", "units": 3}, {"type": "softmax"}]
    layers = [wide, {"type": "relu"}, wide, *head]
    run = made(url, PRESETS["spiral"] | {"layers": layers, "batch": {"size": 4}})
    page = visit(f"/#run={run}&p=2", fails=True)
    opened(page)
    page.locator("#train-count").fill("5")
    page.locator("#train-go").click()
    expect(page.locator("#figures")).to_contain_text("4 updates so far", timeout=PATIENCE)
    expect(right(page)).to_contain_text(f"{hits(url, run, 4 * 14)} of 90 data points right")
