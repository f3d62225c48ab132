"""Two runs compared over the wire."""

import io
from typing import Any

import httpx
import numpy as np
import pytest

from app.main import create_app
from app.settings import Settings
from engine import compare
from tests.api.conftest import SMALL, expect_problem, frame_of, made, value

pytestmark = pytest.mark.anyio

BASE = "http://backglass/api/v1"


async def forked(client: httpx.AsyncClient, run: dict[str, Any], **asked: Any) -> dict[str, Any]:
    answer = await client.post(f"/runs/{run['id']}/forks", json=asked)
    assert answer.status_code == 201, answer.text
    other: dict[str, Any] = answer.json()
    return other


async def test_a_fork_less_its_parent(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    edit = {"position": 0, "tensor": "dense_1.weight", "index": [0, 1], "value": 0.5}
    fork = await forked(client, run, edits=[edit])
    answer = (await client.get(f"/runs/{run['id']}/compare/{fork['id']}?position=7")).json()
    before, after = await frame_of(client, run, 7), await frame_of(client, fork, 7)
    assert answer["loss"] == [before["loss"], after["loss"]]
    for name, found in answer["tensors"].items():
        left, right = value(before, name), value(after, name)
        np.testing.assert_array_equal(found["difference"], right - left)
        assert found["norm"] == pytest.approx(np.linalg.norm(right - left))
        assert found["largest"] == np.abs(right - left).max()
    assert answer["tensors"]["dense_1.weight"]["parted_at"] == 0
    assert answer["tensors"]["dense_1.output"]["parted_at"] == 2
    assert answer["tensors"]["batch.input"]["parted_at"] is None


async def test_figures_alone_and_those_of_a_large_tensor(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In several parts.
    monkeypatch.setattr(compare, "BLOCK", 3000)
    wide = {**SMALL, "layers": [{"type": "dense", "units": 2000}, *SMALL["layers"]]}
    run = await made(client, wide)
    fork = await forked(client, run, changes={"seed": 5})
    path = f"/runs/{run['id']}/compare/{fork['id']}?position=3"
    answer = (await client.get(path)).json()
    plain = (await client.get(f"{path}&values=none")).json()
    assert answer["searched"] == 3
    name = "dense_1.weight"
    arrays = [
        np.load(
            io.BytesIO((await client.get(f"/runs/{one['id']}/frames/3/tensors/{name}?format=npy")).content)
        )
        for one in (run, fork)
    ]
    less = arrays[1] - arrays[0]
    assert less.size > 4096
    for found in (answer, plain):
        assert found["tensors"][name]["norm"] == pytest.approx(np.linalg.norm(less))
        assert found["tensors"][name]["largest"] == np.abs(less).max()
        assert found["tensors"][name]["difference"] is None
    assert answer["tensors"]["dense_1.bias"]["difference"] is not None
    assert {one["difference"] is None for one in plain["tensors"].values()} == {True}


async def test_a_search_for_partings_is_as_long_as_one_replay(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_replay_seconds": 0.05}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        run = await made(client, SMALL)
        # A bias is 0 to begin with: nothing ever parts.
        edit = {"position": 0, "tensor": "dense_1.bias", "index": [0, 1], "value": 0}
        fork = await forked(client, run, edits=[edit])
        path = f"/runs/{run['id']}/compare/{fork['id']}?position="
        far = expect_problem(await client.get(f"{path}{10**9}"), 422, "too_long")["params"]["limit"]
        answer = (await client.get(f"{path}{far}")).json()
        assert {one["parted_at"] for one in answer["tensors"].values()} == {None}
        assert answer["searched"] == pytest.approx(far / 2, abs=2 * run["steps_per_iteration"])
        assert (await client.get(f"{path}3")).json()["searched"] == 3


async def test_what_is_not_computed_has_no_difference(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    answer = (await client.get(f"/runs/{run['id']}/compare/{run['id']}?position=2")).json()
    assert answer["tensors"]["loss.value"] == {
        "parted_at": None,
        "norm": None,
        "largest": None,
        "difference": None,
    }
    assert {one["parted_at"] for one in answer["tensors"].values()} == {None}


async def test_runs_that_cannot_be_compared_are_refused(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    fused = await forked(client, run, changes={"head": "fused"})
    path = f"/runs/{run['id']}/compare"
    expect_problem(await client.get(f"{path}/{fused['id']}"), 422, "conflict")
    expect_problem(await client.get(f"{path}/raaaaaaaaaaaaaaaaaaaa"), 404, "run_unknown")
    expect_problem(await client.get(f"{path}/{run['id']}?position=9007199254740991"), 422, "too_long")
