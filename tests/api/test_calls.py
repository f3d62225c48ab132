"""The stateless calls, compared with plain NumPy."""

import json
from typing import Any

import httpx
import numpy as np
import pytest

from tests.api.conftest import close, expect_problem

pytestmark = pytest.mark.anyio

X = np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 2.0]])
W = np.array([[0.2, -0.1], [0.4, 0.3], [-0.5, 0.1]])
B = np.array([[0.1, 0.0]])
DENSE = {"type": "dense", "weight": W.tolist(), "bias": B[0].tolist()}


async def call(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_backprop_is_plain_numpy(client: httpx.AsyncClient) -> None:
    answer = await call(
        client,
        "/backprop",
        {
            "layers": [DENSE, {"type": "softmax"}],
            "input": X.tolist(),
            "target": [0, 1],
            "loss": "categorical_crossentropy",
        },
    )
    z = X @ W + B
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.eye(2)
    d = (p - y) / 2
    tensors = answer["tensors"]
    assert answer["loss"] == pytest.approx(-np.log(np.diag(p)).mean(), rel=1e-15)
    close(answer["sample_losses"], -np.log(np.diag(p)))
    assert answer["accuracy"] == (p.argmax(axis=1) == [0, 1]).mean()
    for name, expected in {
        "dense_1.output": z,
        "softmax_1.output": p,
        "loss.dinput": -y / p / 2,
        "softmax_1.dinput": d,
        "dense_1.dweight": X.T @ d,
        "dense_1.dbias": d.sum(axis=0, keepdims=True),
        "dense_1.dinput": d @ W.T,
    }.items():
        close(tensors[name], expected, rtol=1e-14, note=name)


async def test_a_dvalue_stands_in_for_the_loss(client: httpx.AsyncClient) -> None:
    dvalue = [[1.0, -2.0], [0.5, 3.0]]
    answer = await call(client, "/backprop", {"layers": [DENSE], "input": X.tolist(), "dvalue": dvalue})
    assert answer["loss"] is None
    assert answer["sample_losses"] is None
    close(answer["tensors"]["dense_1.dinput"], np.array(dvalue) @ W.T)
    close(answer["tensors"]["dense_1.dweight"], X.T @ dvalue)


async def test_no_layers_are_the_loss_alone(client: httpx.AsyncClient) -> None:
    prediction = [[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]]
    body = {"layers": [], "input": prediction, "target": [0, 1, 1], "loss": "categorical_crossentropy"}
    answer = await call(client, "/backprop", body)
    close(answer["sample_losses"], -np.log([0.7, 0.5, 0.9]))
    expected = [[-1 / 0.7 / 3, 0, 0], [0, -1 / 0.5 / 3, 0], [0, -1 / 0.9 / 3, 0]]
    close(answer["tensors"]["loss.dinput"], expected)


async def test_binary_targets_and_conventions(client: httpx.AsyncClient) -> None:
    body = {
        "layers": [],
        "input": [[0.8, 0.3], [0.4, 0.9]],
        "target": [[1, 0], [0, 1]],
        "loss": "binary_crossentropy",
    }
    summed = await call(client, "/backprop", body)
    averaged = await call(client, "/backprop", body | {"conventions": "book"})
    losses = -np.array([np.log(0.8) + np.log(0.7), np.log(0.6) + np.log(0.9)])
    close(summed["sample_losses"], losses)
    close(averaged["sample_losses"], losses / 2)
    assert summed["accuracy"] == 1


async def test_pytorch_fuses_where_it_can(client: httpx.AsyncClient) -> None:
    body = {
        "layers": [{"type": "softmax"}],
        "input": [[1000.0, 0.0]],
        "target": [1],
        "loss": "categorical_crossentropy",
    }
    separate = await call(client, "/backprop", body)
    fused = await call(client, "/backprop", body | {"conventions": "pytorch"})
    assert separate["loss"] == pytest.approx(-np.log(1e-7))
    assert fused["loss"] == 1000
    assert fused["tensors"]["softmax_1.dinput"] == [[1, -1]]
    assert "loss.dinput" not in fused["tensors"]


async def test_float32_stays_float32(client: httpx.AsyncClient) -> None:
    body = {"layers": [DENSE], "input": X.tolist(), "dvalue": [[1, 0], [0, 1]], "dtype": "float32"}
    answer = await call(client, "/backprop", body)
    output = np.array(answer["tensors"]["dense_1.output"])
    assert (output == output.astype(np.float32)).all()
    x, w, b = (array.astype(np.float32) for array in (X, W, B))
    assert output.tolist() == (x @ w + b).astype(float).tolist()


async def test_units_are_drawn_by_the_seed(client: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {
        "layers": [{"type": "dense", "units": 2}],
        "input": X.tolist(),
        "dvalue": [[1, 0], [0, 1]],
    }
    first, again = [(await call(client, "/backprop", body))["tensors"] for _ in range(2)]
    other = (await call(client, "/backprop", body | {"seed": 1}))["tensors"]
    assert first == again
    assert first["dense_1.weight"] != other["dense_1.weight"]


async def test_softmax_alone_with_its_jacobians(client: httpx.AsyncClient) -> None:
    dvalue = np.array([[-1 / 0.7, 0, 0]])
    body = {"input": [np.log([0.7, 0.1, 0.2]).tolist()], "dvalue": dvalue.tolist(), "jacobians": True}
    answer = await call(client, "/layers/softmax/backward", body)
    s = np.array([0.7, 0.1, 0.2])
    jacobian = np.diag(s) - np.outer(s, s)
    close(answer["jacobians"], [jacobian])
    close(answer["dinput"], dvalue @ jacobian)


@pytest.mark.parametrize(
    ("kind", "output", "slope"),
    [
        ("relu", [0, 0, 2], [0, 1, 1]),
        ("sigmoid", [1 / (1 + np.e), 0.5, 1 / (1 + np.exp(-2))], None),
    ],
)
async def test_an_activation_alone(
    client: httpx.AsyncClient, kind: str, output: list[float], slope: list[float] | None
) -> None:
    body = {"input": [[-1, 0, 2]], "dvalue": [[10, 20, 30]]}
    answer = await call(client, f"/layers/{kind}/backward", body)
    factors = np.array(slope or np.array(output) * (1 - np.array(output)))
    close(answer["output"], [output])
    close(answer["dinput"], [factors * [10, 20, 30]])
    forward = await call(client, f"/layers/{kind}/forward", {"input": [[-1, 0, 2]]})
    assert forward == {"output": answer["output"]}


async def test_a_dense_layer_alone(client: httpx.AsyncClient) -> None:
    body = {"input": X.tolist(), "weight": W.tolist(), "dvalue": [[1, 2], [3, 4]], "jacobians": True}
    answer = await call(client, "/layers/dense/backward", body)
    dvalue = np.array([[1.0, 2], [3, 4]])
    close(answer["output"], X @ W)
    close(answer["dweight"], X.T @ dvalue)
    assert answer["dbias"] == [[4, 6]]
    assert answer["jacobians"] == [W.T.tolist()] * 2


LOSS = {"layers": [], "input": [[0.5, 0.5]], "target": [0], "loss": "categorical_crossentropy"}
PASS = {"layers": [DENSE], "input": X.tolist(), "dvalue": [[1, 2], [3, 4]]}
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("/backprop", {"layers": [], "input": [[1]]}, "missing", "body.loss"),
    ("/backprop", LOSS | {"target": None}, "missing", "body.target"),
    ("/backprop", LOSS | {"dvalue": [[1, 2]]}, "conflict", "body.dvalue"),
    ("/backprop", LOSS | {"target": [0, 1]}, "wrong_shape", "body.target"),
    ("/backprop", LOSS | {"target": [2]}, "out_of_range", "body.target"),
    ("/backprop", LOSS | {"input": [0.5, 0.5]}, "wrong_shape", "body.input"),
    ("/backprop", LOSS | {"head": "fused"}, "conflict", "body.head"),
    ("/backprop", LOSS | {"edits": []}, "unknown_field", "body.edits"),
    ("/backprop", PASS | {"input": [[1, 2]]}, "wrong_shape", "body.layers[0].weight"),
    ("/backprop", PASS | {"dvalue": [[1, 2]]}, "wrong_shape", "body.dvalue"),
    ("/backprop", PASS | {"layers": [{"type": "dense", "units": 10**15}]}, "too_many_cells", ""),
    ("/layers/conv/forward", {"input": [[1]]}, "unknown_value", "path.type"),
    ("/layers/dense/forward", {"input": [[1]]}, "missing", "body.weight"),
    ("/layers/dense/forward", {"input": [[1]], "weight": [[1], [2]]}, "wrong_shape", "body.weight"),
    ("/layers/relu/forward", {"input": [[1]], "weight": [[1]]}, "unknown_field", "body.weight"),
    ("/layers/relu/forward", {"input": [[1]], "dvalue": [[1]]}, "unknown_field", "body.dvalue"),
    ("/layers/relu/backward", {"input": [[1]]}, "missing", "body.dvalue"),
    ("/layers/relu/backward", {"input": [[1]], "dvalue": [[1, 2]]}, "wrong_shape", "body.dvalue"),
    ("/layers/softmax/forward", {"input": [[0.0] * 1001], "jacobians": True}, "too_many_cells", ""),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "code", "field"), BAD, ids=range(len(BAD)))
async def test_a_bad_call_is_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], code: str, field: str
) -> None:
    answer = await client.post(path, content=json.dumps(body), headers={"content-type": "application/json"})
    assert expect_problem(answer, 422, code).get("field", "") == field


W2 = {"type": "dense", "weight": [[1, -2], [0.5, 3]]}


async def test_a_penalty_is_part_of_the_loss(client: httpx.AsyncClient) -> None:
    plain: dict[str, Any] = {
        "layers": [W2, {"type": "softmax"}],
        "input": [[1, 2], [3, -1]],
        "target": [0, 1],
        "loss": "categorical_crossentropy",
    }
    penalised = plain | {"layers": [W2 | {"l1": 0.1, "l2": 0.01}, {"type": "softmax"}]}
    without, found = await call(client, "/backprop", plain), await call(client, "/backprop", penalised)
    assert found["loss"] - without["loss"] == pytest.approx(0.1 * 6.5 + 0.01 * 14.25)
