"""Every optimiser against PyTorch, and what each of its cells says it was made of.

PyTorch is never a dependency: `python -m tests.engine.test_optimizers` asks it and writes the fixture.
"""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.arrays import Array
from engine.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop

FIXTURE = Path(__file__).parent / "fixtures" / "optimizers.json"
UPDATES = 6

CASES: dict[str, Optimizer] = {
    "sgd": SGD(0.3),
    "sgd with momentum": SGD(0.3, momentum=0.9),
    "sgd with nesterov": SGD(0.3, momentum=0.9, nesterov=True),
    "adagrad": AdaGrad(0.3),
    "adagrad with decay": AdaGrad(0.3, decay=0.1),
    "rmsprop": RMSprop(0.1, rho=0.9),
    "adam": Adam(0.1),
    "adam with other betas": Adam(0.1, beta1=0.5, beta2=0.8, epsilon=1e-3),
    "adamw": AdamW(0.1, weight_decay=0.3),
}


def givens() -> tuple[Array, list[Array]]:
    """A parameter and the gradients that it meets; one cell's are all exactly 0."""
    rng = np.random.default_rng(7)
    gradients = [np.round(rng.standard_normal((4, 3)), 2) for _ in range(UPDATES)]
    for gradient in gradients:
        gradient[1, 2] = 0
    return np.round(rng.standard_normal((4, 3)), 2), gradients


def ours(optimizer: Optimizer, dtype: type = np.float64) -> list[dict[str, Array]]:
    """The parameter and the state before each update, with its gradient, and after the last."""
    parameter, gradients = givens()
    parameter = parameter.astype(dtype)
    state = optimizer.initial(parameter)
    found = []
    for iteration, gradient in enumerate(gradients):
        gradient = gradient.astype(dtype)
        found.append({"parameter": parameter, "gradient": gradient, **state})
        parameter, state = optimizer.update(parameter, gradient, state, iteration)
    return [*found, {"parameter": parameter, **state}]


def theirs(name: str) -> list[Any]:
    """PyTorch's parameter after each update."""
    torch = pytest.importorskip("torch")
    start, gradients = givens()
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = torch_optimizer(torch, CASES[name], [parameter])
    found = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        found.append(parameter.detach().numpy().tolist())
    return found


def torch_optimizer(torch: Any, ours: Optimizer, parameters: list[Any]) -> Any:
    match ours:
        case SGD():
            return torch.optim.SGD(
                parameters, lr=ours.learning_rate, momentum=ours.momentum, nesterov=ours.nesterov
            )
        case AdaGrad():
            return torch.optim.Adagrad(
                parameters, lr=ours.learning_rate, lr_decay=ours.decay, eps=ours.epsilon
            )
        case RMSprop():
            return torch.optim.RMSprop(parameters, lr=ours.learning_rate, alpha=ours.rho, eps=ours.epsilon)
        case AdamW():
            betas = (ours.beta1, ours.beta2)
            return torch.optim.AdamW(
                parameters, ours.learning_rate, betas, ours.epsilon, weight_decay=ours.weight_decay
            )
        case Adam():
            return torch.optim.Adam(parameters, ours.learning_rate, (ours.beta1, ours.beta2), ours.epsilon)
    raise TypeError(ours)


def fixture(name: str) -> list[Any]:
    stored: dict[str, list[Any]] = json.loads(FIXTURE.read_text())
    return stored[name]


def assert_same(found: list[dict[str, Array]], expected: list[Any], tolerance: float) -> None:
    for after, array in zip(found[1:], expected, strict=True):
        np.testing.assert_allclose(after["parameter"], array, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", CASES)
def test_every_update_is_pytorchs(name: str) -> None:
    assert_same(ours(CASES[name]), fixture(name), 1e-13)
    assert_same(ours(CASES[name], np.float32), fixture(name), 1e-5)


@pytest.mark.parametrize("name", CASES)
def test_pytorch_still_says_so(name: str) -> None:
    np.testing.assert_allclose(theirs(name), fixture(name), rtol=1e-14, atol=1e-15)


def test_a_learning_rate_a_thousandth_too_large_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        assert_same(ours(Adam(0.1001)), fixture("adam"), 1e-13)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_cell_is_the_sum_of_its_terms(name: str, dtype: type) -> None:
    optimizer = CASES[name]
    eps = float(np.finfo(dtype).eps)
    for iteration, (before, after) in enumerate(pairwise(ours(optimizer, dtype))):
        for tensor in optimizer.rules:
            for index in np.ndindex(before[tensor].shape):
                terms = optimizer.terms(tensor, (index[0], index[1]), before, after, iteration)
                total = math.fsum(term.value for term in terms)
                size = math.fsum(abs(term.value) for term in terms)
                assert abs(float(after[tensor][index]) - total) <= 8 * len(terms) * eps * size


@pytest.mark.parametrize("name", CASES)
def test_every_factor_is_the_cell_that_it_names_and_every_rule_is_what_is_read(name: str) -> None:
    optimizer = CASES[name]
    for iteration, (before, after) in enumerate(pairwise(ours(optimizer))):
        for tensor, rule in optimizer.rules.items():
            terms = optimizer.terms(tensor, (2, 1), before, after, iteration)
            read = [factor for term in terms for factor in term.factors if factor.cells]
            assert {cell.tensor for factor in read for cell in factor.cells} == set(rule.reads)
            for factor in read:
                (cell,) = factor.cells
                assert cell.index == (2, 1)
                # What the update itself writes is meant as it wrote it, but for the cell's own before.
                source = after if cell.tensor in optimizer.state and cell.tensor != tensor else before
                if not factor.derived:
                    assert factor.value == source[cell.tensor][cell.index]


@pytest.mark.parametrize("name", CASES)
def test_no_update_leaves_the_dtype_or_writes_in_place(name: str) -> None:
    parameter, gradients = (np.ones((2, 3), np.float32), np.full((2, 3), 0.5, np.float32))
    optimizer = CASES[name]
    state = optimizer.initial(parameter)
    for array in (parameter, gradients, *state.values()):
        array.flags.writeable = False
    moved, after = optimizer.update(parameter, gradients, state, 0)
    assert {array.dtype for array in (moved, *after.values())} == {np.dtype(np.float32)}
    assert after.keys() == state.keys() == set(optimizer.state)


@pytest.mark.parametrize(
    ("kind", "wrong", "named"),
    [
        (SGD, {"learning_rate": -1.0}, "learning_rate"),
        (SGD, {"nesterov": True}, "nesterov"),
        (AdaGrad, {"epsilon": 0.0}, "epsilon"),
        (RMSprop, {"rho": 1.1}, "rho"),
        (Adam, {"beta1": 1.0}, "beta1"),
        (Adam, {"beta2": math.nan}, "beta2"),
        (AdamW, {"weight_decay": -0.1}, "weight_decay"),
        (AdamW, {"decay": math.inf}, "decay"),
    ],
)
def test_a_number_outside_its_range_is_refused(
    kind: type[Optimizer], wrong: dict[str, float], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        kind(**wrong)


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps({name: theirs(name) for name in CASES}, indent=1) + "\n")
