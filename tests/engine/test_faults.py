"""Each known fault is found by the checker where it first shows, and explains what it does."""

import numpy as np
import pytest

from engine.check import check
from engine.explain import Cell
from engine.faults import FAULTS, spoiled, spoiled_optimizer
from engine.initializers import He
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.network import Network
from engine.optimizers import SGD, Adam
from engine.run import Run
from tests.engine.cases import LOSSES, target_for

FIRST = {
    "missing_mean": {False: "loss.dinput", True: "{last}.dinput"},
    "unsigned_label": {False: "loss.dinput", True: "{last}.dinput"},
    "softmax_scalar": {False: "softmax_1.dinput"},
    "missing_transpose": {False: "dense_2.dinput", True: "dense_2.dinput"},
    "relu_at_zero": {False: "", True: ""},
    "bias_not_summed": {False: "dense_2.dbias", True: "dense_2.dbias"},
    "input_overwritten": {False: "dense_2.dweight", True: "dense_2.dweight"},
}
"""Fault, whether the head is fused -> the first gradient of the backward pass that is wrong."""


def faulty(fault: str, loss: str) -> Run:
    rng = np.random.default_rng(7)
    made = LOSSES[loss]()
    last = Softmax() if made.kind == "categorical_crossentropy" else Sigmoid()
    layers = [
        Dense(4, 5, initializer=He(), rng=rng),
        ReLU(),
        Dense(5, 3, initializer=He(), rng=rng),
        last,
    ]
    target = target_for(made, "sparse", 6, 3, rng)
    network = spoiled(Network(layers, made), [fault])
    optimizer = spoiled_optimizer(SGD(0.1, momentum=0.9), [fault])
    return Run(network, optimizer, rng.standard_normal((6, 4)), target)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("fault", FIRST)
def test_the_checker_finds_it_where_it_first_shows(fault: str, loss: str) -> None:
    run = faulty(fault, loss)
    found = check(run, run.steps_per_iteration - 1)
    wrong = [name for name, one in found.items() if one.worst > 1e-7]
    last = "softmax_1" if "cce" in loss else "sigmoid_1"
    first = FIRST[fault].get("fused" in loss, "").format(last=last)
    if "softmax" in fault and "bce" in loss:
        first = ""
    assert wrong[:1] == ([first] if first else [])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_explained_as_it_was_computed(fault: str, loss: str) -> None:
    run = faulty(fault, loss)
    for position in range(1, run.steps_per_iteration + 1):
        frame = run.frame(position)
        for name, at in frame.computed_at.items():
            array = frame.tensors[name]
            if at != position or array is None:
                continue
            for index in np.ndindex(*array.shape):
                explanation = run.explain(Cell(name, index, position))
                terms = [term.value for term in explanation.terms]
                bound = 8 * len(terms) * np.finfo(np.float64).eps * sum(map(abs, terms))
                assert abs(explanation.value - sum(terms)) <= bound, (name, index)


def test_a_wrong_slope_shows_only_at_zero() -> None:
    right, wrong = (
        Network([Dense(1, 2, weight=[[0.0, 1.0]]), ReLU(), Softmax()], LOSSES["cce"]()) for _ in range(2)
    )
    input, target = np.array([[1.0]]), np.array([0])
    frames = [
        Run(n, SGD(), input, target).frame(8).tensors["relu_1.dinput"]
        for n in (right, spoiled(wrong, ["relu_at_zero"]))
    ]
    before, after = frames
    assert before is not None
    assert after is not None
    assert (before != after).tolist() == [[True, False]]


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.1, momentum=0.9, nesterov=True), Adam(0.01)])
def test_the_wrong_sign_goes_uphill(optimizer: SGD | Adam) -> None:
    rng = np.random.default_rng(0)
    w, g = rng.standard_normal((2, 3, 2))
    state = optimizer.initial(w)
    down, kept = optimizer.update(w, g, state, 0)
    up, same = spoiled_optimizer(optimizer, ["wrong_sign"]).update(w, g, state, 0)
    np.testing.assert_allclose(up - w, w - down, rtol=0, atol=1e-15)
    assert all(np.array_equal(kept[name], same[name]) for name in kept)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        spoiled(Network([]), ["no_such"])
