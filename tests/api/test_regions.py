"""Decision regions over the wire."""

import base64
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from app.presets import PRESETS
from engine.arrays import Array
from engine.regions import regions, winners
from tests.api.conftest import SMALL, expect_problem, made, value
from tests.api.test_compare import forked

pytestmark = pytest.mark.anyio


def array(form: dict[str, Any]) -> Array:
    """An array of the typed form."""
    shape = [int(length) for length in form["shape"].split(", ")]
    return np.frombuffer(base64.b64decode(form["bdata"]), form["dtype"]).reshape(shape)


async def asked(client: httpx.AsyncClient, run: dict[str, Any], position: int, query: str = "") -> Any:
    answer = await client.get(f"/runs/{run['id']}/frames/{position}/regions{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("preset", ["spiral", "binary", "two_outputs"])
async def test_they_are_the_engines(app: FastAPI, client: httpx.AsyncClient, preset: str) -> None:
    run = await made(client, PRESETS[preset])
    engine = app.state.runs.get(run["id"]).run
    position = 5 * run["steps_per_iteration"] + 3
    found = await asked(client, run, position, "?resolution=20")
    expected = regions(engine, engine.frame(position), 20)
    assert (found["run"], found["position"], found["resolution"]) == (run["id"], position, 20)
    assert (tuple(found["x"]), tuple(found["y"])) == (expected.x, expected.y)
    for name in ("classes", "share"):
        assert array(found[name]).dtype == getattr(expected, name).dtype
        np.testing.assert_array_equal(array(found[name]), getattr(expected, name))
    np.testing.assert_array_equal(array(found["samples"]), winners(engine, engine.frame(position)))


async def test_at_the_first_position_they_are_those_of_the_initial_weights(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS["spiral"])
    steps = run["steps_per_iteration"]
    first, last, after = [await asked(client, run, p) for p in (0, steps - 1, steps)]
    assert array(first["classes"]).shape == (64, 64)
    assert first["share"] == last["share"]
    assert last["share"] != after["share"]


async def test_what_it_says_of_the_samples_is_the_accuracy(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS["spiral"])
    position = 100 * run["steps_per_iteration"] - 1
    frame = (await client.get(f"/runs/{run['id']}/frames/{position}")).json()
    said = array((await asked(client, run, position))["samples"])
    assert (said == value(frame, "data.target")[:, 0]).mean() == frame["accuracy"]


async def test_an_edit_of_a_weight_moves_them(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS["binary"])
    edit = {"position": 0, "tensor": "dense_2.bias", "index": [0, 0], "value": 50.0}
    fork = await forked(client, run, edits=[edit])
    assert (array((await asked(client, fork, 0))["classes"]) == 1).all()


async def test_what_has_no_regions_says_so(client: httpx.AsyncClient) -> None:
    flat = await made(client, SMALL)
    expect_problem(await client.get(f"/runs/{flat['id']}/frames/0/regions"), 404, "no_regions")
    run = await made(client, PRESETS["spiral"])
    path = f"/runs/{run['id']}/frames"
    for resolution in (0, 1, 129, 10**12):
        answer = await client.get(f"{path}/0/regions?resolution={resolution}")
        expect_problem(answer, 422)
    expect_problem(await client.get(f"{path}/9007199254740991/regions"), 422, "too_long")
    expect_problem(await client.get("/runs/raaaaaaaaaaaaaaaaaaaa/frames/0/regions"), 404, "run_unknown")


async def test_a_network_too_large_for_so_many_points_is_refused(client: httpx.AsyncClient) -> None:
    wide = [{"type": "dense", "units": 2000}, {"type": "dense", "units": 2000}]
    run = await made(client, PRESETS["spiral"] | {"layers": [*wide, *PRESETS["spiral"]["layers"]]})
    path = f"/runs/{run['id']}/frames/0/regions?resolution="
    problem = expect_problem(await client.get(f"{path}128"), 422, "too_long")
    assert problem["params"]["figure"] > problem["params"]["limit"]
    assert (await client.get(f"{path}8")).status_code == 200


async def test_they_are_kept_for_ever_where_they_are_asked_for_by_build(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS["binary"])
    answer = await client.get(f"/runs/{run['id']}/frames/0/regions")
    assert answer.headers["cache-control"] == "no-cache"
    tag = {"If-None-Match": answer.headers["etag"]}
    again = await client.get(f"/runs/{run['id']}/frames/0/regions", headers=tag)
    assert again.status_code == 304
