"""Numeric gradient = analytic gradient, for every layer and loss; and planted faults are caught."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.arrays import Array
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import BinaryCrossentropy, CategoricalCrossentropy, Loss, SoftmaxCategoricalCrossentropy
from engine.network import Network
from tests.engine.cases import LAYERS, LOSS_CASES, LOSSES, SHAPES, head, prediction_for, target_for
from tests.engine.gradients import assert_same_gradient, numeric


def check_layer(layer: Layer, input: Array, dvalue: Array) -> None:
    """dinput and every parameter's gradient against differences of Σ dvalue · output, and the penalty."""

    def along(change: str) -> Callable[[Array], float]:
        def value(moved: Array) -> float:
            other = layer.holding({change: moved}) if change != "input" else layer.holding({})
            cost = other.penalty.value(other.weight)[0, 0] if isinstance(other, Dense) else 0.0
            return float((dvalue * other.forward(moved if change == "input" else input)).sum() + cost)

        return value

    layer.forward(input)
    layer.backward(dvalue)
    assert_same_gradient(layer.dinput, numeric(along("input"), input))
    for parameter in layer.parameters:
        held = vars(layer)[parameter]
        assert_same_gradient(vars(layer)[f"d{parameter}"], numeric(along(parameter), held))


def check_loss(loss: Loss, prediction: Array, target: Array) -> None:
    """dinput against differences of the mean loss; a fused head's by the logits."""
    layer = head(loss)

    def value(moved: Array) -> float:
        other = loss.holding({})
        other.forward(moved, target)
        return float(other.value[0, 0])

    loss.forward(prediction, target)
    dinput = loss.backward(prediction if layer is None else layer.forward(prediction), target)
    assert_same_gradient(dinput, numeric(value, prediction))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_gradients_are_those_found_numerically(name: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    layer = LAYERS[name](shape[1], np.float64)
    input = rng.standard_normal(shape)
    input += 0.01 * np.sign(input)  # away from ReLU's kink
    check_layer(layer, input, rng.standard_normal((shape[0], layer.outputs(shape[1]))))


@pytest.mark.parametrize(("name", "form", "shape"), LOSS_CASES)
def test_a_losss_gradient_is_that_found_numerically(name: str, form: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    loss = LOSSES[name]()
    prediction = prediction_for(loss, shape, rng)
    if head(loss):
        prediction = rng.standard_normal(shape)
    check_loss(loss, prediction, target_for(loss, form, *shape, rng))


@pytest.mark.parametrize("name", LOSSES)
def test_a_whole_networks_gradients_are_those_found_numerically(name: str) -> None:
    rng = np.random.default_rng(4)
    loss = LOSSES[name]()
    last = Softmax() if loss.kind == "categorical_crossentropy" else Sigmoid()
    network = Network(
        [Dense(4, 6, rng=rng), Sigmoid(), Dense(6, 5, rng=rng), ReLU(), Dense(5, 3, rng=rng), last], loss
    )
    input = rng.standard_normal((6, 4))
    target = target_for(loss, "soft", 6, 3, rng)

    def value() -> float:
        output = network.forward(input)
        loss.forward(network.layers[-1].input if head(loss) else output, target)
        return float(loss.value[0, 0])

    value()
    dinput = network.backward(loss.backward(network.layers[-1].output, target))
    found = network.tensors() | {"dense_1.dinput": dinput}
    for name_, layer in network.named():
        for parameter in layer.parameters:
            held = vars(layer)[parameter]

            def moved(array: Array, layer: Layer = layer, parameter: str = parameter) -> float:
                vars(layer)[parameter] = array
                return value()

            analytic = found[f"{name_}.d{parameter}"]
            assert_same_gradient(analytic, numeric(moved, held))
            vars(layer)[parameter] = held


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_dvalue_times_the_jacobian_is_dinput(name: str, shape: tuple[int, int]) -> None:
    for dtype in (np.float64, np.float32):
        rng = np.random.default_rng(7)
        layer = LAYERS[name](shape[1], dtype)
        layer.forward(rng.standard_normal(shape).astype(dtype))
        dvalue = rng.standard_normal(layer.output.shape).astype(dtype)
        dinput = layer.backward(dvalue)
        for sample in range(shape[0]):
            jacobian = layer.jacobian(sample)
            assert jacobian.dtype == dinput.dtype == dtype
            assert jacobian.shape == (layer.output.shape[1], shape[1])
            bound = 8 * len(jacobian) * np.finfo(dtype).eps * (np.abs(dvalue[sample]) @ np.abs(jacobian))
            assert (np.abs(dvalue[sample] @ jacobian - dinput[sample]) <= bound).all()


@pytest.mark.parametrize("name", LAYERS)
def test_the_jacobian_is_that_found_numerically(name: str) -> None:
    rng = np.random.default_rng(8)
    layer = LAYERS[name](4, np.float64)
    input = rng.standard_normal((2, 4)) + 0.1
    layer.forward(input)
    for j, row in enumerate(layer.jacobian(1)):

        def output(moved: Array, j: int = j) -> float:
            return float(layer.holding({}).forward(np.vstack([input[:1], moved]))[1, j])

        assert_same_gradient(row[None], numeric(output, input[1:]))


class OffByALittle(Dense):
    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dweight = self.dweight * 1.0005
        return self.dinput


class Untransposed(Dense):
    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dinput = dvalue @ self.weight
        return self.dinput


class ScalarSoftmax(Softmax):
    """The note's listing: a 1-D row times itself."""

    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dinput = np.array(
            [d @ (np.diagflat(s) - s @ s) for s, d in zip(self.output, dvalue, strict=True)]
        )
        return self.dinput


class Unmasked(ReLU):
    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dinput = dvalue
        return self.dinput


class HalfSigmoid(Sigmoid):
    def backward(self, dvalue: Array) -> Array:
        super().backward(dvalue)
        self.dinput = dvalue * self.output
        return self.dinput


@pytest.mark.parametrize(
    "layer",
    [OffByALittle(3, 3), Untransposed(3, 3), ScalarSoftmax(), Unmasked(), HalfSigmoid()],
    ids=lambda x: type(x).__name__,
)
def test_a_planted_fault_in_a_layer_is_caught(layer: Layer) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(AssertionError, match="worst relative error"):
        check_layer(layer, rng.standard_normal((5, 3)), rng.standard_normal((5, 3)))


class MissingMean(CategoricalCrossentropy):
    def backward(self, prediction: Array, target: object) -> Array:
        return super().backward(prediction, np.asarray(target)) * len(prediction)


class WrongSign(SoftmaxCategoricalCrossentropy):
    def backward(self, prediction: Array, target: object) -> Array:
        return -super().backward(prediction, np.asarray(target))


class AveragedForwardOnly(BinaryCrossentropy):
    def forward(self, prediction: Array, target: object) -> Array:
        return self._settle(super().forward(prediction, np.asarray(target)) / prediction.shape[1])


@pytest.mark.parametrize(
    "loss", [MissingMean(), WrongSign(), AveragedForwardOnly()], ids=lambda x: type(x).__name__
)
def test_a_planted_fault_in_a_loss_is_caught(loss: Loss) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(AssertionError, match="worst relative error"):
        check_loss(loss, prediction_for(loss, (4, 3), rng), target_for(loss, "soft", 4, 3, rng))


def test_a_fused_head_leaves_one_name_for_its_gradient() -> None:
    loss = SoftmaxCategoricalCrossentropy()
    network = Network([Dense(2, 3), Softmax()], loss)
    output = network.forward(np.ones((1, 2)))
    loss.forward(network.layers[-1].input, np.array([1]))
    network.backward(loss.backward(output, np.array([1])))
    tensors = network.tensors()
    assert "loss.dinput" not in tensors
    assert tensors["softmax_1.dinput"].tolist() == (output - [[0, 1, 0]]).tolist()
