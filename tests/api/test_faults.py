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
