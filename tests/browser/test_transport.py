"""Play at a speed, step, jump: each step said once, none ahead of the server; every key as the list says."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.reading import announced, fits, position, stop_the_clock, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def play(page: Page) -> None:
    page.locator("#play").click()


def test_playing_is_shown_in_silence_and_announced_once_on_pause(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    stop_the_clock(page)
    page.evaluate(
        """() => { window.said = []; new MutationObserver(() =>
          said.push(document.querySelector('#live').textContent)).observe(document.querySelector('#live'),
          {childList: true, characterData: true, subtree: true}); }"""
    )
    play(page)
    for step in (1, 2, 3):
        page.clock.run_for(900)
        expect(page.locator("#counter")).to_have_text(f"Step {step} of 12")
        expect(page.locator("#sentence")).not_to_be_empty()
    assert page.evaluate("said") == ["Playing."]
    play(page)
    page.clock.run_for(3000)
    assert page.evaluate("said") == ["Playing.", page.locator("#sentence").inner_text()]
    assert position(page) == 3


@pytest.mark.parametrize(("speed", "beat"), [("0.5", 1800), ("2", 450), ("4", 225)])
def test_the_speed_is_the_pace_and_is_remembered(visit: Open, speed: str, beat: int) -> None:
    page = visit("/#preset=default&p=0")
    page.get_by_label("Speed of playing").select_option(speed)
    stop_the_clock(page)
    play(page)
    page.clock.run_for(beat * 4 + 60)
    expect(page.locator("#counter")).to_have_text("Step 4 of 12")
    play(page)
    page.reload()
    expect(page.get_by_label("Speed of playing")).to_have_value(speed)


def test_the_speeds_key_goes_round_and_says_where_it_is(visit: Open) -> None:
    page = visit("/#preset=default&p=0")
    page.locator("#step").focus()
    for speed in ("2", "4", "0.5", "1"):
        page.keyboard.press("s")
        expect(page.get_by_label("Speed of playing")).to_have_value(speed)
        assert announced(page) == f"Speed {speed} times."


def test_playing_never_outruns_the_server(visit: Open) -> None:
    page = visit("/#preset=default&p=8")
    page.get_by_label("Speed of playing").select_option("4")
    stop_the_clock(page)
    held = []
    page.route(re.compile(r"/frames/\d+\?"), lambda route: held.append(route))
    play(page)
    page.clock.run_for(2500)
    assert position(page) == 12
    before = position(page)
    page.clock.run_for(2000)
    assert position(page) == before, "it ran on without an answer"
    for route in held:
        route.continue_()
    page.wait_for_timeout(200)
    page.clock.run_for(1000)
    assert position(page) > before


@pytest.mark.parametrize("key", [False, True], ids=["button", "key"])
def test_go_to_an_update_and_a_step(visit: Open, key: bool) -> None:
    page = visit("/#preset=default&p=9")
    if key:
        page.locator("#stage").focus()
        page.keyboard.press("g")
    else:
        page.get_by_role("button", name="Go to …").click()
    form = page.get_by_role("dialog", name="Go to …")
    updates, steps = form.get_by_label("Updates done"), form.get_by_label("then steps")
    expect(updates).to_be_focused()
    assert (updates.input_value(), steps.input_value()) == ("0", "9")
    updates.fill("3")
    steps.fill("7")
    expect(form).to_contain_text("Position 43: 3 updates done, then step 7 of 12.")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[#&]p=43(&|$)"))
    expect(form).to_be_hidden()
    expect(page.locator("#stage" if key else "#goto")).to_be_focused()
    expect(page.locator("#counter")).to_have_text("Step 7 of 12")


def test_go_to_says_beside_it_what_cannot_be(visit: Open) -> None:
    page = visit("/#preset=default&p=9", fails=True)
    page.get_by_role("button", name="Go to …").click()
    form = page.get_by_role("dialog", name="Go to …")
    expect(form.get_by_label("Updates done")).to_be_focused()  # where it opens, and not amid the filling in
    form.get_by_label("then steps").fill("13")
    expect(form).to_contain_text("a whole number from 0 to 12.")
    assert form.get_by_label("then steps").get_attribute("aria-invalid") == "true"
    page.keyboard.press("Enter")
    assert announced(page).endswith("a whole number from 0 to 12.")
    assert position(page) == 9
    form.get_by_label("then steps").fill("1")
    form.get_by_label("Updates done").fill("-1")
    expect(form).to_contain_text("a whole number, 0 or more.")
    # What the server refuses stands there as well.
    form.get_by_label("Updates done").fill("99999999")
    page.keyboard.press("Enter")
    expect(form).to_contain_text("That is too many steps away")
    expect(page).to_have_url(re.compile(r"[#&]p=9(&|$)"))
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_typing_in_a_field_is_not_a_key(visit: Open) -> None:
    page = visit("/#preset=default&p=9")
    page.get_by_role("button", name="Go to …").click()
    page.keyboard.type("1,.")
    page.locator("#speed").focus()
    page.keyboard.press("n")
    page.wait_for_timeout(50)
    assert position(page) == 9


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_it_fits(visit: Open, theme: str) -> None:
    page = visit(size=PHONE, theme=theme, locale="zh-CN")
    for name in ("speed", "goto", "step", "play", "back", "next", "train"):
        box = page.locator(f"#{name}").bounding_box()
        assert box
        assert box["height"] >= 44, name
        assert box["width"] >= 44, name
        assert box["x"] + box["width"] <= PHONE[0], name
    bar = page.locator("#transport").bounding_box()
    assert bar
    assert bar["height"] < 140
    page.locator("#goto").click()
    assert fits(page)
    assert violations(page, AXE) == []


# What each key of the list does, seen from outside; a key that is listed and not here fails.
SEEN: dict[tuple[str, str], Callable[[Page], bool]] = {
    ("transport", "."): lambda page: position(page) == 10,
    ("transport", ","): lambda page: position(page) == 8,
    ("transport", "n"): lambda page: position(page) == 12,
    ("transport", "b"): lambda page: position(page) == 0,
    ("transport", "p"): lambda page: page.locator("#play").get_attribute("data-on") == "true",
    ("transport", "s"): lambda page: page.locator("#speed").input_value() == "2",
    ("transport", "g"): lambda page: page.locator("#goto-form").is_visible(),
    ("transport", "?"): lambda page: page.locator("#help-dialog").is_visible(),
}


@pytest.mark.parametrize(("scope", "key"), SEEN)
@pytest.mark.parametrize("place", ["stage", "play"])
def test_each_key_of_the_transport_does_what_the_list_says(
    visit: Open, scope: str, key: str, place: str
) -> None:
    page = visit("/#preset=default&p=9")
    page.locator(f"#{place}").focus()
    page.keyboard.press(key)
    page.wait_for_timeout(120)
    assert SEEN[scope, key](page), key
    if key == "?":
        listed = page.locator("#help-keys kbd").all_inner_texts()
        assert {"N", "B", "P", "S", "G", "?", "F", "T", "J", "Esc", "←"} <= set(listed)


def test_every_key_of_the_list_is_taken_by_somebody(visit: Open) -> None:
    """Where a key means something the page keeps it from the browser: so each one listed must."""
    page = visit("/#preset=default&p=9")
    keys = json.loads(page.evaluate("import('/static/js/keys.js').then(({KEYS}) => JSON.stringify(KEYS))"))
    free = []
    for one in keys:
        if one["scope"] == "figure" or one["action"] in (
            "undo",
            "redo",
            "difference",
            "help",
            "figure",
            "table",
            "jacobian",
            "return",  # means nothing before a number was followed
        ):
            continue
        for name in one["keys"].split(" "):
            page.locator("#stage").focus()
            taken = page.evaluate(
                """name => { const event = new KeyboardEvent("keydown",
                  {key: name, bubbles: true, cancelable: true});
                  document.querySelector("#stage").dispatchEvent(event); return event.defaultPrevented; }""",
                name,
            )
            if not taken:
                free.append(name)
            page.keyboard.press("Escape")
    assert free == []
