"""The regions are what the network says of each point, with the weights of the frame."""

import numpy as np
import pytest

from engine.arrays import Array
from engine.datasets import load
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import BinaryCrossentropy, CategoricalCrossentropy, Loss, SoftmaxCategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.regions import (
    MOST_FLAGS,
    MOST_RESOLUTION,
    NOTHING,
    NoRegionsError,
    drawable,
    regions,
    winners,
)
from engine.run import Edit, Run

SIZE = 16


def planar(
    outputs: int = 3, loss: Loss | None = None, dtype: type = np.float64, edits: tuple[Edit, ...] = ()
) -> Run:
    """A run on the spiral."""
    rng = np.random.default_rng(1)
    data = load("spiral", samples=30)
    loss = loss or CategoricalCrossentropy()
    last: Layer = Sigmoid() if loss.kind == "binary_crossentropy" else Softmax()
    layers = [Dense(2, 6, rng=rng, dtype=dtype), ReLU(), Dense(6, outputs, rng=rng, dtype=dtype), last]
    target: Array = data.target
    if loss.kind == "binary_crossentropy":
        target = rng.integers(0, 2, (len(target), outputs))
    return Run(Network(layers, loss), SGD(1.0), data.input.astype(dtype), target, edits=edits)


def by_hand(run: Run, position: int, points: Array) -> Array:
    """The outputs of these points, as plain arithmetic."""
    there = run.frame(position).tensors

    def of(name: str) -> Array:
        array = there[name]
        assert array is not None
        return array

    hidden: Array = np.maximum(points @ of("dense_1.weight") + of("dense_1.bias"), 0)
    z: Array = hidden @ of("dense_2.weight") + of("dense_2.bias")
    if run.network.names[-1] == "sigmoid_1":
        return np.asarray(1 / (1 + np.exp(-z)))
    return np.asarray(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("loss", [CategoricalCrossentropy(), SoftmaxCategoricalCrossentropy()])
@pytest.mark.parametrize("position", [0, 1, 11, 12, 60, 1000])
def test_each_cell_is_judged_at_its_centre_with_the_weights_of_the_frame(loss: Loss, position: int) -> None:
    run = planar(loss=loss)
    found = regions(run, run.frame(position), SIZE)
    for row, column in [(0, 0), (0, SIZE - 1), (5, 9), (SIZE - 1, 2)]:
        x = found.x[0] + (column + 0.5) / SIZE * (found.x[1] - found.x[0])
        y = found.y[1] - (row + 0.5) / SIZE * (found.y[1] - found.y[0])
        (outputs,) = by_hand(run, position, np.array([[x, y]]))
        assert found.classes[row, column] == outputs.argmax()
        assert found.share[row, column] == pytest.approx(outputs.max(), rel=1e-6)


def test_training_moves_them_and_what_comes_before_the_update_does_not() -> None:
    run = planar()
    steps = run.steps_per_iteration
    first, last, after = (regions(run, run.frame(p), SIZE) for p in (0, steps - 1, steps))
    assert np.array_equal(first.share, last.share)
    assert not np.array_equal(last.share, after.share)


def test_an_edit_of_a_weight_is_in_them_from_its_position_on() -> None:
    plain, edited = planar(), planar(edits=(Edit(3, "dense_1.weight", (0, 0), 9.0),))
    for position, same in ((2, True), (3, False)):
        first, second = (regions(run, run.frame(position), SIZE).share for run in (plain, edited))
        assert np.array_equal(first, second) == same


def test_all_the_data_are_in_the_picture_and_not_at_its_edge() -> None:
    run = planar(edits=(Edit(0, "data.input", (4, 1), 7.0),))
    frame = run.frame(0)
    found = regions(run, frame, SIZE)
    data = frame.tensors["data.input"]
    assert data is not None
    for reach, column in zip((found.x, found.y), data.T, strict=True):
        assert reach[0] < column.min()
        assert column.max() < reach[1]
    assert found.y[1] > 7


def test_data_on_one_spot_or_immensely_far_apart_have_a_picture_too() -> None:
    for values in ([[2.0, 2.0]] * 2, [[-1.7e308, 0.0], [1.7e308, 0.0]]):
        network = Network([Dense(2, 2, rng=np.random.default_rng(0)), Softmax()], CategoricalCrossentropy())
        run = Run(network, SGD(), np.array(values), np.array([0, 1]))
        found = regions(run, run.frame(0), 4)
        assert np.isfinite([*found.x, *found.y]).all()
        assert found.x[0] < found.x[1]


@pytest.mark.parametrize("outputs", [1, 2, MOST_FLAGS])
def test_binary_outputs_are_a_combination_and_its_probability(outputs: int) -> None:
    run = planar(outputs, BinaryCrossentropy())
    found = winners(run, run.frame(50))
    data = run.frame(50).tensors["data.input"]
    assert data is not None
    said = by_hand(run, 50, data)
    assert found.tolist() == [sum(int(p > 0.5) << j for j, p in enumerate(row)) for row in said]
    picture = regions(run, run.frame(50), SIZE)
    assert (picture.share >= np.float32(0.5) ** outputs).all()
    assert (picture.share <= 1).all()


def test_what_is_no_number_is_no_class() -> None:
    run = planar(edits=(Edit(0, "dense_1.weight", (0, 0), 1e308), Edit(0, "dense_1.weight", (1, 0), -1e308)))
    run = Run(
        run.network,
        SGD(1e308),
        load("spiral", samples=30).input,
        load("spiral", samples=30).target,
        edits=run.edits,
    )
    far = run.frame(run.steps_per_iteration * 3)
    assert not np.isfinite(far.tensors["dense_1.weight"]).all()  # type: ignore[arg-type]
    assert (regions(run, far, SIZE).classes == NOTHING).any()
    assert (winners(run, far) == NOTHING).any()


def test_they_are_of_the_runs_own_dtype_and_the_same_every_time() -> None:
    run = planar(dtype=np.float32)
    first, second = (regions(run, run.frame(40), 40) for _ in range(2))
    assert first.classes.dtype == np.uint8
    assert first.share.dtype == np.float32
    assert first.classes.shape == first.share.shape == (40, 40)
    assert first.share.tobytes() == second.share.tobytes()
    fresh = planar(dtype=np.float32)
    assert regions(fresh, fresh.frame(40), 40).share.tobytes() == first.share.tobytes()


def test_looking_changes_nothing() -> None:
    run, other = planar(), planar()
    regions(run, run.frame(20), SIZE)
    for name, array in other.frame(300).tensors.items():
        assert np.array_equal(run.frame(300).tensors[name], array)  # type: ignore[arg-type]


def test_what_has_no_picture() -> None:
    rng = np.random.default_rng(0)
    deep = Network([Dense(3, 2, rng=rng), Softmax()], CategoricalCrossentropy())
    run = Run(deep, SGD(), rng.standard_normal((4, 3)), np.arange(4) % 2)
    for one in (run, planar(MOST_FLAGS + 1, BinaryCrossentropy()), planar(NOTHING + 1)):
        assert not drawable(one)
        with pytest.raises(NoRegionsError, match="two features"):
            regions(one, one.frame(0), SIZE)
    assert drawable(planar(NOTHING))


@pytest.mark.parametrize("resolution", [1, MOST_RESOLUTION + 1])
def test_a_resolution_out_of_bounds_is_refused(resolution: int) -> None:
    run = planar()
    with pytest.raises(ValueError, match="resolution: expected 2 to 128"):
        regions(run, run.frame(0), resolution)
