"""Forks: a run made from another."""

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import SMALL, expect_problem, frame_of, made, value

pytestmark = pytest.mark.anyio


async def test_a_fork_is_a_new_run_of_its_parent(client: httpx.AsyncClient) -> None:
    parent = await made(client, SMALL)
    edit = {"position": 0, "tensor": "dense_1.weight", "index": [0, 0], "value": 0.5}
    changes = {"optimizer": {"type": "sgd", "learning_rate": 0.5}}
    answer = await client.post(f"/runs/{parent['id']}/forks", json={"edits": [edit], "changes": changes})
    assert answer.status_code == 201
    fork = answer.json()
    assert fork["parent"] == parent["id"]
    assert fork["spec"]["edits"] == [edit]
    assert fork["spec"]["optimizer"]["learning_rate"] == 0.5
    assert answer.headers["location"] == f"/api/v1/runs/{fork['id']}"
    assert value(await frame_of(client, fork, 0), "dense_1.weight")[0, 0] == 0.5
    second = await client.post(f"/runs/{fork['id']}/forks", json={"edits": [edit | {"value": 0.7}]})
    assert second.json()["spec"]["edits"] == [edit | {"value": 0.7}]
    back = await client.post(
        f"/runs/{fork['id']}/forks", json={"changes": {"edits": [], "optimizer": parent["spec"]["optimizer"]}}
    )
    assert (back.status_code, back.json()) == (200, parent), "a known run keeps its parent"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            {"edits": [{"position": 0, "tensor": "dense_1.weight", "index": [9, 0], "value": 1}]},
            "body.edits[0]",
        ),
        ({"changes": {"colour": 1}}, "body.changes.colour"),
        ({"changes": {"layers": [{"type": "dense", "units": 0}]}}, "body.changes.layers[0].units"),
        ({"changes": {"optimizer": {"type": "sgd", "decay": float("nan")}}}, "body.changes.optimizer.decay"),
        ({"changes": {"edits": 5}}, "body.changes.edits"),
        ({"changes": 5}, "body.changes"),
        ({"spec": {}}, "body.spec"),
    ],
)
async def test_a_bad_fork_is_refused(client: httpx.AsyncClient, body: Any, field: str) -> None:
    parent = await made(client, SMALL)
    answer = await client.post(
        f"/runs/{parent['id']}/forks",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert expect_problem(answer, 422)["field"] == field
