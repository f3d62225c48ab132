"""What the service says of itself: a line a request, figures for Prometheus, and whether it can work."""

import json
import logging
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from app.log import Lines
from app.problems import Problem
from tests.api.conftest import SMALL, expect_problem, made

pytestmark = pytest.mark.anyio

ROOT = "http://backglass"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was logged of requests, each as it would stand on standard error."""
    written = [Lines().format(record) for record in caplog.records if record.name == "app.requests"]
    caplog.clear()
    for line in written:
        assert line.isascii()
        assert line.isprintable()
    return [json.loads(line) for line in written]


def figures(text: str) -> dict[str, float]:
    """Of Prometheus' text format."""
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in rows}


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app")


async def test_a_request_is_one_line(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    run = await made(client, SMALL)
    caplog.clear()
    answer = await client.get(f"/runs/{run['id']}/frames/3?values=none&token=secret")
    (line,) = lines(caplog)
    assert line["event"] == "request"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["route"] == "/api/v1/runs/{id}/frames/{position}"
    assert line["path"] == f"/api/v1/runs/{run['id']}/frames/3"
    assert line["run"] == run["id"]
    assert line["bytes"] == len(answer.content)
    assert line["milliseconds"] > 0
    assert line["request"] == answer.headers["x-request-id"]
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("text", ["a\nb", "\x1b[2J", "\x9b31m", '","level":"error', "\u202e", "\x7f", "中文"])
async def test_what_a_path_says_stays_within_its_line(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    await client.get(f"/runs/{quote(text)}")
    (line,) = lines(caplog)
    assert line["path"] == f"/api/v1/runs/{text}"
    assert line["level"] == "info"
    assert "run" not in line


async def test_a_long_path_is_cut_and_one_of_no_route_is_counted_as_such(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/" + "a" * 5000, "/b", "/c"):
        await client.get(ROOT + path)
    first, *_ = found = lines(caplog)
    assert len(first["path"]) == 200
    assert {line["route"] for line in found} == {"none"}


async def test_a_failure_is_logged_with_the_request_s_id(
    app: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: str) -> None:
        raise RuntimeError("by plan")

    monkeypatch.setattr(app.state.runs, "get", fails)
    answer = await client.get(f"/runs/r{'a' * 20}")
    expect_problem(answer, 500, "internal")
    (line,) = lines(caplog)
    assert (line["status"], line["request"]) == (500, answer.headers["x-request-id"])


async def test_requests_are_counted_by_route(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    name = 'backglass_requests_total{method="GET",route="/api/v1/runs/{id}",status="200"}'
    before = figures((await client.get(f"{ROOT}/metrics")).text).get(name, 0)
    for _ in range(3):
        await client.get(f"/runs/{run['id']}")
    answer = await client.get(f"{ROOT}/metrics")
    after = figures(answer.text)
    assert answer.headers["content-type"].startswith("text/plain")
    assert after[name] == before + 3
    assert after['backglass_request_seconds_count{method="GET",route="/api/v1/runs/{id}"}'] >= after[name]
    assert after["backglass_requests_open"] == 1, "this one"
    assert after["backglass_live_runs"] > 0


async def test_what_is_found_in_memory_is_told_from_what_is_computed(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL | {"seed": 77})

    async def hits_and_misses() -> tuple[float, float]:
        await client.get(f"/runs/{run['id']}/frames/5")
        found = figures((await client.get(f"{ROOT}/metrics")).text)
        return found["backglass_cache_hits"], found["backglass_cache_misses"]

    hits, misses = await hits_and_misses()
    more_hits, no_more_misses = await hits_and_misses()
    assert more_hits > hits
    assert no_more_misses == misses


async def test_ready_is_who_can_work(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get(f"{ROOT}/readyz")).json() == {"status": "ready"}

    def gone() -> None:
        raise Problem("stopping", "The service is being stopped.")

    for part in (app.state.store, app.state.trainer):
        with monkeypatch.context() as patch:
            patch.setattr(part, "expect_there" if part is app.state.store else "expect_open", gone)
            expect_problem(await client.get(f"{ROOT}/readyz"), 503, "stopping")
    assert (await client.get(f"{ROOT}/healthz")).status_code == 200
