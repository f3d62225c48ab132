"""Data of one's own: kept by what is in them, named by specs, trained with, and bounded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import create_engine, text

from app.examples import TABLE, UPLOAD
from app.settings import Settings
from tests.api.conftest import expect_problem, frame_of, made, served, value

pytestmark = pytest.mark.anyio

CSV = {"Content-Type": "text/csv"}
LAYERS: list[dict[str, Any]] = [{"type": "dense", "units": 2}, {"type": "softmax"}]


async def uploaded(client: httpx.AsyncClient, table: str | bytes, query: str = "") -> dict[str, Any]:
    answer = await client.post(f"/datasets{query}", content=table, headers=CSV)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_table_is_kept_by_what_is_in_it(client: httpx.AsyncClient) -> None:
    first = await client.post("/datasets", content="a,b,kind\n1,2,x\n3,4,y\n", headers=CSV)
    found = first.json()
    assert (first.status_code, found["samples"], found["label"]) == (201, 2, "kind")
    assert (found["features"], found["classes"]) == (["a", "b"], ["x", "y"])
    # The same content in another spelling is the same upload; other names, another label or order are not.
    again = await client.post(
        "/datasets", content='\ufeffa;b;kind\r\n1.0;+2;"x"\r\n3e0;4;y'.encode(), headers=CSV
    )
    assert (again.status_code, again.json()["upload"]) == (200, found["upload"])
    for other in ("a,c,kind\n1,2,x\n3,4,y\n", "a,b,kind\n3,4,y\n1,2,x\n", "a,b,sort\n1,2,x\n3,4,y\n"):
        assert (await uploaded(client, other))["upload"] != found["upload"]
    assert (await client.get(first.headers["location"].removeprefix("/api/v1"))).json() == found


async def test_a_preview_keeps_nothing(client: httpx.AsyncClient, settings: Settings) -> None:
    before = uploads(settings)
    found = await uploaded(client, "id,a,kind\nn1,1,x\nn2,2,y\n", "?preview=true")
    assert found["columns"][0] == {"name": "id", "different": 2, "line": 2, "got": "n1"}
    assert (found["label"], found["header"], found["delimiter"]) == ("kind", True, ",")
    assert found["rows"] == [["n1", "1", "x"], ["n2", "2", "y"]]
    assert uploads(settings) == before


async def test_a_run_of_an_upload_reads_its_numbers(client: httpx.AsyncClient) -> None:
    data = await uploaded(client, TABLE)
    run = await made(client, {"dataset": {"upload": data["upload"], "standardise": False}, "layers": LAYERS})
    frame = await frame_of(client, run, 1)
    np.testing.assert_array_equal(
        value(frame, "batch.input"), [[5.1, 3.5], [4.9, 3.0], [6.2, 2.9], [5.9, 3.2]]
    )
    np.testing.assert_array_equal(value(frame, "batch.target"), [[0], [0], [1], [1]])
    assert run["data"] == {"features": ["width", "height"], "classes": ["cat", "dog"]}
    assert run["page"] == f"/#run={run['id']}"
    assert run["spec"]["dataset"] == {
        "upload": data["upload"],
        "standardise": False,
        "samples": None,
        "seed": 0,
        "test_fraction": 0,
    }
    assert (await made(client, run["spec"]))["id"] == run["id"]


async def test_what_is_taken_of_an_upload(client: httpx.AsyncClient) -> None:
    rows = "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(20))
    data = await uploaded(client, f"p,q,kind\n{rows}")
    whole = await made(client, {"dataset": {"upload": data["upload"]}, "layers": LAYERS})
    standard = value(await frame_of(client, whole, 0), "data.input")
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(standard.std(axis=0), 1)
    few = await made(client, {"dataset": {"upload": data["upload"], "samples": 6}, "layers": LAYERS})
    chosen = await frame_of(client, few, 0)
    assert value(chosen, "data.target")[:, 0].tolist().count(0) == 3
    assert {*map(tuple, value(chosen, "data.input"))} <= {*map(tuple, standard)}
    split = {"upload": data["upload"], "test_fraction": 0.25}
    run = await made(client, {"dataset": split, "layers": LAYERS})
    assert run["tensors"]["data.input"]["shape"] == [16, 2]


async def test_a_fork_keeps_the_upload(client: httpx.AsyncClient) -> None:
    data = await uploaded(client, TABLE)
    run = await made(client, {"dataset": {"upload": data["upload"]}, "layers": LAYERS})
    edit = {"position": 0, "tensor": "data.input", "index": [0, 1], "value": 7}
    answer = await client.post(f"/runs/{run['id']}/forks", json={"edits": [edit], "changes": {"seed": 3}})
    fork = answer.json()
    assert (answer.status_code, fork["spec"]["dataset"]["upload"]) == (201, data["upload"])
    assert value(await frame_of(client, fork, 1), "batch.input")[0, 1] == 7


@pytest.mark.parametrize("dtype", ["float32", "float64"])
async def test_numbers_that_no_float_holds_are_refused(client: httpx.AsyncClient, dtype: str) -> None:
    data = await uploaded(client, "a,kind\n1e308,x\n-1e308,y\n")
    for standardise in (True, False):
        spec = {
            "dataset": {"upload": data["upload"], "standardise": standardise},
            "layers": LAYERS,
            "dtype": dtype,
        }
        answer = await client.post("/runs", json=spec)
        if dtype == "float64" and not standardise:
            assert answer.status_code == 201
        else:
            assert expect_problem(answer, 422, "not_finite")["field"] == "body.dataset"


HOSTILE: list[tuple[bytes, str, int, str, str | None]] = [
    # (table, query, status, code, reason)
    (b"", "", 422, "csv_invalid", "empty"),
    (b"a,b\n1,\xff\n", "", 422, "csv_invalid", "encoding"),
    (b"a,b\n\n1,x,2\n", "", 422, "csv_invalid", "width"),
    (b'a,b\n"' + b"1,x\n" * 10_000, "", 422, "csv_invalid", "quote"),
    (b"a," * 500_000 + b"b\n", "", 422, "csv_invalid", "columns"),
    (b"a,b\n" + b"9" * 500_000 + b",x\n", "", 422, "csv_invalid", "long_cell"),
    (b"a,b\n" + b"1,x\n" * 100_001, "", 422, "csv_invalid", "rows"),
    (b"1," + b"\n1,".join(b"%d" % n for n in range(1_002)), "", 422, "csv_invalid", "classes"),
    (b"\0" * 100_000, "", 422, "csv_invalid", "utf_16"),
    (b"a,kind\n1,x\n", "?label=nothing", 422, "unknown_value", None),
    (b"a,kind\n1,x\n", "?without=nothing", 422, "unknown_value", None),
    (b"a,kind\n1,x\n", "?without=a", 422, "conflict", None),
    (b"a,kind\n1,x\n", "?label=" + "n" * 101, 422, "out_of_range", None),
    (b"a,kind\n1,x\n", "?preview=perhaps", 422, "wrong_type", None),
    (b"a,kind\n" + b"1,x\n" * 300_000, "", 413, "body_too_large", None),
]


@pytest.mark.parametrize(
    ("table", "query", "status", "code", "reason"), HOSTILE, ids=[str(row[4] or row[3]) for row in HOSTILE]
)
async def test_what_is_no_table_is_refused(
    client: httpx.AsyncClient,
    settings: Settings,
    table: bytes,
    query: str,
    status: int,
    code: str,
    reason: str | None,
) -> None:
    before = uploads(settings)
    for preview in ("", f"{'&' if query else '?'}preview=true"):
        answer = await client.post(f"/datasets{query}{preview}", content=table, headers=CSV)
        if preview and answer.status_code == 200:
            continue  # to preview it, no label need be known and no class counted
        problem = expect_problem(answer, status, code)
        assert problem["params"].get("reason") == reason
    assert uploads(settings) == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
async def test_only_tables_are_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/datasets", content=json.dumps({"a": 1}), headers={"Content-Type": kind})
    expect_problem(answer, 415, "media_type")


async def test_an_upload_that_is_not_here(client: httpx.AsyncClient) -> None:
    expect_problem(await client.get("/datasets/" + "0" * 64), 404, "not_found")
    expect_problem(await client.get("/datasets/iris"), 422, "invalid")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("uploads")
    with (
        served(folder / "backglass.db") as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


def test_workers_train_with_an_upload_and_another_process_knows_it(
    server: httpx.Client, tmp_path: Path
) -> None:
    rows = "".join(f"{n % 5},{n % 3},{'ab'[n % 2]}\n" for n in range(40))
    data = server.post("/datasets?label=kind", content=f"p,q,kind\n{rows}", headers=CSV).json()
    spec = {"dataset": {"upload": data["upload"], "test_fraction": 0.25}, "layers": LAYERS}
    run = server.post("/runs", json=spec).raise_for_status().json()
    records = server.get(f"/runs/{run['id']}/history?stop=20").raise_for_status().json()["records"]
    assert records[-1]["loss"] < records[0]["loss"]
    assert records[0]["test_accuracy"] is not None
    frame = server.get(f"/runs/{run['id']}/frames/{20 * run['steps_per_iteration'] - 1}").json()
    assert frame["loss"] == records[-1]["loss"]
    # Where the table was never uploaded, the run cannot be made.
    with served(tmp_path / "other.db") as (url, _):
        answer = httpx.post(f"{url}/api/v1/runs", json=spec)
    assert expect_problem(answer, 422, "upload_unknown")["field"] == "body.dataset.upload"


def test_the_example_is_there(server: httpx.Client) -> None:
    assert server.get(f"/datasets/{UPLOAD}").json()["features"] == ["width", "height"]


def uploads(settings: Settings) -> int:
    """How many uploads the store keeps."""
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM uploads")) or 0)
    finally:
        engine.dispose()
