"""More than can be done at once: some wait in order, others are sent away, and who left is forgotten."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from app.admission import Admission
from app.api import dependencies
from app.desk import Desk
from app.main import create_app
from app.problems import Problem
from app.runs import Runs
from app.settings import Settings
from tests.api.conftest import SMALL, expect_problem, made

pytestmark = pytest.mark.anyio

LONG = 30
"""Seconds after which a condition is given up."""


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        yield client


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(LONG):
        while not holds():
            await asyncio.sleep(0.01)


async def test_places_are_taken_in_order_and_too_many_are_sent_away() -> None:
    desk = Desk(1, 2)
    order: list[int] = []
    go = asyncio.Event()

    async def one(number: int) -> None:
        async with desk.place():
            order.append(number)
            await go.wait()

    tasks = []
    for number in range(3):
        tasks.append(asyncio.create_task(one(number)))
        await until(lambda number=number: desk.taken + desk.waiting == number + 1)  # type: ignore[misc]
    with pytest.raises(Problem) as refused:
        async with desk.place():
            pass
    assert (refused.value.code, refused.value.params["limit"]) == ("busy", 2)
    tasks[1].cancel()
    await until(lambda: desk.waiting == 1)
    go.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert order == [0, 2], "who left was not served"
    assert (desk.taken, desk.waiting) == (0, 0)


class Held:
    """A build that takes as long as the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        self.go = threading.Event()
        make = Runs.create

        def slowly(runs: Runs, *arguments: Any) -> Any:
            self.begun += 1
            assert self.go.wait(LONG)
            return make(runs, *arguments)

        monkeypatch.setattr(Runs, "create", slowly)


async def test_more_requests_than_may_be_inside_are_told_to_come_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings.model_copy(update={"max_requests": 3}))
    held = Held(monkeypatch)
    async with served(app) as client:
        inside = [asyncio.create_task(client.post("/runs", json=SMALL | {"seed": n})) for n in range(3)]
        await until(lambda: held.begun == 3)
        answer = await client.get("/datasets")
        problem = expect_problem(answer, 503, "busy")
        assert (problem["params"]["limit"], answer.headers["retry-after"]) == (3, "1")
        assert (await client.get("http://backglass/healthz")).status_code == 200
        held.go.set()
        for one in await asyncio.gather(*inside):
            assert one.status_code in (200, 201)
        assert (await client.get("/datasets")).status_code == 200, "it recovers by itself"


async def test_what_waits_for_a_thread_is_not_begun_once_its_asker_has_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings.model_copy(update={"threads": 3}))
    held = Held(monkeypatch)
    async with served(app) as client:
        working = [asyncio.create_task(client.post("/runs", json=SMALL | {"seed": n})) for n in range(3)]
        await until(lambda: held.begun == 3)
        left = asyncio.Event()
        told: list[Any] = []
        body = [{"type": "http.request", "body": json.dumps(SMALL).encode()}]

        async def receive() -> Any:
            if body:
                return body.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/api/v1/runs", "raw_path": b"/api/v1/runs",
            "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
            "headers": [(b"host", b"backglass"), (b"content-type", b"application/json")],
        }  # fmt: skip
        asking = asyncio.create_task(app(scope, receive, send))
        limiter = anyio.to_thread.current_default_thread_limiter()
        await until(lambda: limiter.statistics().tasks_waiting == 1)
        left.set()
        await asyncio.wait_for(asking, LONG)
        assert limiter.statistics().tasks_waiting == 0
        held.go.set()
        await asyncio.gather(*working)
        assert (held.begun, told) == (3, [])


async def test_what_streams_takes_no_other_requests_place() -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def streams(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await end.wait()
        await send({"type": "http.response.body", "body": b""})

    admission = Admission(streams, most=1, threads=3)
    transport = httpx.ASGITransport(admission)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/") as client:
        first = asyncio.create_task(client.get("/first"))
        await begun.wait()
        begun.clear()
        second = asyncio.create_task(client.get("/second"))
        await asyncio.wait_for(begun.wait(), LONG)
        end.set()
        for answer in await asyncio.gather(first, second):
            assert answer.status_code == 200
    assert admission.inside == 0


async def test_what_takes_long_waits_in_turn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A far position and a picture of a Jacobian do, a step does not."""
    app = create_app(settings)
    app.state.desk = desk = Desk(1, 1)
    async with served(app) as client:
        run = await made(client, SMALL)
        frames = f"/runs/{run['id']}/frames"
        monkeypatch.setattr(dependencies, "AT_ONCE", 0.01)
        async with desk.place():
            far = asyncio.create_task(client.get(f"{frames}/4000"))
            await until(lambda: desk.waiting == 1)
            expect_problem(await client.get(f"{frames}/7/jacobians/softmax_1"), 503, "busy")
            expect_problem(await client.get(f"{frames}/3000"), 503, "busy")
            assert (await client.get(f"{frames}/7")).status_code == 200
        assert (await far).status_code == 200
        assert (await client.get(f"{frames}/7/jacobians/softmax_1")).status_code == 200
    assert (desk.taken, desk.waiting) == (0, 0)


@pytest.mark.parametrize("path", ["history", "history?stop=5", "autopsy", "frames/7/check", "frames?stop=3"])
async def test_more_askers_than_are_trained_for_are_sent_away(settings: Settings, path: str) -> None:
    app = create_app(settings.model_copy(update={"max_trainings": 2}))
    async with served(app) as client:
        run = await made(client, SMALL)
        app.state.trainer.askers = 2
        for accept in ("application/json", "text/event-stream"):
            answer = await client.get(f"/runs/{run['id']}/{path}", headers={"Accept": accept})
            assert expect_problem(answer, 503, "busy")["params"]["limit"] == 2
            assert answer.headers["retry-after"] == "1"


async def test_an_asker_of_a_training_is_forgotten_when_it_is_over(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_trainings": 1}))
    async with served(app) as client:
        run = await made(client, SMALL)
        for _ in range(2):
            assert (await client.get(f"/runs/{run['id']}/history?stop=5")).status_code == 200
        assert app.state.trainer.askers == 0
    app.state.trainer.close()
