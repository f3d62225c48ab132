"""A frame is a pure function of the run and the position, however it is reached."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array
from engine.batching import Batching
from engine.cache import Cache
from engine.layers import Dense, ReLU, Softmax
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, Run
from tests.engine.cases import LOSSES, run_for

S = 12
NAMES = ["batch", "forward:dense_1", "forward:relu_1", "forward:dense_2", "forward:softmax_1", "loss"]
NAMES += [
    "loss_backward",
    "backward:softmax_1",
    "backward:dense_2",
    "backward:relu_1",
    "backward:dense_1",
    "update",
]


def same_bits(one: Mapping[str, Array | None], other: Mapping[str, Array | None]) -> bool:
    return one.keys() == other.keys() and all(
        (a is None) == (b is None)
        and (a is None or b is None or (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes()))
        for a, b in ((one[name], other[name]) for name in one)
    )


def there(run: Run, name: str, position: int) -> Array:
    array = run.frame(position).tensors[name]
    assert array is not None
    return array


def test_an_iteration_is_2l_plus_4_steps_and_one_less_when_fused() -> None:
    assert list(run_for("cce").steps) == NAMES
    fused = run_for("fused_cce").steps
    assert list(fused) == [*NAMES[:6], "fused_backward", *NAMES[8:]]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_frame_has_the_same_bits_stepped_jumped_backwards_and_without_a_cache(
    loss: str, dtype: type
) -> None:
    stepped = run_for(loss, dtype)
    frames = [stepped.frame(position) for position in range(5 * stepped.steps_per_iteration)]
    for position in reversed(range(0, len(frames), 7)):
        fresh = run_for(loss, dtype)
        assert same_bits(fresh.frame(position).tensors, frames[position].tensors)
        assert fresh.frame(position).computed_at == frames[position].computed_at
        assert fresh.frame(position).accuracy == frames[position].accuracy
        assert same_bits(stepped.frame(position).tensors, frames[position].tensors)


def test_a_jump_far_ahead_is_the_same_from_checkpoints_and_with_a_cache_that_holds_nothing() -> None:
    far = 150 * S + 5
    run = run_for("cce")
    wanted = run.frame(far)
    run.frame(far + 200 * S)
    assert same_bits(run.frame(far).tensors, wanted.tensors)
    rng = np.random.default_rng(3)
    layers = [Dense(4, 5, rng=rng), ReLU(), Dense(5, 3, rng=rng), Softmax()]
    input, target = rng.standard_normal((7, 4)), rng.integers(0, 3, 7)
    tiny, roomy = (
        Run(Network(layers, CategoricalCrossentropy()), SGD(), input, target, cache=Cache(limit))
        for limit in (1, 1 << 24)
    )
    assert same_bits(tiny.frame(far).tensors, roomy.frame(far).tensors)


def test_what_a_frame_holds_is_never_written_again() -> None:
    run = run_for("cce")
    kept = [run.frame(position) for position in range(3 * S)]
    copies = [{n: None if a is None else a.copy() for n, a in frame.tensors.items()} for frame in kept]
    for position in reversed(range(6 * S)):
        run.frame(position)
    assert all(same_bits(frame.tensors, copy) for frame, copy in zip(kept, copies, strict=True))
    with pytest.raises(ValueError, match="read-only"):
        there(run, "dense_1.weight", 3)[0, 0] = 1


def test_null_is_what_this_iteration_has_not_computed() -> None:
    run = run_for("cce")
    start = run.frame(0)
    assert {n for n, a in start.tensors.items() if a is not None} == {
        "data.input",
        "data.target",
        *(f"dense_{k}.{p}{s}" for k in (1, 2) for p in ("weight", "bias") for s in ("", ".momentum")),
    }
    after_update, after_batch = run.frame(S), run.frame(S + 1)
    assert all(array is not None for array in after_update.tensors.values())
    assert after_update.iteration == 1
    assert after_batch.tensors["dense_2.dweight"] is None
    assert after_batch.loss is None
    assert after_batch.accuracy is None
    assert after_batch.computed_at["batch.input"] == S + 1
    assert after_batch.computed_at["dense_1.weight"] == S
    assert run.frame(9).computed_at["dense_2.dweight"] == 9


def test_positions_agree_with_a_loop_written_out() -> None:
    run = run_for("cce", momentum=0.9)
    data, target = there(run, "data.input", 0), there(run, "data.target", 0)
    w1, b1, w2, b2 = (there(run, f"dense_{k}.{p}", 0) for k in (1, 2) for p in ("weight", "bias"))
    velocity = [np.zeros_like(p) for p in (w1, b1, w2, b2)]
    for t in range(5):
        rows = Batching(4, True, 2).rows(7, t)
        x, labels = data[rows], target[rows, 0]
        h = x @ w1 + b1
        a = np.maximum(h, 0)
        e = np.exp(a @ w2 + b2)
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(x)), labels]).mean()
        assert run.frame(t * S + 6).loss == pytest.approx(loss, rel=1e-13)
        dz = (p - np.eye(3)[labels]) / len(x)
        dh = (dz @ w2.T) * (h >= 0)
        gradients = (x.T @ dh, dh.sum(axis=0, keepdims=True), a.T @ dz, dz.sum(axis=0, keepdims=True))
        names = ("dense_1.dweight", "dense_1.dbias", "dense_2.dweight", "dense_2.dbias")
        for name, gradient in zip(names, gradients, strict=True):
            np.testing.assert_allclose(there(run, name, t * S + 11), gradient, rtol=1e-10, atol=1e-15)
        velocity = [0.9 * v + g for v, g in zip(velocity, gradients, strict=True)]
        rate = 0.5 / (1 + 0.01 * t)
        w1, b1, w2, b2 = (w - rate * v for w, v in zip((w1, b1, w2, b2), velocity, strict=True))
        np.testing.assert_allclose(there(run, "dense_1.weight", (t + 1) * S), w1, rtol=1e-10)
        np.testing.assert_allclose(there(run, "dense_2.bias.momentum", (t + 1) * S), velocity[3], rtol=1e-9)


def test_batches_cover_every_sample_once_an_epoch_and_the_last_may_be_short() -> None:
    batching = Batching(4, shuffled=True, seed=9)
    epochs = [[batching.rows(10, 3 * e + k) for k in range(3)] for e in range(8)]
    assert [len(rows) for rows in epochs[0]] == [4, 4, 2] == [batching.count(10, k) for k in range(3)]
    orders = [tuple(np.concatenate(epoch).tolist()) for epoch in epochs]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len(set(orders)) == 8
    assert Batching(4).rows(10, 2).tolist() == [8, 9]
    assert Batching().rows(10, 7).tolist() == list(range(10))
    run = run_for("cce", batching=Batching(4))
    assert there(run, "batch.input", S + 1).shape == (3, 4)
    assert there(run, "loss.dinput", S + 9)[0].sum() != 0


@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.integers(0, 200))
def test_any_batch_is_as_large_as_it_says(samples: int, size: int, shuffled: bool, iteration: int) -> None:
    batching = Batching(size, shuffled)
    rows = batching.rows(samples, iteration)
    assert 1 <= len(rows) == batching.count(samples, iteration) <= size
    assert len(set(rows.tolist())) == len(rows)


def test_an_edit_overwrites_its_cell_after_the_step_and_what_follows_follows() -> None:
    plain = run_for("cce")
    edited = run_for("cce", edits=(Edit(2, "relu_1.input", (1, 2), 5.0),))
    assert same_bits(plain.frame(1).tensors, edited.frame(1).tensors)
    assert there(edited, "dense_1.output", 2)[1, 2] == 5
    assert edited.frame(2).computed_at["dense_1.output"] == 2
    assert there(edited, "relu_1.output", 3)[1, 2] == 5
    assert edited.frame(S).loss != plain.frame(S).loss
    gone = there(edited, "dense_1.output", S + 2)
    assert gone.shape == (3, 5)
    assert (gone != 5).all()


def test_an_edit_of_data_lasts_and_one_of_the_batch_does_not() -> None:
    plain = run_for("cce", batching=Batching())
    label = there(plain, "batch.target", 1)[0, 0]
    other = (label + 1) % 3
    data = run_for("cce", batching=Batching(), edits=(Edit(0, "data.target", (0, 0), other),))
    batch = run_for("cce", batching=Batching(), edits=(Edit(1, "batch.target", (0, 0), other),))
    assert there(data, "batch.target", S + 1)[0, 0] == other
    assert there(batch, "batch.target", 1)[0, 0] == other
    assert there(batch, "batch.target", S + 1)[0, 0] == label
    assert data.frame(6).loss == batch.frame(6).loss != plain.frame(6).loss


def test_forks_share_what_comes_before_the_edit() -> None:
    cache = Cache()
    rng = np.random.default_rng(1)
    network = Network([Dense(2, 3, rng=rng), Softmax()], CategoricalCrossentropy())
    input, target = rng.standard_normal((4, 2)), np.array([0, 1, 2, 0])

    def run(*edits: Edit) -> Run:
        return Run(network, SGD(), input, target, edits=edits, key="same", cache=cache)

    steps = run().steps_per_iteration
    edit = Edit(3 * steps, "dense_1.weight", (0, 0), 9.0)
    first, fork = run().frame(2 * steps + 1), run(edit).frame(2 * steps + 1)
    assert first is fork
    assert run(edit).frame(3 * steps) is not run().frame(3 * steps)
    for position in (1, 2 * steps, 2 * steps + 3, 64 * steps, 64 * steps + 2):
        at = Edit(position, "dense_1.weight", (0, 0), 7.0)
        for after in (position, position + 1, position + steps, position + 70 * steps):
            assert there(run(at), "dense_1.weight", position)[0, 0] == 7
            fresh = Run(network, SGD(), input, target, edits=(at,))
            assert same_bits(run(at).frame(after).tensors, fresh.frame(after).tensors)
            assert same_bits(
                run().frame(after).tensors, Run(network, SGD(), input, target).frame(after).tensors
            )


def test_threads_that_share_a_small_cache_see_the_same_frames() -> None:
    alone = run_for("cce")
    wanted = {position: alone.frame(position).tensors for position in range(0, 40 * S, 31)}
    rng = np.random.default_rng(3)
    layers = [Dense(4, 5, rng=rng), ReLU(), Dense(5, 3, rng=rng), Softmax()]
    input, target = rng.standard_normal((7, 4)), rng.integers(0, 3, 7)
    batching = Batching(size=4, shuffled=True, seed=2)
    shared = Run(
        Network(layers, CategoricalCrossentropy()),
        SGD(0.5, 0.01, 0.9),
        input,
        target,
        batching=batching,
        cache=Cache(30_000),
    )
    with ThreadPoolExecutor(4) as pool:
        for position, frame in pool.map(lambda p: (p, shared.frame(p)), [*wanted, *reversed(wanted)]):
            assert same_bits(frame.tensors, wanted[position])


def test_a_run_keeps_its_own_copies() -> None:
    layer, input, target = Dense(2, 2), np.ones((3, 2)), np.array([0, 1, 0])
    run = Run(Network([layer, Softmax()], CategoricalCrossentropy()), SGD(), input, target)
    far = 65 * run.steps_per_iteration
    wanted = Run(Network([Dense(2, 2), Softmax()], CategoricalCrossentropy()), SGD(), input, target).frame(
        far
    )
    layer.weight[0, 0] = 99
    input[0, 0] = 99
    assert same_bits(run.frame(far).tensors, wanted.tensors)
    run.shapes().clear()
    assert run.shapes()


def test_an_edit_says_when_it_was_written() -> None:
    run = run_for("cce", edits=(Edit(8, "dense_1.output", (0, 0), 1.0),))
    assert run.frame(7).computed_at["dense_1.output"] == 2
    assert run.frame(8).computed_at["dense_1.output"] == 8
    assert run.frame(11).computed_at["dense_1.output"] == 8


def test_what_no_run_can_be_made_of_is_refused() -> None:
    def run(layer: Dense, input: object, dtype: type = np.float64) -> Run:
        made: Array = np.asarray(input, dtype)
        return Run(Network([layer, Softmax()], CategoricalCrossentropy()), SGD(), made, np.zeros(len(made)))

    with pytest.raises(ValueError, match=r"dense_1\.weight: expected float32, as the input is, got float64"):
        run(Dense(2, 2), [[1, 2]], np.float32)
    with pytest.raises(ValueError, match="input: expected two dimensions"):
        run(Dense(2, 2), [1, 2])
    with pytest.raises(ValueError, match="input: expected at least one sample"):
        run(Dense(2, 2), np.zeros((0, 2)))
    relu = ReLU()
    with pytest.raises(ValueError, match="expected each layer once"):
        Network([relu, Dense(2, 2), relu])


def test_of_one_cell_at_one_position_the_last_edit_counts() -> None:
    edits = (Edit(0, "dense_1.weight", (0, 0), 1.0), Edit(0, "dense_1.weight", (0, 0), 2.0))
    run = run_for("cce", edits=edits)
    assert run.edits == edits[1:]
    assert there(run, "dense_1.weight", 0)[0, 0] == 2


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit(-1, "dense_1.weight", (0, 0), 1.0), "position: expected at least 0, got -1"),
        (Edit(0, "dense_1.weight", (4, 0), 1.0), "expected an index below"),
        (Edit(0, "dense_1.weight", (0, -1), 1.0), "expected an index below"),
        (Edit(0, "dense_1.output", (0, 0), 1.0), "has no value at position 0"),
        (Edit(0, "dense_1.weight", (0, 0), float("nan")), "expected a finite number"),
        (Edit(1, "batch.target", (0, 0), 3), "a whole number from 0 to 2"),
        (Edit(1, "batch.target", (0, 0), 0.5), "a whole number"),
        (Edit(1, "batch.target", (0, 0), 1e19), "a whole number"),
        (Edit(0, "data.target", (0, 0), -1e300), "a whole number"),
        (Edit(S + 1, "batch.input", (3, 0), 0.5), "expected an index below"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: Edit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_for("cce", batching=Batching(4), edits=(edit,))


def test_shapes_that_do_not_fit_are_refused_by_name() -> None:
    rng = np.random.default_rng(0)
    network = Network([Dense(4, 3), Dense(2, 3), Softmax()], CategoricalCrossentropy())
    with pytest.raises(ValueError, match=r"dense_2\.weight: expected 3 rows, one an input, got 2"):
        Run(network, SGD(), rng.standard_normal((2, 4)), np.array([0, 1]))
    good = Network([Dense(4, 3), Softmax()], CategoricalCrossentropy())
    with pytest.raises(ValueError, match="target: expected 2 rows"):
        Run(good, SGD(), rng.standard_normal((2, 4)), np.array([0, 1, 1]))


def test_the_stream_of_orders_has_not_changed() -> None:
    assert Batching(None, True, 0).rows(8, 0).tolist() == [5, 2, 6, 0, 7, 1, 4, 3]
    assert Batching(3, True, 7).rows(8, 4).tolist() == [5, 6, 3]


def test_an_exploding_run_stays_usable_and_silent() -> None:
    rng = np.random.default_rng(0)
    layers = [
        Dense(2, 2, weight=[[1e200, 1], [1e200, 1]]),
        Dense(2, 2, weight=[[1e200, 1], [-1e200, 1]]),
        Softmax(),
    ]
    run = Run(
        Network(layers, CategoricalCrossentropy()), SGD(1e10), 1 + rng.random((3, 2)), np.array([0, 1, 0])
    )
    for position in range(3 * run.steps_per_iteration):
        run.frame(position)
    assert np.isnan(there(run, "dense_1.weight", 2 * run.steps_per_iteration)).any()


def test_another_network_runs_an_iteration_from_where_it_began() -> None:
    rng = np.random.default_rng(3)
    input, target = rng.standard_normal((5, 4)), np.array([0, 1, 2, 1, 0])

    def network(units: int = 3) -> Network:
        layers = [Dense(4, units, rng=np.random.default_rng(1)), ReLU(), Dense(units, 3, rng=rng), Softmax()]
        return Network(layers, CategoricalCrossentropy())

    edits = [Edit(15, "relu_1.output", (1, 2), 0.5), Edit(0, "dense_1.weight", (0, 1), 2.0)]
    optimizer = SGD(0.1, momentum=0.9)
    run = Run(network(), optimizer, input, target, batching=Batching(2, shuffled=True), edits=edits)
    for position in range(3 * run.steps_per_iteration + 1):
        mine, other = run.frame(position), run.otherwise(position, network(), optimizer)
        assert same_bits(mine.tensors, other.tensors), position
        assert mine.computed_at == other.computed_at, position
