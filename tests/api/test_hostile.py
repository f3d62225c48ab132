"""Bad input is answered by a problem of 4xx, and changes nothing."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from app.examples import UPLOAD
from app.settings import Settings
from tests.api.conftest import SMALL, expect_problem, made

pytestmark = pytest.mark.anyio

DENSE: dict[str, Any] = {"type": "dense", "units": 3}
SOFTMAX = {"type": "softmax"}


def spec(**changes: Any) -> dict[str, Any]:
    return SMALL | changes


def given(input: Any, target: Any, layers: Any = (SOFTMAX,)) -> dict[str, Any]:
    return {"dataset": {"input": input, "target": target}, "layers": list(layers)}


def edited(**changes: Any) -> dict[str, Any]:
    edit = {"position": 0, "tensor": "dense_1.weight", "index": [0, 0], "value": 1}
    return spec(edits=[edit | changes])


NAN, LARGE = float("nan"), float("1e999")
HUGE = 10**400

SPECS: list[tuple[Any, str, str]] = [
    # (spec, code, field)
    ({}, "missing", "body.dataset"),
    ([], "wrong_type", "body"),
    (None, "wrong_type", "body"),
    ("spec", "wrong_type", "body"),
    (spec(surprise=1), "unknown_field", "body.surprise"),
    (spec(layers=[]), "out_of_range", "body.layers"),
    (spec(layers=[SOFTMAX] * 65), "out_of_range", "body.layers"),
    (spec(layers={}), "wrong_type", "body.layers"),
    (spec(layers=[{"units": 3}]), "missing", "body.layers[0]"),
    (spec(layers=[{"type": "conv"}]), "unknown_value", "body.layers[0]"),
    (spec(layers=[{"type": "dense"}]), "missing", "body.layers[0].units"),
    (spec(layers=[DENSE | {"units": 0}]), "out_of_range", "body.layers[0].units"),
    (spec(layers=[DENSE | {"units": 2.5}]), "wrong_type", "body.layers[0].units"),
    (spec(layers=[DENSE | {"units": "3"}]), "wrong_type", "body.layers[0].units"),
    (spec(layers=[DENSE | {"units": True}]), "wrong_type", "body.layers[0].units"),
    (spec(layers=[DENSE | {"units": HUGE}]), "out_of_range", "body.layers[0].units"),
    (spec(layers=[DENSE | {"colour": 1}]), "unknown_field", "body.layers[0].colour"),
    (
        spec(layers=[DENSE | {"initializer": {"type": "xavier"}}]),
        "unknown_value",
        "body.layers[0].initializer",
    ),
    (spec(layers=[DENSE | {"bias": [1, 2]}]), "wrong_shape", "body.layers[0].bias"),
    (spec(layers=[DENSE | {"weight": [[1, 2, 3]]}]), "wrong_shape", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2]] * 4}]), "wrong_shape", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2, 3], [1]]}]), "wrong_shape", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2, NAN]] * 4}]), "not_finite", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2, HUGE]] * 4}]), "not_finite", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2, "3"]] * 4}]), "wrong_type", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[1, 2, True]] * 4}]), "wrong_type", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[[1]]]}]), "wrong_type", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": []}]), "wrong_type", "body.layers[0].weight"),
    (spec(layers=[DENSE | {"weight": [[]]}]), "wrong_shape", "body.layers[0].weight"),
    (
        spec(dtype="float32", layers=[DENSE | {"weight": [[1, 2, 1e300]] * 4}]),
        "not_finite",
        "body.layers[0].weight",
    ),
    (
        spec(layers=[DENSE | {"weight": [[1] * 3] * 4, "initializer": {"type": "he"}}]),
        "conflict",
        "body.layers[0]",
    ),
    (
        spec(layers=[DENSE | {"weight": {"dtype": "f8", "bdata": "AAA="}}]),
        "wrong_shape",
        "body.layers[0].weight",
    ),
    (spec(layers=[DENSE | {"weight": {"dtype": "f8", "bdata": "µ"}}]), "wrong_type", "body.layers[0].weight"),
    (
        spec(layers=[DENSE | {"weight": {"dtype": "O", "bdata": "AAAA"}}]),
        "unknown_value",
        "body.layers[0].weight",
    ),
    (
        spec(layers=[DENSE | {"weight": {"dtype": ["f8"], "bdata": ""}}]),
        "unknown_value",
        "body.layers[0].weight",
    ),
    (
        spec(layers=[DENSE | {"weight": {"dtype": "u1", "bdata": "AAAA", "shape": "9" * 40 + ",3"}}]),
        "wrong_shape",
        "body.layers[0].weight",
    ),
    (spec(dataset={"name": "mnist"}), "unknown_value", "body.dataset"),
    (spec(dataset={"name": 7}), "unknown_value", "body.dataset"),
    (spec(dataset={"name": ["iris"]}), "unknown_value", "body.dataset"),
    (spec(dataset={"name": "iris", "samples": 0}), "out_of_range", "body.dataset.samples"),
    (spec(dataset={"name": "iris", "samples": 10**12}), "out_of_range", "body.dataset.samples"),
    (spec(dataset={"name": "iris", "seed": -1}), "out_of_range", "body.dataset.seed"),
    (spec(dataset={"name": "iris", "noise": 1}), "unknown_field", "body.dataset.noise"),
    (spec(dataset={"name": "spiral", "noise": LARGE}), "not_finite", "body.dataset.noise"),
    (spec(dataset={"name": "iris", "standardise": 1}), "wrong_type", "body.dataset.standardise"),
    (spec(dataset={"upload": "0" * 64}), "upload_unknown", "body.dataset.upload"),
    (spec(dataset={"upload": "0" * 63}), "invalid", "body.dataset.upload"),
    (spec(dataset={"upload": 7}), "wrong_type", "body.dataset.upload"),
    (spec(dataset={"upload": UPLOAD, "samples": 5}), "out_of_range", "body.dataset.samples"),
    (spec(dataset={"upload": UPLOAD, "noise": 1}), "unknown_field", "body.dataset.noise"),
    (spec(dataset={"upload": UPLOAD, "test_fraction": 0.95}), "out_of_range", "body.dataset.test_fraction"),
    (spec(dataset={"upload": UPLOAD, "input": [[1]], "target": [0]}), "unknown_field", "body.dataset.input"),
    (given([[1, 2]], [0, 1]), "wrong_shape", "body.dataset.target"),
    (given([1, 2], [0, 1]), "wrong_shape", "body.dataset.input"),
    (given([[1, 2]], [2]), "out_of_range", "body.dataset"),
    (given([[1, 2]], [-1]), "out_of_range", "body.dataset"),
    (given([[1, 2]], [0.5]), "out_of_range", "body.dataset"),
    (given([[1, 2]], [[0, 2]]), "out_of_range", "body.dataset"),
    (given([[1, 2]], [[0, 0, 1]]), "wrong_shape", "body.dataset"),
    (given([[1, 2], [3]], [0, 1]), "wrong_shape", "body.dataset.input"),
    (given([[1, [2]]], [0]), "wrong_type", "body.dataset.input"),
    (given([[1, None]], [0]), "wrong_type", "body.dataset.input"),
    (spec(layers=[{"type": "dense", "units": 2}, SOFTMAX]), "out_of_range", "body.dataset"),
    (spec(loss="mean_squared_error"), "unknown_value", "body.loss"),
    (spec(loss="binary_crossentropy"), "wrong_shape", "body.dataset"),
    (spec(head="fused", layers=[DENSE]), "conflict", "body.head"),
    (spec(head="none"), "unknown_value", "body.head"),
    (spec(conventions="tensorflow"), "unknown_value", "body.conventions"),
    (spec(conventions={"clip": 0.6}), "out_of_range", "body.conventions.clip"),
    (spec(conventions={"relu_at_zero": 2}), "out_of_range", "body.conventions.relu_at_zero"),
    (spec(conventions=[]), "wrong_type", "body.conventions"),
    (spec(optimizer={"type": "newton"}), "unknown_value", "body.optimizer"),
    (
        spec(optimizer={"type": "sgd", "nesterov": True}),
        "conflict",
        "body.optimizer.nesterov",
    ),
    (spec(optimizer={"type": "adam", "beta1": 1}), "out_of_range", "body.optimizer.beta1"),
    (spec(optimizer={"type": "sgd", "learning_rate": NAN}), "not_finite", "body.optimizer.learning_rate"),
    (spec(optimizer={"type": "sgd", "learning_rate": HUGE}), "wrong_type", "body.optimizer.learning_rate"),
    (spec(optimizer={"type": "sgd", "learning_rate": -1}), "out_of_range", "body.optimizer.learning_rate"),
    (
        spec(dtype="float32", optimizer={"type": "sgd", "learning_rate": 1e39}),
        "not_finite",
        "body.optimizer.learning_rate",
    ),
    (spec(batch={"size": 0}), "out_of_range", "body.batch.size"),
    (spec(batch={"order": "random"}), "unknown_value", "body.batch.order"),
    (spec(dtype="float16"), "unknown_value", "body.dtype"),
    (spec(seed=-1), "out_of_range", "body.seed"),
    (spec(seed=2**53), "out_of_range", "body.seed"),
    (edited(position=-1), "out_of_range", "body.edits[0].position"),
    (edited(position=10**12), "too_long", "body.edits[0].position"),
    (edited(position=10**400), "out_of_range", "body.edits[0].position"),
    (edited(tensor="dense_9.weight"), "unknown_value", "body.edits[0].tensor"),
    (edited(tensor="\x00"), "unknown_value", "body.edits[0].tensor"),
    (edited(tensor="w" * 101), "out_of_range", "body.edits[0].tensor"),
    (edited(index=[0]), "out_of_range", "body.edits[0].index"),
    (edited(index=[0, 0, 0]), "out_of_range", "body.edits[0].index"),
    (edited(index=[0, 1.5]), "wrong_type", "body.edits[0].index[1]"),
    (edited(index=[0, -1]), "out_of_range", "body.edits[0].index[1]"),
    (edited(index=[0, 3]), "invalid", "body.edits[0]"),
    (edited(value=NAN), "not_finite", "body.edits[0].value"),
    (edited(value="1"), "wrong_type", "body.edits[0].value"),
    (edited(tensor="dense_1.dweight"), "invalid", "body.edits[0]"),
    (edited(tensor="data.target", value=3), "invalid", "body.edits[0]"),
    (edited(tensor="data.target", value=0.5), "invalid", "body.edits[0]"),
    (spec(edits=[{}] * 1001), "out_of_range", "body.edits"),
    (spec(layers=[DENSE | {"units": 10**9}, DENSE, SOFTMAX]), "too_much_memory", "body"),
    (spec(layers=[DENSE | {"units": 2**53 - 1}] * 60 + [DENSE, SOFTMAX]), "too_much_memory", "body"),
]


@pytest.mark.parametrize(("body", "code", "field"), SPECS, ids=range(len(SPECS)))
async def test_a_bad_spec_is_refused_by_name(
    client: httpx.AsyncClient, settings: Settings, body: Any, code: str, field: str
) -> None:
    before = rows(settings)
    answer = await client.post("/runs", content=json.dumps(body), headers=JSON)
    problem = expect_problem(answer, 422, code)
    assert problem["field"] == field, problem
    assert rows(settings) == before


JSON = {"content-type": "application/json"}

BODIES: list[tuple[str, bytes, int, str]] = [
    ("empty", b"", 422, "missing"),
    ("no JSON", b"{", 400, "not_json"),
    ("two values", b"{}{}", 400, "not_json"),
    ("malformed UTF-8", b'{"dataset": "\xff\xfe"}', 400, "not_json"),
    ("a NUL", b"\x00", 400, "not_json"),
    ("deep", b"[" * 10_000 + b"]" * 10_000, 400, "not_json"),
    ("deep in a field", b'{"dataset":' + b'{"a":' * 900 + b"1" + b"}" * 901, 422, "missing"),
    ("deep in layers", b'{"layers":' + b"[" * 900 + b"]" * 900 + b"}", 422, "missing"),
    ("an integer of 400 digits", b'{"seed": ' + b"9" * 400 + b"}", 422, "missing"),
    ("an integer of 100,000 digits", b'{"seed": ' + b"9" * 100_000 + b"}", 400, "not_json"),
    ("a lone surrogate", b'{"\\ud800": "\\udfff", "dataset": "\\ud800"}', 422, "missing"),
    ("NUL in names", b'{"\\u0000": "\\u0000"}', 422, "missing"),
    ("1e999", b'{"seed": 1e999}', 422, "missing"),
    ("a key twice", b'{"dataset": {"name": "iris"}, "dataset": {"name": "golden"}}', 400, "not_json"),
    ("a key twice, within", b'{"layers": [{"type": "softmax", "type": "dense"}]}', 400, "not_json"),
    ("too long", b" " * (1024 * 1024 + 1), 413, "body_too_large"),
]


@pytest.mark.parametrize("path", ["/runs", "/backprop", "/layers/softmax/backward"])
@pytest.mark.parametrize(("body", "status"), [row[1:3] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_a_bad_body_is_refused(client: httpx.AsyncClient, path: str, body: bytes, status: int) -> None:
    expect_problem(await client.post(path, content=body, headers=JSON), status)


async def test_of_a_key_that_stands_twice_it_is_told_which(client: httpx.AsyncClient) -> None:
    answer = await client.post("/runs", content=b'{"seed": 1, "see\\u0064": 2}', headers=JSON)
    assert "the key seed stands twice" in expect_problem(answer, 400, "not_json")["detail"]


async def test_every_route_that_reads_json_is_strict(app: FastAPI, client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    names = {"id": run["id"], "position": "0", "tensor": "data.input", "type": "softmax"}
    readers = [
        path.format(**names)
        for path, operations in app.openapi()["paths"].items()
        if "application/json" in operations.get("post", {}).get("requestBody", {}).get("content", {})
    ]
    assert len(readers) > 5
    for path in readers:
        answer = await client.post(f"http://backglass{path}", content=b'{"a": 1, "a": 2}', headers=JSON)
        assert "stands twice" in expect_problem(answer, 400, "not_json")["detail"], path


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "GZIP", "identity, gzip", "", "x" * 1000])
@pytest.mark.parametrize("size", [0, 100, 2 * 1024 * 1024])
async def test_what_is_compressed_is_not_read(client: httpx.AsyncClient, coding: str, size: int) -> None:
    bomb = gzip.compress(b" " * size)
    for path, kind in (("/runs", "application/json"), ("/datasets", "text/csv")):
        headers = {"content-type": kind, "content-encoding": coding}
        expect_problem(await client.post(path, content=bomb, headers=headers), 415, "content_encoding")
    plain = {**JSON, "content-encoding": "identity"}
    assert (await client.post("/runs", json=SMALL, headers=plain)).status_code in (200, 201)


async def test_a_chunked_body_has_the_same_limit(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 64 * 1024

    problem = expect_problem(await client.post("/runs", content=chunks(), headers=JSON), 413)
    assert problem["params"] == {"limit": 1024 * 1024}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "", "json"]
)
async def test_only_json_is_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/runs", content=json.dumps(SMALL), headers={"content-type": kind})
    expect_problem(answer, 415, "media_type")


PATHS: list[tuple[str, int, str]] = [
    ("/nothing", 404, "not_found"),
    ("/runs/raaaaaaaaaaaaaaaaaaaa", 404, "run_unknown"),
    ("/runs/%00", 404, "run_unknown"),
    ("/runs/" + "r" * 5000, 404, "run_unknown"),
    ("/runs/%F0%9F%92%A9", 404, "run_unknown"),
    ("{run}/frames/-1", 422, "invalid"),
    ("{run}/frames/1.5", 422, "invalid"),
    ("{run}/frames/one", 422, "invalid"),
    ("{run}/frames/1_0", 422, "invalid"),
    ("{run}/frames/%D9%A1", 422, "invalid"),
    ("{run}/frames/1000000000000", 422, "too_long"),
    ("{run}/frames/" + "9" * 400, 422, "out_of_range"),
    ("{run}/frames/" + "9" * 5000, 422, "invalid"),
    ("{run}/frames/0?since=1000000000000", 422, "too_long"),
    ("{run}/frames/0?since=-1", 422, "invalid"),
    ("{run}/frames/0?format=xml", 422, "unknown_value"),
    ("{run}/frames/0?values=all", 422, "unknown_value"),
    ("{run}/frames/0/tensors/dense_7.output", 404, "tensor_unknown"),
    ("{run}/frames/0/tensors/%00", 404, "tensor_unknown"),
    ("{run}/frames/0/tensors/data.input?rows=5:2", 422, "out_of_range"),
    ("{run}/frames/0/tensors/data.input?rows=99:", 422, "out_of_range"),
    ("{run}/frames/0/tensors/data.input?columns=a:b", 422, "invalid"),
    ("{run}/frames/0/tensors/data.input?rows=1", 422, "invalid"),
    ("{run}/frames/0/tensors/dense_1.output?format=npy", 409, "not_computed"),
    ("{run}/frames/0/tensors/dense_1.output/cells/0,0", 409, "not_computed"),
    ("{run}/frames/0/tensors/data.input/cells/8,0", 404, "cell_unknown"),
    ("{run}/frames/0/tensors/data.input/cells/0," + "9" * 300, 422, "out_of_range"),
    ("{run}/frames/0/tensors/data.input/cells/0", 404, "not_found"),
    ("{run}/frames/0/tensors/data.input/cells/a,b", 422, "invalid"),
    ("{run}/frames/0/jacobians/softmax_1", 409, "not_computed"),
    ("{run}/frames/5/jacobians/softmax_9", 404, "layer_unknown"),
    ("{run}/frames/5/jacobians/softmax_1?sample=8", 422, "out_of_range"),
    ("{run}/frames/5/jacobians/softmax_1?sample=-1", 422, "invalid"),
]


@pytest.mark.parametrize(("path", "status", "code"), PATHS, ids=[row[0][:60] for row in PATHS])
async def test_a_bad_address_is_refused(client: httpx.AsyncClient, path: str, status: int, code: str) -> None:
    run = await made(client, SMALL)
    expect_problem(await client.get(path.replace("{run}", f"/runs/{run['id']}")), status, code)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/backprop", {"POST"}),
        ("DELETE", "/runs", {"POST"}),
        ("PUT", "/datasets", {"GET", "POST"}),
        ("POST", "/runs/raaaaaaaaaaaaaaaaaaaa", {"GET"}),
    ],
)
async def test_another_method_is_refused(
    client: httpx.AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = await client.request(method, path)
    expect_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


def rows(settings: Settings) -> int:
    """How many runs the store keeps."""
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM runs")) or 0)
    finally:
        engine.dispose()


async def test_an_unexpected_error_tells_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    app.add_api_route("/fails", fail)
    problem = expect_problem(await client.get("http://backglass/fails"), 500, "internal")
    assert "secret" not in str(problem)


async def test_a_list_of_the_wrong_length_is_told_the_right_one(client: httpx.AsyncClient) -> None:
    problem = expect_problem(await client.post("/runs", json={**SMALL, "layers": []}), 422)
    assert problem["detail"] == "body.layers: expected a list of at least 1, got a list of 0."


async def test_long_bodies_at_once_are_bounded_and_short_ones_taken_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    begun, go = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b" " * 900 * 1024
        begun.release()
        await go.wait()
        yield b"{}"

    long = b" " * 900 * 1024 + b"{}"
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        held = [group.create_task(client.post("/runs", content=slow(), headers=JSON)) for _ in range(2)]
        for _ in held:
            await begun.acquire()
        refused = await client.post("/runs", content=long, headers=JSON)
        expect_problem(refused, 503, "bodies_full")
        assert refused.headers["retry-after"]
        assert (await client.post("/runs", json=SMALL)).status_code in (200, 201)
        go.set()
    for one in held:
        expect_problem(one.result(), 422, "missing")
    expect_problem(await client.post("/runs", content=long, headers=JSON), 422, "missing")
