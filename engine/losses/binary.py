"""Binary cross-entropy: a yes or no an output."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, finite_float
from engine.conventions import MOST_CLIP, Averaging, averaging
from engine.explain import Cell, Factor, Rule, Term, read
from engine.losses.base import VALUE_RULE, Loss, clipped, numeric, one_of, probabilities


def binary_targets(target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
    """Numbers from 0 to 1 as (samples, outputs) of the dtype; (samples,) means (samples, 1).

    Raises:
        ValueError: Another shape, or a number outside.
    """
    array = numeric(target)
    return probabilities(array.reshape(-1, 1) if array.ndim == 1 else array, outputs, dtype)


def binary_accuracy(prediction: Array, target: Array) -> float:
    """The share of cells with (ŷ > 0.5) = (y > 0.5)."""
    return float(((prediction > 0.5) == (target > 0.5)).mean())


class BinaryCrossentropy(Loss):
    """L_i = −Σ_j (y_ij · ln ŷ_ij + (1 − y_ij) · ln(1 − ŷ_ij)), and the mean over the samples.

    Args:
        clip: Predictions are kept within [clip, 1 − clip] in both passes; 0 does not clip.
        outputs: Whether a sample's outputs are summed or averaged, in both passes. The note's backward
            listing divides by n alone, so its forward pass sums.

    Source: the note, "Binary Cross-Entropy loss".
    """

    kind: ClassVar[str] = "binary_crossentropy"

    def __init__(self, clip: float = 1e-7, outputs: Averaging = "sum") -> None:
        self.clip = finite_float("clip", clip, 0, MOST_CLIP)
        self.outputs = averaging(outputs)

    def targets(self, target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
        """See `binary_targets`."""
        return binary_targets(target, outputs, dtype)

    def forward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """output = −Σ_j (y · ln ŷ + (1 − y) · ln(1 − ŷ)): (samples, outputs) -> (samples, 1)."""
        prediction, y = self._take(prediction, target)
        kept = clipped(prediction, self.clip)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = one_of(y, np.log(kept)) + one_of(1 - y, np.log1p(-kept))
        return self._settle(-terms.sum(axis=1, keepdims=True) / self._divisor())

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """dinput = (−y / ŷ + (1 − y) / (1 − ŷ)) / n: (samples, outputs) -> the same."""
        prediction, y = self._take(prediction, target)
        kept = clipped(prediction, self.clip)
        n = len(y) * self._divisor()
        with np.errstate(divide="ignore", over="ignore"):
            self.dinput = one_of(-y / n, 1 / kept) + one_of((1 - y) / n, 1 / (1 - kept))
        return self.dinput

    def accuracy(self, prediction: Array, target: npt.ArrayLike) -> float:
        """See `binary_accuracy`."""
        return binary_accuracy(prediction, self.targets(target, prediction.shape[1], prediction.dtype))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Only the sample's own row is read, and for a gradient only the cell's own output."""
        return {
            "output": Rule("n0", {"prediction": "nj", "target": "nj"}),
            "value": VALUE_RULE,
            "dinput": Rule("nj", {"prediction": "nj", "target": "nj"}),
        }

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """Two terms an output: one for yes, one for no."""
        kept = clipped(self.prediction[row], self.clip)
        divisor = self._divisor()

        def pair(
            j: int, scale: tuple[Factor, Factor], labels: tuple[str, str], values: tuple[Array, Array]
        ) -> tuple[Term, Term]:
            y = read("y", "target", self.target, row, j)
            n = Factor("1 − y", float(1 - self.target[row, j]), y.cells)
            cells = (Cell("prediction", (row, j)),)
            return (
                Term.selected(y, scale[0], Factor(labels[0], float(values[0][j]), cells)),
                Term.selected(n, scale[1], Factor(labels[1], float(values[1][j]), cells)),
            )

        if attribute == "output":
            share = Factor("−1" if divisor == 1 else "−1/J", -1 / divisor)
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log(kept), np.log1p(-kept)
            return tuple(
                term
                for j in range(len(kept))
                for term in pair(j, (share, share), ("ln ŷ", "ln(1 − ŷ)"), values)
            )
        n = len(self.prediction) * divisor
        mean = "1/n" if divisor == 1 else "1/(n·J)"
        with np.errstate(divide="ignore", over="ignore"):
            values = 1 / kept, 1 / (1 - kept)
        return pair(column, (Factor(f"−{mean}", -1 / n), Factor(mean, 1 / n)), ("1/ŷ", "1/(1 − ŷ)"), values)

    def _divisor(self) -> int:
        return self.prediction.shape[1] if self.outputs == "mean" else 1
