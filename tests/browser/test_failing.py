"""A slow server, one out of reach, and one that fails: said, waited for, and no old answer over a new."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app.settings import sqlite_url
from tests.api.conftest import served
from tests.browser.conftest import SEEN, Open
from tests.browser.reading import announced, matrix, position, shown

FRAMES = re.compile(r"/frames/\d+\?")
CELLS = re.compile(r"/cells/")
JACOBIANS = re.compile(r"/jacobians/\w+\?")
FIGURES = re.compile(r"/figure\?")
FORKS = re.compile(r"/forks$")


class Held:
    """Requests that wait at the door."""

    def __init__(self, page: Page, address: re.Pattern[str]) -> None:
        self.page, self.routes = page, list[Route]()
        page.route(address, lambda route: self.routes.append(route))

    def wait(self, count: int = 1) -> None:
        """Until that many stand there."""
        for _ in range(100):
            if len(self.routes) >= count:
                return
            self.page.wait_for_timeout(20)
        pytest.fail(f"{len(self.routes)} of {count} requests came")

    def let(self, at: int = 0) -> None:
        """One of them may pass."""
        self.routes.pop(at).continue_()


@contextmanager
def away(page: Page, address: re.Pattern[str]) -> Iterator[None]:
    """The server cannot be reached."""
    page.route(address, lambda route: route.abort("connectionrefused"))
    yield
    page.unroute(address)


def notice(page: Page) -> Locator:
    return page.locator("#notice")


def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="The chosen number")


def answer(page: Page, address: re.Pattern[str], status: int, body: str) -> None:
    page.route(
        address, lambda route: route.fulfill(status=status, body=body, content_type="application/json")
    )


def test_a_slow_server_is_said_and_its_seconds_are_counted_in_silence(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    page.clock.install()
    held = Held(page, FRAMES)
    page.get_by_role("button", name="Next update").click()
    held.wait()
    expect(notice(page)).to_be_hidden()
    page.clock.fast_forward(3000)
    expect(notice(page)).to_have_text("Still waiting for the server (3 s). What you see is step 9.")
    assert announced(page) == "Still waiting for the server (3 s). What you see is step 9."
    page.clock.fast_forward(2000)
    expect(notice(page)).to_have_text("Still waiting for the server (5 s). What you see is step 9.")
    assert "(3 s)" in announced(page)
    # It stays usable: what is known is shown at once, and what was waited for is nobody's any more.
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page).to_have_url(re.compile(r"[#&]p=11(&|$)"))
    expect(notice(page)).to_be_hidden()
    expect(page.locator("#counter")).to_have_text("Step 11 of 12")


def test_an_older_frame_is_never_painted_over_a_newer(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    held = Held(page, FRAMES)
    page.get_by_role("button", name="Next update").click()
    held.wait()
    first = len(held.routes)
    page.get_by_role("slider").focus()
    page.get_by_role("button", name="Next update").click()
    held.wait(first + 1)
    for _ in range(len(held.routes) - first):
        held.let(-1)
    page.wait_for_timeout(100)
    while held.routes:
        held.let()
    expect(page.locator("#figures")).to_contain_text("2 updates")
    page.wait_for_timeout(100)
    assert "2 updates" in page.locator("#figures").inner_text()
    assert position(page) == 24


def test_out_of_reach_it_counts_down_and_recovers_by_itself(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    with away(page, FRAMES):
        page.get_by_role("button", name="Next update").click()
        expect(notice(page)).to_have_text(
            "The server cannot be reached. Steps already fetched still work; trying again in 4 s."
        )
        assert announced(page).startswith("The server cannot be reached.")
        page.clock.fast_forward(2000)
        expect(notice(page)).to_contain_text("trying again in 2 s.")
        page.clock.fast_forward(2100)
        expect(notice(page)).to_contain_text("trying again in 4 s.")
        assert page.locator("#counter").inner_text() == "Step 9 of 12"
    page.clock.fast_forward(4100)
    expect(page.locator("#counter")).to_have_text("Step 12 of 12")
    expect(notice(page)).to_be_hidden()
    assert announced(page).startswith("Update: ")


@pytest.mark.parametrize("status", [429, 503])
def test_asked_for_a_pause_it_says_so_keeps_it_and_goes_on_by_itself(visit: Open, status: int) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        body = json.dumps({"code": "too_many_requests", "params": {"seconds": 7}})
        route.fulfill(status=status, body=body, content_type="application/json", headers={"Retry-After": "7"})

    page.route(FRAMES, busy)
    page.get_by_role("button", name="Next update").click()
    expect(notice(page)).to_have_text(
        "The server has much to do. Steps already fetched still work; trying again in 7 s."
    )
    first = len(asked)
    page.clock.fast_forward(5000)
    expect(notice(page)).to_contain_text("trying again in 2 s.")
    # What is answered meanwhile is no sign that the pause is over.
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    assert len(asked) == first
    page.unroute(FRAMES)
    page.clock.fast_forward(2100)
    expect(page.locator("#counter")).to_have_text("Step 12 of 12")
    expect(notice(page)).to_be_hidden()


def test_back_online_it_does_not_wait(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    with away(page, FRAMES):
        page.get_by_role("button", name="Next update").click()
        expect(notice(page)).to_contain_text("cannot be reached")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#counter")).to_have_text("Step 12 of 12", timeout=2000)
    expect(notice(page)).to_be_hidden()


def test_steps_already_fetched_still_work(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    with away(page, FRAMES):
        page.get_by_role("button", name="Next update").click()
        expect(notice(page)).to_contain_text("cannot be reached")
        page.get_by_role("button", name="Previous update").click()
        expect(page.locator("#counter")).to_have_text("Step 0 of 12")
        page.get_by_role("button", name="Step", exact=True).click()
        expect(page.locator("#counter")).to_have_text("Step 1 of 12")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, '{"code": "internal"}', "Something failed on the server. What you see still works."),
        (500, "<h1>Oops", "Something failed on the server. What you see still works."),
        (200, '{"run": ', "The server’s answer cannot be read."),
        (413, '{"code": "too_long"}', "That is too many steps away: the replay would take too long."),
    ],
)
def test_a_frame_that_fails_is_said_and_the_place_is_kept(
    visit: Open, status: int, body: str, said: str
) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    answer(page, FRAMES, status, body)
    page.get_by_role("button", name="Next update").click()
    expect(notice(page)).to_have_text(said)
    assert announced(page) == said
    expect(page).to_have_url(re.compile(r"[#&]p=9(&|$)"))
    page.unroute_all()
    page.get_by_role("button", name="Next update").click()
    expect(page.locator("#counter")).to_have_text("Step 12 of 12")
    expect(notice(page)).to_be_hidden()


def test_a_gateway_that_says_503_is_waited_for(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    answer(page, FRAMES, 503, "<h1>Service unavailable")
    page.get_by_role("button", name="Next update").click()
    expect(notice(page)).to_contain_text("trying again in")


def test_an_older_explanation_is_never_painted_over_a_newer(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    held = Held(page, CELLS)
    page.evaluate("location.hash = '#preset=default&p=9&sel=dense_2.dweight,0,0'")
    held.wait(1)
    page.evaluate("location.hash = '#preset=default&p=9&sel=dense_2.dbias,0,2'")
    held.wait(2)
    held.let(1)
    expect(inspector(page).get_by_role("table")).to_be_visible()
    text = inspector(page).inner_text()
    held.let(0)
    page.wait_for_timeout(150)
    assert inspector(page).inner_text() == text
    assert "dense_2.dbias[0, 2]" in text


def test_an_explanation_that_fails_says_so_in_its_place_and_is_tried_again(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    answer(page, CELLS, 500, '{"code": "internal"}')
    page.evaluate("location.hash = '#preset=default&p=9&sel=dense_2.dweight,2,1'")
    expect(inspector(page).get_by_text("Something failed on the server.")).to_be_visible()
    expect(notice(page)).to_be_hidden()
    page.unroute_all()
    inspector(page).get_by_role("button", name="Try again").click()
    expect(inspector(page).get_by_role("table")).to_be_visible()
    expect(inspector(page).get_by_text("Something failed")).to_be_hidden()


def test_an_explanation_out_of_reach_comes_by_itself(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    with away(page, CELLS):
        page.evaluate("location.hash = '#preset=default&p=9&sel=dense_2.dweight,2,1'")
        expect(inspector(page).get_by_text("The server cannot be reached.")).to_be_visible()
        expect(notice(page)).to_contain_text("trying again in 4 s.")
    page.clock.fast_forward(4100)
    expect(inspector(page).get_by_role("table")).to_be_visible()
    expect(notice(page)).to_be_hidden()


def test_an_explanation_that_never_comes_is_given_up_and_said(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    held = Held(page, CELLS)
    page.evaluate("location.hash = '#preset=default&p=9&sel=dense_2.dweight,2,1'")
    held.wait()
    page.clock.fast_forward(3000)
    expect(notice(page)).to_contain_text("Still waiting for the server (3 s).")
    page.clock.fast_forward(27000)
    expect(inspector(page).get_by_text("The server has not answered for 30 s.")).to_be_visible()
    page.unroute_all()
    inspector(page).get_by_role("button", name="Try again").click()
    expect(inspector(page).get_by_role("table")).to_be_visible()
    expect(notice(page)).to_be_hidden()


def test_the_jacobian_says_in_its_box_that_it_failed(visit: Open) -> None:
    page = visit("/#preset=default&p=7", fails=True)
    answer(page, JACOBIANS, 500, "{}")
    page.get_by_role("button", name="Step", exact=True).click()
    box = page.locator(".slot.jacobian")
    expect(box.get_by_text("Something failed on the server.")).to_be_visible()
    page.unroute_all()
    box.get_by_role("button", name="Try again").click()
    expect(box.locator("pre")).not_to_be_empty()
    expect(box.get_by_text("Something failed")).to_be_hidden()


def test_a_jacobian_out_of_reach_comes_by_itself_and_an_older_sample_never_over_a_newer(visit: Open) -> None:
    page = visit("/#preset=default&p=7", fails=True)
    page.clock.install()
    with away(page, JACOBIANS):
        page.get_by_role("button", name="Step", exact=True).click()
        expect(notice(page)).to_contain_text("cannot be reached")
    page.clock.fast_forward(4100)
    pre = page.locator(".slot.jacobian pre")
    expect(pre).not_to_be_empty()
    held = Held(page, JACOBIANS)
    texts = []
    for sample in (1, 2):
        page.evaluate(f"location.hash = '#preset=default&p=8&sel=softmax_1.output,{sample},0'")
        held.wait(sample)
    held.let(1)
    expect(pre).not_to_be_empty()
    texts.append(pre.inner_text())
    held.let(0)
    page.wait_for_timeout(150)
    assert pre.inner_text() == texts[0]
    assert "sample 2" in (page.locator(".slot.jacobian matrix-view").get_attribute("aria-label") or "")


def test_a_figure_that_fails_says_so_in_its_dialog_and_is_tried_again(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    answer(page, FIGURES, 500, '{"code": "internal"}')
    page.locator("#stage").focus()
    page.keyboard.press("f")
    dialog = page.locator("#figure")
    expect(dialog.get_by_text("Something failed on the server.")).to_be_visible()
    page.unroute_all()
    dialog.get_by_role("button", name="Try again").click()
    page.locator("dialog .heatmaplayer image").first.wait_for(state="attached")
    expect(dialog.get_by_role("button", name="Try again")).to_be_hidden()


@pytest.mark.parametrize("asked", [False, True], ids=["by itself", "asked again"])
def test_a_figure_out_of_reach_comes_once_the_server_is_back(visit: Open, asked: bool) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    with away(page, FIGURES):
        page.locator("#stage").focus()
        page.keyboard.press("f")
        dialog = page.locator("#figure")
        expect(dialog.get_by_text("The server cannot be reached.")).to_be_visible()
    if asked:
        dialog.get_by_role("button", name="Try again").click()
    else:
        page.clock.fast_forward(4100)
    page.locator("dialog .heatmaplayer image").first.wait_for(state="attached")
    expect(dialog.get_by_text("The server cannot be reached.")).to_be_hidden()


def test_a_preset_out_of_reach_is_opened_once_the_server_is_back(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.clock.install()
    with away(page, re.compile(r"/api/v1/runs$")):
        page.get_by_label("Example").select_option("spiral")
        expect(notice(page)).to_contain_text("cannot be reached")
        shown(page, "dense_1.weight")
    page.clock.fast_forward(4100)
    expect(page.locator("#counter")).to_have_text(re.compile("^Step 0 of 1[46]"))
    expect(notice(page)).to_be_hidden()


def test_the_preset_asked_for_last_is_the_one_that_opens(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    held = Held(page, re.compile(r"/api/v1/runs$"))
    for count, name in enumerate(("spiral", "golden"), 1):
        page.get_by_label("Example").select_option(name)
        held.wait(count)
    held.let(1)
    expect(page).to_have_url(re.compile("preset=golden"))
    held.let(0)
    page.wait_for_timeout(150)
    assert page.get_by_label("Example").input_value() == "golden"
    assert matrix(page, "softmax_1.output") is None


def test_every_problem_has_words_in_both_languages(visit: Open) -> None:
    page = visit("/#preset=default&p=9", locale="zh-CN", fails=True)
    answer(page, FRAMES, 422, json.dumps({"code": "too_long", "params": {}}))
    page.get_by_role("button", name="下一次更新").click()
    expect(notice(page)).to_have_text("相隔的步数太多，重算需时过长。")


def test_an_older_figure_is_never_painted_over_a_newer(visit: Open) -> None:
    page = visit("/#preset=default&p=11")
    held = Held(page, FIGURES)
    page.locator("#stage").focus()
    page.keyboard.press("j")
    held.wait()
    dialog = page.locator("#figure")
    slider = dialog.get_by_role("slider", name="Sample")
    slider.fill("3")
    held.wait(2)
    slider.fill("5")
    held.wait(3)
    held.let(2)
    dialog.locator(".heatmaplayer image").first.wait_for(state="attached")
    scores = dialog.locator(".panel")
    expect(scores).to_contain_text("Scores of sample 5")
    text = scores.inner_text()
    held.let(1)
    held.let(0)
    page.wait_for_timeout(200)
    assert scores.inner_text() == text


def typed(page: Page, text: str) -> None:
    """A value into the field over the chosen cell."""
    page.locator("#editor-value").fill(text)
    page.locator("#editor-value").press("Enter")


def test_of_two_quick_edits_the_one_answered_last_is_not_painted_over_the_newer(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.bias,0,0")
    held = Held(page, FORKS)
    page.locator("#stage").focus()
    page.keyboard.press("e")
    typed(page, "1")
    held.wait()
    typed(page, "2")
    held.wait(2)
    held.let(1)
    expect(page.locator("#change-text")).to_contain_text("dense_1.bias[0, 0]: 0 → 2.")
    held.let(0)
    page.wait_for_timeout(200)
    assert shown(page, "dense_1.bias")[0, 0] == 2
    expect(page.locator("#change-text")).to_contain_text("0 → 2.")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("#change-text")).to_contain_text("dense_1.bias[0, 0] is 0 again")
    assert page.locator("#undo").is_disabled()


def test_an_undo_overtakes_the_change_that_is_on_its_way(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.bias,0,0")
    page.locator("#stage").focus()
    page.keyboard.press("e")
    typed(page, "1")
    expect(page.locator("#change-text")).to_contain_text("0 → 1.")
    held = Held(page, FORKS)
    page.locator("#stage").focus()
    page.keyboard.press("e")
    typed(page, "2")
    held.wait()
    page.locator("#undo").click()
    expect(page.locator("#change-text")).to_contain_text("dense_1.bias[0, 0] is 0 again")
    held.let()
    page.wait_for_timeout(200)
    assert shown(page, "dense_1.bias")[0, 0] == 0
    assert page.locator("#undo").is_disabled()
    page.locator("#redo").click()
    expect(page.locator("#change-text")).to_contain_text("Redone")
    assert shown(page, "dense_1.bias")[0, 0] == 1


@pytest.mark.parametrize("lost", [False, True], ids=["with its runs", "without"])
def test_a_server_that_is_killed_and_comes_back(browser: Browser, tmp_path: Path, lost: bool) -> None:
    database = tmp_path / "backglass.db"
    with served(database) as (url, process):
        context = browser.new_context(locale="en-GB")
        context.add_init_script(SEEN)
        page = context.new_page()
        page.goto(f"{url}/#preset=default&p=9&sel=dense_1.bias,0,0")
        page.locator("#counter:not(:empty)").wait_for(state="attached")
        page.locator("#stage").focus()
        page.keyboard.press("e")
        typed(page, "1")
        expect(page.locator("#change-text")).to_contain_text("0 → 1.")
        page.wait_for_load_state("networkidle")
        process.kill()
        process.wait()
        step = page.get_by_role("button", name="Step", exact=True)
        for _ in range(2):
            step.click()
        expect(page.locator("#counter")).to_have_text("Step 11 of 12")
        for _ in range(2):
            page.get_by_role("button", name="Next update").click()
        expect(notice(page)).to_contain_text("The server cannot be reached.")
        assert announced(page).startswith("The server cannot be reached.")
        if lost:
            database.unlink()
    command = [sys.executable, "-m", "app", "--port", str(urlsplit(url).port)]
    environment = {**os.environ, "BACKGLASS_DATABASE_URL": sqlite_url(database)}
    again = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        expect(page.locator("#figures")).to_contain_text("2 updates", timeout=20000)
        expect(notice(page)).to_be_hidden()
        step.click()
        expect(page.locator("#counter")).to_have_text("Step 1 of 12")
    finally:
        again.kill()
        again.wait()
    context.close()


def test_a_refusal_stands_beside_its_cause_in_chinese_too(visit: Open) -> None:
    page = visit("/#preset=default&p=11&sel=dense_1.bias,0,0", locale="zh-CN", fails=True)
    body = json.dumps({"code": "out_of_range", "field": "body.edits", "params": {}, "detail": "too many"})
    answer(page, FORKS, 422, body)
    page.locator("#stage").focus()
    page.keyboard.press("e")
    typed(page, "1")
    expect(page.locator("#editor-error")).to_have_text("该运行中有一个值超出范围：body.edits")
    assert announced(page) == "该运行中有一个值超出范围：body.edits"
    page.unroute_all()
    page.keyboard.press("Escape")
    page.locator("#build").click()
    units = page.locator('#builder [name="layers[0].units"]')
    units.fill("0")
    page.locator("#builder-apply").click()
    expect(units).to_have_attribute("aria-invalid", "true")
    expect(units).to_have_accessible_description(re.compile("^这里"))
