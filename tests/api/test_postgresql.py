"""The store in a real PostgreSQL: several servers share it, and outlive it being away."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
import sqlalchemy as sa

from app.backup import backup
from app.database import DatabaseError
from app.postgresql import MIGRATION_LOCK, WRITING_LOCK
from app.problems import Problem
from app.store import Store, StoredRun
from app.store_errors import problem_of
from tests.api.conftest import SMALL, expect_problem, serving
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


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Fail where it does not come true within generous time."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.02)


@contextmanager
def held_until(url: str, lock: int, waiting: int) -> Iterator[None]:
    """Hold a lock until so many wait for it, who then all go at once."""
    engine = sa.create_engine(url)
    asked = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {lock} AND NOT granted"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({lock})")
        yield
        try:
            wait_until(lambda: connection.exec_driver_sql(asked).scalar_one() == waiting)
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({lock})")
    engine.dispose()


def test_processes_that_start_at_once_make_the_tables_once(url: str) -> None:
    program = f"from app.store import Store; Store({url!r}).put_upload('a' * 64, b'x')"
    with held_until(url, MIGRATION_LOCK, 3):
        started = [
            subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(3)
        ]
    assert [process.communicate()[1] for process in started] == [b""] * 3
    assert [process.returncode for process in started] == [0] * 3


def test_of_those_who_write_the_same_at_once_one_is_the_first(url: str) -> None:
    stores = [Store(url) for _ in range(4)]
    blobs = {f"{n:064}": bytes([n]) * 10_000 for n in range(5)}
    for number in range(20):
        gate = threading.Barrier(len(stores))
        new: list[bool] = []

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
        table = "a,b,label\n" + "".join(f"{n},{n * n},{n % 2}\n" for n in range(40))
        kind = {"Content-Type": "text/csv"}
        upload = (
            a.post("/datasets?label=label", content=table, headers=kind).raise_for_status().json()["upload"]
        )
        own = SMALL | {
            "dataset": {"upload": upload},
            "layers": [{"type": "dense", "units": 2}, {"type": "softmax"}],
        }
        used = b.post("/runs", json=own)
        assert used.status_code == 201, used.text
        assert a.get(f"/runs/{used.json()['id']}/frames/5").status_code == 200
        given = {
            "input": np.random.default_rng(0).standard_normal((2000, 8)).tolist(),
            "target": [0, 1] * 1000,
        }
        wide = b.post("/runs", json=SMALL | {"dataset": given}).raise_for_status().json()
        assert a.get(f"/runs/{wide['id']}").json() == wide, "its arrays are there"
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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://someone:secret@host:port/name",
        "postgresql+psycopg://someone:sec@ret:secret@127.0.0.1:1/name",
        "postgresql+psycopg://someone:secret@127.0.0.1:1/name",
        "postgresql+psycopg://someone@127.0.0.1:1/name?password=secret",
        "postgresql+psycopg2://someone:secret@127.0.0.1/name",
        "postgresql+psycopg_async://someone:secret@127.0.0.1/name",
        "mysql://someone:secret@127.0.0.1/name",
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        Store(url)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_the_driver_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"psycopg\[binary\]"):
        Store("postgresql+psycopg://someone:secret@127.0.0.1/name")


def test_its_budget_holds_however_many_write_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.WAIT_SECONDS", 120)
    stores = [Store(url, 12 << 20) for _ in range(8)]  # an empty database takes 7 MiB and more
    refused: list[str] = []
    data = np.random.default_rng(0).bytes(1 << 20)

    def write(number: int) -> None:
        try:
            stores[number].put_upload(f"{number:064}", data)
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with held_until(url, WRITING_LOCK, 8):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert set(refused) == {"store_over_budget"}
    kept = [number for number in range(8) if stores[0].get_upload(f"{number:064}") == data]
    assert len(kept) == 8 - len(refused)
    with stores[0]._engine.connect() as connection:
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    assert size <= (12 << 20) + (1 << 19), "what is kept and its index, not a piece more"
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("AdminShutdown", "store_away"),
        ("CannotConnectNow", "store_away"),
        ("ConnectionFailure", "store_away"),
        ("DiskFull", "store_full"),
        ("ReadOnlySqlTransaction", "store_read_only"),
        ("LockNotAvailable", "store_busy"),
        ("QueryCanceled", "store_busy"),
        ("TooManyConnections", "store_busy"),
        ("DataCorrupted", "store_damaged"),
    ],
)
def test_what_it_cannot_do_is_named(error: str, code: str) -> None:
    cause = getattr(psycopg.errors, error)()
    assert problem_of(sa.exc.DBAPIError("", {}, cause)).code == code


def test_started_again_it_is_asked_over_a_new_connection(server: PostgreSQL, url: str) -> None:
    store = Store(url)
    store.put_upload("a" * 64, b"x")
    server.stop()
    try:
        with pytest.raises(sa.exc.OperationalError) as refused:
            store.get_upload("a" * 64)
        assert problem_of(refused.value).code == "store_away"
    finally:
        server.start()
    assert store.get_upload("a" * 64) == b"x"
    server.stop()
    server.start()
    assert store.get_upload("a" * 64) == b"x", "the connection that was there is gone"
    store.close()


def test_stopped_under_load_it_is_missed_and_found_again(server: PostgreSQL, url: str) -> None:
    answers: list[tuple[int, str, str | None]] = []
    over = threading.Event()

    def post(base: httpx.URL, first: int) -> None:
        with httpx.Client(base_url=base, timeout=120) as api:
            for seed in count(first):
                if over.is_set():
                    return
                answer = api.post("/runs", json=SMALL | {"seed": seed})
                code = answer.json().get("code", "")
                answers.append((answer.status_code, code, answer.headers.get("retry-after")))

    def seen(status: int) -> Callable[[], bool]:
        since = len(answers)
        return lambda: any(answer[0] == status for answer in answers[since:])

    with api_of(url) as api:
        run = api.post("/runs", json=SMALL).raise_for_status().json()
        threads = [threading.Thread(target=post, args=(api.base_url, 10_000 * n)) for n in range(1, 4)]
        for thread in threads:
            thread.start()
        try:
            wait_until(seen(201))
            server.stop()
            try:
                wait_until(seen(503))
                expect_problem(api.get("/runs/r" + "a" * 20), 503, "store_away")
                expect_problem(api.get(f"http://{api.base_url.netloc.decode()}/readyz"), 503)
                assert api.get(f"/runs/{run['id']}/frames/9").status_code == 200, "it is in memory"
                assert api.get("/heads").status_code == 200, "it needs no store"
            finally:
                server.start()
            wait_until(seen(201))
            assert api.get(f"http://{api.base_url.netloc.decode()}/readyz").status_code == 200
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert {answer[:2] for answer in answers} <= {(201, ""), (503, "store_away"), (503, "store_busy")}
        assert all(after for status, _, after in answers if status == 503)
