"""Pictures of every view, in both sizes, languages and themes, to be looked at.

    python -m tests.browser.screenshots FOLDER

One of them, the page as it opens, stands beside this file as `backglass.png`: `--readme` draws it anew.
"""

import argparse
import itertools
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.api.conftest import served
from tests.browser.conftest import DESKTOP, PHONE, QUIET, SEEN, browser_path

README = Path(__file__).parent / "backglass.png"

Act = Callable[[Page], object]


def key(name: str) -> Act:
    """Press a key on the stage."""

    def press(page: Page) -> None:
        page.locator("#stage").focus()
        page.keyboard.press(name)

    return press


def figure(name: str) -> Act:
    """Open a figure by its key, and put the cursor on a cell of it."""

    def open_figure(page: Page) -> None:
        key(name)(page)
        page.locator("dialog .heatmaplayer image").first.wait_for(state="attached")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")

    return open_figure


def drag(page: Page) -> None:
    """Open the Jacobian and move a score without letting go."""
    figure("j")(page)
    page.locator(".scores input[type=range]").nth(1).focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")


def builder(page: Page) -> None:
    """Open the builder, with something wrong in it."""
    page.locator("#build").evaluate("one => one.click()")
    page.locator('[name="optimizer.momentum"]').fill("3")
    page.locator('[name="layers[2].units"]').fill("4")
    page.locator("#builder-apply").click()
    page.locator('#builder [aria-invalid="true"]').wait_for()


def edited(page: Page) -> None:
    """Change the chosen number, and let what came of it be said."""
    key("e")(page)
    page.locator("#editor-value").fill("0.5")
    page.keyboard.press("Enter")
    page.locator("#change-text:not(:empty)").wait_for()


def differences(page: Page) -> None:
    """The same, shown as new − old."""
    edited(page)
    key("d")(page)


def walk(page: Page) -> None:
    """Set out along the chain rule, some hops far."""
    drawer = page.locator("#inspector-open")
    if drawer.is_visible():
        drawer.click()
    page.locator("#inspector-actions button").first.click()
    page.locator("#inspector-walk [data-key=on]").wait_for()
    for _ in range(3):
        page.keyboard.press("Enter")


def pasted(page: Page) -> None:
    """Compare a matrix of one's own with the one that stands open."""
    page.get_by_role("button", name=re.compile("^(Paste|粘贴)$")).first.click()
    page.locator("#paste-text").fill("\n".join("0.0, 0.5, 1.0" for _ in range(5)))
    page.locator("#paste-compare").click()


VIEWS: dict[str, tuple[str, Act | None]] = {
    "opening": ("/", None),
    "start": ("/#preset=default&p=0", None),
    "forward": ("/#preset=default&p=3", None),
    "updated": ("/#preset=default&p=12", None),
    "tensor": ("/", figure("f")),
    "jacobian": ("/", figure("j")),
    "jacobian-dragged": ("/", drag),
    "jacobian-table": ("/", lambda page: (figure("j")(page), page.keyboard.press("t"))),
    "jacobian-too-early": ("/#preset=default&p=2", key("j")),
    "editing": ("/#preset=default&p=11&sel=dense_1.weight,2,3", key("e")),
    "edited": ("/#preset=default&p=11&sel=dense_1.weight,2,3", edited),
    "differences": ("/#preset=default&p=11&sel=dense_1.weight,2,3", differences),
    "walk": ("/#preset=default&p=11&sel=dense_1.dweight,2,1", walk),
    "leaf": ("/#preset=default&p=11&sel=dense_1.weight,2,1", None),
    "many-terms": ("/#preset=spiral&p=15&sel=dense_1.dweight,0,0", None),
    "digits": ("/#preset=digits&p=9", None),
    "digits-jacobian": ("/#preset=digits&p=9", figure("j")),
    "vanishing": ("/#preset=vanishing&p=27", None),
    "golden": ("/#preset=golden&p=5", None),
    "help": ("/", key("?")),
    "builder": ("/", builder),
    "guide": ("/", None),
    "goto": ("/", key("g")),
    "word": ("/", lambda page: page.locator("#sentence .word").last.click()),
    "share": ("/", lambda page: page.locator("#share").click()),
    "paste": ("/", pasted),
}
"""A name -> an address, and what is done there."""


def picture(browser: Browser, url: str, view: str, size: tuple[int, int], locale: str, theme: str) -> bytes:
    """One view, as a PNG."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size == PHONE,
        reduced_motion="reduce",
    )
    if view != "guide":
        context.add_init_script(SEEN)
    page = context.new_page()
    path, act = VIEWS[view]
    page.goto(url + path)
    page.locator("#counter:not(:empty)").wait_for(state="attached")
    if act:
        act(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    drawn = page.screenshot()
    context.close()
    return drawn


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where the pictures go")
    parser.add_argument("--readme", action="store_true", help="draw the README's picture anew")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data) / "backglass.db") as (url, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        if asked.readme:
            README.write_bytes(picture(browser, url, "opening", DESKTOP, "en-GB", "light"))
        if asked.folder:
            asked.folder.mkdir(parents=True, exist_ok=True)
            kinds = itertools.product(VIEWS, (DESKTOP, PHONE), ("en-GB", "zh-CN"), ("light", "dark"))
            for view, size, locale, theme in kinds:
                file = asked.folder / f"{view}-{size[0]}-{locale[:2]}-{theme}.png"
                file.write_bytes(picture(browser, url, view, size, locale, theme))
        browser.close()


if __name__ == "__main__":
    main()
