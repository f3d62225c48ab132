"""What first went wrong in a run, over REST: step, cell and operands; whole, or as it is found."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.presets import PRESETS
from tests.api.conftest import SMALL, expect_problem, served

DEEP: dict[str, Any] = {
    "dataset": {"name": "moons", "samples": 8},
    "layers": [
        part
        for units in (4, 4, 4, 4, 4, 4, 1)
        for part in ({"type": "dense", "units": units}, {"type": "sigmoid"})
    ],
    "loss": "binary_crossentropy",
}
RELU: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8, "standardise": True},
    "layers": [
        {"type": "dense", "units": 5, "initializer": {"type": "he"}},
        {"type": "relu"},
        {"type": "dense", "units": 3, "initializer": {"type": "he"}},
        {"type": "softmax"},
    ],
    "conventions": {"relu_at_zero": 1, "bce_outputs": "sum", "clip": 0},
    "seed": 58,
}
WILD = RELU | {"optimizer": {"type": "sgd", "learning_rate": 1e6}}
BURIED = RELU | {"edits": [{"position": 0, "tensor": "dense_1.bias", "index": [0, 2], "value": -1000}]}
BURST = RELU | {"edits": [{"position": 7200, "tensor": "dense_2.weight", "index": [1, 2], "value": 1e308}]}
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        served(tmp_path_factory.mktemp("autopsy") / "backglass.db") as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


def run_of(api: httpx.Client, spec: dict[str, Any]) -> str:
    found: str = api.post("/runs", json=spec).raise_for_status().json()["id"]
    return found


def findings(api: httpx.Client, spec: dict[str, Any], query: str = "stop=20") -> dict[str, Any]:
    answer = api.get(f"/runs/{run_of(api, spec)}/autopsy?{query}").raise_for_status().json()
    assert answer["searched"] == answer["stop"]
    return {one["kind"]: one for one in answer["findings"]}


def value_of(api: httpx.Client, run: str, cell: dict[str, Any]) -> Any:
    row, column = cell["index"]
    path = f"/runs/{run}/frames/{cell['position']}/tensors/{cell['tensor']}"
    return api.get(f"{path}/cells/{row},{column}").raise_for_status().json()["value"]


def test_a_sound_run_has_nothing_to_be_found(api: httpx.Client) -> None:
    assert findings(api, SMALL) == {}


def test_too_large_a_learning_rate_leaves_its_first_infinity_with_its_operands(api: httpx.Client) -> None:
    run, found = run_of(api, WILD), findings(api, WILD)
    assert list(found) == sorted(found, key=lambda kind: found[kind]["cell"]["position"])
    first = found["inf"]
    assert (first["reason"], first["cell"]["tensor"], first["step"]) == ("log_of_zero", "loss.output", "loss")
    assert first["iteration"] == (first["cell"]["position"] - 1) // 12 == 1
    assert value_of(api, run, first["cell"]) == first["value"] == "Infinity"
    source = first["operands"][-1]
    assert value_of(api, run, source["cells"][0]) == source["value"] == 0
    for position in range(first["cell"]["position"]):
        frame = api.get(f"/runs/{run}/frames/{position}?values=none").json()
        assert all(not one["inf"] and not one["nan"] for one in frame["tensors"].values()), position
    product = found["nan"]
    assert product["reason"] == "zero_times_inf"
    assert {operand["value"] for operand in product["operands"]} <= {0, "Infinity", "-Infinity"}
    assert value_of(api, run, product["cell"]) == "NaN"


def test_a_unit_that_its_bias_buries(api: httpx.Client) -> None:
    found = findings(api, BURIED)["dead"]
    assert (found["cell"]["tensor"], found["cell"]["index"][1], found["iteration"]) == ("relu_1.output", 2, 0)
    assert (found["reason"], found["explained"]["tensor"], found["until"]) == (
        "never_positive",
        "dense_1.output",
        None,
    )
    assert found["terms"][0]["factors"][0] | {"cells": None} == {
        "label": "bias",
        "value": -1000,
        "derived": False,
        "cells": None,
    }
    assert found["terms"][0]["factors"][0]["cells"][0]["position"] == 0
    assert sum(term["value"] for term in found["terms"]) == pytest.approx(found["value"])


def test_a_gradient_that_vanishes_on_its_way_back(api: httpx.Client) -> None:
    run, found = run_of(api, DEEP), findings(api, DEEP)["vanished"]
    assert (found["cell"]["tensor"], found["iteration"], found["reason"]) == (
        "sigmoid_1.dinput",
        0,
        "small_factors",
    )
    frame = api.get(f"/runs/{run}/frames/{found['cell']['position']}").json()["tensors"]
    norms = [frame[f"sigmoid_{n}.dinput"]["norm"] for n in range(1, 8)]
    assert found["share"] == pytest.approx(norms[0] / norms[-1], rel=1e-12)
    assert found["share"] < 1e-3
    assert {one["tensor"]: one["norm"] for one in found["course"]} == pytest.approx(
        {one["tensor"]: frame[one["tensor"]]["norm"] for one in found["course"]}, rel=1e-12
    )
    assert findings(api, DEEP, "stop=5&vanished=1e-9") == {}


@pytest.mark.parametrize("preset", PRESETS)
def test_by_default_a_gradient_vanishes_in_the_preset_that_shows_it_and_in_no_other(
    api: httpx.Client, preset: str
) -> None:
    found = findings(api, PRESETS[preset], "stop=100").get("vanished")
    if preset != "vanishing":
        assert found is None
        return
    assert found is not None
    assert (found["iteration"], found["cell"]["tensor"]) == (0, "sigmoid_1.dinput")
    assert 0 < found["share"] < 0.01


def test_it_comes_as_it_is_found_and_ends_with_all_of_it(api: httpx.Client) -> None:
    run = run_of(api, BURST)
    path = f"/runs/{run}/autopsy?stop=2000"
    text = api.get(path, headers=STREAM).text
    events = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block
    ]
    names = [one["event"] for one in events]
    assert names[-1] == "end"
    assert names.count("end") == 1
    assert {"progress", "found"} >= set(names[:-1])
    reached = [json.loads(one["data"])["searched"] for one in events]
    assert reached == sorted(reached)
    whole = api.get(path).json()
    assert json.loads(events[-1]["data"]) == whole
    first = next(one for one in whole["findings"] if one["kind"] == "inf")
    assert (first["iteration"], first["reason"]) == (600, "product_overflow")
    assert {operand["value"] for operand in first["operands"]} > {1e308}


def test_what_could_not_be_gone_to_is_not_searched(api: httpx.Client) -> None:
    run = run_of(api, SMALL)
    problem = expect_problem(api.get(f"/runs/{run}/autopsy?stop=9007199254740991"), 422, "too_long")
    assert problem["field"] == "query.stop"
    expect_problem(api.get(f"/runs/{run}/autopsy?vanished=nan"), 422)
    expect_problem(api.get(f"/runs/{run}/autopsy?vanished=0"), 422)
    expect_problem(api.get("/runs/r00000000000000000000/autopsy"), 404, "run_unknown")
