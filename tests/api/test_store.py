"""The store's file: of any version, full, only read, locked, damaged; and copied while it is in use."""

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import httpx
import numpy as np
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event

from app.backup import backup
from app.database import DatabaseError
from app.examples import BACKPROP, PLANE_ID, RUN_ID, SPEC, TABLE, UPLOAD
from app.main import create_app
from app.migrations import HEAD
from app.resources import APP
from app.settings import Settings, sqlite_url
from app.store import GIB, Store, StoredRun, metadata
from app.writing import MOST_WRITERS
from tests.api.conftest import HOSTS, SMALL, expect_problem, made

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backglass.db"


@asynccontextmanager
async def client_of(url: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=url, allowed_hosts=HOSTS, **settings))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        yield client
    app.state.store.close()


def spoil(path: Path, table: str) -> None:
    """Write nonsense over the pages that the table's rows stand in."""
    with closing(sqlite3.connect(path)) as file:
        (size,) = file.execute("PRAGMA page_size").fetchone()
        pages = file.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,))
        numbers = [number for (number,) in pages]
    data = bytearray(path.read_bytes())
    for number in numbers:
        data[(number - 1) * size : number * size] = b"\xff" * size
    path.write_bytes(data)


def spec(seed: int) -> dict[str, Any]:
    return SMALL | {"seed": seed}


def large(seed: int, samples: int = 2000) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    data = {"input": rng.standard_normal((samples, 8)).tolist(), "target": [0, 1] * (samples // 2)}
    return SMALL | {"dataset": data}


def test_the_newest_revision_is_the_one_that_is_expected() -> None:
    config = Config()
    config.set_main_option("script_location", str(APP / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_new_file_has_the_columns_that_the_store_names(path: Path) -> None:
    Store(sqlite_url(path)).close()
    with closing(sqlite3.connect(path)) as file:
        for table in metadata.sorted_tables:
            columns = [row[1] for row in file.execute(f"PRAGMA table_info({table.name})")]
            assert columns == [column.name for column in table.columns]


def test_a_file_from_before_there_were_revisions_is_taken_on(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(
            "CREATE TABLE runs (id VARCHAR(21) PRIMARY KEY, canonical TEXT NOT NULL, parent VARCHAR(21),"
            " created DATETIME NOT NULL);"
            "CREATE TABLE arrays (sha256 VARCHAR(64) PRIMARY KEY, data BLOB NOT NULL);"
            "INSERT INTO runs VALUES ('rold', '{}', NULL, '2026-01-01 00:00:00.000000');"
        )
    store = Store(sqlite_url(path))
    assert store.get("rold") == StoredRun("rold", "{}", None)
    assert store.put_upload("a" * 64, b"new")
    store.close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_a_newer_file_is_refused_and_stays_as_it_is(path: Path) -> None:
    Store(sqlite_url(path)).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=r"newer version.*9999"):
        Store(sqlite_url(path))
    assert path.read_bytes() == before


def test_processes_that_start_at_once_make_the_tables_once(path: Path) -> None:
    program = f"from app.store import Store; Store({sqlite_url(path)!r}).put_upload('a' * 64, b'x')"
    started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1] for process in started] == [b""] * 4
    assert [process.returncode for process in started] == [0] * 4


@pytest.mark.parametrize("text", [b"no database" * 1000, b"SQLite format 3\0" + b"\0" * 5000])
def test_a_file_that_is_no_database_is_named_in_a_sentence(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    environment = {"BACKGLASS_DATABASE_URL": sqlite_url(path)}
    done = subprocess.run([sys.executable, "-m", "app"], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == text


async def test_past_its_budget_nothing_new_is_kept_and_nothing_forgotten(path: Path) -> None:
    async with client_of(sqlite_url(path), store_bytes=400_000) as client:
        first = await made(client, large(0))
        for seed in range(1, 9):
            refused = await client.post("/runs", json=large(seed))
            if refused.is_error:
                break
        problem = expect_problem(refused, 507, "store_over_budget")
        assert problem["params"]["limit"] == 400_000
        assert problem["params"]["figure"] > 400_000
        assert (await client.post("/runs", json=large(0))).status_code == 200, "it is there"
        assert (await client.get(f"/runs/{first['id']}/frames/5")).status_code == 200
    async with client_of(sqlite_url(path), store_bytes=1) as client:  # the examples were kept before
        assert (await client.get(f"/runs/{first['id']}")).json()["id"] == first["id"]
        expect_problem(await client.post("/runs", json=spec(2)), 507, "store_over_budget")


@pytest.mark.parametrize("how", ["no room", "damaged"])
async def test_where_nothing_can_be_kept_the_service_starts_and_its_examples_work(
    path: Path, how: str
) -> None:
    if how == "damaged":
        async with client_of(sqlite_url(path)):
            pass
        spoil(path, "runs")
    refusal = (507, "store_over_budget") if how == "no room" else (503, "store_damaged")
    async with client_of(sqlite_url(path), store_bytes=1 if how == "no room" else GIB) as client:
        expect_problem(await client.post("/runs", json=SMALL), *refusal)
        assert (await client.post("/backprop", json=BACKPROP)).status_code == 200
        assert (await client.post("/runs", json=SPEC)).json()["id"] == RUN_ID
        for run in (RUN_ID, PLANE_ID):
            assert (await client.get(f"/runs/{run}/frames/5")).status_code == 200
        headers = {"Content-Type": "text/csv"}
        assert (await client.post("/datasets", content=TABLE, headers=headers)).json()["upload"] == UPLOAD
        assert (await client.get(f"/datasets/{UPLOAD}")).status_code == 200


async def test_a_full_disk_is_said_and_reading_goes_on(path: Path) -> None:
    async with client_of(sqlite_url(path)) as client:
        run = await made(client, spec(1))
        with closing(sqlite3.connect(path)) as file:
            pages = file.execute("PRAGMA page_count").fetchone()[0]

        def with_little_room(connection: Any, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages + 2}")

        engine = client._transport.app.state.store._engine  # type: ignore[attr-defined]
        engine.dispose()
        event.listen(engine, "connect", with_little_room)
        expect_problem(await client.post("/runs", json=large(2)), 507, "store_full")
        assert (await client.get(f"/runs/{run['id']}/frames/5")).status_code == 200
        event.remove(engine, "connect", with_little_room)
        engine.dispose()
        assert (await client.post("/runs", json=large(2))).status_code == 201, "there is room again"


async def test_a_file_that_may_only_be_read_is_read(path: Path) -> None:
    async with client_of(sqlite_url(path)) as client:
        run = await made(client, spec(1))
    async with client_of(f"sqlite:///file:{path}?mode=ro&uri=true") as client:
        assert (await client.get(f"/runs/{run['id']}/frames/5")).status_code == 200
        assert (await client.post("/runs", json=spec(1))).status_code == 200, "it is known"
        expect_problem(await client.post("/runs", json=spec(2)), 503, "store_read_only")


async def test_what_only_the_log_holds_is_read_where_nothing_can_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import os; from app.store import Store, StoredRun;"
        f" Store({sqlite_url(path)!r}).put(StoredRun('rlast', '{{}}', None), {{}}); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert path.with_name(f"{path.name}-wal").stat().st_size, "it was killed: the log was not written back"
    monkeypatch.setattr("os.access", lambda *_: False)
    store = Store(sqlite_url(path))
    assert store.get("rlast") is not None
    store.close()


async def test_a_file_that_somebody_holds_is_tried_again_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.WAIT_SECONDS", 0.1)
    async with client_of(sqlite_url(path)) as client:
        run = await made(client, spec(1))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = await client.post("/runs", json=spec(2))
            expect_problem(answer, 503, "store_busy")
            assert int(answer.headers["retry-after"]) > 0
            assert (await client.get(f"/runs/{run['id']}/frames/5")).status_code == 200
            other.execute("ROLLBACK")
        assert (await client.post("/runs", json=spec(2))).status_code == 201


async def test_who_waits_to_write_keeps_nobody_from_reading(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.WAIT_SECONDS", 120)
    async with client_of(sqlite_url(path)) as client:
        run = await made(client, spec(1))
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers: list[httpx.Response] = []

            async def write(seed: int) -> None:
                answers.append(await client.post("/runs", json=spec(seed)))

            with anyio.fail_after(60):
                async with anyio.create_task_group() as group:
                    for seed in range(2, 62):
                        group.start_soon(write, seed)
                    while not answers:
                        await anyio.sleep(0.01)
                    assert (await client.get(f"/runs/{run['id']}/frames/5")).status_code == 200
                    other.execute("ROLLBACK")
        assert {answer.status_code for answer in answers} == {201, 503}
        refused = [answer for answer in answers if answer.status_code == 503]
        for answer in refused:
            expect_problem(answer, 503, "store_busy")
            assert int(answer.headers["retry-after"]) > 0
        assert len(answers) - len(refused) >= MOST_WRITERS


async def test_what_stands_in_damaged_pages_is_refused_and_all_else_served(path: Path) -> None:
    async with client_of(sqlite_url(path), cache_bytes=1) as client:
        whole = await made(client, spec(1))
        hurt = await made(client, large(3))
    spoil(path, "arrays")
    async with client_of(sqlite_url(path)) as client:
        expect_problem(await client.get(f"/runs/{hurt['id']}"), 503, "store_damaged")
        assert (await client.get(f"/runs/{whole['id']}/frames/5")).status_code == 200
        assert (await client.get("http://backglass/readyz")).status_code == 200


async def test_a_copy_made_while_it_is_written_is_a_store(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    environment = {"BACKGLASS_DATABASE_URL": sqlite_url(path)}
    command = [sys.executable, "-m", "app", "backup", str(copy)]
    async with client_of(sqlite_url(path)) as client:
        runs = [await made(client, spec(seed)) for seed in range(3)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        await made(client, spec(99))
    before = copy.read_bytes()
    again = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert again.returncode == 1
    assert "there already" in again.stderr
    assert copy.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
    path.write_bytes(copy.read_bytes())
    async with client_of(sqlite_url(path)) as client:
        for run in runs:
            assert (await client.get(f"/runs/{run['id']}")).json() == run


async def test_what_was_changed_in_the_file_is_no_run_any_more(path: Path) -> None:
    async with client_of(sqlite_url(path)) as client:
        first, second = await made(client, spec(1)), await made(client, large(2))
        text = "a,b,label\n1,2,x\n3,4,y\n"
        headers = {"Content-Type": "text/csv"}
        upload = (await client.post("/datasets?label=label", content=text, headers=headers)).json()["upload"]
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE runs SET canonical = substr(canonical, 1, 40) WHERE id = ?", (first["id"],))
        file.execute("UPDATE arrays SET data = zeroblob(length(data))")
        file.execute("UPDATE uploads SET data = substr(data, 1, 90) WHERE sha256 = ?", (upload,))
        file.commit()
    async with client_of(sqlite_url(path)) as client:
        for path_of in (f"/runs/{first['id']}", f"/runs/{second['id']}", f"/datasets/{upload}"):
            expect_problem(await client.get(path_of), 503, "store_damaged")
        assert (await client.post("/runs", json=spec(3))).status_code == 201


def test_a_copy_is_made_however_fast_others_write(path: Path, tmp_path: Path) -> None:
    store = Store(sqlite_url(path))
    store.put_upload("a" * 64, bytes(60_000_000))  # more than is copied between two writes
    store.close()
    program = (
        f"import itertools; from app.store import Store; store = Store({sqlite_url(path)!r})\n"
        "for n in itertools.count(): store.put_upload(f'{n:064}', bytes(20_000)); print(n, flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as writing:
        try:
            assert writing.stdout is not None
            kept = [int(writing.stdout.readline()) for _ in range(20)]
            command = [sys.executable, "-m", "app", "backup", str(tmp_path / "copy.db")]
            environment = {"BACKGLASS_DATABASE_URL": sqlite_url(path)}
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, timeout=120)
        finally:
            writing.kill()
    store = Store(sqlite_url(tmp_path / "copy.db"))
    assert all(store.get_upload(f"{n:064}") for n in kept)
    store.close()


def test_a_copy_that_cannot_be_written_is_said(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no database"):
        backup(sqlite_url(path), tmp_path / "copy.db")
    Store(sqlite_url(path)).close()
    with pytest.raises(DatabaseError, match="could not be written"):
        backup(sqlite_url(path), tmp_path / "nowhere" / "copy.db")
