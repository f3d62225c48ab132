"""A run may carry known faults: they are part of its spec, and of every number that follows from them."""

from typing import Any

import httpx
import numpy as np
import pytest

from app.presets import PRESETS
from engine.faults import FAULTS
from tests.api.conftest import SMALL, expect_problem, frame_of, made

pytestmark = pytest.mark.anyio

DEEP = PRESETS["default"]
FUSED: dict[str, Any] = DEEP | {"head": "fused"}
SPOILS = {
    "missing_mean": ("loss.dinput", 7),
    "unsigned_label": ("loss.dinput", 7),
    "softmax_scalar": ("softmax_1.dinput", 8),
    "missing_transpose": ("dense_2.dinput", 9),
    "bias_not_summed": ("dense_2.dbias", 9),
    "input_overwritten": ("dense_2.dweight", 9),
    "wrong_sign": ("dense_1.weight", 12),
}
"""Fault -> what it spoils first in DEEP, and at which position."""


async def test_a_spec_without_faults_is_the_run_that_it_was(client: httpx.AsyncClient) -> None:
    bare, none = await made(client, SMALL), await made(client, SMALL | {"faults": []})
    assert bare["id"] == none["id"]
    assert none["spec"]["faults"] == []
    assert "faults" not in bare["page"]


async def test_faults_are_a_set(client: httpx.AsyncClient) -> None:
    one = await made(client, SMALL | {"faults": ["wrong_sign", "missing_mean", "wrong_sign"]})
    other = await made(client, SMALL | {"faults": ["missing_mean", "wrong_sign"]})
    assert one["id"] == other["id"]
    assert one["spec"]["faults"] == ["missing_mean", "wrong_sign"]
    assert (await made(client, one["spec"]))["id"] == one["id"]


@pytest.mark.parametrize("fault", SPOILS)
async def test_a_fault_spoils_what_it_says_and_nothing_before(client: httpx.AsyncClient, fault: str) -> None:
    right, wrong = await made(client, DEEP), await made(client, DEEP | {"faults": [fault]})
    spoiled, position = SPOILS[fault]
    for at in (position - 1, position):
        frames = [(await frame_of(client, run, at))["tensors"] for run in (right, wrong)]
        differing = {name for name in frames[0] if frames[0][name]["values"] != frames[1][name]["values"]}
        assert (spoiled in differing) == (at == position)
        assert bool(differing) == (at == position)


async def test_a_fork_repairs_the_run(client: httpx.AsyncClient) -> None:
    right, wrong = await made(client, DEEP), await made(client, DEEP | {"faults": ["missing_mean"]})
    answer = await client.post(f"/runs/{wrong['id']}/forks", json={"changes": {"faults": []}})
    assert answer.json()["id"] == right["id"]
    answer = await client.post(f"/runs/{right['id']}/forks", json={"changes": {"faults": ["missing_mean"]}})
    assert answer.json()["id"] == wrong["id"]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (SMALL | {"faults": ["no_such"]}, "unknown_value"),
        (SMALL | {"faults": "missing_mean"}, "wrong_type"),
        (SMALL | {"faults": ["relu_at_zero"]}, "fault_unfit"),
        (FUSED | {"faults": ["softmax_scalar"]}, "fault_unfit"),
        (PRESETS["golden"] | {"faults": ["wrong_sign"]}, "fault_unfit"),
        (PRESETS["golden"] | {"faults": ["bias_not_summed"]}, "fault_unfit"),
    ],
)
async def test_what_no_part_can_have_is_refused(client: httpx.AsyncClient, spec: Any, code: str) -> None:
    answer = await client.post("/runs", json=spec)
    problem = expect_problem(answer, 422)
    assert problem["code"] == code
    assert problem["field"].startswith("body.faults")
    if code == "fault_unfit":
        assert problem["params"] == {"fault": spec["faults"][0]}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
async def test_every_fault_keeps_the_dtype_and_trains_in_the_workers(
    client: httpx.AsyncClient, dtype: str
) -> None:
    for fault in FAULTS:
        run = await made(client, DEEP | {"faults": [fault], "dtype": dtype})
        frame = await frame_of(client, run, 24)
        kinds = {one["dtype"] for name, one in frame["tensors"].items() if not name.endswith("target")}
        assert kinds == {dtype}, fault


async def test_a_worker_knows_the_fault(client: httpx.AsyncClient) -> None:
    found = []
    for faults in ([], ["wrong_sign"]):
        run = await made(client, DEEP | {"faults": faults})
        history = (await client.get(f"/runs/{run['id']}/history", params={"stop": 30})).json()
        found.append([record["loss"] for record in history["records"]])
        frame = await frame_of(client, run, 30 * 12 - 1)
        np.testing.assert_allclose(found[-1][29], frame["loss"])
    right, wrong = found
    assert right[-1] < right[0]
    assert wrong[-1] > wrong[0]


async def test_the_faults_that_would_show_are_named_with_the_cell(client: httpx.AsyncClient) -> None:
    run = await made(client, DEEP)
    answer = (await client.get(f"/runs/{run['id']}/frames/7/faults")).json()
    assert answer["carries"] == []
    assert set(answer["faults"]) == set(FAULTS)
    assert answer["faults"].pop("relu_at_zero") is None, "no input of this run is exactly 0"
    found = {
        fault: (one["cell"]["tensor"], one["cell"]["position"]) for fault, one in answer["faults"].items()
    }
    assert found == SPOILS | {"wrong_sign": (found["wrong_sign"][0], 12)}
    for fault, one in answer["faults"].items():
        alone = (await client.get(f"/runs/{run['id']}/frames/7/faults", params={"fault": fault})).json()
        assert alone["faults"] == {fault: one}
        wrong = await made(client, DEEP | {"faults": [fault]})
        cell = one["cell"]
        row, column = cell["index"]
        frame = f"/runs/{wrong['id']}/frames/{cell['position']}"
        judged = (await client.get(f"{frame}/tensors/{cell['tensor']}/cells/{row},{column}/verdict")).json()
        assert (judged["verdict"], judged["faults"]) == ("fault", [fault])
        assert (judged["value"], judged["meant"]) == (one["value"], one["meant"])


async def test_where_an_input_is_exactly_0_the_slope_there_shows(client: httpx.AsyncClient) -> None:
    edit = {"position": 2, "tensor": "dense_1.output", "index": [0, 0], "value": 0}
    run = await made(client, DEEP | {"edits": [edit]})
    answer = (await client.get(f"/runs/{run['id']}/frames/11/faults")).json()
    assert answer["faults"]["relu_at_zero"]["cell"] == {
        "tensor": "relu_1.dinput",
        "index": [0, 0],
        "position": 10,
    }
    wrong = await made(client, DEEP | {"edits": [edit], "faults": ["relu_at_zero"]})
    path = f"/runs/{wrong['id']}/frames/11/tensors/relu_1.dinput/cells/0,0/verdict"
    judged = (await client.get(path)).json()
    assert (judged["verdict"], judged["faults"]) == ("fault", ["relu_at_zero"])


async def test_of_several_faults_the_guilty_one_is_named(client: httpx.AsyncClient) -> None:
    run = await made(client, DEEP | {"faults": ["bias_not_summed", "missing_mean", "missing_transpose"]})
    for cell, verdict, faults in (
        ("loss.dinput/cells/0,0", "fault", ["missing_mean"]),
        ("loss.dinput/cells/0,1", "right", []),
        ("softmax_1.dinput/cells/0,1", "consequence", []),
        ("dense_2.dbias/cells/0,1", "fault", ["bias_not_summed"]),
        ("dense_1.bias/cells/0,0", "consequence", []),
        ("loss.output/cells/0,0", "right", []),
        ("batch.input/cells/0,0", "right", []),
        ("data.input/cells/0,0", "leaf", []),
    ):
        answer = await client.get(f"/runs/{run['id']}/frames/12/tensors/{cell}/verdict")
        found = answer.json()
        assert (found["verdict"], found["faults"]) == (verdict, faults), cell


async def test_what_cannot_be_judged_is_refused(client: httpx.AsyncClient) -> None:
    run = await made(client, DEEP)
    frame = f"/runs/{run['id']}/frames"
    for path, status, code in (
        (f"{frame}/3/tensors/loss.dinput/cells/0,0/verdict", 409, "not_computed"),
        (f"{frame}/11/tensors/loss.dinput/cells/0,9/verdict", 404, "cell_unknown"),
        (f"{frame}/11/tensors/no.such/cells/0,0/verdict", 404, "tensor_unknown"),
        (f"{frame}/99999999999/faults", 422, "too_long"),
    ):
        assert expect_problem(await client.get(path), status)["code"] == code


@pytest.mark.parametrize(
    ("fault", "tensor", "said"),
    [
        ("missing_mean", "loss.dinput", "dinput[n, k] = −y[n, k] / ŷ[n, k]"),
        ("unsigned_label", "loss.dinput", "dinput[n, k] = ((−y[n, k]) mod 256) / ŷ[n, k] / n"),
        ("missing_transpose", "dense_1.dinput", "· reshape(weight)[k, i]"),
        ("input_overwritten", "dense_1.dweight", "dinput[n, i] · dvalue[n, k]"),
        ("bias_not_summed", "dense_1.dbias", "dbias[0, k] = dvalue[0, k]"),
    ],
)
async def test_a_figure_says_the_rule_of_the_fault(
    client: httpx.AsyncClient, fault: str, tensor: str, said: str
) -> None:
    run = await made(client, DEEP | {"faults": [fault]})
    figure = (await client.get(f"/runs/{run['id']}/frames/11/tensors/{tensor}/figure")).json()
    assert any(said in str(trace.get("hovertemplate")) for trace in figure["data"])


@pytest.mark.parametrize(
    ("fault", "layer", "said"),
    [
        ("softmax_scalar", "softmax_1", "S<sub>0</sub> − Σ<sub>l</sub> S<sub>l</sub>²"),
        ("missing_transpose", "dense_2", "reshape(weight)[0, 0]"),
    ],
)
async def test_a_faulty_jacobian_still_multiplies_to_the_gradient(
    client: httpx.AsyncClient, fault: str, layer: str, said: str
) -> None:
    run = await made(client, DEEP | {"faults": [fault]})
    path = f"/runs/{run['id']}/frames/11/jacobians/{layer}"
    found = (await client.get(path)).json()
    np.testing.assert_allclose(np.array(found["dvalue"]) @ np.array(found["jacobian"]), found["dinput"])
    figure = (await client.get(f"{path}/figure")).json()
    cells = next(trace for trace in figure["data"] if trace.get("name") == "J")
    assert cells["customdata"][0][0] == said
