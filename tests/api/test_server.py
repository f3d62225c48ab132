"""A real server on loopback: it starts, answers, stops when told, and finds its runs again."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import SMALL, served


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


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_server_told_to_stop_ends_what_it_streams(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], told: signal.Signals
) -> None:
    with served(tmp_path / "backglass.db", BACKGLASS_MAX_REPLAY_SECONDS="600") as (url, process):
        run = httpx.post(f"{url}/api/v1/runs", json=SMALL, timeout=60).json()
        path = f"{url}/api/v1/runs/{run['id']}/frames?stop=1000000"
        with httpx.stream("GET", path, timeout=60) as answer:
            pieces = answer.raise_for_status().iter_raw()
            assert next(pieces)
            process.send_signal(told)
            # Had it been cut off after a time of grace, this would raise.
            assert b'"end":true' not in b"".join(pieces)
        assert process.wait(timeout=30) in (0, -told)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_server_told_to_stop_leaves_nothing_of_its_workers(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], told: signal.Signals
) -> None:
    with served(tmp_path / "backglass.db", BACKGLASS_MAX_REPLAY_SECONDS="600") as (url, process):
        run = httpx.post(f"{url}/api/v1/runs", json=SMALL, timeout=60).json()
        path = f"{url}/api/v1/runs/{run['id']}/autopsy?stop=1000000"
        with httpx.stream("GET", path, headers={"Accept": "text/event-stream"}, timeout=60) as answer:
            pieces = answer.raise_for_status().iter_raw()
            assert next(pieces)
            process.send_signal(told)
            with suppress(httpx.RemoteProtocolError):
                b"".join(pieces)
        assert process.wait(timeout=30) == 0
    assert "leaked" not in capfd.readouterr().err


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


def test_the_installed_package_serves_the_page_outside_the_checkout(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("backglass")
    assert command.exists(), 'install it first: pip install ".[test]"'
    with served(tmp_path / "backglass.db", command=[str(command)], folder=tmp_path) as (url, _):
        page = httpx.get(url)
        assert page.status_code == 200
        for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
            assert httpx.get(url + file).status_code == 200, file
        made = httpx.post(f"{url}/api/v1/runs", json=SMALL)
        assert made.status_code == 201
        assert httpx.get(f"{url}/static/vendor/plotly-cartesian.min.js").status_code == 200
