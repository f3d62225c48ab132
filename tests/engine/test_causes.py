"""What went wrong is told by the operands that made it so, whatever the way."""

import numpy as np
import pytest

from engine.autopsy import Finding, Watch, autopsy
from engine.causes import Cause, cause
from engine.faults import spoiled
from engine.history import history
from engine.initializers import He
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import BinaryCrossentropy, CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, Run
from tests.engine.cases import run_for


def found(run: Run, stop: int = 20, vanished: float = 1e-3) -> dict[str, tuple[Finding, Cause]]:
    return {one.kind: cause(run, one) for one in autopsy(run, stop, vanished)}


def patched(*edits: Edit, loss: str = "cce_unclipped", dtype: type = np.float64) -> Run:
    return run_for(loss, dtype, momentum=0, edits=edits)


def two_layers(rate: float, samples: int = 6) -> Run:
    rng = np.random.default_rng(1)
    layers = [
        Dense(4, 5, initializer=He(), rng=rng),
        ReLU(),
        Dense(5, 3, initializer=He(), rng=rng),
        Softmax(),
    ]
    network = Network(layers, CategoricalCrossentropy(clip=0))
    return Run(network, SGD(rate), rng.standard_normal((samples, 4)), np.arange(samples) % 3)


@pytest.mark.parametrize(("dtype", "much"), [(np.float64, 1e308), (np.float32, 3e38)])
def test_a_product_beyond_the_largest_number(dtype: type, much: float) -> None:
    run = patched(
        Edit(2, "dense_1.output", (0, 1), 100.0), Edit(3, "dense_2.weight", (1, 2), much), dtype=dtype
    )
    finding, why = found(run)["inf"]
    assert (finding.cell.tensor, finding.cell.index, finding.cell.position) == ("dense_2.output", (0, 2), 4)
    assert why.reason == "product_overflow"
    assert [(f.label, f.value, f.cells[0].position) for f in why.operands] == [
        ("input", 100.0, 3),
        ("weight", float(dtype(much)), 3),
    ]
    assert why.limit == np.finfo(dtype).max
    assert abs(why.operands[0].value * why.operands[1].value) > why.limit


def test_a_sum_beyond_it() -> None:
    edits = [Edit(3, "dense_2.bias", (0, 0), 1.7e308), Edit(3, "dense_2.weight", (0, 0), 1.7e308)]
    run = patched(Edit(3, "relu_1.output", (0, 0), 1.0), *edits)
    finding, why = found(run, 1)["inf"]
    assert (finding.cell.tensor, why.reason) == ("dense_2.output", "sum_overflow")
    assert sum(one.term.value for one in why.terms) > why.limit
    assert {factor.value for factor in why.operands} >= {1.7e308, 1.0}


def test_the_logarithm_of_zero_then_zero_times_infinity() -> None:
    there = found(two_layers(1e6))
    finding, why = there["inf"]
    assert (finding.cell.tensor, why.reason) == ("loss.output", "log_of_zero")
    assert [(f.label, f.value) for f in why.operands] == [("ln ŷ", -np.inf), ("softmax_1.output", 0.0)]
    finding, why = there["nan"]
    assert (finding.cell.tensor, why.reason) == ("softmax_1.dinput", "zero_times_inf")
    assert {0.0} < {abs(f.value) for f in why.operands} <= {0.0, np.inf}


def test_infinity_less_infinity() -> None:
    run = patched(Edit(2, "dense_1.output", (0, 1), 100.0), Edit(3, "dense_2.weight", (1, 2), 1e308))
    finding, why = found(run)["nan"]
    assert (finding.cell.tensor, finding.cell.index[0], why.reason) == (
        "softmax_1.output",
        0,
        "inf_minus_inf",
    )
    assert [(f.label, f.value) for f in why.operands] == [("dense_2.output", np.inf)]


def test_a_division_by_next_to_nothing() -> None:
    run = patched(Edit(6, "softmax_1.output", (0, 0), 0.0), Edit(6, "softmax_1.output", (0, 1), 1e-310))
    label = run.frame(1).tensors["batch.target"]
    assert label is not None
    column = int(label[0, 0])
    run = patched(Edit(6, "softmax_1.output", (0, column), 1e-310))
    finding, why = found(run, 1)["inf"]
    assert (finding.cell.tensor, why.reason) == ("loss.dinput", "division")
    assert [f.value for f in why.operands] == [np.inf, 1e-310]


def test_a_weight_is_blamed_on_the_momentum_that_it_was_made_of() -> None:
    steps = run_for("cce_unclipped").steps_per_iteration
    edits = tuple(
        Edit(2 * steps - 1, tensor, (1, 2), 1.7e308)
        for tensor in ("dense_1.dweight", "dense_1.weight.momentum")
    )
    finding, why = found(run_for("cce_unclipped", edits=edits), 2)["inf"]
    assert (finding.cell.tensor, finding.cell.index, finding.cell.position) == (
        "dense_1.weight.momentum",
        (1, 2),
        2 * steps,
    )
    assert why.reason == "sum_overflow"


def test_what_an_edit_overwrites_in_mid_pass_is_found_all_the_same() -> None:
    edits = (
        Edit(2, "dense_1.output", (0, 1), 100.0),
        Edit(3, "dense_2.weight", (1, 2), 1e308),
        Edit(5, "dense_2.output", (0, 2), 0.0),
        *(Edit(5, "softmax_1.output", (0, k), 1 / 3) for k in range(3)),
    )
    run = patched(*edits)
    finding, _ = found(run, 1)["inf"]
    assert (finding.cell.tensor, finding.cell.position) == ("dense_2.output", 4)
    last = run.frame(run.steps_per_iteration - 1).tensors["dense_2.output"]
    assert last is not None
    assert np.isfinite(last).all()


def test_a_dead_unit_is_told_by_the_input_that_came_nearest() -> None:
    run = run_for(edits=(Edit(0, "dense_1.bias", (0, 3), -1e3),))
    finding, why = found(run)["dead"]
    assert (finding.cell.tensor, finding.cell.position, finding.until) == ("relu_1.output", 3, None)
    assert (why.reason, why.explained.tensor) == ("never_positive", "dense_1.output")
    assert -1010 < why.value < -990
    assert [f.label for f in why.terms[0].term.factors] == ["bias"]
    assert [(f.label, f.value) for f in why.operands] == [("dense_1.output", why.value), ("bias", -1e3)]


def at_zero(slope: int, *faults: str) -> Run:
    """A unit whose largest input is exactly 0, by weights of 0 and a bias of 0."""
    rng = np.random.default_rng(1)
    weight = rng.standard_normal((4, 5)) + 1
    weight[:, 2] = 0
    layers = [Dense(4, 5, weight=weight), ReLU(slope), Dense(5, 3, rng=rng), Softmax()]
    network = spoiled(Network(layers, CategoricalCrossentropy()), faults)
    return Run(network, SGD(0), np.abs(rng.standard_normal((6, 4))), np.arange(6) % 3)


@pytest.mark.parametrize(
    ("slope", "faults", "dead"),
    [(1, (), False), (0, (), True), (1, ("relu_at_zero",), True), (0, ("relu_at_zero",), False)],
)
def test_a_unit_whose_largest_input_is_0_is_dead_where_no_gradient_passes_there(
    slope: int, faults: tuple[str, ...], dead: bool
) -> None:
    run = at_zero(slope, *faults)
    passed = run.frame(run.steps_per_iteration - 1).tensors["relu_1.dinput"]
    assert passed is not None
    assert (not passed[:, 2].any()) == dead
    there = found(run)
    assert ("dead" in there) == dead
    (record,) = history(run, 0, 1)
    assert record.layers["relu_1"] == {"dead": pytest.approx(dead / 5)}
    if dead:
        finding, why = there["dead"]
        assert (finding.cell.index[1], why.reason, why.value) == (2, "never_positive", 0.0)


def test_a_unit_buried_by_an_edit_of_its_inputs_is_told_by_it() -> None:
    buried = tuple(Edit(5, "dense_1.output", (row, 3), -1.0) for row in range(4))
    run = run_for(edits=buried)
    finding, why = found(run, 1)["dead"]
    assert (finding.cell.tensor, finding.cell.index[1]) == ("relu_1.output", 3)
    assert (why.reason, why.explained.tensor, why.value) == ("edited", "dense_1.output", -1.0)


def test_a_unit_that_comes_back_is_said_to() -> None:
    steps = run_for().steps_per_iteration
    buried, woken = Edit(0, "dense_1.bias", (0, 3), -1e3), Edit(4 * steps, "dense_1.bias", (0, 3), 1e3)
    finding, _ = found(run_for(edits=(buried, woken)))["dead"]
    assert (finding.cell.index[1], finding.until) == (3, 4)
    later = Edit(6 * steps, "dense_1.bias", (0, 1), -1e3)
    finding, _ = found(run_for(edits=(buried, woken, later)))["dead"]
    assert (finding.cell.index[1], finding.until) == (1, None), "one that stays dead matters more"


def test_a_vanished_gradient_is_told_by_its_way_back() -> None:
    rng = np.random.default_rng(0)
    deep = [part for _ in range(8) for part in (Dense(3, 3, rng=rng), Sigmoid())]
    layers = [*deep, Dense(3, 1, rng=rng), Sigmoid()]
    run = Run(Network(layers, BinaryCrossentropy()), SGD(), rng.standard_normal((5, 3)), np.arange(5) % 2)
    finding, why = found(run, 1)["vanished"]
    assert (finding.cell.tensor, why.reason) == ("sigmoid_1.dinput", "small_factors")
    assert finding.share is not None
    assert finding.share < 1e-3
    names = [tensor for tensor, _ in why.course]
    assert names[0] == "loss.dinput"
    assert names[-1] == "sigmoid_1.dinput"
    frame = run.frame(finding.cell.position or 0)
    for tensor, size in why.course:
        array = frame.tensors[tensor]
        assert array is not None
        assert size == pytest.approx(np.linalg.norm(array), rel=1e-12)
    assert why.course[-1][1] < 1e-4 * why.course[0][1]


def test_a_watch_that_goes_on_elsewhere_finds_the_same() -> None:
    edits = (Edit(90, "dense_1.bias", (0, 3), -1e3), Edit(150, "dense_2.weight", (1, 2), 1e308))
    run = run_for("cce_unclipped", edits=edits)
    whole = autopsy(run, 30)
    watch, start = Watch(), run.checkpoint(0)
    for stop in (5, 9, 10, 22, 30):
        for frames in run_for("cce_unclipped", edits=edits).passes(run.parcel(start), stop):
            watch.see(run, frames)
            start = frames[-1]
    assert watch.findings == whole
    assert {one.kind for one in whole} >= {"dead", "inf"}


def test_an_endless_sum_of_squares_is_no_infinity() -> None:
    run = patched(Edit(3, "dense_2.weight", (0, 0), 1e200), Edit(3, "dense_2.weight", (1, 0), -1e200))
    before = [one for one in autopsy(run, 1) if (one.cell.position or 0) < 4]
    assert [one.kind for one in before if one.kind in ("inf", "nan")] == []
