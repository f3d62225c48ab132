"""The checker on networks that nobody thought of: what is right passes, and every known fault is found."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

from engine.batching import Batching
from engine.check import check, first_wrong
from engine.conventions import PRESETS, Conventions
from engine.edits import Edit
from engine.faults import FAULTS, can_have, spoiled, spoiled_optimizer
from engine.initializers import He, Initializer, Normal
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import SGD, AdaGrad, Adam, Optimizer
from engine.penalties import Penalty
from engine.run import Run
from tests.engine.cases import TARGETS, target_for

WORST = 1e-7
MOST_ITERATIONS = 3


@composite
def conventions(draw: DrawFn) -> Conventions:
    """A preset, or each rule by itself."""
    each = st.builds(
        Conventions,
        relu_at_zero=st.sampled_from([0, 1]),
        bce_outputs=st.sampled_from(["sum", "mean"]),
        clip=st.sampled_from([0.0, 1e-7, 0.01]),
    )
    return draw(st.sampled_from(list(PRESETS.values())) | each)


@composite
def losses(draw: DrawFn, rules: Conventions) -> Loss:
    """Both losses, in both heads."""
    return draw(
        st.sampled_from(
            [
                CategoricalCrossentropy(clip=rules.clip),
                BinaryCrossentropy(clip=rules.clip, outputs=rules.bce_outputs),
                SoftmaxCategoricalCrossentropy(),
                SigmoidBinaryCrossentropy(outputs=rules.bce_outputs),
            ]
        )
    )


@composite
def runs(draw: DrawFn, fault: str | None = None) -> tuple[Run, int]:
    """Any run, and a position right before an update; with a fault, it has no edits."""
    rules = draw(conventions())
    loss = draw(losses(rules))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    widths = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    widths[-1] = max(widths[-1], 2) if loss.kind == "categorical_crossentropy" else widths[-1]
    penalties = st.builds(Penalty, st.sampled_from([0.0, 0.02]), st.sampled_from([0.0, 0.1]))
    initializer: Initializer = draw(st.sampled_from([He(), Normal(0.5), Normal(1.5)]))
    layers: list[Layer] = []
    for inputs, units in pairwise(widths):
        layers.append(
            Dense(
                inputs,
                units,
                initializer=initializer,
                bias=0.3 * rng.standard_normal((1, units)),
                penalty=draw(penalties),
                rng=rng,
            )
        )
        layers += draw(activations(rules))
    layers = layers[: layers.index(next(one for one in reversed(layers) if isinstance(one, Dense))) + 1]
    layers.append(Softmax() if loss.kind == "categorical_crossentropy" else Sigmoid())
    samples = draw(st.integers(1, 7))
    input = rng.standard_normal((samples, widths[0]))
    # Exact zeros: a ReLU's corner is met behind a bias of 0.
    input[rng.random(samples) < 0.2] = 0
    target = target_for(loss, draw(st.sampled_from(TARGETS)), samples, widths[-1], rng)
    optimizer: Optimizer = draw(st.sampled_from([SGD(0.1, 0.01, 0.9), AdaGrad(0.05), Adam(0.02)]))
    batching = Batching(draw(st.sampled_from([None, 1, 3])), shuffled=draw(st.booleans()), seed=1)
    network = Network(layers, loss)
    if fault is not None:
        assume(can_have(network, fault))
        network, optimizer = spoiled(network, [fault]), spoiled_optimizer(optimizer, [fault])
    made = Run(network, optimizer, input, target, batching=batching)
    position = draw(st.integers(1, MOST_ITERATIONS)) * made.steps_per_iteration - 1
    edits = draw(st.lists(edits_of(made, position), max_size=0 if fault else 3))
    return Run(made.network, optimizer, input, target, batching=batching, edits=edits), position


@composite
def activations(draw: DrawFn, rules: Conventions) -> list[Layer]:
    """Up to two, one after the other."""
    kinds = draw(st.lists(st.sampled_from([ReLU, ReLU, Sigmoid, Softmax]), max_size=2))
    return [ReLU(rules.relu_at_zero) if kind is ReLU else kind() for kind in kinds]


@composite
def edits_of(draw: DrawFn, run: Run, until: int) -> Edit:
    """A cell of any tensor, at any position at which it stands, overwritten."""
    position = draw(st.integers(0, until))
    frame = run.frame(position)
    name = draw(st.sampled_from(sorted(n for n, array in frame.tensors.items() if array is not None)))
    rows, columns = run.shape_at(name, position)
    index = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
    # A label or a probability; of all else what a probability may be too.
    value = draw(st.sampled_from([0.0, 1.0]) if "target" in name else st.floats(0.1, 0.9))
    return Edit(position, name, index, value)


@settings(max_examples=200)
@given(runs())
def test_what_is_right_passes(case: tuple[Run, int]) -> None:
    run, position = case
    found = check(run, position)
    for name, one in found.items():
        assert one.worst < WORST, (name, one.worst_cell)
    assert first_wrong(run, position + 1, found.items()) is None


STEPS = {
    "missing_mean": ("loss_backward", "fused_backward"),
    "unsigned_label": ("loss_backward", "fused_backward"),
    "softmax_scalar": ("backward:softmax",),
    "relu_at_zero": ("backward:relu",),
    "missing_transpose": ("backward:dense",),
    "bias_not_summed": ("backward:dense",),
    "input_overwritten": ("backward:dense",),
    "wrong_sign": ("update",),
}
"""Where each fault is."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_found_where_it_is_and_nowhere_else(fault: str) -> None:
    found = 0

    @settings(max_examples=25)
    @given(runs(fault))
    def every(case: tuple[Run, int]) -> None:
        nonlocal found
        run, position = case
        wrong = first_wrong(run, position + 1)
        assert wrong is None or wrong.step.startswith(STEPS[fault])
        found += wrong is not None

    every()
    assert found >= 5


@pytest.mark.parametrize("at_zero", [0, 1])
@pytest.mark.parametrize("loss", [BinaryCrossentropy(), SigmoidBinaryCrossentropy()])
def test_a_wrong_slope_at_zero_is_found_in_the_corner_itself(at_zero: int, loss: Loss) -> None:
    layers = [Dense(2, 3, rng=np.random.default_rng(0)), ReLU(at_zero), Dense(3, 1), Sigmoid()]
    input, target = np.array([[0.0, 0.0], [1.0, -2.0]]), np.array([1, 0])
    right = Run(Network(layers, loss), SGD(), input, target)
    position = right.steps_per_iteration
    assert first_wrong(right, position) is None
    run = Run(spoiled(right.network, ["relu_at_zero"]), SGD(), input, target)
    wrong = first_wrong(run, position)
    assert wrong is not None
    assert (wrong.step, wrong.cell.tensor) == ("backward:relu_1", "relu_1.dinput")
    assert wrong.cell.index[0] == 0
    assert (wrong.analytic == 0) == at_zero
