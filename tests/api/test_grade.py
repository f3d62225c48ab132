"""Homework over the wire: right by an outside measure, wrong in ways that are named."""

from typing import Any

import httpx
import numpy as np
import pytest

from app.encoding import typed
from engine.arrays import Array
from tests.api.conftest import SMALL, expect_problem, frame_of, made, value

pytestmark = pytest.mark.anyio

DEEP: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8},
    "layers": [{"type": "dense", "units": 5}, {"type": "relu"}, *SMALL["layers"]],
}


async def grade(
    client: httpx.AsyncClient, run: dict[str, Any], position: int, tensor: str, values: Any, **more: Any
) -> dict[str, Any]:
    path = f"/runs/{run['id']}/frames/{position}/tensors/{tensor}/grade"
    answer = await client.post(path, json={"values": values, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_hand(frame: dict[str, Any]) -> Array:
    """dense_1.dweight of SMALL as the note has it: xᵀ · (ŷ − y) / n."""
    x, label = value(frame, "batch.input"), value(frame, "batch.target").astype(int)
    z = x @ value(frame, "dense_1.weight") + value(frame, "dense_1.bias")
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    gradient: Array = x.T @ (s - np.eye(3)[label[:, 0]]) / len(x)
    return gradient


async def test_what_is_worked_out_by_hand_is_right(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    frame = await frame_of(client, run, 7)
    gradient = by_hand(frame)
    for values in (gradient.tolist(), typed(gradient), typed(gradient.T.copy().T)):
        found = await grade(client, run, 7, "dense_1.dweight", values)
        assert (found["verdict"], found["wrong"], found["mistakes"]) == ("right", 0, [])
        assert found["shape"] == [4, 3]
        np.testing.assert_allclose(found["expected"], gradient, rtol=1e-12)
    # After the update the gradient of the old parameters still stands.
    assert (await grade(client, run, 8, "dense_1.dweight", gradient.tolist()))["verdict"] == "right"
    # Under another name it is the same tensor.
    same = await grade(client, run, 7, "softmax_1.input", value(frame, "dense_1.output").tolist())
    assert (same["tensor"], same["verdict"]) == ("dense_1.output", "right")


async def test_mistakes_of_a_known_shape(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    frame = await frame_of(client, run, 7)
    gradient = by_hand(frame)
    turned = gradient.copy()
    turned[2] *= -1
    one = gradient.copy()
    one[1, 2] += 1
    cases: list[tuple[str, Array, list[str]]] = [
        ("dense_1.dweight", gradient * 8, ["factor_n"]),
        ("dense_1.dweight", -gradient, ["sign"]),
        ("dense_1.dweight", gradient.T, ["transpose"]),
        ("dense_1.dweight", one, []),
        ("dense_1.dbias", value(frame, "softmax_1.dinput"), ["not_summed"]),
        ("dense_1.dbias", value(frame, "softmax_1.dinput")[:1], ["bias_not_summed"]),
    ]
    for tensor, given, mistakes in cases:
        found = await grade(client, run, 7, tensor, given.tolist())
        assert (found["verdict"], found["mistakes"]) == ("wrong", mistakes), tensor
    found = await grade(client, run, 7, "dense_1.dweight", turned.tolist())
    assert found["lines"] == [{"row": 2, "column": None, "mistakes": ["sign"]}]
    assert found["wrong"] == 3
    found = await grade(client, run, 7, "dense_1.dweight", value(frame, "dense_1.weight").tolist())
    assert found["same_as"] == "dense_1.weight"


async def test_a_value_that_was_not_clipped(client: httpx.AsyncClient) -> None:
    spec = {
        "dataset": {"input": [[1.0, -1.0], [0.0, 1.0]], "target": [1, 0]},
        "layers": [{"type": "dense", "weight": [[20.0, 0.0], [0.0, 20.0]]}, {"type": "softmax"}],
    }
    run = await made(client, spec)
    frame = await frame_of(client, run, 7)
    prediction = value(frame, "softmax_1.output")
    assert prediction.min() < 1e-7
    unclipped = -np.array([[0.0, 1.0], [1.0, 0.0]]) / prediction / 2
    found = await grade(client, run, 7, "loss.dinput", unclipped.tolist())
    assert found["mistakes"] == ["unclipped"]
    # And what follows from it: the fused gradient, which the separate head reaches where nothing is clipped.
    fused = (prediction - [[0, 1], [1, 0]]) / 2
    found = await grade(client, run, 7, "softmax_1.dinput", fused.tolist())
    assert found["mistakes"] == ["unclipped"]


async def test_every_known_fault_is_named_for_what_it_made(client: httpx.AsyncClient) -> None:
    run = await made(client, DEEP)
    where = {
        "missing_mean": ("dense_2.dweight", ["factor_n"]),
        "softmax_scalar": ("dense_1.dweight", ["softmax_scalar"]),
        "missing_transpose": ("dense_1.dweight", ["missing_transpose"]),
        "bias_not_summed": ("dense_2.dbias", ["bias_not_summed"]),
        "input_overwritten": ("dense_2.dweight", ["input_overwritten"]),
        "unsigned_label": ("loss.dinput", ["unsigned_label"]),
        "wrong_sign": ("dense_2.weight", ["wrong_sign"]),
    }
    # In the second iteration: what came before it is the same for both.
    steps = run["steps_per_iteration"]
    for position in (steps, 3 * steps):
        for fault, (tensor, mistakes) in where.items():
            answer = await client.post(f"/runs/{run['id']}/forks", json={"changes": {"faults": [fault]}})
            faulty = answer.json()
            values = value(await frame_of(client, faulty, position), tensor)
            # Of the faulty run's own number, the sound engine says what is wrong with it.
            found = await grade(client, faulty, position, tensor, values.tolist())
            assert found["mistakes"] == mistakes, (fault, position)
    sound = value(await frame_of(client, run, steps), "loss.dinput")
    faulty = (
        await client.post(f"/runs/{run['id']}/forks", json={"changes": {"faults": ["unsigned_label"]}})
    ).json()
    assert (await grade(client, faulty, steps, "loss.dinput", sound.tolist()))["verdict"] == "right"


async def test_tolerance_rounding_and_what_is_not_finite(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    gradient = by_hand(await frame_of(client, run, 7))
    rounded = gradient.round(4).tolist()
    at = (client, run, 7, "dense_1.dweight")
    assert (await grade(*at, rounded))["verdict"] == "wrong"
    assert (await grade(*at, rounded, absolute=5e-5))["verdict"] == "right"
    assert (await grade(*at, (gradient * 1.01).tolist(), tolerance=0.02))["verdict"] == "right"
    words = [["NaN", "Infinity", "-Infinity"], *gradient.tolist()[1:]]
    found = await grade(*at, words)
    assert found["wrong"] == 3
    assert found["given"][0] == ["NaN", "Infinity", "-Infinity"]
    assert found["error"][0] == ["Infinity"] * 3
    single = await made(client, SMALL | {"dtype": "float32"})
    assert (await grade(client, single, 7, "dense_1.dweight", gradient.tolist()))["verdict"] == "right"


async def test_refusals(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    path = f"/runs/{run['id']}/frames/7/tensors/dense_1.dweight/grade"
    problem = expect_problem(await client.post(path, json={"values": [[1.0]]}), 422, "wrong_shape")
    assert (problem["field"], problem["params"]) == ("body.values", {"expected": [4, 3], "got": [1, 1]})
    bodies: list[Any] = [{}, {"values": []}, {"values": [["nan"]]}, {"values": [[1]], "tolerance": 2}]
    for body in bodies:
        expect_problem(await client.post(path, json=body), 422)
    early = path.replace("frames/7", "frames/2")
    expect_problem(await client.post(early, json={"values": [[1.0]]}), 409, "not_computed")
    gone = path.replace("dweight", "nothing")
    expect_problem(await client.post(gone, json={"values": [[1.0]]}), 404, "tensor_unknown")
