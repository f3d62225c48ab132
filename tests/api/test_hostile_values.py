"""Every value that an operation takes, replaced by hostile ones: a clear refusal or an answer, and no 5xx."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from app.examples import RUN_ID
from app.settings import Settings, sqlite_url
from tests.api.conftest import HOSTS, expect_problem

pytestmark = pytest.mark.anyio

TEXTS = [
    "",
    " ",
    "\0",
    "\r\nSet-Cookie: a=b",
    "\x1b[31m",
    "-1",
    "-0",
    "1.0",
    "1e9",
    "0x10",
    "1_0",
    "٣",
    "²",
    "NaN",
    "Infinity",
    "9" * 400,
    str(2**53),
    str(2**63),
    str(10**12),
    "true",
    "null",
    "[]",
    "{}",
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%",
    "%ff",
    "\ufeff",
    "\u202e",
    "💩",
    "é",
    "e\u0301",
    "x" * 3000,
    "'; DROP TABLE runs; --",
    "<script>alert(1)</script>",
    "${jndi:ldap://127.0.0.1}",
    "{{7*7}}",
    "%s%n{0}",
    "__class__",
    "dense_1.__class__",
    "dense_1.weight.weight",
    ".",
    ",",
    ":",
    "0:0",
    ":" * 40,
    "99999999999999999999:1",
    "|",
    "*",
    "\\",
]
"""What a path or a query may bring instead of what is expected."""

JSON: list[Any] = [
    None,
    True,
    -1,
    0,
    0.5,
    1e308,
    5e-324,
    -0.0,
    float("nan"),
    float("inf"),
    2**53,
    2**64,
    10**400,
    "",
    "\0",
    "\ud800",
    "x" * 100_000,
    "1",
    "NaN",
    [],
    {},
    [[]],
    [None],
    [[1, 2], [3]],
    [1] * 10_000,
    {"type": "dense"},
    {"dtype": "f8", "bdata": "////", "shape": "1"},
    {"__proto__": {}, "constructor": {}},
]
"""What a field of a body may bring."""

DEEP = "[" * 900 + "]" * 900
"""Too deep for most, but not for a parser."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Short limits: what is tried here is the surface, not the engine."""
    path = tmp_path_factory.mktemp("hostile") / "backglass.db"
    return Settings(
        database_url=sqlite_url(path),
        allowed_hosts=HOSTS,
        max_replay_seconds=0.05,
        max_training_seconds=0.05,
        max_run_bytes=4 * 1024 * 1024,
        max_body_bytes=1024 * 1024,
    )


def example(of: dict[str, Any]) -> Any:
    """What the documentation has for a parameter or a body."""
    if "examples" in of:
        return next(iter(of["examples"].values()))["value"]
    schema = of["schema"]
    return schema.get("default", schema.get("examples", [None])[0])


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in app.openapi()["paths"].items():
        for method, operation in found.items():
            yield method, path, operation


def addresses(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """The operation's address, with each of its parameters replaced in turn."""
    given = {one["name"]: (one["in"], example(one)) for one in operation.get("parameters", [])}
    for name, (place, _) in given.items():
        if name == "v":
            continue  # any text may name a build, and all get the same answer
        for text in TEXTS:
            parts = {key: quote(str(value), safe=",") for key, (of, value) in given.items() if of == "path"}
            query = ""
            if place == "path":
                parts[name] = quote(text, safe="")
            else:
                query = f"?{quote(name)}={quote(text, safe='')}"
            yield path.format(**parts) + query


async def answered(client: httpx.AsyncClient, method: str, path: str, **content: Any) -> int:
    """The status of an answer, which is a problem where it is an error."""
    answer = await client.request(method, f"http://backglass{path}", **content)
    assert answer.status_code < 500, (method, path, answer.text)
    if answer.status_code >= 400:
        expect_problem(answer, answer.status_code)
    assert all(value.isprintable() for value in answer.headers.values()), answer.headers
    return answer.status_code


async def test_hostile_addresses_are_answered(app: FastAPI, client: httpx.AsyncClient) -> None:
    asked = refused = 0
    for method, path, operation in operations(app):
        if method == "get":
            for address in addresses(path, operation):
                refused += await answered(client, method, address) >= 400
                asked += 1
    assert asked > 2_500
    assert refused > asked / 2


def replaced(body: Any, here: Any, place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """A body as JSON, with each of its parts replaced in turn."""
    for value in (*JSON, DEEP):
        whole = copy.deepcopy(body)
        if not place:
            whole = value
        else:
            part = whole
            for step in place[:-1]:
                part = part[step]
            part[place[-1]] = value
        text = json.dumps(whole)
        yield text.replace(json.dumps(DEEP), DEEP) if value is DEEP else text
    steps: Any = (
        here.items() if isinstance(here, dict) else enumerate(here[:2]) if isinstance(here, list) else ()
    )
    for step, part in steps:
        yield from replaced(body, part, (*place, step))


async def test_hostile_bodies_are_answered(app: FastAPI, client: httpx.AsyncClient) -> None:
    asked = refused = 0
    for method, path, operation in operations(app):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        parts = {one["name"]: example(one) for one in operation.get("parameters", []) if one["in"] == "path"}
        body = example(content)
        for text in replaced(body, body):
            headers = {"content-type": "application/json"}
            status = await answered(client, method, path.format(**parts), content=text, headers=headers)
            refused += status >= 400
            asked += 1
    assert asked > 500
    assert refused > asked / 2


HEADERS = ["Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Cookie", "If-Modified-Since"]
HEADERS += [
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Range",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
]

LINES = [
    b"",
    b"\xff\xfe",
    b"*",
    b",",
    b";",
    b"=",
    b"-1",
    b"9" * 5000,
    b"a," * 10_000,
    b"en;q=nan",
    b"zh;q=1e999",
]
LINES += [b"bytes=" + b"0-1," * 5000 + b"2-3", b"bytes=9-1", b"bytes=-", b"lang=\xe4; lang=zh", b'W/"' * 1000]
LINES += [
    b"text/event-stream; q=x",
    b"application/json; charset=\xff",
    b"\xd9\xa3",
    b"gzip;q=-1, br;q=x",
    b"NaN",
]
"""What a header may bring."""


async def test_hostile_headers_are_answered(client: httpx.AsyncClient) -> None:
    paths = ("/", "/docs", "/static/locales/en.json", "/api/v1/datasets", "/healthz")
    history = f"/api/v1/runs/{RUN_ID}/history?stop=2"
    for name in HEADERS:
        for line in LINES:
            for path in paths:
                answer = await client.get(f"http://backglass{path}", headers=[(name.encode(), line)])
                assert answer.status_code < 500, (name, line, path)
            headers = [(b"accept", b"text/event-stream"), (name.encode(), line)]
            await answered(client, "get", history, headers=headers)
