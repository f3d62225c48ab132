"""Keyboard only, both languages, light and dark, a phone; and nothing that axe-core minds."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.reading import announced, fits, position, violations

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def test_by_keyboard_alone(visit: Open) -> None:
    page = visit("/#preset=default&p=8")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the stage")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#stage")).to_be_focused()
    assert position(page) == 8, "the place in the address is kept"
    page.keyboard.press(".")
    expect(page).to_have_url(re.compile(r"[#&]p=9(&|$)"))
    page.keyboard.press(",")
    expect(page).to_have_url(re.compile(r"[#&]p=8(&|$)"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "row 2 of" in announced(page)
    page.keyboard.press("]")
    spoken = announced(page)
    assert "row 1 of" in spoken
    page.keyboard.press("Enter")
    tensor = spoken.rpartition(", ")[2].rstrip(".")
    expect(page.get_by_role("heading", name=f"{tensor}[0, 0]")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Keys and options").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keys and options")).to_be_visible()
    page.keyboard.press("Escape")


def test_single_keys_mean_nothing_outside_and_can_be_switched_off(visit: Open) -> None:
    page = visit("/#preset=default&p=8")
    page.get_by_label("Example").focus()
    page.keyboard.press(".")
    assert position(page) == 8
    page.get_by_role("button", name="Keys and options").click()
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.locator("#stage").focus()
    page.keyboard.press(".")
    page.wait_for_timeout(100)
    assert position(page) == 8


def test_both_languages_without_losing_the_place(visit: Open) -> None:
    page = visit("/#preset=default&p=9", locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert announced(page) == "反向经过 dense_2：dweight = input 的转置·dvalue，(5, 8)·(8, 3) → (5, 3)。"
    expect(page.get_by_role("button", name="前进一步")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    assert announced(page).startswith("Backward through dense_2")
    assert position(page) == 9
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="前进一步")).to_be_visible()


def test_light_and_dark(visit: Open) -> None:
    light, dark = visit(), visit(theme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert light.evaluate(colour) == "rgb(255, 255, 255)"
    assert dark.evaluate(colour) == "rgb(17, 20, 24)"
    light.get_by_role("button", name="Light or dark").click()
    assert light.evaluate(colour) == "rgb(17, 20, 24)"


@pytest.mark.parametrize(
    "path", ["/", "/#preset=default&p=0", "/#preset=digits&p=9", "/#preset=vanishing&p=20"]
)
@pytest.mark.parametrize("size", [DESKTOP, (1024, 768), PHONE], ids=["desktop", "tablet", "phone"])
def test_nothing_overflows(visit: Open, path: str, size: tuple[int, int]) -> None:
    page = visit(path, size=size)
    page.wait_for_timeout(150)
    assert fits(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_axe_finds_nothing(visit: Open, size: tuple[int, int], theme: str, locale: str) -> None:
    page = visit("/", size=size, theme=theme, locale=locale)
    if size == PHONE:
        page.get_by_role("button", name="dense_2.dweight[2, 1]").click()
    page.get_by_role("table").first.wait_for(state="attached")
    assert violations(page, AXE) == []


@pytest.mark.parametrize(
    "path", ["/#preset=default&p=0", "/#preset=digits&p=9", "/#preset=golden&p=5", "/#preset=vanishing&p=30"]
)
def test_axe_finds_nothing_elsewhere_either(visit: Open, path: str) -> None:
    page = visit(path)
    assert violations(page, AXE) == []
    page.locator("#stage").focus()
    page.keyboard.press("t")
    assert violations(page, AXE) == []


def test_targets_on_a_phone_are_large_enough(visit: Open) -> None:
    page = visit(size=PHONE)
    for name in ("Step", "Back"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert box["height"] >= 48


def test_every_dialog_stands_on_paper(visit: Open) -> None:
    page = visit()
    page.locator("#figure").wait_for(state="attached")
    colours = page.locator("dialog").evaluate_all(
        "all => all.map((one) => [one.id || one.className, getComputedStyle(one).backgroundColor])"
    )
    assert len(colours) > 3
    assert {colour for _, colour in colours} == {"rgb(255, 255, 255)"}, colours
