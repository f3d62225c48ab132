"""What went wrong first is found where it did."""

import numpy as np

from engine.autopsy import autopsy
from engine.initializers import He
from engine.layers import Dense, Sigmoid, Softmax
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, Run
from tests.engine.cases import run_for


def test_a_sound_run_has_nothing_to_find() -> None:
    run = run_for(momentum=0)
    assert [one.kind for one in autopsy(run, 20) if one.kind in ("nan", "inf", "vanished")] == []


def test_the_first_infinity_is_found_where_it_began() -> None:
    clean = run_for("cce_unclipped", momentum=0)
    steps = clean.steps_per_iteration
    run = run_for("cce_unclipped", momentum=0, edits=(Edit(3 * steps, "dense_2.weight", (1, 2), 1e308),))
    found = {one.kind: one.cell for one in autopsy(run, 20)}
    first = found["inf"] if "inf" in found else found["nan"]
    assert first.position is not None
    assert first.position > 3 * steps
    for position in range(first.position):
        there = run.frame(position).tensors.values()
        assert all(np.isfinite(array).all() for array in there if array is not None), position
    array = run.frame(first.position).tensors[first.tensor]
    assert array is not None
    assert not np.isfinite(array[first.index])


def test_a_unit_that_dies_is_named() -> None:
    steps = run_for().steps_per_iteration
    run = run_for(edits=tuple(Edit(2 * steps, "dense_1.bias", (0, unit), -100.0) for unit in (3,)))
    assert "dead" not in {one.kind for one in autopsy(run, 2)}
    dead = {one.kind: one.cell for one in autopsy(run, 3)}["dead"]
    assert (dead.tensor, dead.index[1], dead.position) == ("relu_1.output", 3, 2 * steps + 3)
    input = run.frame(2 * steps + 3).tensors["dense_1.output"]
    assert input is not None
    assert dead.index[0] == input[:, 3].argmax(), "the sample that came nearest to waking it"


def test_a_gradient_that_vanishes_is_named() -> None:
    rng = np.random.default_rng(0)
    deep = [part for _ in range(10) for part in (Dense(4, 4, rng=rng), Sigmoid())]
    layers = [*deep, Dense(4, 3, initializer=He(), rng=rng), Softmax()]
    run = Run(
        Network(layers, CategoricalCrossentropy()), SGD(), rng.standard_normal((5, 4)), np.arange(5) % 3
    )
    (found,) = autopsy(run, 1)
    frame = run.frame(found.cell.position or 0)
    vanished, last = frame.tensors[found.cell.tensor], frame.tensors["softmax_1.dinput"]
    assert (found.kind, found.cell.tensor) == ("vanished", "sigmoid_1.dinput")
    assert vanished is not None
    assert last is not None
    assert np.linalg.norm(vanished) < 1e-6 * np.linalg.norm(last)
