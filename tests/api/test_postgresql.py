"""The store in a real PostgreSQL: several servers share it, and outlive it being away."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import numpy as np
import pytest

from app.backup import backup
from app.database import DatabaseError
from app.store import Store, StoredRun
from tests.api.conftest import SMALL, serving
from tests.api.postgresql import PostgreSQL, running


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running() as found:
        yield found


@pytest.fixture
def url(server: PostgreSQL) -> str:
    return server.database()


@contextmanager
def api_of(url: str) -> Iterator[httpx.Client]:
    with serving(url) as (address, _), httpx.Client(base_url=f"{address}/api/v1", timeout=120) as api:
        yield api


def test_processes_that_start_at_once_make_the_tables_once(url: str) -> None:
    program = f"from app.store import Store; Store({url!r}).put_upload('a' * 64, b'x')"
    started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1] for process in started] == [b""] * 4
    assert [process.returncode for process in started] == [0] * 4


def test_of_those_who_write_the_same_at_once_one_is_the_first(url: str) -> None:
    stores = [Store(url) for _ in range(4)]
    blobs = {f"{n:064}": bytes([n]) * 10_000 for n in range(5)}
    for number in range(20):
        gate, new = threading.Barrier(len(stores)), []

        def write(
            store: Store, parent: int, run: str = f"r{number:020}", gate: Any = gate, new: Any = new
        ) -> None:
            gate.wait()
            new.append(store.put(StoredRun(run, "{}", f"r{parent:020}"), blobs))

        threads = [threading.Thread(target=write, args=(store, n)) for n, store in enumerate(stores)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(new) == [False] * 3 + [True]
    assert stores[0].get_arrays(blobs) == blobs
    for store in stores:
        store.close()


def test_two_servers_take_turns_on_one_run(url: str) -> None:
    with ExitStack() as open_ones:
        a, b = (open_ones.enter_context(api_of(url)) for _ in range(2))
        run = a.post("/runs", json=SMALL).raise_for_status().json()
        path = f"/runs/{run['id']}"
        assert b.post("/runs", json=SMALL).status_code == 200, "it is known there"
        assert b.get(path).json() == run
        step = b.get(f"{path}/frames/9")
        assert step.raise_for_status().content == a.get(f"{path}/frames/9").content
        records = b.get(f"{path}/history?stop=50").raise_for_status().json()["records"]
        assert records == a.get(f"{path}/history?stop=50").json()["records"]
        edit = {"position": 0, "tensor": "dense_1.weight", "index": [0, 0], "value": 0.5}
        fork = a.post(f"{path}/forks", json={"edits": [edit]}).raise_for_status().json()
        assert b.get(f"/runs/{fork['id']}").json()["parent"] == run["id"]
        assert b.get(f"/runs/{fork['id']}/frames/9").content == a.get(f"/runs/{fork['id']}/frames/9").content


def test_what_is_large_is_kept_whole(url: str) -> None:
    store = Store(url)
    data = np.random.default_rng(0).bytes(16 << 20)
    assert store.put_upload("a" * 64, data)
    assert store.get_upload("a" * 64) == data
    store.close()


def test_a_copy_is_left_to_pg_dump(url: str, tmp_path: Any) -> None:
    with pytest.raises(DatabaseError, match="pg_dump"):
        backup(url, tmp_path / "copy")
