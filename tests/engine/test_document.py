"""The note's own listings, as they stand there, against the engine."""

from typing import Any

import numpy as np

from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import BinaryCrossentropy, CategoricalCrossentropy

RNG = np.random.default_rng(11)
X, D = RNG.standard_normal((6, 4)), RNG.standard_normal((6, 3))


class NoteDense:
    def __init__(self, weight: Any, bias: Any) -> None:
        self.weight, self.bias = weight, bias

    def forward(self, input: Any) -> None:
        self.input = input
        self.output = np.dot(input, self.weight) + self.bias

    def backward(self, dvalue: Any) -> None:
        self.dweight = np.dot(self.input.T, dvalue)
        self.dinput = np.dot(dvalue, self.weight.T)
        self.dbias = np.sum(dvalue, axis=0, keepdims=True)


def test_dense() -> None:
    ours = Dense(4, 3, rng=RNG)
    note = NoteDense(ours.weight, ours.bias)
    note.forward(X)
    note.backward(D)
    ours.forward(X)
    ours.backward(D)
    for attribute in ("output", "dweight", "dinput", "dbias"):
        np.testing.assert_allclose(vars(ours)[attribute], vars(note)[attribute], rtol=1e-13)


def test_relu_including_exactly_zero() -> None:
    input = np.array([[-1.0, 0.0, 2.0]])
    dvalue = np.array([[3.0, 4.0, 5.0]])
    dinput = dvalue.copy()
    dinput[input < 0] = 0
    relu = ReLU()
    relu.forward(input)
    assert relu.backward(dvalue).tolist() == dinput.tolist()


def test_categorical_cross_entropy() -> None:
    y_pred = Softmax().forward(D)
    y_true = np.array([0, 1, 2, 2, 1, 0])
    label = np.zeros((6, 3))
    label[range(6), y_true] = 1
    note = -label / y_pred / 6
    np.testing.assert_allclose(CategoricalCrossentropy().backward(y_pred, y_true), note, rtol=1e-13)


def test_softmax_with_the_outer_product_that_the_note_means() -> None:
    softmax = Softmax()
    output = softmax.forward(X)
    dvalue = RNG.standard_normal((6, 4))
    note = np.empty_like(dvalue)
    for each, (single_output, single_dvalue) in enumerate(zip(output, dvalue, strict=True)):
        row = single_output[None, :]
        note[each] = np.dot(single_dvalue, np.diagflat(single_output) - np.dot(row.T, row))
    np.testing.assert_allclose(softmax.backward(dvalue), note, rtol=1e-11, atol=1e-15)


def test_sigmoid_and_binary_cross_entropy() -> None:
    sigmoid = Sigmoid()
    y_pred = sigmoid.forward(D)
    y_true = RNG.integers(0, 2, (6, 3))
    kept = np.clip(y_pred, 1e-7, 1 - 1e-7)
    dinput = (-y_true / kept + (1 - y_true) / (1 - kept)) / 6
    loss = BinaryCrossentropy()
    np.testing.assert_allclose(loss.backward(y_pred, y_true), dinput, rtol=1e-12)
    note = dinput * y_pred * (1 - y_pred)
    np.testing.assert_allclose(sigmoid.backward(loss.dinput), note, rtol=1e-12)


def test_the_books_three_predictions() -> None:
    """Nnfs, chapter 9: the loss's mean and the gradient that comes out of softmax and loss together."""
    prediction = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
    labels = np.array([0, 1, 1])
    loss, softmax = CategoricalCrossentropy(), Softmax()
    softmax.forward(np.log(prediction))
    np.testing.assert_allclose(softmax.output, prediction, rtol=1e-12)
    loss.forward(softmax.output, labels)
    assert abs(float(loss.value[0, 0]) - 0.38506088005216804) < 1e-12
    dinput = softmax.backward(loss.backward(softmax.output, labels))
    book = [
        [-0.1, 0.03333333, 0.06666667],
        [0.03333333, -0.16666667, 0.13333333],
        [0.00666667, -0.03333333, 0.02666667],
    ]
    np.testing.assert_allclose(dinput, book, atol=5e-9)
