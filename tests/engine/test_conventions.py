"""The table that decides where the note is silent or contradicts itself, line by line."""

import warnings
from itertools import product

import numpy as np
import pytest

from engine.arrays import Array
from engine.conventions import PRESETS, Conventions
from engine.initializers import He, Normal
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.optimizers import SGD


def test_presets() -> None:
    assert PRESETS["document"] == Conventions(1, "sum", 1e-7)
    assert PRESETS["book"] == Conventions(0, "mean", 1e-7)
    assert PRESETS["pytorch"] == Conventions(0, "mean", 0)
    for wrong in ({"relu_at_zero": 2}, {"bce_outputs": "max"}, {"clip": 0.6}, {"clip": float("nan")}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Conventions(**wrong)


def test_initial_weights() -> None:
    dense = Dense(400, 300, rng=np.random.default_rng(1))
    assert dense.weight.std() == pytest.approx(0.1, rel=0.02)
    assert (dense.bias == 0).all()
    assert dense.bias.shape == (1, 300)
    he = Dense(50, 900, initializer=He(), rng=np.random.default_rng(1)).weight
    assert he.std() == pytest.approx(0.2, rel=0.02)
    assert (Normal(0).draw(2, 2, np.random.default_rng(0)) == 0).all()


@pytest.mark.parametrize(("at_zero", "slope"), [(1, [0, 1, 1, 1]), (0, [0, 0, 0, 1])])
def test_relu_at_exactly_zero(at_zero: int, slope: list[int]) -> None:
    relu = ReLU(at_zero)
    assert relu.forward(np.array([[-1.0, 0.0, -0.0, 2.0]])).tolist() == [[0, 0, 0, 2]]
    assert relu.backward(np.ones((1, 4))).tolist() == [slope]
    assert np.diag(relu.jacobian(0)).tolist() == slope


def test_relu_selects_and_never_multiplies() -> None:
    relu = ReLU()
    relu.forward(np.array([[-1.0, 1.0, -np.inf]]))
    assert relu.backward(np.array([[np.inf, np.inf, np.nan]])).tolist() == [[0, np.inf, 0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nothing_overflows(dtype: type) -> None:
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        logits: Array = np.array([[1e3, -1e3, 0], [-1e3, -1e3, -1e3]], dtype)
        softmax = Softmax()
        output = softmax.forward(logits)
        np.testing.assert_allclose(output, np.array([[1, 0, 0], [1 / 3] * 3]), rtol=1e-6)
        softmax.backward(np.ones((2, 3), dtype))
        sigmoid = Sigmoid()
        assert sigmoid.forward(np.array([[1e3, -1e3, 0]], dtype)).tolist() == [[1, 0, 0.5]]
        assert sigmoid.backward(np.ones((1, 3), dtype)).tolist() == [[0, 0, 0.25]]
        fused = SoftmaxCategoricalCrossentropy()
        assert fused.forward(logits, np.array([1, 0])).ravel() == pytest.approx([2000, np.log(3)])
        binary = SigmoidBinaryCrossentropy()
        z: Array = np.array([[1e3, -1e3]], dtype)
        assert binary.forward(z, np.array([[0, 1]])).tolist() == [[2000]]
        assert binary.backward(sigmoid.forward(z), np.array([[0, 1]])).tolist() == [[1, -1]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilities_of_exactly_0_and_1_are_clipped(dtype: type) -> None:
    low, high = dtype(1e-7), dtype(1 - 1e-7)
    cce = CategoricalCrossentropy()
    sure: Array = np.array([[1, 0], [0, 1]], dtype)
    assert cce.forward(sure, np.array([0, 0])).ravel() == pytest.approx(
        [-np.log(high), -np.log(low)], rel=1e-6
    )
    assert cce.backward(sure, np.array([0, 0])).ravel() == pytest.approx([-1 / high / 2, 0, -1 / low / 2, 0])
    bce = BinaryCrossentropy()
    loss = bce.forward(sure, np.array([[1, 0], [1, 0]]))
    assert loss.ravel() == pytest.approx(
        [-np.log(high) - np.log1p(-low), -np.log(low) - np.log(1 - high)], rel=1e-6
    )
    gradient = bce.backward(sure, np.array([[1, 0], [1, 0]]))
    assert gradient[1] == pytest.approx([-1 / low / 2, 1 / (1 - high) / 2])


def test_unclipped_a_term_whose_coefficient_is_0_is_0() -> None:
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    cce = CategoricalCrossentropy(clip=0)
    assert cce.forward(sure, np.array([0, 0])).ravel().tolist() == [0, np.inf]
    assert cce.backward(sure, np.array([0, 0])).tolist() == [[-0.5, 0], [-np.inf, 0]]
    bce = BinaryCrossentropy(clip=0)
    assert bce.forward(sure, np.array([[1, 0], [1, 0]])).ravel().tolist() == [0, np.inf]
    assert bce.backward(sure, np.array([[1, 0], [1, 0]])).tolist() == [[-0.5, 0.5], [-np.inf, np.inf]]


def test_no_loss_or_gradient_is_minus_zero() -> None:
    sure = np.array([[1.0, 0.0]])
    for loss in (CategoricalCrossentropy(clip=0), BinaryCrossentropy(clip=0)):
        target = np.array([[1.0, 0.0]])
        assert not np.signbit(loss.forward(sure, target)).any()
    assert not np.signbit(CategoricalCrossentropy().backward(sure, np.array([0]))[0, 1])


def test_binary_outputs_are_summed_or_averaged_in_both_passes() -> None:
    prediction, target = np.array([[0.2, 0.7]]), np.array([[0, 1]])
    total = -np.log(0.8) - np.log(0.7)
    slopes = np.array([1 / 0.8, -1 / 0.7])
    for outputs, divisor in (("sum", 1), ("mean", 2)):
        loss = BinaryCrossentropy(outputs=outputs)  # type: ignore[arg-type]
        assert loss.forward(prediction, target)[0, 0] == pytest.approx(total / divisor)
        assert loss.backward(prediction, target)[0] == pytest.approx(slopes / divisor)


DTYPES = [np.uint8, np.int8, np.uint16, np.int64, np.uint64, np.float32, np.float64, np.bool_]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("working", [np.float64, np.float32])
def test_targets_of_any_dtype_are_converted_before_arithmetic(dtype: type, working: type) -> None:
    prediction: Array = np.array([[0.7, 0.3], [0.4, 0.6]], working)
    one_hot: Array = np.array([[1, 0], [0, 1]], dtype)
    for loss in (CategoricalCrossentropy(), SoftmaxCategoricalCrossentropy(), BinaryCrossentropy()):
        reference = type(loss)()
        reference.forward(prediction, np.array([[1.0, 0], [0, 1]]))
        gradient = reference.backward(prediction, np.array([[1.0, 0], [0, 1]]))
        assert loss.forward(prediction, one_hot).dtype == working
        assert loss.backward(prediction, one_hot).dtype == working
        assert loss.output.tolist() == reference.output.tolist()
        assert loss.dinput.tolist() == gradient.tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32])
def test_labels_by_number_or_one_hot_say_the_same(dtype: type) -> None:
    prediction = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4]])
    labels: Array = np.array([2, 1], dtype)
    for make in (CategoricalCrossentropy, SoftmaxCategoricalCrossentropy):
        flat, column, rows = make(), make(), make()
        flat.forward(prediction, labels)
        column.forward(prediction, labels[:, None])
        rows.forward(prediction, np.eye(3)[[2, 1]])
        assert flat.target.shape == (2, 1)
        assert flat.target.dtype == np.int64
        assert flat.value == column.value == rows.value


def test_binary_targets_of_one_dimension_mean_one_output() -> None:
    loss = BinaryCrossentropy()
    loss.forward(np.array([[0.2], [0.7]]), np.array([0, 1]))
    assert loss.target.tolist() == [[0], [1]]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([0, 3], "a whole number from 0 to 2, got 3"),
        ([-1, 0], "a whole number from 0 to 2, got -1"),
        ([0.5, 0], "a whole number from 0 to 2, got 0.5"),
        ([[0, 1], [1, 0]], r"expected shape \(samples, 3\), got \(2, 2\)"),
        ([[0, 2.0, 0], [1, 0, 0]], r"target\[0, 1\]: expected a number from 0 to 1, got 2.0"),
        ([float("nan"), 0], "whole number"),
        (["a", "b"], "expected integers or floats"),
        ([0, 1, 1], "expected 2 rows"),
    ],
)
def test_what_is_no_class_target_is_refused(target: list[object], message: str) -> None:
    for loss in (CategoricalCrossentropy(), SoftmaxCategoricalCrossentropy()):
        with pytest.raises(ValueError, match=message):
            loss.forward(np.full((2, 3), 1 / 3), np.asarray(target))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.bool_])
def test_integers_become_floats_before_arithmetic(dtype: type) -> None:
    values: Array = np.array([[1, 0, 1], [0, 1, 1]], dtype)
    for layer in (Dense(3, 3), ReLU(), Sigmoid(), Softmax()):
        other = type(layer)(3, 3) if isinstance(layer, Dense) else type(layer)()
        assert layer.forward(values).tolist() == other.forward(values.astype(float)).tolist()
        assert layer.backward(values).tolist() == other.backward(values.astype(float)).tolist()
        assert layer.dinput.dtype == np.float64
    soft = np.full((2, 3), 0.5)
    for loss in (BinaryCrossentropy(), SigmoidBinaryCrossentropy(), SoftmaxCategoricalCrossentropy()):
        wanted = type(loss)().forward(values.astype(float), soft).tolist()
        assert loss.forward(values, soft).tolist() == wanted


@pytest.mark.parametrize("clip", [1e-9, 1e-17, 1e-46])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_clip_finer_than_the_dtype_still_keeps_off_0_and_1(clip: float, dtype: type) -> None:
    sure: Array = np.array([[1, 0]], dtype)
    loss = BinaryCrossentropy(clip)
    assert np.isfinite(loss.forward(sure, np.array([[0, 1]]))).all()
    assert np.isfinite(loss.backward(sure, np.array([[0, 1]]))).all()


def test_what_is_no_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="outputs"):
        BinaryCrossentropy(outputs="max")  # type: ignore[arg-type]
    for clip in (-1.0, 0.9, float("nan")):
        with pytest.raises(ValueError, match="clip"):
            CategoricalCrossentropy(clip)


def test_numpy_floats_leave_float32_alone() -> None:
    sgd = SGD(np.float64(0.1), np.float64(0.1), np.float64(0.9))
    w: Array = np.ones((1, 1), np.float32)
    moved, state = sgd.update(w, w, sgd.initial(w), 3)
    assert moved.dtype == state["momentum"].dtype == np.float32
    loss = CategoricalCrossentropy(np.float64(1e-7))
    assert loss.forward(np.ones((1, 2), np.float32) / 2, np.array([0])).dtype == np.float32


def test_accuracy_counts_the_first_of_ties_and_cells_above_a_half() -> None:
    prediction = np.array([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0, 0, 1]])
    cce = CategoricalCrossentropy()
    assert cce.accuracy(prediction, np.array([[0], [2], [2]])) == pytest.approx(2 / 3)
    assert cce.accuracy(prediction, np.eye(3)[[1, 1, 2]]) == pytest.approx(2 / 3)
    bce = BinaryCrossentropy()
    assert bce.accuracy(np.array([[0.9], [0.1], [0.1]]), np.array([1, 0, 0])) == 1
    assert cce.accuracy(prediction, np.array([0, 2, 2])) == pytest.approx(2 / 3)
    assert bce.accuracy(np.array([[0.5, 0.9], [0.6, 0.1]]), np.array([[0.0, 1], [0, 0.5]])) == 0.75


def test_the_fused_heads_are_the_two_apart() -> None:
    rng = np.random.default_rng(3)
    logits = rng.standard_normal((5, 4))
    soft = rng.random((5, 4))
    pairs = [
        (Softmax(), CategoricalCrossentropy(0), SoftmaxCategoricalCrossentropy()),
        (Sigmoid(), BinaryCrossentropy(0), SigmoidBinaryCrossentropy()),
        (Sigmoid(), BinaryCrossentropy(0, "mean"), SigmoidBinaryCrossentropy("mean")),
    ]
    for layer, loss, fused in pairs:
        prediction = layer.forward(logits)
        np.testing.assert_allclose(fused.forward(logits, soft), loss.forward(prediction, soft), rtol=1e-12)
        apart = layer.backward(loss.backward(prediction, soft))
        np.testing.assert_allclose(fused.backward(prediction, soft), apart, rtol=1e-9, atol=1e-15)


def test_sgd_is_pytorchs_form() -> None:
    sgd = SGD(0.1, decay=0.5, momentum=0.9)
    w, state = np.array([[1.0]]), sgd.initial(np.array([[1.0]]))
    v = 0.0
    for t, g in product(range(2), (2.0,)):
        w, state = sgd.update(w, np.array([[g]]), state, t)
        v = 0.9 * v + g
        assert state["momentum"][0, 0] == pytest.approx(v)
    assert w[0, 0] == pytest.approx(1 - 0.1 * 2 - 0.1 / 1.5 * 3.8)
    assert SGD().state == ()
    for wrong in (SGD,):
        with pytest.raises(ValueError, match="learning_rate"):
            wrong(-1.0)
        with pytest.raises(ValueError, match="momentum"):
            wrong(momentum=1.5)
