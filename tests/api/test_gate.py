"""Who comes in: every route × method × Host × Origin × token, held to the rules as they stand here again."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from app.examples import RUN_ID
from app.gate import OPEN
from app.main import create_app
from app.resources import BUILD
from app.settings import Settings, sqlite_url
from tests.api.conftest import SMALL, expect_problem

pytestmark = pytest.mark.anyio

TOKEN = "k7qmd-3xtpa-w9rae"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "SURPRISE")

HOSTS: dict[tuple[str, ...], int] = {
    ("127.0.0.1:8000",): 0,
    ("localhost",): 0,
    ("LOCALHOST.:9000",): 0,
    ("[::1]:8000",): 0,
    ("[0:0:0:0:0:0:0:1]",): 0,
    ("class.example",): 0,
    ("a.b.below.example:8443",): 0,
    (): 400,
    ("127.0.0.1", "127.0.0.1"): 400,
    ("127.0.0.1", "evil.example"): 400,
    ("",): 400,
    ("127.0.0.1:99999",): 400,
    ("127.0.0.1:80:80",): 400,
    ("localhost/evil",): 400,
    ("user@localhost",): 400,
    ("::1",): 400,
    ("[::1",): 400,
    ("local\u00e9",): 400,
    ("evil.example",): 421,
    ("localhost.evil.example",): 421,
    ("127.0.0.1.evil.example",): 421,
    ("below.example",): 421,
    ("evilbelow.example",): 421,
    ("0.0.0.0:8000",): 421,
    ("127.0.0.2",): 421,
    ("192.0.2.7",): 421,
    ("[::ffff:127.0.0.1]",): 421,
}
"""What stands in Host, and what it is refused with."""

SITES: dict[tuple[tuple[str, str], ...], tuple[bool, bool]] = {
    (): (True, True),
    (("sec-fetch-site", "same-origin"),): (True, True),
    (("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")): (True, True),
    (("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")): (True, False),
    (("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")): (True, False),
    (("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")): (False, False),
    (("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")): (False, False),
    (("origin", "http://{host}"),): (True, True),
    (("origin", "null"),): (True, False),
    (("origin", ""),): (True, False),
    (("origin", "http://evil.example"),): (True, False),
    (("origin", "http://127.0.0.1:3000"),): (True, False),
    (("origin", "http://{host}.evil.example"),): (True, False),
    (("origin", "http://{host}"), ("origin", "http://evil.example")): (True, False),
    (("origin", "file://{host}"),): (True, False),
    (("origin", "http://{host}"), ("sec-fetch-site", "cross-site")): (True, False),
}
"""What a browser says of the page that asks; whether that may read, and whether it may change."""

SHOWN: dict[tuple[tuple[str, str], ...], bool] = {
    (): False,
    (("authorization", f"Bearer {TOKEN}"),): True,
    (("authorization", f"bearer  {TOKEN}"),): True,
    (("authorization", f"Bearer {TOKEN}x"),): False,
    (("authorization", f"Bearer {TOKEN[:-1]}"),): False,
    (("authorization", f"Bearer {TOKEN.upper()}"),): False,
    (("authorization", f"Basic {TOKEN}"),): False,
    (("authorization", TOKEN),): False,
    (("authorization", "Bearer "),): False,
    (("authorization", "Bearer \u00e9"),): False,
    (("cookie", f"backglass={TOKEN}"),): False,
    (("cookie", "backglass=" + "0" * 32 + "." + "0" * 64),): False,
    (("cookie", "a=1; {session}; b=2"),): True,
    (("cookie", "{session}0"),): False,
}
"""What is shown of the token, and whether that is enough."""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application under a token."""
    database: Path = tmp_path_factory.mktemp("gate") / "backglass.db"
    hosts = ("class.example", "*.below.example")
    return create_app(
        Settings(
            database_url=sqlite_url(database),
            token=SecretStr(TOKEN),
            allowed_hosts=hosts,
            client_rate=1e6,
        )
    )


@pytest.fixture
async def stranger(guarded: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(guarded, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def paths(app: FastAPI) -> Iterator[str]:
    """An address for every route that there is, and some that lead nowhere."""
    filled = {"id": RUN_ID, "a": RUN_ID, "b": RUN_ID, "position": "9", "tensor": "dense_2.dweight"}
    for route in app.routes:
        if isinstance(route, Mount):
            yield from (f"{route.path}/{name}" for name in ("js/main.js", "css/lab.css", "nothing"))
            continue
        group: Any = route
        for one in (
            group.effective_route_contexts() if hasattr(group, "effective_route_contexts") else [group]
        ):
            yield one.path_format.format(**{name: filled.get(name, "1") for name in one.param_convertors})
    yield from ("/nothing", "/sign-in/", "/healthz/", "/HEALTHZ", "/readyz/x", "/sign-in.js")


CROOKED = ("//", "/api/v1/../../healthz", "/static/../healthz", "/healthz;/docs", "/healthz\x00", "")
"""Addresses that a client tidies up before it sends them, but for one who means harm."""


async def answered(app: Any, method: str, path: str, headers: list[tuple[str, str]]) -> int:
    """The status of a request; as a server would pass it on, however odd its headers."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.9", 4000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    (status,) = statuses
    return status


def expected(method: str, path: str, refused: int, site: tuple[bool, bool], allowed: bool) -> int:
    """The rules, said again: 200 is what stands behind the gate."""
    if refused:
        return refused
    if not site[0 if method in ("GET", "HEAD", "OPTIONS") else 1]:
        return 403
    open_to_all = ("/healthz", "/readyz", "/sign-in", "/static/css/sign-in.css", "/static/js/sign-in.js")
    return 200 if allowed or path in open_to_all else 401


async def test_every_route_method_host_origin_and_token(guarded: FastAPI, tmp_path: Path) -> None:
    settings = guarded.state.settings.model_copy(update={"database_url": sqlite_url(tmp_path / "walk.db")})
    app = create_app(settings)
    # The application as it is put together, but that what stands behind the gate costs nothing.
    app.router = PlainTextResponse("in")  # type: ignore[assignment]
    sessions = app.state.sessions
    walked = 0
    every = [*dict.fromkeys([*paths(guarded), *OPEN, *CROOKED])]
    assert len(every) > 50
    for method, path, hosts, site, shown in itertools.product(METHODS, every, HOSTS, SITES, SHOWN):
        # All of the rules at each of some routes, and each rule at all of them.
        plain = (hosts == ("127.0.0.1:8000",)) + (site == ()) + (shown == ())
        if plain < 2 and (path not in ("/", "/healthz", "/api/v1/runs") or method not in ("GET", "POST")):
            continue
        host = hosts[0] if hosts else "nowhere"
        port = int(host.rpartition(":")[2]) if host.rpartition(":")[2].isdigit() else None
        session = sessions.made(port if HOSTS[hosts] == 0 else None, secure=False).partition(";")[0]
        headers = [("host", one) for one in hosts]
        headers += [(name, text.format(host=host)) for name, text in site]
        headers += [(name, text.format(session=session)) for name, text in shown]
        status = await answered(app, method, path, headers)
        walked += 1
        may = expected(method, path, HOSTS[hosts], SITES[site], SHOWN[shown])
        assert status == may, (method, path, headers)
    assert walked > 50_000


async def test_no_route_stands_outside(stranger: httpx.AsyncClient, guarded: FastAPI) -> None:
    inside = {"Authorization": f"Bearer {TOKEN}"}
    for path, method in itertools.product(dict.fromkeys(paths(guarded)), ("GET", "POST", "OPTIONS")):
        away = await stranger.request(method, path, headers={"Host": "evil.example", **inside})
        expect_problem(away, 421, "host_unknown")
        if method == "POST":
            other = await stranger.request(method, path, headers={"Origin": "http://evil.example", **inside})
            expect_problem(other, 403, "cross_origin")
        if path not in OPEN:
            unknown = await stranger.request(method, path)
            expect_problem(unknown, 401, "unauthorized")
            assert unknown.headers["www-authenticate"].startswith("Bearer ")


def expect_bound(answer: httpx.Response, *what: object) -> None:
    """The headers that bind a browser, said again."""
    assert answer.headers["x-content-type-options"] == "nosniff", what
    # Without a referrer a browser sends its form with the origin null, which is nobody's.
    form = answer.url.path == "/sign-in" and "text/html" in answer.headers.get("content-type", "")
    assert answer.headers["referrer-policy"] == ("same-origin" if form else "no-referrer"), what
    assert answer.headers["cross-origin-opener-policy"] == "same-origin", what
    assert answer.headers["cross-origin-resource-policy"] == "same-origin", what
    policy = answer.headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert "unsafe-eval" not in policy, what
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'", what
    assert rules["script-src"] == "'self'", what


async def test_every_answer_binds_the_browser_and_is_kept_by_nobody_between(
    stranger: httpx.AsyncClient, guarded: FastAPI
) -> None:
    inside = {"Authorization": f"Bearer {TOKEN}"}
    for path, method in itertools.product(dict.fromkeys(paths(guarded)), ("GET", "POST", "DELETE")):
        for headers in (inside, {}, {"Host": "evil.example"}):
            answer = await stranger.request(method, path, headers=headers)
            expect_bound(answer, method, path, headers)
            kept = answer.headers.get("cache-control", "")
            assert "public" not in kept, (method, path)
            assert path in ("/healthz", "/readyz") or kept == "no-store" or "private" in kept, (path, kept)


async def test_what_breaks_binds_the_browser_too(guarded: FastAPI, stranger: httpx.AsyncClient) -> None:
    @guarded.get("/breaks", include_in_schema=False)
    async def breaks() -> None:
        raise RuntimeError

    answer = await stranger.get("/breaks", headers={"Authorization": f"Bearer {TOKEN}"})
    expect_problem(answer, 500, "internal")
    expect_bound(answer)


async def test_only_the_asker_keeps_for_ever_what_is_asked_for_by_build(stranger: httpx.AsyncClient) -> None:
    for path in (f"/api/v1/runs/{RUN_ID}?v={BUILD}", f"/static/js/main.js?v={BUILD}"):
        answer = await stranger.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


async def test_nothing_is_read_of_a_body_before_its_sender_is_known(guarded: FastAPI) -> None:
    async def unread() -> dict[str, Any]:
        pytest.fail("the body was asked for")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/runs",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"content-length", b"1000000")],
        "client": ("192.0.2.9", 4000),
        "server": ("127.0.0.1", 8000),
    }
    await guarded(scope, unread, send)
    assert sent[0]["status"] == 401


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")


@pytest.mark.parametrize("kind", FORMS)
async def test_what_a_form_can_send_changes_nothing(
    client: httpx.AsyncClient, app: FastAPI, kind: str
) -> None:
    """A browser too old to say where a page is from can still send no more than this."""
    spec = SMALL | {"seed": 1000 + FORMS.index(kind)}
    posts = [path for path in paths(app) if path.startswith("/api/")]
    for path in posts:
        headers = {"Content-Type": kind} if kind else {}
        answer = await client.post(f"http://backglass{path}", content=json.dumps(spec), headers=headers)
        assert answer.status_code in (404, 405, 415, 422), (path, answer.status_code)
    made = await client.post("/runs", json=spec)
    assert made.status_code == 201, "nobody made it before"


async def test_hosts_are_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKGLASS_ALLOWED_HOSTS", "a.example, *.b.example ,[fd00::2]:8443,192.0.2.7")
    assert Settings().allowed_hosts == ("a.example", "*.b.example", "[fd00::2]:8443", "192.0.2.7")
    monkeypatch.setenv("BACKGLASS_ALLOWED_HOSTS", "a.example/path")
    with pytest.raises(ValueError, match="expected a host"):
        Settings()


@pytest.mark.parametrize("token", ["two words", "naïve", "line\nbreak"])
def test_a_token_fits_a_header(token: str) -> None:
    with pytest.raises(ValueError, match="without spaces"):
        Settings(token=SecretStr(token))


def test_the_token_is_shown_nowhere() -> None:
    settings = Settings(token=SecretStr(TOKEN), secret=SecretStr("other"))
    assert TOKEN not in repr(settings) + str(settings)
