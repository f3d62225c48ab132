"""The engine against PyTorch, an implementation that did not come from here.

PyTorch is never a dependency. Where it is installed it is asked again, and must still say what the fixture
holds; everywhere, the engine is held against the fixture, which `python -m tests.engine.test_pytorch` writes.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.arrays import Array
from engine.batching import Batching
from engine.conventions import PRESETS
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Run

FIXTURE = Path(__file__).parent / "fixtures" / "pytorch.json"
UPDATES = 3
RATE, MOMENTUM = 0.3, 0.9

CONVENTIONS = PRESETS["pytorch"]
HEADS: dict[str, Callable[[], Loss]] = {
    "cce": lambda: CategoricalCrossentropy(CONVENTIONS.clip),
    "fused_cce": SoftmaxCategoricalCrossentropy,
    "bce": lambda: BinaryCrossentropy(CONVENTIONS.clip, CONVENTIONS.bce_outputs),
    "fused_bce": lambda: SigmoidBinaryCrossentropy(CONVENTIONS.bce_outputs),
}


def givens() -> dict[str, Array]:
    """Input, parameters and targets of few digits; the third unit of the first layer is exactly 0."""
    rng = np.random.default_rng(2)
    given: dict[str, Array] = {
        "input": rng.standard_normal((6, 4)),
        "weight_1": rng.standard_normal((4, 5)),
        "bias_1": rng.standard_normal((1, 5)),
        "weight_2": rng.standard_normal((5, 3)),
        "bias_2": rng.standard_normal((1, 3)),
    }
    given = {name: np.round(array, 2) for name, array in given.items()}
    given["weight_1"][:, 2] = 0
    given["bias_1"][:, 2] = 0
    given["labels"] = rng.integers(0, 3, 6)
    given["flags"] = rng.integers(0, 2, (6, 3))
    return given


def ours(head: str, dtype: type = np.float64) -> dict[str, Array]:
    """Every tensor of the first pass, and the parameters after some updates."""
    given = givens()
    loss = HEADS[head]()
    last = Softmax() if "cce" in head else Sigmoid()
    layers = [
        Dense(4, 5, weight=given["weight_1"], bias=given["bias_1"], dtype=dtype),
        ReLU(CONVENTIONS.relu_at_zero),
        Dense(5, 3, weight=given["weight_2"], bias=given["bias_2"], dtype=dtype),
        last,
    ]
    target = given["labels" if "cce" in head else "flags"]
    input: Array = given["input"].astype(dtype)
    run = Run(Network(layers, loss), SGD(RATE, momentum=MOMENTUM), input, target, batching=Batching())
    steps = run.steps_per_iteration
    found = {
        name: array
        for name, array in run.frame(steps - 1).tensors.items()
        if array is not None and name.partition(".")[0] not in ("data", "batch")
    }
    later = run.frame(UPDATES * steps).tensors
    for name in run.network.parameters:
        array = later[name]
        assert array is not None
        found[f"{name} after {UPDATES} updates"] = array
    return {name: array for name, array in found.items() if not name.endswith(".momentum")}


def theirs(head: str) -> dict[str, Array]:
    """The same from PyTorch in float64, under the same names."""
    torch = pytest.importorskip("torch")
    given = {name: torch.tensor(array) for name, array in givens().items()}
    parameters = {
        "dense_1.weight": given["weight_1"],
        "dense_1.bias": given["bias_1"],
        "dense_2.weight": given["weight_2"],
        "dense_2.bias": given["bias_2"],
    }
    for parameter in parameters.values():
        parameter.requires_grad_()
    optimizer = torch.optim.SGD(parameters.values(), lr=RATE, momentum=MOMENTUM)
    first: dict[str, Any] = {}
    for _ in range(UPDATES):
        wires = _torch_pass(torch, head, given, parameters)
        optimizer.zero_grad()
        wires["loss.value"].backward()
        if not first:
            first = _named(head, wires, parameters)
        optimizer.step()
    later = {f"{name} after {UPDATES} updates": array for name, array in parameters.items()}
    return {name: array.detach().numpy().copy() for name, array in (first | later).items()}


def _torch_pass(torch: Any, head: str, given: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    functional = torch.nn.functional
    wires = {"dense_1.input": given["input"].clone().requires_grad_()}
    wires["dense_1.output"] = (
        wires["dense_1.input"] @ parameters["dense_1.weight"] + parameters["dense_1.bias"]
    )
    wires["relu_1.output"] = torch.relu(wires["dense_1.output"])
    wires["dense_2.output"] = (
        wires["relu_1.output"] @ parameters["dense_2.weight"] + parameters["dense_2.bias"]
    )
    logits = wires["dense_2.output"]
    flags = given["flags"].double()
    last = "softmax_1" if "cce" in head else "sigmoid_1"
    wires[f"{last}.output"] = torch.softmax(logits, 1) if "cce" in head else torch.sigmoid(logits)
    prediction = wires[f"{last}.output"]
    losses = {
        "cce": lambda: functional.nll_loss(prediction.log(), given["labels"], reduction="none"),
        "fused_cce": lambda: functional.cross_entropy(logits, given["labels"], reduction="none"),
        "bce": lambda: functional.binary_cross_entropy(prediction, flags, reduction="none").mean(1),
        "fused_bce": lambda: functional.binary_cross_entropy_with_logits(
            logits, flags, reduction="none"
        ).mean(1),
    }
    wires["loss.output"] = losses[head]()[:, None]
    wires["loss.value"] = wires["loss.output"].mean()
    for wire in wires.values():
        wire.retain_grad()
    return wires


def _named(head: str, wires: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    last = "softmax_1" if "cce" in head else "sigmoid_1"
    named = {name: p.detach().clone() for name, p in parameters.items()}
    for name, p in parameters.items():
        layer, _, attribute = name.partition(".")
        named[f"{layer}.d{attribute}"] = p.grad.clone()
    order = ["dense_1", "relu_1", "dense_2", last]
    named |= {f"{layer}.output": wires[f"{layer}.output"].clone() for layer in order}
    named["loss.output"] = wires["loss.output"].clone()
    named["loss.value"] = wires["loss.value"].reshape(1, 1).clone()
    for layer, before in zip(
        order, ["dense_1.input", *(f"{name}.output" for name in order[:-1])], strict=True
    ):
        named[f"{layer}.dinput"] = wires[before].grad.clone()
    if "fused" not in head:
        named["loss.dinput"] = wires[f"{last}.output"].grad.clone()
    return named


def fixture(head: str) -> dict[str, Array]:
    """What PyTorch said when it was last asked."""
    stored: dict[str, list[Any]] = json.loads(FIXTURE.read_text())[head]
    return {name: np.array(values) for name, values in stored.items()}


def assert_same(found: dict[str, Array], expected: dict[str, Array], tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        scale = np.abs(array).max()
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance * scale, err_msg=name)


@pytest.mark.parametrize("head", HEADS)
def test_the_engine_says_what_pytorch_said(head: str) -> None:
    assert_same(ours(head), fixture(head), 1e-12)
    assert_same(ours(head, np.float32), fixture(head), 2e-5)


@pytest.mark.parametrize("head", HEADS)
def test_pytorch_still_says_so(head: str) -> None:
    assert_same(theirs(head), fixture(head), 1e-13)


def test_the_slope_at_exactly_zero_is_part_of_the_comparison() -> None:
    assert (fixture("cce")["dense_1.output"][:, 2] == 0).all()
    assert (fixture("cce")["relu_1.dinput"][:, 2] == 0).all()


def test_a_fault_of_a_thousandth_would_be_seen() -> None:
    found = ours("cce")
    found["dense_1.dweight"] = found["dense_1.dweight"] * 1.001
    with pytest.raises(AssertionError, match=r"dense_1\.dweight"):
        assert_same(found, fixture("cce"), 1e-12)


if __name__ == "__main__":
    told = {head: {name: array.tolist() for name, array in theirs(head).items()} for head in HEADS}
    FIXTURE.write_text(json.dumps(told, indent=0) + "\n")
