"""A record an iteration says what the frames say, however the records were asked for."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from engine.arrays import Array
from engine.batching import Batching
from engine.cache import Cache
from engine.datasets import load
from engine.history import evaluate, history
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.penalties import Penalty
from engine.run import CHECKPOINT_EVERY, Edit, Frame, Run
from engine.timeline import Timeline
from tests.engine.cases import LOSSES, run_for

LENGTH = 150


def there(run: Run, name: str, position: int) -> Array:
    array = run.frame(position).tensors[name]
    assert array is not None
    return array


def test_a_record_is_what_the_frames_say() -> None:
    run = run_for("cce")
    steps = run.steps_per_iteration
    for record in history(run_for("cce"), 0, 5):
        last = run.frame((record.iteration + 1) * steps - 1)
        assert (record.loss, record.accuracy) == (last.loss, last.accuracy)
        assert (record.test_loss, record.test_accuracy) == (None, None)
        for name in ("dense_1", "dense_2"):
            weight = there(run, f"{name}.weight", last.position)
            moved = there(run, f"{name}.weight", last.position + 1)
            assert record.layers[name] == pytest.approx(
                {
                    "weight": np.sqrt((weight**2).sum()),
                    "gradient": np.sqrt((there(run, f"{name}.dweight", last.position) ** 2).sum()),
                    "update": np.sqrt(((moved - weight) ** 2).sum()),
                }
            )


@pytest.mark.parametrize("cut", [1, 63, 64, 65, 100])
def test_a_history_cut_and_resumed_is_the_uncut_one(cut: int) -> None:
    whole = list(history(run_for("cce"), 0, LENGTH))
    run = run_for("cce")
    assert [*history(run, 0, cut), *history(run, cut, LENGTH)] == whole
    # On another machine, which has no checkpoint.
    assert list(history(run_for("cce"), cut, LENGTH)) == whole[cut:]


def test_every_so_many_iterations() -> None:
    whole = list(history(run_for("cce"), 0, 30))
    assert list(history(run_for("cce"), 3, 30, 7)) == whole[3:30:7]


def test_an_edit_is_part_of_it() -> None:
    plain, edited = run_for("cce"), run_for("cce", edits=(Edit(24, "dense_1.weight", (0, 0), 5.0),))
    before, after = list(history(plain, 0, 5)), list(history(edited, 0, 5))
    # The record of iteration 1 ends with the frame after its update, to which the edit belongs.
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False, False, False]


@pytest.mark.parametrize("loss", LOSSES)
def test_held_back_samples_are_judged_as_the_batch_is(loss: str) -> None:
    run = run_for(loss, batching=Batching(), penalty=Penalty(l2=0.1))
    frame = run.frame(run.steps_per_iteration - 1)
    target = there(run, "data.target", 0)
    found = evaluate(run, frame, there(run, "data.input", 0), target)
    assert found == pytest.approx((frame.loss, frame.accuracy), rel=1e-14)


def test_dead_units_and_saturated_cells_are_counted() -> None:
    weight = np.array([[1.0, -1.0, 0.0], [1.0, -1.0, 3.0]])
    layers = [Dense(2, 3, weight=weight), ReLU(), Dense(3, 2, weight=np.eye(3)[:, :2] * 9), Sigmoid()]
    layers.append(Softmax())
    network = Network(layers, CategoricalCrossentropy())
    run = Run(network, SGD(0), np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 1]))
    (record,) = history(run, 0, 1)
    assert record.layers["relu_1"] == {"dead": pytest.approx(1 / 3)}
    # σ(9) twice, and σ(0) twice.
    assert record.layers["sigmoid_1"] == {"saturated": 0.5}


def test_nothing_but_checkpoints_is_kept_on_the_way() -> None:
    cache = Cache()
    rng = np.random.default_rng(0)
    network = Network([Dense(4, 3, rng=rng), Softmax()], CategoricalCrossentropy())
    run = Run(network, SGD(), rng.standard_normal((6, 4)), np.arange(6) % 3, cache=cache)
    sizes = [cache.size for _ in history(run, 0, 300)]
    steps = [before for before, after in pairwise(range(300)) if sizes[after] != sizes[before]]
    assert len(steps) == 300 // 64


def test_ten_thousand_iterations_are_scrubbed_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(1 << 20)
    data = load("spiral", samples=300)
    rng = np.random.default_rng(0)
    network = Network([Dense(2, 8, rng=rng), ReLU(), Dense(8, 3, rng=rng), Softmax()], LOSSES["cce"]())
    run = Run(network, SGD(), data.input, data.target, batching=Batching(32, True), cache=cache)
    steps = run.steps_per_iteration
    last = {i: before for i, before, _ in run.iterations(0, 10_000) if i % 1_111 == 0}
    stepped = 0
    advance = Timeline.advance

    def counted(timeline: Timeline, frame: Frame) -> Frame:
        nonlocal stepped
        stepped += 1
        return advance(timeline, frame)

    monkeypatch.setattr(Timeline, "advance", counted)
    for iteration in (9_999, 0, 5_555, 1_111, 8_888, 3_333, 7_777, 2_222, 6_666, 4_444):
        stepped = 0
        found = run.frame((iteration + 1) * steps - 1)
        assert stepped < (CHECKPOINT_EVERY + 2) * steps
        assert cache.size <= cache.limit
        expect_same(found, last[iteration])


def test_a_parcel_goes_on_elsewhere_with_the_same_bits() -> None:
    edits = (Edit(30 * 12, "dense_1.weight", (0, 0), 5.0), Edit(31 * 12 + 1, "data.input", (0, 0), 2.0))
    for some in ((), edits[:1], edits):
        here, elsewhere = (run_for("cce", edits=some) for _ in range(2))
        frame = here.frame(40 * here.steps_per_iteration)
        parcel = pickle.loads(pickle.dumps(here.parcel(frame)))
        assert ("data.input" in parcel.tensors) == (some == edits)
        for _, before, after in elsewhere.iterations(parcel, 45):
            expect_same(before, here.frame(before.position))
            expect_same(after, here.frame(after.position))
        elsewhere.adopt(parcel)
        # A parcel is not the whole frame, and is not taken for it.
        expect_same(elsewhere.frame(frame.position), frame)


def expect_same(a: Frame, b: Frame) -> None:
    assert list(a.tensors) == list(b.tensors)
    for name, array in a.tensors.items():
        other = b.tensors[name]
        assert (array is None) == (other is None), name
        if array is not None and other is not None:
            assert (array.dtype, array.tobytes()) == (other.dtype, other.tobytes()), name
    assert (a.position, a.step, a.iteration, a.accuracy) == (b.position, b.step, b.iteration, b.accuracy)
    assert a.computed_at == b.computed_at


@pytest.mark.parametrize(("start", "every"), [(-1, 1), (0, 0)])
def test_a_history_that_makes_no_sense_is_refused(start: int, every: int) -> None:
    with pytest.raises(ValueError, match="start, every"):
        next(history(run_for("cce"), start, 5, every))
