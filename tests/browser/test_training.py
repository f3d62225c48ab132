"""Training: the stage moves while the network learns, and afterwards the curve leads to every iteration."""

import re
from typing import Any
from urllib.parse import urljoin

import numpy as np
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.reading import becomes, matrix, position, shown

S = 12
PATIENCE = 20_000
"""Milliseconds until the first of a server's workers are there, on a busy machine."""
LONG = 20_000
"""Iterations that no test waits for."""
STREAM = re.compile(r"/frames\?start=")


def begin(page: Page, iterations: int) -> None:
    """Open the strip where it is folded, and train."""
    if page.locator("#strip").is_hidden():
        page.locator("#train").click()
    page.locator("#train-count").fill(str(iterations))
    page.locator("#train-go").click()


def ended(page: Page) -> None:
    expect(page.locator("#train-go")).to_have_text("Go on", timeout=PATIENCE)
    expect(page.locator("#train-progress")).to_be_hidden()


def moving(page: Page) -> None:
    """Until a few frames have come."""
    expect(page.locator("#train-said")).to_have_text(re.compile(r"[1-9]\d* of "), timeout=PATIENCE)


def reached(page: Page) -> int:
    found = re.match(r"(\d+) of", page.locator("#train-said").inner_text())
    assert found
    return int(found[1])


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Loss and accuracy by iteration")


def frame_at(page: Page, iteration: int) -> dict[str, Any]:
    """The iteration's last frame, as the service has it."""
    run = page.evaluate("JSON.parse(document.getElementById('boot').textContent).run.id")
    path = f"/api/v1/runs/{run}/frames/{(iteration + 1) * S - 1}"
    found: dict[str, Any] = page.request.get(urljoin(page.url, path)).json()
    return found


def rounded(frame: dict[str, Any], tensor: str) -> Any:
    return np.array([[float(f"{value:.3f}") for value in row] for row in frame["tensors"][tensor]["values"]])


def at(page: Page, place: int) -> None:
    expect(page).to_have_url(re.compile(rf"[#&]p={place}(&|$)"))


def test_a_training_ends_where_the_service_says(visit: Open) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, 120)
    ended(page)
    at(page, 120 * S - 1)
    expect(page.locator("#live")).to_have_text(
        re.compile(r"^Trained: 120 iterations\. Loss 0\.\d+, accuracy")
    )
    last = frame_at(page, 119)
    for tensor in ("dense_1.weight", "dense_2.dweight"):
        numbers = np.array(last["tensors"][tensor]["values"])
        assert np.allclose(shown(page, tensor), numbers, atol=5.1e-4), tensor
    expect(page.locator("#figures")).to_contain_text("119 updates so far")
    expect(slider(page)).to_have_attribute("aria-valuemax", "119")
    expect(slider(page)).to_have_attribute("aria-valuenow", "119")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(r"^iteration 119: Loss "))
    # Nothing between the beginning and the end was asked for beside the stream.
    places = {int(found[1]) for url in asked if (found := re.search(r"/frames/(\d+)[?/]", url))}
    assert places <= {0, 11, 12, 23, *range(119 * S, 121 * S)}, places


def test_the_curve_leads_to_every_iteration_by_keys(visit: Open) -> None:
    page = visit()
    begin(page, 100)
    ended(page)
    slider(page).focus()
    for key, iteration in (("Home", 0), ("PageUp", 10), ("ArrowUp", 11), ("ArrowLeft", 10), ("End", 99)):
        page.keyboard.press(key)
        expect(slider(page)).to_have_attribute("aria-valuenow", str(iteration))
        expect(slider(page)).to_have_attribute(
            "aria-valuetext", re.compile(rf"^iteration {iteration}: Loss ")
        )
        at(page, iteration * S + 11)
    page.keyboard.press("Home")
    expect(slider(page)).to_have_attribute("aria-valuetext", "iteration 0: Loss 0.6481, accuracy 75%.")
    page.locator("#back").click()
    at(page, 10)
    slider(page).focus()
    page.keyboard.press("End")
    # The same step of that iteration.
    at(page, 99 * S + 10)


def test_the_curve_leads_to_every_iteration_by_pointer(visit: Open) -> None:
    page = visit()
    begin(page, 100)
    ended(page)
    at(page, 1199)
    box = slider(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30, steps=8)
    page.mouse.up()
    # Frames that were asked for on the way may come later than the first look at the slider.
    ends = "|".join(str(iteration * S + 11) for iteration in range(45, 56))
    expect(page).to_have_url(re.compile(rf"[#&]p=({ends})(&|$)"))
    page.wait_for_load_state("networkidle")
    place = re.search(r"[#&]p=(\d+)", page.url)
    assert place
    iteration = int(place[1]) // S
    expect(slider(page)).to_have_attribute("aria-valuenow", str(iteration))
    assert becomes(page, "dense_1.weight", rounded(frame_at(page, iteration), "dense_1.weight"))


def test_it_stops_where_it_is_and_goes_on_from_there(visit: Open) -> None:
    page = visit()
    begin(page, LONG)
    moving(page)
    expect(page.locator("#train-go")).to_have_text("Stop")
    page.locator("#train-go").click()
    expect(page.locator("#train-go")).to_have_text("Go on")
    expect(page.locator("#live")).to_have_text(re.compile(r"^Stopped after \d+ iterations\. Loss "))
    stopped = reached(page)
    at(page, stopped * S - 1)
    expect(slider(page)).to_have_attribute("aria-valuemax", str(stopped - 1))
    with page.expect_request(STREAM) as asked:
        page.locator("#train-go").click()
    assert f"start={stopped}&stop={LONG}&" in asked.value.url
    expect(page.locator("#train-go")).to_have_text("Stop")
    page.locator("#train-go").click()
    # Another number of iterations is counted from where it stands.
    page.locator("#train-count").fill("5")
    expect(page.locator("#train-progress")).to_be_hidden()
    known = int(slider(page).get_attribute("aria-valuemax") or "")
    page.locator("#train-go").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", str(known + 5))
    at(page, (known + 6) * S - 1)


def test_who_begins_it_by_enter_keeps_the_focus(visit: Open) -> None:
    page = visit()
    page.locator("#train").click()
    page.locator("#train-count").fill(str(LONG))
    page.locator("#train-count").press("Enter")
    moving(page)
    expect(page.locator("#train-count")).to_be_focused()
    expect(page.locator("#train-count")).to_have_attribute("readonly", "")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text(re.compile(r"^Stopped after \d+ iterations\. "))
    expect(page.locator("#train-count")).to_be_focused()
    expect(page.locator("#train-count")).to_be_editable()


def test_a_step_stops_it_first(visit: Open) -> None:
    page = visit()
    begin(page, LONG)
    moving(page)
    page.locator("#step").click()
    expect(page.locator("#train-go")).to_have_text("Go on")
    there = reached(page) * S
    at(page, there)
    expect(page.locator("#sentence")).to_contain_text("Update")
    expect(page.locator("#live")).to_have_text(re.compile("^Update"))
    page.locator("#back").click()
    at(page, there - 1)


def test_another_run_has_curves_of_its_own(visit: Open) -> None:
    page = visit()
    begin(page, LONG)
    moving(page)
    page.locator("#preset").select_option("spiral")
    expect(page.locator("#column-batch")).to_contain_text("spiral")
    expect(page.locator("#train-go")).to_have_text("Train")
    expect(slider(page)).to_be_hidden()
    at(page, 0)
    expect(page.locator("#counter")).to_have_text("Step 0 of 16")
    begin(page, 30)
    ended(page)
    at(page, 30 * 16 - 1)
    page.go_back()
    expect(page.locator("#column-batch")).to_contain_text("iris")
    expect(slider(page)).to_be_visible()
    expect(page.locator("#train-go")).to_have_text("Go on")


def test_an_edit_stops_it_and_undo_brings_its_curves_back(visit: Open) -> None:
    page = visit()
    begin(page, LONG)
    moving(page)
    page.locator("#edit").click()
    expect(page.locator("#editor")).to_be_visible()
    expect(page.locator("#train-go")).to_have_text("Go on")
    known = slider(page).get_attribute("aria-valuemax")
    page.locator("#editor-value").fill("0.5")
    page.locator("#editor-value").press("Enter")
    expect(page.locator("#change")).to_be_visible()
    expect(slider(page)).to_be_hidden()
    expect(page.locator("#train-go")).to_have_text("Train")
    begin(page, 10)
    ended(page)
    expect(slider(page)).to_be_visible()
    page.locator("#undo").click()
    expect(slider(page)).to_have_attribute("aria-valuemax", known or "")


def test_the_chosen_cells_terms_wait_for_the_end(visit: Open) -> None:
    page = visit()
    begin(page, LONG)
    moving(page)
    expect(page.locator("#inspector-terms")).to_have_text(
        "What it is made of stands here once training stops."
    )
    page.locator("#train-go").click()
    expect(page.locator("#inspector-terms table")).to_be_visible()


def test_a_broken_stream_goes_on_where_it_broke(visit: Open) -> None:
    page = visit()
    starts: list[str] = []

    def cut(route: Route) -> None:
        starts.append(route.request.url)
        if len(starts) > 1:
            route.continue_()
            return
        whole = route.fetch().body()
        first = 4 + int.from_bytes(whole[:4], "little")
        route.fulfill(body=whole[: first + 10], content_type="application/octet-stream")

    page.route(STREAM, cut)
    begin(page, 300)
    ended(page)
    expect(slider(page)).to_have_attribute("aria-valuemax", "299")
    again = re.search(r"start=(\d+)&stop=300&", starts[1])
    assert again
    assert 0 < int(again[1]) < 300


def test_what_cannot_be_trained_is_said(visit: Open) -> None:
    page = visit(fails=True)
    begin(page, 0)
    expect(page.locator("#train-epochs")).to_have_text("A whole number from 1 to 1000000.")
    expect(page.locator("#train-count")).to_have_attribute("aria-invalid", "true")
    page.locator("#train-count").fill("1000000")
    page.locator("#train-go").click()
    expect(page.locator("#train-said.wrong")).to_have_text(
        re.compile(r"^This run can train up to iteration \d+\.$")
    )
    expect(page.locator("#train-go")).to_have_text("Train")
    assert position(page) == 11
    assert matrix(page, "dense_1.weight") is not None
