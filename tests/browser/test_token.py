"""The page under a token, as a class opens it: by a link, by typing, and from another site."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.conftest import SMALL, served
from tests.browser.conftest import DESKTOP, PHONE, SEEN, watch
from tests.browser.reading import fits, violations
from tests.browser.test_accessible import AXE

TOKEN = "class-5b/2026"
AT = "#preset=default&p=9&sel=dense_2.dweight,2,1"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database: Path = tmp_path_factory.mktemp("token") / "backglass.db"
    with served(database, BACKGLASS_TOKEN=TOKEN) as (url, _):
        yield url


class Visitor:
    """A browser of its own, and what went wrong in it."""

    def __init__(self, browser: Browser, url: str, **options: object) -> None:
        self.url = url
        self.wrong: list[str] = []
        self.context: BrowserContext = browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
        self.context.add_init_script(SEEN)
        self.page: Page = self.context.new_page()
        watch(self.page, url, self.wrong, fails=True)

    def is_in(self) -> None:
        """The page, where the link led, and no token in its address."""
        expect(self.page.locator("#counter")).to_have_text("Step 9 of 12")
        expect(self.page.locator("#inspector-name")).to_contain_text("dense_2.dweight[2, 1]")
        expect(self.page).to_have_url(re.compile(r"/(\?[^#]*)?#.*p=9"))
        assert "class-5b" not in self.page.url
        assert self.wrong == []
        cookies = self.context.cookies()
        assert [(one["httpOnly"], one["sameSite"]) for one in cookies if "backglass" in one["name"]] == [
            (True, "Strict")
        ]
        assert "backglass" not in self.page.evaluate("document.cookie")


@pytest.fixture
def visitor(browser: Browser, guarded: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, guarded)
    yield visitor
    visitor.context.close()


def test_a_link_with_the_token_opens_the_run_that_it_carries(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/?token={TOKEN.replace('/', '%2F')}{AT}")
    visitor.is_in()
    # What the page does by itself, and what changes something, is let through.
    visitor.page.get_by_role("button", name="Next update").click()
    expect(visitor.page.locator("#counter")).to_have_text("Step 12 of 12")
    visitor.page.locator("#stage").focus()
    visitor.page.keyboard.press("e")
    visitor.page.locator("#editor-value").fill("0.5")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#change")).to_be_visible()
    assert visitor.wrong == []


def test_the_token_is_typed_and_the_run_still_opens(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.url}/{AT}")
    field = page.get_by_label("Token")
    expect(field).to_be_focused()
    field.fill("class-5c")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the token. Capital and small letters count.")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Open Backglass").click()
    visitor.is_in()
    page.reload()
    visitor.is_in()


def test_the_language_can_be_changed_before_the_token_is_known(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.url}/{AT}")
    page.get_by_role("link", name="中文").click()
    page.get_by_label("令牌").fill(TOKEN)
    page.get_by_role("button", name="打开 Backglass").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_url(re.compile("p=9"))


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize(
    ("size", "locale", "theme"),
    [(DESKTOP, "en-GB", "light"), (PHONE, "zh-CN", "dark")],
)
def test_axe_finds_nothing_where_one_signs_in(
    browser: Browser, guarded: str, size: tuple[int, int], locale: str, theme: str, wrong: bool
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    visitor = Visitor(browser, guarded, viewport=viewport, locale=locale, color_scheme=theme)
    visitor.page.goto(f"{guarded}/{'?token=wrong' if wrong else ''}")
    expect(visitor.page.locator("#token")).to_be_visible()
    assert visitor.page.locator("#wrong").count() == int(wrong)
    assert violations(visitor.page, AXE) == []
    assert fits(visitor.page)
    assert visitor.wrong == []
    visitor.context.close()


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site: a page with what stands after the ? in it."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>elsewhere</title><body>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def led(page: Page, link: str) -> None:
    """Follow a link from the page that is open."""
    page.evaluate("link => { const a = document.createElement('a'); a.href = link; a.click(); }", link)


def test_a_link_on_another_site_opens_it(visitor: Visitor, elsewhere: str) -> None:
    visitor.page.goto(elsewhere)
    led(visitor.page, f"{visitor.url}/?token={TOKEN.replace('/', '%2F')}{AT}")
    expect(visitor.page.locator("#counter")).to_have_text("Step 9 of 12")
    visitor.page.goto(elsewhere)
    # And once in, one without the token does too, though the first request of it has no cookie.
    led(visitor.page, f"{visitor.url}/{AT}")
    expect(visitor.page.locator("#counter")).to_have_text("Step 9 of 12")
    expect(visitor.page).to_have_url(re.compile(r"/#.*p=9"))


MAKE = """async ([url, body]) => {
  const json = {"Content-Type": "application/json"};
  const asks = [
    fetch(url, {method: "POST", body, mode: "no-cors", credentials: "include"}),
    fetch(url, {method: "POST", body, headers: json, credentials: "include"}),
  ];
  navigator.sendBeacon(url, body);
  return (await Promise.allSettled(asks)).map(({ status }) => status);
}"""


def test_another_site_makes_no_run(visitor: Visitor, url: str, elsewhere: str) -> None:
    """On a server without a token, where no cookie protects anything; another port is another origin too."""
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if request.url.startswith(url) else None)
    for number, other in enumerate((elsewhere, elsewhere.replace("localhost", "127.0.0.1"))):
        spec = SMALL | {"seed": 4711 + number}
        page.goto(other)
        assert page.evaluate(MAKE, [f"{url}/api/v1/runs", json.dumps(spec)]) == ["rejected", "rejected"]
        assert "POST" in asked
        assert httpx.post(f"{url}/api/v1/runs", json=spec).status_code == 201, "nobody made it before"


def test_signed_out_the_page_says_so_and_stays(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.url}/?token={TOKEN.replace('/', '%2F')}{AT}")
    visitor.is_in()
    visitor.context.clear_cookies()
    page.get_by_role("button", name="Next update").click()
    expect(page.locator("#notice")).to_contain_text("You are no longer signed in.")
    expect(page.locator("#counter")).to_have_text("Step 9 of 12")
