"""What is seen leaves the page and comes back: links, run file, pictures, files, text for other programs."""

import io
import json
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import served
from tests.browser.conftest import DESKTOP, PHONE, Open, watch
from tests.browser.reading import fits, matrix, position, shown, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def other_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has never seen a run of the page's."""
    with served(tmp_path_factory.mktemp("other") / "other.db") as (url, _):
        yield url


def share(page: Page) -> Page:
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    expect(page.get_by_label("Link to what is shown")).to_have_value(re.compile("^http"))
    return page


def said(page: Page) -> str:
    return page.locator("#share-said").inner_text()


def download(page: Page, name: str) -> tuple[str, bytes]:
    """The file that a button gives: its name and its bytes."""
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    return found.value.suggested_filename, found.value.path().read_bytes()


def edited(url: str, page: Page) -> dict[str, Any]:
    """A run that is no preset: the default one with one weight changed."""
    run = (
        page.evaluate("location.hash")
        and httpx.post(
            f"{url}/api/v1/runs",
            json={
                "dataset": {"name": "iris", "samples": 8},
                "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}],
                "edits": [{"position": 0, "tensor": "dense_1.weight", "index": [0, 0], "value": 0.125}],
            },
        ).json()
    )
    assert isinstance(run, dict)
    return run


def test_the_link_opens_everything_on_a_server_that_has_never_seen_the_run(
    visit: Open, url: str, other_url: str, browser: Browser
) -> None:
    page = visit()
    run = edited(url, page)
    page.goto(f"{url}/#run={run['id']}&p=5&sel=softmax_1.output,3,2&sample=6&scale=stage")
    expect(page).to_have_url(re.compile("#s="))
    link = share(page).get_by_label("Link to what is shown").input_value()
    expect(page.get_by_text("It carries the whole run")).to_be_visible()
    expect(page.get_by_label("Short address")).to_be_hidden()
    assert httpx.get(f"{other_url}/api/v1/runs/{run['id']}").status_code == 404
    other = browser.new_page()
    wrong: list[str] = []
    watch(other, other_url, wrong)
    other.goto(link.replace(url, other_url))
    expect(other.get_by_role("heading", name="softmax_1.output[3, 2]")).to_be_visible()
    assert shown(other, "dense_1.weight")[0, 0] == 0.125
    assert matrix(other, "dense_1.dweight") is None
    expect(other.get_by_role("img", name=re.compile("^Jacobian of softmax_1, sample 6"))).to_be_attached()
    share(other)
    assert other.get_by_label("Link to what is shown").input_value() == link.replace(url, other_url)
    other.close()
    assert wrong == []


def test_an_open_figure_is_part_of_the_address(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_2.dweight,2,1")
    page.locator("#stage").focus()
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("open=softmax_1"))
    again = visit(page.url[page.url.index("/#") :])
    expect(again.get_by_role("dialog", name="Jacobian of softmax_1")).to_be_visible()
    again.keyboard.press("Escape")
    expect(again).not_to_have_url(re.compile("open="))


def test_links_of_before_still_open(visit: Open) -> None:
    old = "/#s=q1YqSCxKzFWyqlYqTi1RsoqOrdVRKlCyMqitBQA"
    assert visit(old).locator("#notice").is_visible()
    page = visit("/#preset=spiral&p=9&sel=dense_2.output,3,2")
    expect(page.get_by_role("heading", name="dense_2.output[3, 2]")).to_be_visible()


def test_what_is_copied_is_said(visit: Open) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    share(page)
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#share-said")).to_have_text("Copied.")
    assert page.locator("#share-said").get_attribute("role") == "status"
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.get_by_label("Link to what is shown").input_value()
    page.get_by_role("button", name="Copy short address").click()
    short = page.evaluate("navigator.clipboard.readText()")
    assert short.endswith("/?preset=default&p=11&sel=dense_2.dweight,2,1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_focused()


def test_where_the_page_may_not_copy_the_text_stands_selected(visit: Open) -> None:
    page = visit()
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
    share(page).get_by_role("button", name="Copy text").click()
    expect(page.locator("#share-said")).to_contain_text("The text is selected")
    field = page.get_by_label("The matrix as text")
    expect(field).to_be_focused()
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd - field.value.length]") == [
        0,
        0,
    ]


def test_a_short_address_opens_a_preset_at_a_step(visit: Open) -> None:
    page = visit("/?preset=vanishing&p=30&sel=dense_6.weight,2,0")
    assert position(page) == 30
    assert page.get_by_label("Example", exact=True).input_value() == "vanishing"
    expect(page.get_by_role("heading", name="dense_6.weight[2, 0]")).to_be_visible()
    assert "?" not in page.url
    share(page)
    short = page.get_by_label("Short address").input_value()
    assert short.endswith("/?preset=vanishing&p=30&sel=dense_6.weight,2,0")
    none = visit("/?preset=nothing&p=3")
    expect(none.locator("#notice")).to_have_text("There is no example called nothing.")
    shown(none, "dense_1.weight")
    far = visit("/?preset=vanishing&p=20000&lang=zh")
    expect(far.locator("#counter")).to_have_text(re.compile("第 8 步"), timeout=15_000)
    assert far.url.endswith("?lang=zh#preset=vanishing&p=20000")


def test_a_run_too_long_for_a_link_is_named_and_its_file_offered(visit: Open, url: str) -> None:
    rng = np.random.default_rng(0)
    data = {"input": rng.standard_normal((400, 4)).tolist(), "target": rng.integers(0, 3, 400).tolist()}
    spec = {"dataset": data, "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}]}
    run = httpx.post(f"{url}/api/v1/runs", json=spec).json()
    page = visit(f"/#run={run['id']}&p=4")
    share(page)
    assert page.get_by_label("Link to what is shown").input_value().endswith(f"/#run={run['id']}&p=4")
    expect(page.get_by_text("too long for a link")).to_be_visible()
    name, content = download(page, "Download the run file")
    assert name == f"backglass-{run['id']}.json"
    assert httpx.post(f"{url}/api/v1/runs", json=json.loads(content)["spec"]).json()["id"] == run["id"]


def drop(page: Page, name: str, text: str) -> None:
    """Let a file go on the page."""
    page.evaluate(
        """([name, text]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], name));
            for (const kind of ["dragover", "drop"]) {
                document.querySelector("#stage").dispatchEvent(
                    new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
            }
        }""",
        [name, text],
    )


def test_the_run_file_comes_back_by_drop_and_by_button(visit: Open, tmp_path: Path) -> None:
    page = visit("/#preset=binary&p=7&sel=dense_1.output,1,2")
    name, content = download(share(page), "Download the run file")
    data = json.loads(content)
    assert data["version"] == 1
    assert data["position"] == 7
    assert data["selection"]["tensor"] == "dense_1.output"
    assert said(page) == f"{name} is downloaded."
    other = visit()
    drop(other, name, content.decode())
    expect(other.get_by_role("heading", name="dense_1.output[1, 2]")).to_be_visible()
    assert other.evaluate("document.body.className") == ""
    expect(other.locator("#counter")).to_have_text(page.locator("#counter").inner_text())
    other.go_back()
    expect(other.get_by_role("heading", name="dense_2.dweight[2, 1]")).to_be_visible()
    file = tmp_path / name
    file.write_bytes(content)
    third = share(visit())
    with third.expect_file_chooser() as chooser:
        third.get_by_role("button", name="Open a run file").focus()
        third.keyboard.press("Enter")
    chooser.value.set_files(file)
    expect(third.get_by_role("heading", name="dense_1.output[1, 2]")).to_be_visible()
    expect(third.get_by_role("dialog", name="Share")).to_be_hidden()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json", "a.json is no run file of Backglass. Nothing has changed."),
        (
            '{"version": 9, "spec": {"layers": []}}',
            "a.json was saved by a newer Backglass. Nothing has changed.",
        ),
        ('{"version": 1, "spec": {"layers": [{"type": "pooling"}]}}', "The run has"),
        (" " * (17 * 2**20), "a.json is larger than 16 MiB"),
    ],
    ids=["text", "newer", "refused", "large"],
)
def test_a_bad_file_says_so_and_changes_nothing(visit: Open, text: str, sentence: str) -> None:
    page = visit(fails=True)
    before = page.url
    drop(page, "a.json", text)
    notice = page.locator("#notice")
    expect(notice).to_be_visible()
    if not sentence.startswith("The run"):
        expect(notice).to_contain_text(sentence)
    assert page.url == before
    assert shown(page, "dense_2.dweight").shape == (5, 3)


def test_the_picture_is_the_stage_with_its_numbers(visit: Open) -> None:
    page = visit()
    name, content = download(share(page), "Picture as SVG")
    assert name.endswith("-11.svg")
    picture = ElementTree.fromstring(content)
    words = [one.text or "" for one in picture.iter(f"{SVG}text")]
    for tensor in ("dense_1.weight", "softmax_1.output", "dense_2.dweight"):
        view = page.locator(f'matrix-view[aria-label^="{tensor},"] pre')
        assert set(view.inner_text().split()) <= set(words), tensor
    assert words[0].startswith("Step 11 of 12 · Backward through dense_1")
    assert words[1].startswith("Backglass · r")
    assert words[1].endswith("@ 11")
    assert picture.get("width") == str(page.evaluate("Math.ceil(columns.getBoundingClientRect().width) + 32"))
    outside = re.findall(rb'(?:href="|src="|url\()(?!data:|#)[^"]*', content)
    assert outside == []
    assert len(list(picture.iter(f"{SVG}image"))) == page.locator("#columns matrix-view").count()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_as_png_has_the_same_size_and_is_not_blank(visit: Open, theme: str) -> None:
    page = share(visit("/#preset=default&p=3", theme=theme))
    svg = ElementTree.fromstring(download(page, "Picture as SVG")[1])
    name, content = download(page, "Picture as PNG")
    assert name.endswith("-3.png")
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == (2 * int(svg.get("width") or 0), 2 * int(svg.get("height") or 0))
    pixels = page.evaluate(
        """async (bytes) => {
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(0, 0, image.width, image.height);
            const seen = new Map();
            for (let at = 0; at < data.length; at += 4) {
                const key = data.slice(at, at + 3).join(",");
                seen.set(key, (seen.get(key) ?? 0) + 1);
            }
            return [data.slice(0, 3).join(","), seen.size];
        }""",
        list(content),
    )
    assert pixels[0] == ("255,255,255" if theme == "light" else "17,20,24")
    assert pixels[1] > 100


def test_what_is_hatched_is_hatched_in_the_picture(visit: Open) -> None:
    page = visit("/#preset=default&p=3")
    picture = ElementTree.fromstring(download(share(page), "Picture as SVG")[1])
    hatched = [one for one in picture.iter(f"{SVG}rect") if one.get("fill") == "url(#missing)"]
    assert len(hatched) == page.locator("#columns matrix-view.missing").count() > 5


def test_the_tensor_as_npy_is_the_tensor(visit: Open) -> None:
    page = visit()
    name, content = download(share(page), "Download as npy")
    assert name == "dense_2.dweight-11.npy"
    array = np.load(io.BytesIO(content))
    assert array.dtype == np.float64
    np.testing.assert_allclose(array, shown(page, "dense_2.dweight"), atol=5e-4)


@pytest.mark.parametrize("program", ["numpy", "curl", "httpx"])
def test_the_text_gives_the_numbers_of_the_page(visit: Open, url: str, other_url: str, program: str) -> None:
    page = visit("/#preset=two_outputs&p=9&sel=dense_2.dweight,1,0")
    share(page).get_by_label("as", exact=True).select_option(program)
    field = page.get_by_label("The matrix as text")
    expect(field).to_have_value(re.compile("import numpy" if program != "curl" else "^curl"))
    text = field.input_value().replace(url, other_url)
    page.keyboard.press("Escape")
    if program != "curl":
        text += "\nimport json\nprint(json.dumps({'values': dense_2_dweight.tolist()}))"
    command = ["sh", "-c", text] if program == "curl" else [sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    values = np.array(json.loads(done.stdout.splitlines()[-1])["values"])
    np.testing.assert_allclose(values, shown(page, "dense_2.dweight"), atol=5.1e-4)
    value = float(page.locator("#inspector .value").inner_text().replace("−", "-"))
    assert abs(values[1, 0] - value) < 5e-4 * abs(value)


def test_without_a_chosen_number_there_is_none_to_take(visit: Open) -> None:
    page = share(visit("/#preset=default&p=3"))
    expect(page.get_by_text("Choose a number on the stage")).to_be_visible()
    expect(page.get_by_role("button", name="Download as npy")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, (1024, 768), PHONE], ids=["desktop", "tablet", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialog(visit: Open, size: tuple[int, int], theme: str) -> None:
    page = share(visit(size=size, theme=theme))
    expect(page.get_by_label("The matrix as text")).to_have_value(re.compile("import numpy"))
    assert violations(page, AXE) == []
    assert fits(page)
    if size == PHONE:
        for button in page.get_by_role("dialog").get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= 44
