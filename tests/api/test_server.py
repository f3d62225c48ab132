"""A real server on loopback: it starts, answers, stops when told, and finds its runs again."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.settings import sqlite_url
from tests.api.conftest import SMALL


@contextmanager
def served(database: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    environment = {**os.environ, "BACKGLASS_DATABASE_URL": sqlite_url(database)}
    command = [sys.executable, "-m", "app", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
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


def test_a_run_outlives_the_server(tmp_path: Path) -> None:
    database = tmp_path / "new" / "folder" / "backglass.db"
    with served(database) as (url, process):
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        made = httpx.post(f"{url}/api/v1/runs", json=SMALL)
        assert made.status_code == 201
        run = made.json()
        frame = httpx.get(f"{url}/api/v1/runs/{run['id']}/frames/100")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) in (0, -signal.SIGTERM)
    with served(database) as (url, _):
        assert httpx.get(f"{url}/api/v1/runs/{run['id']}").json() == run
        again = httpx.get(f"{url}/api/v1/runs/{run['id']}/frames/100")
        assert again.content == frame.content, "the same bits after a restart"
        assert httpx.post(f"{url}/api/v1/runs", json=SMALL).status_code == 200


def test_bodies_too_long_leave_the_server_well(tmp_path: Path) -> None:
    with served(tmp_path / "backglass.db") as (url, _):
        headers = {"content-type": "application/json"}
        with httpx.Client() as client:
            long = client.post(f"{url}/api/v1/runs", content=b" " * (20 * 1024 * 1024), headers=headers)
            assert (long.status_code, long.json()["code"]) == (413, "body_too_large")

            def chunks() -> Iterator[bytes]:
                for _ in range(20):
                    yield b" " * 1024 * 1024

            chunked = client.post(f"{url}/api/v1/runs", content=chunks(), headers=headers)
            assert chunked.status_code == 413
        assert httpx.get(f"{url}/healthz").status_code == 200
