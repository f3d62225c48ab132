"""The Jacobian between any two places is what moving the one does to the other, and what backward uses."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from engine.arrays import Array
from engine.chain import Chain, Link
from engine.faults import spoiled
from engine.initializers import He
from engine.jacobians import LOSS, PlaceError, chain, places_of
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import FusedHead
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, NotComputedError, Run
from engine.singular import singular
from tests.engine.cases import LOSSES, target_for

SAMPLES = 5


def run_of(loss: str = "cce", dtype: type = np.float64, edits: tuple[Edit, ...] = ()) -> Run:
    """Every kind of layer in a row, its places of different widths."""
    rng = np.random.default_rng(4)
    made = LOSSES[loss]()
    last = Sigmoid() if made.kind == "binary_crossentropy" else Softmax()
    widths = [(4, 6), (6, 5), (5, 3)]
    dense = [Dense(*width, initializer=He(), rng=rng, dtype=dtype) for width in widths]
    layers: list[Layer] = [dense[0], ReLU(), dense[1], Sigmoid(), dense[2], last]
    target = target_for(made, "sparse", SAMPLES, 3, rng)
    input: Array = rng.standard_normal((SAMPLES, 4)).astype(dtype)
    return Run(Network(layers, made), SGD(0.5), input, target, edits=edits)


def leads(run: Run) -> Iterator[tuple[str, str]]:
    """All pairs of places with a Jacobian between them."""
    places = places_of(run)
    past = places[-2] if isinstance(run.network.loss, FusedHead) else None
    return (pair for pair in combinations(places, 2) if pair != (past, LOSS))


def there(run: Run, position: int, name: str) -> Array:
    array = run.frame(position).tensors[name]
    assert array is not None
    return array


def run_on(run: Run, position: int, start: str, end: str, rows: Array, sample: int) -> Array:
    """What stands at the end where these rows, all of one sample, stand at the start."""
    places, names = places_of(run), run.network.names
    first, last = places.index(start), places.index(end)
    stop = len(names) - isinstance(run.network.loss, FusedHead) if end == LOSS else last
    for number in range(first, stop):
        layer = run.network.layers[number]
        kept = {p: there(run, position, f"{names[number]}.{p}") for p in layer.parameters}
        rows = layer.holding(kept).forward(rows)
    if end == LOSS:
        assert run.network.loss is not None
        target = there(run, position, "batch.target")[[sample] * len(rows)]
        rows = run.network.loss.holding({}).forward(rows, target)
    return rows


@pytest.mark.parametrize("loss", ["cce", "bce_mean", "fused_cce", "fused_bce"])
def test_it_is_what_moving_the_one_place_does_to_the_other(loss: str) -> None:
    run = run_of(loss)
    end = run.steps_per_iteration - 1
    h = 1e-5
    for start, stop in leads(run):
        for sample in (0, 3):
            here = there(run, end, start)[sample]
            shifted = [here + sign * h * np.eye(len(here)) for sign in (1, -1)]
            more, less = (run_on(run, end, start, stop, rows, sample) for rows in shifted)
            found = chain(run, end, start, stop, sample).matrix()
            np.testing.assert_allclose(found, (more - less).T / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", LOSSES)
def test_dvalue_times_it_is_the_dinput_of_the_backward_pass(loss: str, dtype: type) -> None:
    run = run_of(loss, dtype)
    close = 64 * float(np.finfo(dtype).eps)
    # Right after the update the parameters are new; the pass that is there is the old ones'.
    for position in (run.steps_per_iteration - 1, run.steps_per_iteration):
        for start, stop in leads(run):
            found = chain(run, position, start, stop, 2)
            product = found.product()
            if found.dvalue is None or product is None:
                assert isinstance(run.network.loss, FusedHead)
                assert stop == "softmax_1.output" or stop == "sigmoid_2.output"
                continue
            assert found.dinput is not None
            size = np.abs(found.dinput).max()
            np.testing.assert_allclose(product, found.dinput, rtol=close, atol=close * size)
            assert found.agrees
            np.testing.assert_allclose(found.dvalue @ found.matrix(), product, rtol=close, atol=close * size)


def test_pytorch_says_the_same() -> None:
    torch = pytest.importorskip("torch")
    run = run_of()
    end = run.steps_per_iteration - 1
    tensor = {name: torch.tensor(there(run, end, name)) for name in run.network.parameters}

    def network(row):  # type: ignore[no-untyped-def]
        row = torch.relu(row @ tensor["dense_1.weight"] + tensor["dense_1.bias"][0])
        row = torch.sigmoid(row @ tensor["dense_2.weight"] + tensor["dense_2.bias"][0])
        return torch.softmax(row @ tensor["dense_3.weight"] + tensor["dense_3.bias"][0], dim=0)

    for sample in range(SAMPLES):
        row = torch.tensor(there(run, end, "batch.input")[sample])
        expected = torch.autograd.functional.jacobian(network, row).numpy()
        found = chain(run, end, "dense_1.input", "softmax_1.output", sample).matrix()
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-16)
        known = torch.linalg.matrix_rank(torch.tensor(found)).item()
        seen = singular(found)
        assert seen is not None
        assert seen.rank == known == 2, "the rows of a softmax's Jacobian sum to zero"


def test_each_layers_own_says_what_it_is_and_a_part_of_it_is_the_part_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = run_of()
    end = run.steps_per_iteration - 1
    kinds = {"dense": "weight", "relu": "diagonal", "sigmoid": "diagonal", "softmax": "full"}
    for name in run.network.names:
        (link,) = chain(run, end, f"{name}.input", f"{name}.output", 1).links
        assert link.structure == kinds[name.partition("_")[0]]
        whole = link.rows()
        assert whole.shape == link.shape
        if link.diagonal is not None:
            np.testing.assert_array_equal(whole, np.diag(link.diagonal))
        np.testing.assert_array_equal(link.rows(slice(1, 3)), whole[1:3])
    found = chain(run, end, "batch.input", "softmax_1.output", 1)
    monkeypatch.setattr("engine.chain.AT_ONCE", 7)
    part = found.matrix(slice(1, 2), slice(2, 4))
    np.testing.assert_allclose(part, found.matrix()[1:2, 2:4], rtol=1e-13)


def test_what_is_not_there_is_said() -> None:
    run = run_of("fused_cce")
    end = run.steps_per_iteration - 1
    for sample in (-1, SAMPLES):
        with pytest.raises(IndexError, match="sample: expected 0 to 4"):
            chain(run, end, "batch.input", "relu_1.output", sample)
    with pytest.raises(NotComputedError, match=r"relu_1\.output has no value"):
        chain(run, 2, "batch.input", "relu_1.output", 0)
    with pytest.raises(KeyError):
        chain(run, end, "batch.input", "relu_9.output", 0)
    for start, stop, said in [
        ("relu_1.output", "relu_1.output", "expected a place behind relu_1.output, got relu_1.output"),
        ("relu_1.output", "batch.input", "expected a place behind"),
        ("dense_1.weight", "relu_1.output", "expected one of batch.input, dense_1.output"),
        ("softmax_1.output", LOSS, "the fused head goes past softmax_1.output"),
    ]:
        with pytest.raises(PlaceError, match=said):
            chain(run, end, start, stop, 0)


def test_what_a_relu_stops_stays_stopped_even_where_it_is_not_finite() -> None:
    weights = [np.array(rows) for rows in ([[1, -1], [0, 0]], [[2], [1e308]], [[1, 1e200]])]
    first, second, third = (Dense(*weight.shape, weight=weight) for weight in weights)
    layers: list[Layer] = [first, ReLU(), second, third, Softmax()]
    run = Run(Network(layers, LOSSES["cce"]()), SGD(0), np.ones((1, 2)), np.array([0]))
    found = chain(run, run.steps_per_iteration - 1, "batch.input", "dense_3.output", 0).matrix()
    np.testing.assert_array_equal(found, [[2, 0], [2e200, 0]])


def test_a_fault_in_a_backward_pass_shows_as_a_product_that_is_not_its_gradient() -> None:
    rng = np.random.default_rng(0)
    layers = [Dense(3, 3, rng=rng), Softmax()]
    network = spoiled(Network(layers, LOSSES["cce"]()), ["missing_mean"])
    run = Run(network, SGD(), rng.standard_normal((2, 3)), np.array([0, 2]))
    found = chain(run, run.steps_per_iteration - 1, "softmax_1.output", LOSS, 0)
    assert found.agrees is False


def test_singular_values_rank_and_condition() -> None:
    rng = np.random.default_rng(2)
    left, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    right, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    full = singular(left[:, :3] * [8.0, 2.0, 0.5] @ right)
    assert full is not None
    np.testing.assert_allclose(full.values, [8, 2, 0.5], rtol=1e-14)
    assert full.rank == 3
    assert full.condition == pytest.approx(16)
    flat = singular(np.outer([1.0, 2.0], [3.0, 4.0]))
    assert flat is not None
    assert (flat.rank, flat.condition) == (1, np.inf)
    diagonal = singular(np.array([0.25, 0.0, -1.0]))
    assert diagonal is not None
    assert (diagonal.values.tolist(), diagonal.rank) == ([1, 0.25, 0], 2)
    zero = singular(np.zeros((2, 2), np.float32))
    assert zero is not None
    assert (zero.rank, zero.condition) == (0, np.inf)
    assert singular(np.array([[1.0, np.nan]])) is None
    assert singular(np.array([[np.inf]])) is None


@pytest.mark.parametrize(
    ("dvalue", "dinput", "agrees"),
    [
        ([1, 2], [1, 2], True),
        ([1, 2], [1, np.nan], False),
        ([1, np.nan], [1, 2], False),
        ([1, np.inf], [1, np.inf], True),
        ([1, np.inf], [1, -np.inf], False),
        ([np.inf, 1], [np.nan, 1], False),
        ([np.nan, 1], [np.nan, 1], True),
        ([np.nan, 1], [np.nan, 2], False),
        ([np.inf, np.inf], [np.inf, np.inf], True),
        ([np.inf, np.inf], [3, np.inf], False),
        ([np.nan, np.nan], [np.nan, np.nan], None),
        ([np.nan, np.nan], [np.nan, np.inf], False),
    ],
)
def test_what_is_not_finite_agrees_where_it_is_the_same_in_both(
    dvalue: list[float], dinput: list[float], agrees: bool | None
) -> None:
    relu = ReLU().holding({"input": np.ones((1, 2)), "output": np.ones((1, 2))})
    link = Link("relu_1", relu, None, 0, (2, 2))
    found = Chain((link,), 1, np.array(dvalue, float), np.array(dinput, float))
    assert found.agrees is agrees
