"""Categorical cross-entropy: one class out of several."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, finite_float
from engine.conventions import MOST_CLIP
from engine.explain import Cell, Factor, Rule, Term, read
from engine.losses.base import VALUE_RULE, Loss, clipped, numeric, one_of, probabilities


def class_targets(target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
    """Labels as (samples, 1) of int64; one-hot rows or probabilities as (samples, outputs) of the dtype.

    Raises:
        ValueError: Another shape, or a label that is no whole number from 0 to outputs − 1.
    """
    array = numeric(target)
    sparse = array.ndim == 1 or (
        array.ndim == 2 and array.shape[1] == 1 and (outputs > 1 or array.dtype.kind != "f")
    )
    if not sparse:
        return probabilities(array, outputs, dtype)
    labels = array.reshape(-1, 1)
    wrong = ~((labels >= 0) & (labels < outputs) & (labels == np.floor(labels)))
    if wrong.any():
        row = int(np.argwhere(wrong)[0, 0])
        raise ValueError(
            f"target[{row}]: expected a label, a whole number from 0 to {outputs - 1}, got {labels[row, 0]}"
        )
    return labels.astype(np.int64)


def holds_labels(target: Array, prediction: Array) -> bool:
    """Whether the target is a label a sample, and not a number a class."""
    return target.shape != prediction.shape or target.dtype != prediction.dtype


def of_labels(prediction: Array, target: Array) -> Array:
    """What was predicted for each sample's own class: (samples, classes), (samples, 1) -> (samples, 1)."""
    return prediction[np.arange(len(target)), target[:, 0]][:, None]


def coefficients(target: Array, prediction: Array) -> Array:
    """y, a number a class: one-hot where the target holds labels."""
    if not holds_labels(target, prediction):
        return target
    y = np.zeros_like(prediction)
    np.put_along_axis(y, target, 1, axis=1)
    return y


def class_accuracy(prediction: Array, target: Array) -> float:
    """The share of samples whose largest output (the first on ties) is the label."""
    label = coefficients(target, prediction).argmax(axis=1)
    return float((prediction.argmax(axis=1) == label).mean())


def coefficient(target: Array, prediction: Array, row: int, column: int) -> Factor:
    """The factor y: a cell of the target, or derived from the sample's label."""
    if not holds_labels(target, prediction):
        return read("y", "target", target, row, column)
    return Factor("y", float(target[row, 0] == column), (Cell("target", (row, 0)),))


class CategoricalCrossentropy(Loss):
    """L_i = −Σ_j y_ij · ln ŷ_ij, and the mean over the samples.

    Args:
        clip: Predictions are kept within [clip, 1 − clip] in both passes; 0 does not clip.

    Source: the note, "Categorical Cross-Entropy loss". Its backward listing does not clip; the book's forward
    pass does, and the two passes must agree.
    """

    kind: ClassVar[str] = "categorical_crossentropy"

    def __init__(self, clip: float = 1e-7) -> None:
        self.clip = finite_float("clip", clip, 0, MOST_CLIP)

    def targets(self, target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
        """See `class_targets`."""
        return class_targets(target, outputs, dtype)

    def forward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """output = −Σ_j y · ln ŷ: (samples, classes) -> (samples, 1)."""
        prediction, target = self._take(prediction, target)
        if holds_labels(target, prediction):
            # Every other y is 0, and a term whose y is 0 is 0.
            prediction, y = of_labels(prediction, target), np.ones(target.shape, prediction.dtype)
        else:
            y = target
        with np.errstate(divide="ignore", invalid="ignore"):
            ln = np.log(clipped(prediction, self.clip))
        return self._settle(-one_of(y, ln).sum(axis=1, keepdims=True))

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """dinput = −y / ŷ / n: (samples, classes) -> the same."""
        prediction, target = self._take(prediction, target)
        y = coefficients(target, prediction)
        with np.errstate(divide="ignore", over="ignore"):
            inverse = 1 / clipped(prediction, self.clip)
        self.dinput = one_of(-y / len(y), inverse)
        return self.dinput

    def accuracy(self, prediction: Array, target: npt.ArrayLike) -> float:
        """See `class_accuracy`."""
        return class_accuracy(prediction, self.targets(target, prediction.shape[1], prediction.dtype))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Only the sample's own row is read."""
        label = "nj" if self.target.shape[1] > 1 else "n0"
        return {
            "output": Rule("n0", {"prediction": "nj", "target": label}),
            "value": VALUE_RULE,
            "dinput": Rule("nj", {"prediction": "nj", "target": label}),
        }

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """A term a class, of which the label's alone is not 0."""
        kept = clipped(self.prediction[row], self.clip)

        def y(j: int) -> Factor:
            return coefficient(self.target, self.prediction, row, j)

        if attribute == "output":
            with np.errstate(divide="ignore", invalid="ignore"):
                ln = np.log(kept)
            return tuple(
                Term.selected(
                    y(j), Factor("−1", -1.0), Factor("ln ŷ", float(ln[j]), (Cell("prediction", (row, j)),))
                )
                for j in range(len(kept))
            )
        with np.errstate(divide="ignore", over="ignore"):
            inverse = Factor("1/ŷ", float(1 / kept[column]), (Cell("prediction", (row, column)),))
        return (Term.selected(y(column), Factor("−1/n", -1 / len(self.prediction)), inverse),)
