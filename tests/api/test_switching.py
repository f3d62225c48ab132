"""A run under other conventions over the wire."""

from typing import Any

import httpx
import numpy as np
import pytest

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import SMALL, expect_problem, frame_of, made, value

pytestmark = pytest.mark.anyio

BASE = "http://backglass/api/v1"

TWO: dict[str, Any] = {
    "dataset": {"input": [[1, 1], [0.5, 2], [-3, 1]], "target": [[0, 1], [1, 1], [1, 0]]},
    "layers": [
        {"type": "dense", "weight": [[1, -1], [-1, 0.5]]},
        {"type": "relu"},
        {"type": "dense", "weight": [[1, -0.5], [0.25, 2]]},
        {"type": "sigmoid"},
    ],
    "loss": "binary_crossentropy",
}
"""Two outputs, and one input of the ReLU that is exactly 0."""

LAST = 11
"""The last position before the update."""


async def switched(client: httpx.AsyncClient, run: dict[str, Any], preset: str, position: int = LAST) -> Any:
    answer = await client.get(f"/runs/{run['id']}/frames/{position}/conventions/{preset}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tensor(
    client: httpx.AsyncClient,
    run: dict[str, Any],
    preset: str,
    name: str,
    query: str = "",
    position: int = LAST,
) -> Any:
    path = f"/runs/{run['id']}/frames/{position}/conventions/{preset}/tensors/{name}{query}"
    return await client.get(path)


async def test_what_is_told_is_what_the_fork_becomes(client: httpx.AsyncClient) -> None:
    run = await made(client, TWO)
    for preset in ("book", "pytorch"):
        for position in (LAST, LAST + 1, 3 * 12 + LAST):
            found = await switched(client, run, preset, position)
            asked = await client.post(f"/runs/{run['id']}/forks", json={"changes": found["changes"]})
            other = asked.json()
            then = await frame_of(client, other, found["then_position"])
            now = await frame_of(client, run, position)
            assert found["loss"] == [now["loss"], then["loss"]]
            assert then["iteration"] == now["iteration"]
            for name, one in found["tensors"].items():
                if one["changed"] is None:
                    assert None in (then["tensors"][name]["values"], now["tensors"][name]["values"])
                    continue
                difference = value(then, name) - value(now, name)
                assert one["largest"] == np.abs(difference).max()
                assert one["changed"] + one["rounding"] == (difference != 0).sum()


async def test_the_rule_of_every_cell(client: httpx.AsyncClient) -> None:
    run = await made(client, TWO)
    found = await switched(client, run, "book")
    rules = found["rules"]
    assert [name for name, rule in rules.items() if rule["switched"]] == ["relu_at_zero", "bce_outputs"]
    assert rules["relu_at_zero"] | {"changed": 0} == {
        "now": 1, "then": 0, "switched": True, "changed": 0,
        "rounding": 0, "reason": None, "params": {},
    }  # fmt: skip
    assert rules["relu_at_zero"]["changed"] > 0
    assert rules["clip"]["reason"] == "same"
    # Forward the two agree up to the loss.
    names = [name for name, one in found["tensors"].items() if one["changed"]]
    assert names[:3] == ["loss.output", "loss.value", "loss.dinput"]
    assert found["tensors"]["loss.output"]["rules"]["relu_at_zero"] == {"changed": 0, "largest": 0.0}
    answer = (await tensor(client, run, "book", "relu_1.dinput")).json()
    assert answer["by"][0][0] == ["relu_at_zero", "bce_outputs", "together"]
    assert answer["by"][1] == [[], ["bce_outputs"]]
    assert answer["then"][0][0] == 0
    now, then = np.array(answer["now"]), np.array(answer["then"])
    np.testing.assert_array_equal(answer["difference"], then - now)
    np.testing.assert_allclose(answer["alone"]["bce_outputs"], -now / 2)
    np.testing.assert_array_equal(np.array(answer["alone"]["relu_at_zero"])[0, 0], -now[0, 0])


async def test_a_slice_and_what_is_not_there(client: httpx.AsyncClient) -> None:
    run = await made(client, TWO)
    whole = (await tensor(client, run, "book", "sigmoid_1.dvalue")).json()
    assert whole["name"] == "loss.dinput"
    part = (await tensor(client, run, "book", "loss.dinput", "?rows=1:3&columns=1:2")).json()
    assert part["shape"] == [3, 2]
    for word in ("now", "then", "difference", "by"):
        assert part[word] == [row[1:] for row in whole[word][1:]]
    problem = expect_problem(await tensor(client, run, "pytorch", "loss.dinput"), 409, "not_computed")
    assert problem["params"]["position"] == 10
    expect_problem(await tensor(client, run, "book", "loss.dinput", position=5), 409, "not_computed")
    expect_problem(await tensor(client, run, "book", "nothing"), 404, "tensor_unknown")
    expect_problem(await tensor(client, run, "book", "loss.dinput", "?rows=5:6"), 422, "out_of_range")
    expect_problem(await client.get(f"/runs/{run['id']}/frames/3/conventions/keras"), 422)


async def test_why_nothing_changes(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    same = await switched(client, run, "document", 7)
    assert {rule["reason"] for rule in same["rules"].values()} == {"same"}
    assert same["changes"] == {}
    found = await switched(client, run, "pytorch", 7)
    reasons = {name: rule["reason"] for name, rule in found["rules"].items()}
    assert reasons == {
        "relu_at_zero": "no_relu", "bce_outputs": "not_binary", "clip": "inside", "head": "rounding",
    }  # fmt: skip
    assert 0 < found["rules"]["clip"]["params"]["min"] < found["rules"]["clip"]["params"]["max"] < 1
    assert found["rules"]["head"]["rounding"] > 0
    assert sum(one["changed"] or 0 for one in found["tensors"].values()) == 0
    early = await switched(client, run, "pytorch", 1)
    assert early["rules"]["head"]["reason"] == early["rules"]["clip"]["reason"] == "not_yet"
    # No fused head for a sigmoid under this loss.
    odd = await made(client, {**SMALL, "layers": [*SMALL["layers"][:1], {"type": "sigmoid"}]})
    found = await switched(client, odd, "pytorch", 7)
    assert found["rules"]["head"]["reason"] == "not_fusible"
    assert "head" not in found["changes"]


async def test_back_from_pytorch_to_the_document(client: httpx.AsyncClient) -> None:
    run = await made(client, {**TWO, "conventions": "pytorch"})
    found = await switched(client, run, "document", 10)
    assert found["then_position"] == 11
    assert found["changes"]["head"] == "separate"
    other = (await client.post(f"/runs/{run['id']}/forks", json={"changes": found["changes"]})).json()
    assert other["id"] == (await made(client, TWO))["id"]


async def test_what_a_rule_does_only_beside_another(client: httpx.AsyncClient) -> None:
    sure = {"type": "dense", "weight": [[40, -20], [10, 80]]}
    layers = [*TWO["layers"][:2], sure, TWO["layers"][3]]
    run = await made(client, {**TWO, "layers": layers, "conventions": "pytorch"})
    found = await switched(client, run, "document", 10)
    # A fused head never clips, so that the clip needs the other head beside it.
    assert found["rules"]["clip"]["reason"] == "fused"
    answer = (await tensor(client, run, "document", "loss.output", position=10)).json()
    assert ["bce_outputs", "together"] in [words for row in answer["by"] for words in row]
    clipped = await made(client, {**TWO, "layers": layers})
    frame = await frame_of(client, clipped, 11)
    np.testing.assert_array_equal(answer["then"], value(frame, "loss.output"))


async def test_edits_keep_their_steps_under_another_head(client: httpx.AsyncClient) -> None:
    edits = [
        {"position": 7, "tensor": "loss.dinput", "index": [0, 0], "value": 1},
        {"position": 12 + 10, "tensor": "relu_1.dinput", "index": [1, 0], "value": 5},
    ]
    run = await made(client, {**TWO, "edits": edits})
    found = await switched(client, run, "pytorch", 12 + LAST)
    assert found["dropped"] == 1
    assert found["changes"]["edits"] == [{**edits[1], "position": 11 + 9}]
    other = (await client.post(f"/runs/{run['id']}/forks", json={"changes": found["changes"]})).json()
    frame = await frame_of(client, other, found["then_position"])
    assert value(frame, "relu_1.dinput")[1, 0] == 5


async def test_pytorch_agrees_with_its_conventions(client: httpx.AsyncClient) -> None:
    torch = pytest.importorskip("torch")
    run = await made(client, TWO)
    names = [
        *(
            "loss.value",
            "dense_1.dweight",
            "dense_1.dbias",
            "dense_2.dweight",
            "dense_2.dbias",
            "dense_1.dinput",
        )
    ]
    then = {name: (await tensor(client, run, "pytorch", name)).json()["then"] for name in names}

    def leaf(values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)

    layers = [layer for layer in TWO["layers"] if "weight" in layer]
    weights, biases = [leaf(layer["weight"]) for layer in layers], [leaf([[0, 0]]), leaf([[0, 0]])]
    input = leaf(TWO["dataset"]["input"])
    target = torch.tensor(TWO["dataset"]["target"], dtype=torch.float64)
    hidden = torch.relu(input @ weights[0] + biases[0])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(hidden @ weights[1] + biases[1], target)
    loss.backward()
    np.testing.assert_allclose(then["loss.value"], [[loss.item()]], rtol=1e-12)
    asked = [weights[0], biases[0], weights[1], biases[1], input]
    for name, one in zip(names[1:], asked, strict=True):
        np.testing.assert_allclose(then[name], one.grad.numpy(), rtol=1e-12, atol=1e-15, err_msg=name)


async def test_what_would_take_too_long_is_refused_with_the_figure(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"max_replay_seconds": 0.05}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        run = await made(client, SMALL)
        limit = app.state.runs.get(run["id"]).plan.longest(app.state.settings)
        problem = expect_problem(
            await client.get(f"/runs/{run['id']}/frames/{limit}/conventions/book"), 422, "too_long"
        )
        assert problem["params"]["limit"] < limit
        answer = await client.get(f"/runs/{run['id']}/frames/{problem['params']['limit']}/conventions/book")
        assert answer.status_code == 200


async def test_nothing_is_stored(client: httpx.AsyncClient) -> None:
    run = await made(client, {**TWO, "seed": 77})
    await switched(client, run, "pytorch")
    answer = await client.post("/runs", json={**TWO, "seed": 77, "conventions": "pytorch"})
    assert answer.status_code == 201
    assert answer.json()["parent"] is None
