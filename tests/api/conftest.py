"""The application on a database of its own: in-process, or served on loopback."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings, sqlite_url
from engine.arrays import Array

HOSTS = ("backglass",)
"""What the in-process client calls the service."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path: Path = tmp_path_factory.mktemp("store") / "backglass.db"
    return Settings(database_url=sqlite_url(path), max_body_bytes=1024 * 1024, allowed_hosts=HOSTS)


@pytest.fixture(scope="module")
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        yield client


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("served") / "backglass.db") as (url, _):
        yield url


@contextmanager
def served(database: Path, **asked: Any) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of its own over an SQLite file; otherwise as `serving`."""
    with serving(sqlite_url(database), **asked) as found:
        yield found


@contextmanager
def serving(
    database_url: str,
    *,
    command: Sequence[str] = (sys.executable, "-m", "app"),
    folder: Path | None = None,
    log: IO[str] | None = None,
    **settings: str,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of its own: its address and its process; its log is this process's unless it has a file."""
    environment = {**os.environ, "BACKGLASS_DATABASE_URL": database_url, **settings}
    process = subprocess.Popen(
        [*command, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=environment,
        cwd=folder,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found[0], process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


SMALL: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8},
    "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}],
}
"""A spec with nothing in it but what must be given."""


async def made(client: httpx.AsyncClient, spec: dict[str, Any]) -> dict[str, Any]:
    """The run of a spec."""
    answer = await client.post("/runs", json=spec)
    assert answer.status_code in (200, 201), answer.text
    run: dict[str, Any] = answer.json()
    return run


def expect_problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of an answer, checked for form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert code in (None, problem["code"]), problem
    return problem


def close(actual: Any, expected: Any, rtol: float = 1e-15, note: str = "") -> None:
    """Compare with what plain NumPy says, to the last few bits."""
    np.testing.assert_allclose(np.array(actual), np.array(expected), rtol=rtol, atol=1e-15, err_msg=note)


async def frame_of(client: httpx.AsyncClient, run: dict[str, Any], position: int, query: str = "") -> Any:
    """The frame at a position."""
    answer = await client.get(f"/runs/{run['id']}/frames/{position}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def value(frame: dict[str, Any], name: str) -> Array:
    """A tensor's values."""
    return np.array(frame["tensors"][name]["values"])
