"""Signing in: the token becomes a session that no script reads and no other site sends."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.locales import LANGUAGES, Language, catalogue
from app.main import create_app
from app.settings import Settings, sqlite_url
from tests.api.conftest import expect_problem

pytestmark = pytest.mark.anyio

TOKEN = "teacher's+own&token=1"
PAGE = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    database: Path = tmp_path_factory.mktemp("sign") / "backglass.db"
    return create_app(Settings(database_url=sqlite_url(database), token=SecretStr(TOKEN)))


@pytest.fixture
async def browser(guarded: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def expect_session(answer: httpx.Response, name: str = "backglass-8000") -> None:
    """A cookie that no script reads and no other site sends."""
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(rf"{name}=[0-9a-f]{{32}}\.[0-9a-f]{{64}}; Path=/; HttpOnly; SameSite=Strict", cookie)
    assert TOKEN not in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_a_link_with_the_token_signs_in_and_leaves_no_token_behind(browser: httpx.AsyncClient) -> None:
    link = httpx.URL("/", params={"token": TOKEN, "preset": "spiral", "lang": "zh"})
    answer = await browser.get(link, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?preset=spiral&lang=zh")
    expect_session(answer)
    page = await browser.get(answer.headers["location"])
    assert page.status_code == 200
    assert 'id="stage"' in page.text
    assert "set-cookie" not in page.headers
    # Who is in already and follows the link again gets rid of it too.
    again = await browser.get(link, headers=PAGE)
    assert (again.status_code, again.headers["location"]) == (303, "/?preset=spiral&lang=zh")
    docs = await browser.get(httpx.URL("/docs", params={"token": TOKEN}))
    assert (docs.status_code, docs.headers["location"]) == (303, "/docs")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_page_asks_for_the_token(browser: httpx.AsyncClient, lang: Language) -> None:
    words = catalogue(lang)
    asked = await browser.get("/", headers=PAGE | {"Accept-Language": lang})
    assert asked.status_code == 401
    assert asked.headers["www-authenticate"].startswith("Bearer")
    assert words["sign_in.why"] in asked.text
    assert words["sign_in.wrong"] not in asked.text
    # All that it needs is answered to anybody.
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', asked.text)
    assert len(needed) == 2
    for file in needed:
        assert (await browser.get(file)).status_code == 200, file
    wrong = await browser.get(f"/?token=wrong&lang={lang}", headers=PAGE)
    assert (wrong.status_code, words["sign_in.wrong"] in wrong.text) == (401, True)
    assert "set-cookie" not in wrong.headers


async def test_the_token_is_typed(browser: httpx.AsyncClient) -> None:
    form = {"Origin": "http://localhost:8000"} | PAGE
    wrong = await browser.post("/sign-in?p=3", data={"token": TOKEN + "x"}, headers=form)
    assert wrong.status_code == 401
    assert 'action="/sign-in?p=3"' in wrong.text
    assert "set-cookie" not in wrong.headers
    right = await browser.post("/sign-in?p=3", data={"token": f" {TOKEN} "}, headers=form)
    assert (right.status_code, right.headers["location"]) == (303, "/?p=3")
    expect_session(right)
    assert (await browser.get("/")).status_code == 200
    # A link from another site brings no strict cookie: its page asks here, where the browser sends it.
    led = await browser.get("/sign-in?p=3")
    assert (led.status_code, led.headers["location"]) == (303, "/?p=3")


@pytest.mark.parametrize("body", [b"", b"token", b"token=%ff%fe", b"&" * 5000, b"token=" + b"a" * 100_000])
async def test_odd_forms_are_wrong_tokens(browser: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/sign-in", content=body, headers=headers)).status_code == 401


async def test_other_sites_sign_nobody_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/sign-in", data={"token": TOKEN}, headers={"Origin": "http://evil.example"})
    expect_problem(answer, 403, "cross_origin")


async def test_what_stands_in_the_address_is_no_markup(browser: httpx.AsyncClient) -> None:
    query = '?lang=zh&p="><script>alert(1)</script>&token=x'
    page = await browser.get(f"/{query}", headers=PAGE)
    assert "<script>" not in page.text
    led = await browser.get(
        httpx.URL("/", params={"token": TOKEN, "p": "\r\nSet-Cookie: a=1", "q": "//evil"})
    )
    assert led.headers["location"] == "/?p=%0D%0ASet-Cookie%3A+a%3D1&q=%2F%2Fevil"


async def test_over_tls_the_session_stays_on_tls(guarded: FastAPI) -> None:
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        answer = await client.get("/", params={"token": TOKEN})
    assert answer.headers["set-cookie"].endswith("; SameSite=Strict; Secure")
    assert answer.headers["set-cookie"].startswith("backglass=")


async def test_a_session_ends_with_its_token(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    await browser.get("/", params={"token": TOKEN})
    other = create_app(
        Settings(database_url=sqlite_url(tmp_path / "other.db"), token=SecretStr("another-token"))
    )
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        client.cookies = browser.cookies
        expect_problem(await client.get("/api/v1/datasets"), 401, "unauthorized")


async def test_any_worker_knows_a_session(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    await browser.get("/", params={"token": TOKEN})
    settings = Settings(database_url=sqlite_url(tmp_path / "other.db"), token=SecretStr(TOKEN))
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        client.cookies = browser.cookies
        assert (await client.get("/api/v1/datasets")).status_code == 200


async def test_without_a_token_there_is_nothing_to_sign_in_to(client: httpx.AsyncClient) -> None:
    for method in ("GET", "POST"):
        answer = await client.request(method, "http://backglass/sign-in?p=3")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?p=3")
    page = await client.get("http://backglass/")
    assert "HttpOnly; SameSite=Strict" in page.headers["set-cookie"]
    assert "set-cookie" not in (await client.get("http://backglass/")).headers, "one is enough"
    assert "private" not in page.headers["cache-control"]
