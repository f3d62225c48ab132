"""A tensor as text for other programs: each runs as it stands, and gives the service's very numbers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.api.conftest import SMALL, expect_problem, made, served

pytestmark = pytest.mark.anyio

DENSE = {"type": "dense", "units": 3}
BINARY = {
    "dataset": {"name": "quadrants", "samples": 4},
    "layers": [{"type": "dense", "units": 2}, {"type": "sigmoid"}],
    "loss": "binary_crossentropy",
}
SGD = {"type": "sgd", "learning_rate": 0.3}
DEEP = [DENSE, {"type": "relu"}, DENSE, {"type": "sigmoid"}, DENSE, {"type": "softmax"}]
PROBABILITIES = {"input": [[1, 2], [3, 5]], "target": [[0, 0.75, 0.25], [1, 0, 0]]}

CHANGES: dict[str, dict[str, Any]] = {
    "deep": {"layers": DEEP, "batch": {"size": 3}},
    "probabilities": {"dataset": PROBABILITIES},
    "float32": {"dtype": "float32"},
    "pytorch": {"layers": DEEP, "conventions": "pytorch", "optimizer": {**SGD, "momentum": 0.9}},
    "decay": {"optimizer": {**SGD, "decay": 0.5}},
    "binary": BINARY,
    "book": {**BINARY, "conventions": "book"},
    "binary fused": {**BINARY, "conventions": "book", "head": "fused"},
    "unclipped": {"conventions": {"clip": 0}},
    "nesterov": {"optimizer": {**SGD, "momentum": 0.9, "nesterov": True}},
    "adagrad": {"optimizer": {"type": "adagrad"}},
    "rmsprop": {"optimizer": {"type": "rmsprop", "decay": 0.5}},
    "adam": {"optimizer": {"type": "adam"}},
    "adamw": {"optimizer": {"type": "adamw", "weight_decay": 0.3}},
    "penalised": {
        "layers": [
            {**DENSE, "l1": 0.1, "l2": 0.2},
            {"type": "relu"},
            {**DENSE, "l1": 0.3},
            {"type": "softmax"},
        ],
        "optimizer": {"type": "adam", "learning_rate": 0.1},
    },
}

FAULTY = ["bias_not_summed", "input_overwritten", "missing_transpose", "relu_at_zero", "softmax_scalar"]
CHANGES |= {
    "faulty": {"layers": DEEP, "faults": FAULTY, "batch": {"size": 3}},
    "faulty loss": {"faults": ["missing_mean", "unsigned_label"]},
    "faulty binary": {**BINARY, "faults": ["missing_mean", "unsigned_label"]},
    "faulty book": {**BINARY, "conventions": "book", "faults": ["missing_mean", "unsigned_label"]},
    "faulty fused": {"head": "fused", "faults": ["missing_mean", "unsigned_label"]},
    "faulty binary fused": {**BINARY, "head": "fused", "faults": ["missing_mean", "unsigned_label"]},
    "uphill": {"faults": ["wrong_sign"]},
    "uphill adamw": {"optimizer": {"type": "adamw"}, "faults": ["wrong_sign"]},
}

ROOTS = ("data", "batch")
"""What nothing computes."""


@pytest.fixture
def other_url(tmp_path: Path) -> Iterator[str]:
    with served(tmp_path / "other.db") as (url, _):
        yield url


def run_code(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        exec(text, names)
    return names


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_numpy_computes_every_tensor_again(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    run = await made(client, SMALL | change)
    steps = run["steps_per_iteration"]
    for position in (steps - 1, steps, 3 * steps - 1):
        frame = (await client.get(f"/runs/{run['id']}/frames/{position}")).json()
        for name, tensor in frame["tensors"].items():
            if tensor["computed_at"] is None:
                continue
            text = (await client.get(f"/runs/{run['id']}/frames/{position}/tensors/{name}/code")).text
            names = run_code(text)
            array = names[name.replace(".", "_")]
            assert array.dtype == tensor["dtype"]
            assert array.tolist() == tensor["values"], name
            initial = name.startswith(tuple(run["parameters"])) and position < steps
            assert ("again" in names) == (not name.startswith(ROOTS) and not initial), name
            if "again" in names:
                assert names["again"].shape == array.shape, name
                tolerance = 1e-5 if run["spec"]["dtype"] == "float32" else 1e-14
                np.testing.assert_allclose(
                    names["again"], array, rtol=tolerance, atol=tolerance, err_msg=name
                )


async def test_numbers_that_are_none_and_arrays_that_are_large(client: httpx.AsyncClient) -> None:
    data = {"input": [[1e308, -1e308], [1, 2]], "target": [0, 1]}
    layers = [{"type": "dense", "weight": [[1e300, -1e300], [1e300, -1e300]]}, {"type": "softmax"}]
    run = await made(client, {"dataset": data, "layers": layers})
    answer = await client.get(f"/runs/{run['id']}/frames/2/tensors/dense_1.output/code")
    found = run_code(answer.text)["dense_1_output"]
    assert not np.isfinite(found).all()
    served = (await client.get(f"/runs/{run['id']}/frames/2/tensors/dense_1.output")).json()["values"]
    np.testing.assert_array_equal(found, np.array(served, dtype=float))
    large = await made(
        client,
        {
            "dataset": {"name": "digits", "samples": None},
            "layers": [{**DENSE, "units": 10}, {"type": "softmax"}],
        },
    )
    path = f"/runs/{large['id']}/frames/1/tensors/batch.input"
    text = (await client.get(f"{path}/code")).text
    file = (await client.get(f"{path}?format=npy")).headers["content-disposition"]
    assert 'np.load("batch.input-1.npy")' in text
    assert "batch.input-1.npy" in file


async def test_what_is_not_computed_has_no_text(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    answer = await client.get(f"/runs/{run['id']}/frames/2/tensors/dense_1.dweight/code")
    expect_problem(answer, 409, "not_computed")


@pytest.mark.parametrize("program", ["curl", "httpx"])
@pytest.mark.parametrize("other", [{}, {"dataset": PROBABILITIES, "seed": 5, "batch": {"size": None}}])
def test_the_calls_work_on_a_server_that_has_never_seen_the_run(
    service_url: str, other_url: str, program: str, other: dict[str, Any]
) -> None:
    api = f"{service_url}/api/v1/runs"
    run = httpx.post(api, json={"layers": DEEP, "dataset": SMALL["dataset"], "seed": 3, **other}).json()
    path = f"{api}/{run['id']}/frames/9/tensors/dense_1.output"
    wanted = httpx.get(path).json()["values"]
    text = httpx.get(f"{path}/code?for={program}").text
    assert httpx.get(f"{other_url}/api/v1/runs/{run['id']}").status_code == 404
    text = text.replace(service_url, other_url)
    if program == "httpx":
        text += "\nimport json\nprint(json.dumps({'values': dense_1_output.tolist()}))"
    command = ["sh", "-c", text] if program == "curl" else [sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["values"] == wanted


def test_the_calls_show_the_token_that_they_are_given(tmp_path: Path) -> None:
    token = "k7qmd-3xtpa-w9rae"
    with served(tmp_path / "guarded.db", BACKGLASS_TOKEN=token) as (url, _):
        shown = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{url}/api/v1", headers=shown) as api:
            run = api.post("/runs", json=SMALL).json()
            path = f"/runs/{run['id']}/frames/3/tensors/dense_1.output"
            texts = {program: api.get(f"{path}/code?for={program}").text for program in ("curl", "httpx")}
        for program, text in texts.items():
            assert token not in text
            command = ["sh", "-c", text] if program == "curl" else [sys.executable, "-c", text]
            for given in (token, "other"):
                environment = {**os.environ, "BACKGLASS_TOKEN": given}
                done = subprocess.run(command, capture_output=True, env=environment, check=False)
                assert (done.returncode == 0) == (given == token), done.stderr
