"""A real server and a real Chromium, and an eye on what the page must never do."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.api.conftest import served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1440, 900), (390, 844)

expect.set_options(timeout=20_000)  # a busy machine takes its time; what is wrong stays wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try again what a busy machine let miss, as a click while the page is laid out; a fault fails again."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=2))


def browser_path() -> str | None:
    """Where a Chromium is, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        say = f"No browser was found ({', '.join(NAMES)}); on Debian: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(say)
        pytest.skip(say)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database: Path = tmp_path_factory.mktemp("browser") / "backglass.db"
    with served(database) as (url, _):
        yield url


Open = Callable[..., Page]


SEEN = "localStorage.setItem('guide', 'seen')"


def watch(page: Page, url: str, wrong: list[str], fails: bool = False) -> None:
    """Note every request to another host, every error and every broken policy."""

    def requested(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            wrong.append(request.url)

    def logged(message: ConsoleMessage) -> None:
        expected = fails and message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not expected:
            wrong.append(message.text)

    page.on("request", requested)
    page.on("console", logged)
    page.on("pageerror", lambda error: wrong.append(str(error)))


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Open]:
    """Open the page as somebody; at the end nothing may have gone wrong or elsewhere."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        path: str = "/",
        size: tuple[int, int] = DESKTOP,
        locale: str = "en-GB",
        theme: str = "light",
        *,
        fails: bool = False,
        first: bool = False,
    ) -> Page:
        """The page at a path; `fails` where the server is made to, `first` for a first visit."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if not first:
            context.add_init_script(SEEN)
        page = context.new_page()
        watch(page, url, wrong, fails)
        page.goto(url + path)
        page.locator("#counter:not(:empty)").wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == [], "the page asked another host, broke its policy, or failed"
