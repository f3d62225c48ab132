"""The Jacobian between any two places over HTTP: whole or in part, with what it does, and as a figure."""

import base64
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import SMALL, close, expect_problem, frame_of, made, value
from tests.api.test_figures import decoded

DEEP: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8},
    "layers": [
        {"type": "dense", "units": 5, "initializer": {"type": "he"}},
        {"type": "relu"},
        {"type": "dense", "units": 3},
        {"type": "softmax"},
    ],
}
END = 11
"""After the last backward step, before the update."""


async def chain(client: httpx.AsyncClient, spec: dict[str, Any], query: str = "", position: int = END) -> Any:
    run = await made(client, spec)
    answer = await client.get(f"/runs/{run['id']}/frames/{position}/jacobians{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_all_layers_together_turn_the_losss_gradient_into_the_inputs(client: httpx.AsyncClient) -> None:
    run = await made(client, DEEP)
    frame = await frame_of(client, run, END)
    found = await chain(client, DEEP, "?sample=3")
    assert (found["from"], found["to"], found["samples"]) == ("batch.input", "softmax_1.output", 8)
    s = value(frame, "softmax_1.output")[3]
    passes = value(frame, "dense_1.output")[3] >= 0
    first, second = value(frame, "dense_1.weight").T, value(frame, "dense_2.weight").T
    expected = (np.diag(s) - np.outer(s, s)) @ second @ np.diag(passes) @ first
    close(found["jacobian"], expected, 1e-12)
    close(found["dvalue"], value(frame, "loss.dinput")[3])
    close(found["dinput"], value(frame, "dense_1.dinput")[3])
    close(np.array(found["dvalue"]) @ expected, found["product"], 1e-10)
    assert found["agrees"] is True
    names = [(one["layer"], one["structure"], one["shape"]) for one in found["layers"]]
    assert names == [
        ("dense_1", "weight", [5, 4]),
        ("relu_1", "diagonal", [5, 5]),
        ("dense_2", "weight", [3, 5]),
        ("softmax_1", "full", [3, 3]),
    ]
    assert [one["zeros"] for one in found["layers"]] == [None, 5 - passes.sum(), None, None]
    assert [one["rank"] for one in found["layers"]] == [4, passes.sum(), 3, 2]
    singular = found["singular"]
    close(singular["values"], np.linalg.svd(expected, compute_uv=False), 1e-9)
    assert (singular["rank"], singular["condition"]) == (2, "Infinity")
    assert found["without"] is None


async def test_up_to_the_samples_own_loss_dvalue_is_its_share_of_the_mean(client: httpx.AsyncClient) -> None:
    for head in ("separate", "fused"):
        spec = DEEP | {"head": head}
        found = await chain(client, spec, "?from=dense_2.input&to=loss.output&sample=1", 8)
        assert (found["from"], found["shape"], found["dvalue"]) == ("relu_1.output", [1, 5], [1 / 8])
        names = ["dense_2", "softmax_1", "loss"] if head == "separate" else ["dense_2", "loss"]
        assert [one["layer"] for one in found["layers"]] == names
        assert found["layers"][-1]["structure"] == "row"
        assert found["agrees"] is (True if head == "fused" else None), "the separate head has a step more"


async def test_right_after_the_update_they_are_the_old_parameters(client: httpx.AsyncClient) -> None:
    before = await chain(client, DEEP, "?from=batch.input&to=dense_1.output")
    after = await chain(client, DEEP, "?from=batch.input&to=dense_1.output", END + 1)
    assert before["jacobian"] == after["jacobian"]
    assert after["agrees"] is True


@pytest.mark.parametrize("path", ["?", "/dense_1?"])
async def test_a_part_counts_as_the_whole_does(client: httpx.AsyncClient, path: str) -> None:
    whole = await chain(client, DEEP, f"{path}sample=2")
    part = await chain(client, DEEP, f"{path}sample=2&rows=1:3&columns=2:4")
    assert (part["shape"], part["rows"], part["columns"]) == (whole["shape"], [1, 3], [2, 4])
    close(part["jacobian"], np.array(whole["jacobian"])[1:3, 2:4], 1e-13)
    assert part["dvalue"] == whole["dvalue"][1:3]
    close(part["dinput"], whole["dinput"][2:4])
    none = await chain(client, DEEP, "?values=none")
    assert none["jacobian"] is None
    assert none["singular"]["rank"] == 2
    run = await made(client, DEEP)
    base = f"/runs/{run['id']}/frames/{END}/jacobians{path.removesuffix('?')}/figure"
    figure = (await client.get(f"{base}?sample=2&rows=1:3&columns=2:4")).json()
    parts = {trace["name"]: trace for trace in figure["data"] if trace["type"] == "heatmap"}
    close(decoded(parts["J"]["z"]), part["jacobian"], 1e-13)
    ends = [parts[name][axis] for name in ("J", "dvalue", "dinput") for axis in "yx"]
    places = [decoded({"shape": str(len(base64.b64decode(end["bdata"])))} | end).tolist() for end in ends]
    assert places == [[1, 2], [2, 3], [1, 2], [0], [0], [2, 3]]


async def test_what_is_too_large_comes_in_part_and_says_so(settings: Settings) -> None:
    tight = settings.model_copy(update={"max_response_cells": 2_000})
    application: FastAPI = create_app(tight)
    wide = {"input": [[0.01 * k for k in range(300)]], "target": [0]}
    spec = {
        "dataset": wide,
        "layers": [{"type": "dense", "units": 300}, {"type": "relu"}, {"type": "dense", "units": 2}],
        "loss": "binary_crossentropy",
    }
    spec["dataset"] = wide | {"target": [[0, 1]]}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        found = await chain(client, spec, "?to=dense_1.output", 9)
        assert (found["shape"], found["rows"], found["columns"]) == ([300, 300], [0, 6], [0, 300])
        assert np.array(found["jacobian"]).shape == (6, 300)
        assert (found["singular"], found["without"]) == (None, "too_large")
        diagonal = await chain(
            client, spec, "?from=relu_1.input&to=relu_1.output&rows=290:300&columns=290:300", 9
        )
        close(diagonal["jacobian"], np.diag(np.diag(diagonal["jacobian"])))
        assert len(diagonal["singular"]["values"]) == 300
        thin = await chain(client, spec, "?to=dense_2.output", 9)
        assert thin["without"] is None
        assert np.array(thin["jacobian"]).shape == (2, 300)
        run = await made(client, spec)
        base = f"/runs/{run['id']}/frames/9/jacobians"
        expect_problem(
            await client.get(f"{base}?to=dense_1.output&rows=0:200&columns=0:200"), 422, "too_many_cells"
        )


async def test_what_is_not_finite_has_no_singular_values(client: httpx.AsyncClient) -> None:
    spec = {
        "dataset": {"input": [[1.0, 2.0]], "target": [0]},
        "layers": [
            {"type": "dense", "weight": [[1e200, 0], [0, 1e200]]},
            {"type": "dense", "weight": [[1e200, 1], [1, 1e200]]},
            {"type": "softmax"},
        ],
    }
    found = await chain(client, spec, "?to=dense_2.output", 4)
    assert found["jacobian"] == [["Infinity", 1e200], [1e200, "Infinity"]]
    assert (found["singular"], found["without"]) == (None, "not_finite")
    assert [one["rank"] for one in found["layers"]] == [2, 2]


@pytest.mark.parametrize(
    ("position", "query", "status", "code"),
    [
        (END, "?from=softmax_1.output&to=batch.input", 422, "no_jacobian"),
        (END, "?from=dense_1.weight", 422, "no_jacobian"),
        (END, "?from=relu_7.output", 422, "no_jacobian"),
        (END, "?to=relu_7.output", 422, "no_jacobian"),
        (END, "?sample=8", 422, "out_of_range"),
        (END, "?rows=3:2", 422, "out_of_range"),
        (3, "", 409, "not_computed"),
        (0, "/figure", 409, "not_computed"),
    ],
)
async def test_what_is_not_there_is_refused(
    client: httpx.AsyncClient, position: int, query: str, status: int, code: str
) -> None:
    run = await made(client, DEEP)
    answer = await client.get(f"/runs/{run['id']}/frames/{position}/jacobians{query}")
    problem = expect_problem(answer, status, code)
    if code == "no_jacobian":
        assert problem["field"] == ("query.to" if "?to" in query or "&to" in query else "query.from")


async def test_a_fused_heads_product_is_not_shown(client: httpx.AsyncClient) -> None:
    found = await chain(client, SMALL | {"head": "fused"}, "?from=softmax_1.input", 6)
    assert (found["dvalue"], found["product"], found["agrees"]) == (None, None, None)
    assert found["dinput"] is not None
