"""The checker passes what is right, finds what is wrong, and says where it cannot tell."""

import numpy as np
import pytest

from engine.arrays import Array
from engine.batching import Batching
from engine.check import REASONS, Check, check, first_wrong
from engine.check.columns import by_column, whole
from engine.initializers import He
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import BinaryCrossentropy, CategoricalCrossentropy, Loss, SigmoidBinaryCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.penalties import Penalty
from engine.run import Edit, Run
from tests.engine.cases import LOSSES, run_for, target_for

WORST = 1e-7


def of(layers: list[Layer], loss: Loss, samples: int = 6, inputs: int = 4, scale: float = 1.0) -> Run:
    rng = np.random.default_rng(11)
    network = Network(layers, loss)
    outputs = network.shapes(1, inputs, 1)["loss.dinput"][1]
    target = target_for(loss, "sparse", samples, outputs, rng)
    return Run(network, SGD(0.1), scale * rng.standard_normal((samples, inputs)), target)


def last(run: Run) -> int:
    return run.steps_per_iteration - 1


def reasons(found: Check) -> set[str]:
    return {REASONS[code] for code in np.unique(found.reason)}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("penalty", [Penalty(), Penalty(0.03, 0.2)])
@pytest.mark.parametrize("iteration", [0, 7])
def test_the_engine_is_right(name: str, penalty: Penalty, iteration: int) -> None:
    run = run_for(name, penalty=penalty)
    found = check(run, iteration * run.steps_per_iteration + last(run))
    gradients = {n for n in run.shapes() if n.partition(".")[2].startswith("d") and not n.startswith("data")}
    fused = "fused" in name
    assert found.keys() == gradients - ({"loss.dinput"} if fused else set())
    for gradient, one in found.items():
        assert one.worst < WORST, gradient
        assert (one.reason == 0).mean() > 0.5, gradient
        assert (
            one.numeric.shape
            == one.analytic.shape
            == run.shape_at(gradient, iteration * run.steps_per_iteration + last(run))
        )


def test_right_after_an_update_the_gradients_are_checked_with_the_weights_before() -> None:
    run = run_for()
    end = run.steps_per_iteration
    before, after = check(run, end - 1), check(run, end)
    assert all(np.array_equal(before[name].numeric, after[name].numeric) for name in before)


def test_only_what_has_been_computed_is_checked() -> None:
    run = run_for()
    assert check(run, 5) == {}
    assert set(check(run, 7)) == {"loss.dinput"}


class Doubled(ReLU):
    def backward(self, dvalue: Array) -> Array:
        self.dvalue = dvalue
        self.dinput = np.where(self.input >= 0, dvalue, 0) * 1.000001
        return self.dinput


class Turned(Dense):
    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dinput = dvalue @ self.weight
        return self.dinput


class Summed(CategoricalCrossentropy):
    def backward(self, prediction: Array, target: object) -> Array:
        self.dinput = super().backward(prediction, target) * len(prediction)  # type: ignore[arg-type]
        return self.dinput


def test_a_fault_is_found_where_it_is_and_all_that_follows_from_it() -> None:
    rng = np.random.default_rng(2)

    def wrong(layers: list[Layer], loss: Loss) -> list[str]:
        found = check(run := of(layers, loss), last(run))
        return [name for name, one in found.items() if one.worst > WORST]

    def dense(kind: type[Dense] = Dense, units: int = 4) -> Dense:
        return kind(4, units, initializer=He(), rng=rng)

    assert wrong([dense(), ReLU(), dense(), Softmax()], CategoricalCrossentropy()) == []
    late = ["dense_1.dweight", "dense_1.dbias", "dense_1.dinput"]
    assert wrong([dense(), Doubled(), dense(), Softmax()], CategoricalCrossentropy()) == [
        "relu_1.dinput",
        *late,
    ]
    turned = [dense(), Sigmoid(), dense(Turned), Softmax()]
    assert wrong(turned, CategoricalCrossentropy()) == ["dense_2.dinput", "sigmoid_1.dinput", *late]
    assert wrong([dense(), Softmax()], Summed()) == ["loss.dinput", "softmax_1.dinput", *late]


@pytest.mark.parametrize("at_zero", [0, 1])
def test_exactly_at_zero_the_slope_is_that_of_the_side_that_the_convention_means(at_zero: int) -> None:
    weight = np.array([[1.0, 0.0], [0.0, 1.0]])
    layers = [Dense(2, 2, weight=weight), ReLU(at_zero), Softmax()]
    input = np.array([[0.0, 1.0], [0.5, -1.0]])
    run = Run(Network(layers, CategoricalCrossentropy()), SGD(0.1), input, np.array([0, 1]))
    found = check(run, last(run))
    corner = found["relu_1.dinput"]
    assert corner.reason.tolist() == [[0, 0], [0, 0]]
    assert corner.worst < WORST
    assert (corner.numeric[0, 0] != 0) == at_zero
    # To either side of it is neither right nor wrong.
    assert found["dense_1.dbias"].reason.tolist() == [[1, 0]]
    assert np.isnan(found["dense_1.dbias"].error[0, 0])


def test_a_bend_that_is_alike_on_both_sides_is_seen() -> None:
    # Over steps much longer than 1/weight the loss is two straight lines, whose mean slope any step finds.
    layers = [Dense(1, 1, weight=[[4e6]]), Sigmoid()]
    run = Run(Network(layers, SigmoidBinaryCrossentropy()), SGD(), np.array([[2.5e-7]]), np.array([0]))
    found = check(run, last(run))["dense_1.dinput"]
    assert found.reason.tolist() == [[0]]
    assert found.worst < WORST


def test_one_column_moved_by_itself_comes_to_the_same_as_the_whole() -> None:
    rng = np.random.default_rng(5)
    layer, wire = Dense(6, 4, rng=rng, bias=rng.standard_normal(4)), rng.standard_normal((7, 6))
    columns = rng.standard_normal((7, 9))
    one = by_column(layer, wire, 2, columns)
    other = layer.forward(whole(wire, np.full(9, 2), columns))
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-14)
    moved = wire.copy()
    moved[:, 2] = columns[:, 8]
    np.testing.assert_allclose(one[-7:], layer.forward(moved), rtol=0, atol=1e-14)


def test_a_wide_layer_is_compared_almost_everywhere() -> None:
    rng = np.random.default_rng(1)
    layers = [Dense(80, 6, rng=rng, initializer=He()), ReLU(), Dense(6, 3, rng=rng), Softmax()]
    found = check(run := of(layers, CategoricalCrossentropy(), samples=40, inputs=80), last(run))
    for name, one in found.items():
        assert one.worst < WORST, name
        assert one.compared > 0.98 * one.reason.size, name


def test_where_the_loss_is_no_number_nothing_is_compared() -> None:
    run = of([Dense(4, 3, weight=np.full((4, 3), 1e200)), Softmax()], CategoricalCrossentropy(), scale=1e200)
    found = check(run, last(run))
    assert all(reasons(one) == {"not_finite"} for one in found.values())
    assert all(one.worst_cell is None for one in found.values())
    assert first_wrong(run, run.steps_per_iteration, found.items()) is None


def test_an_infinite_gradient_of_a_finite_loss_is_as_wrong_as_can_be() -> None:
    class Infinite(ReLU):
        def backward(self, dvalue: Array) -> Array:
            self.dinput = np.full_like(super().backward(dvalue), np.inf)
            return self.dinput

    found = check(run := of([Dense(4, 4), Infinite(), Softmax()], CategoricalCrossentropy()), last(run))
    assert found["relu_1.dinput"].worst == np.inf


def test_a_probability_in_its_clip_is_not_compared() -> None:
    run = of([Sigmoid()], BinaryCrossentropy(), inputs=2, scale=30.0)
    found = check(run, last(run))["loss.dinput"]
    output = run.frame(last(run)).tensors["sigmoid_1.output"]
    assert output is not None
    assert "clipped" in reasons(found)
    assert ((output < 1e-7) | (output > 1 - 1e-7))[found.reason == REASONS.index("clipped")].all()


def test_what_rounding_hides_is_not_compared() -> None:
    layers = [Dense(4, 3, weight=np.full((4, 3), 1e-13)), Softmax()]
    network = Network([Dense(3, 4, initializer=He()), *layers], CategoricalCrossentropy())
    run = Run(network, SGD(0.1), np.random.default_rng(0).standard_normal((3, 3)), np.array([0, 1, 2]))
    assert reasons(check(run, last(run))["dense_1.dweight"]) == {"rounding"}


def test_an_absolute_value_has_its_kink_at_zero() -> None:
    layer = Dense(2, 2, weight=np.array([[0.0, 0.5], [0.3, -0.2]]), penalty=Penalty(l1=0.1))
    run = of([layer, Softmax()], CategoricalCrossentropy(), inputs=2)
    found = check(run, last(run))["dense_1.dweight"]
    assert found.reason.tolist() == [[1, 0], [0, 0]]
    assert found.worst < WORST


def test_a_patched_activation_has_no_influence_behind_it() -> None:
    plain = run_for(batching=Batching())
    patched = run_for(
        batching=Batching(), edits=tuple(Edit(3, "relu_1.output", (n, 2), 0.7) for n in range(7))
    )
    before, after = check(plain, last(plain)), check(patched, last(patched))
    assert before["dense_1.dweight"].worst < WORST
    assert not after["dense_1.dweight"].numeric[:, 2].any()
    assert after["dense_2.dweight"].worst < WORST


def test_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        check(run_for(dtype=np.float32), 9)
