"""Each known fault is found by the checker where it first shows, and explains what it does."""

from collections.abc import Collection, Iterator

import numpy as np
import pytest

from engine.check import check
from engine.explain import Cell
from engine.faults import FAULTS, can_have, spoiled, spoiled_optimizer
from engine.initializers import He
from engine.jacobians import chain
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.network import Network
from engine.optimizers import SGD, Adam
from engine.penalties import Penalty
from engine.run import Run
from tests.engine.cases import LOSSES, target_for

NONE = Penalty()

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


def faulty(faults: str | Collection[str], loss: str, penalty: Penalty = NONE) -> Run:
    faults = [faults] if isinstance(faults, str) else faults
    rng = np.random.default_rng(7)
    made = LOSSES[loss]()
    last = Softmax() if made.kind == "categorical_crossentropy" else Sigmoid()
    layers = [
        Dense(4, 5, initializer=He(), rng=rng, penalty=penalty),
        ReLU(),
        Dense(5, 3, initializer=He(), rng=rng, penalty=penalty),
        last,
    ]
    target = target_for(made, "sparse", 6, 3, rng)
    network = spoiled(Network(layers, made), faults)
    optimizer = spoiled_optimizer(SGD(0.1, momentum=0.9), faults)
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
@pytest.mark.parametrize("faults", [*FAULTS, FAULTS], ids=str)
def test_what_is_wrong_is_explained_as_it_was_computed(faults: str | tuple[str, ...], loss: str) -> None:
    run = faulty(faults, loss, Penalty(l2=0.01) if faults == FAULTS else NONE)
    for cell in computed(run):
        explanation = run.explain(cell)
        terms = [term.value for term in explanation.terms]
        bound = 8 * len(terms) * np.finfo(np.float64).eps * sum(map(abs, terms))
        assert abs(explanation.value - sum(terms)) <= bound, cell


@pytest.mark.parametrize("faults", [*FAULTS, FAULTS], ids=str)
def test_what_reads_a_cell_is_what_it_is_read_by(faults: str | tuple[str, ...]) -> None:
    run = faulty(faults, "cce", Penalty(l2=0.01) if faults == FAULTS else NONE)
    reads: dict[Cell, set[Cell]] = {}
    for cell in computed(run):
        for term in run.explain(cell).terms:
            for read in (read for factor in term.factors for read in factor.cells):
                reads.setdefault(read, set()).add(cell)
    for cell in reads:
        assert reads[cell] <= set(run.used_by(cell)), cell
    weight = next(cell for cell in reads if cell.tensor == "dense_2.weight" and cell.position == 0)
    assert {c for c in run.used_by(weight) if c.tensor == "dense_2.dinput"} == {
        c for c in reads[weight] if c.tensor == "dense_2.dinput"
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_the_shares_of_the_samples_sum_to_what_was_computed(fault: str) -> None:
    run = faulty(fault, "cce")
    last = run.steps_per_iteration - 1
    for name in ("dense_1.dweight", "dense_1.dbias", "dense_2.dweight", "dense_2.dbias"):
        found = run.frame(last).tensors[name]
        assert found is not None
        np.testing.assert_allclose(run.shares(last, name).sum(axis=0), found, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_jacobian_is_what_the_gradient_was_multiplied_by(fault: str) -> None:
    run = faulty(fault, "cce")
    last = run.steps_per_iteration - 1
    tensors = run.frame(last).tensors
    for name in run.network.names:
        dvalue, dinput = tensors[run.network.wire(f"{name}.dvalue")], tensors[f"{name}.dinput"]
        assert dvalue is not None
        assert dinput is not None
        for n in range(len(dvalue)):
            product = dvalue[n] @ chain(run, last, f"{name}.input", f"{name}.output", n).matrix()
            np.testing.assert_allclose(product, dinput[n], rtol=1e-12, atol=1e-15)


def computed(run: Run) -> Iterator[Cell]:
    """Every cell that the first iteration computes."""
    for position in range(1, run.steps_per_iteration + 1):
        frame = run.frame(position)
        for name, at in frame.computed_at.items():
            array = frame.tensors[name]
            if at == position and array is not None:
                yield from (Cell(name, index, position) for index in np.ndindex(*array.shape))


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


def test_a_fused_head_leaves_its_layer_nothing_to_do_wrong() -> None:
    fused = Network([Dense(2, 2), Softmax()], LOSSES["fused_cce"]())
    assert not can_have(fused, "softmax_scalar")
    assert type(spoiled(fused, FAULTS).layers[-1]) is Softmax
    assert not can_have(fused, "relu_at_zero")
    assert can_have(fused, "missing_mean")


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        spoiled(Network([]), ["no_such"])
