"""The last layer and its loss as one: from logits, in log space, never clipped.

Separately, softmax (or sigmoid) rounds a confident probability to 0 or 1 before the logarithm sees it. Fused,
the loss is computed from the logits, and the gradient by them is prediction − target.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.conventions import Averaging, averaging
from engine.explain import Cell, Factor, Rule, Term, read, row_of
from engine.losses.base import VALUE_RULE, Loss, one_of
from engine.losses.binary import binary_accuracy, binary_targets
from engine.losses.categorical import class_accuracy, class_targets, coefficient, coefficients


class FusedHead(Loss):
    """A loss whose `forward` takes logits, and whose `backward` takes the last layer's output.

    Attributes:
        layer: The type of the last layer that it is fused with.
        logits: That layer's input, set by `forward`.
    """

    layer: ClassVar[str]

    logits: Array

    @abstractmethod
    def forward(self, logits: Array, target: npt.ArrayLike) -> Array:
        """The samples' losses from the logits: (samples, outputs) -> (samples, 1)."""


class SoftmaxCategoricalCrossentropy(FusedHead):
    """L_i = −Σ_j y_ij (z_ij − ln Σ_l e^{z_il}).

    Source: the chain of the note's "Softmax" and "Categorical Cross-Entropy loss".
    """

    kind: ClassVar[str] = "categorical_crossentropy"
    layer: ClassVar[str] = "softmax"

    def targets(self, target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
        """See `class_targets`."""
        return class_targets(target, outputs, dtype)

    def forward(self, logits: Array, target: npt.ArrayLike) -> Array:
        """output = −Σ_j y · ln S_j(logits): (samples, classes) -> (samples, 1)."""
        self.logits, target = self._take(logits, target)
        y = coefficients(target, self.logits)
        return self._settle(-one_of(y, _ln_softmax(self.logits)).sum(axis=1, keepdims=True))

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """dinput = (ŷ · Σ_j y_j − y) / n, by the logits: (samples, classes) -> the same."""
        prediction, target = self._take(prediction, target)
        y = coefficients(target, prediction)
        self.dinput = (prediction * y.sum(axis=1, keepdims=True) - y) / len(y)
        return self.dinput

    def accuracy(self, prediction: Array, target: npt.ArrayLike) -> float:
        """See `class_accuracy`."""
        return class_accuracy(prediction, self.targets(target, prediction.shape[1], prediction.dtype))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every logit of a sample is in the sum of exponentials."""
        label = "nk" if self.target.shape[1] > 1 else "n0"
        return {
            "output": Rule("n0", {"logits": "nj", "target": label}),
            "value": VALUE_RULE,
            "dinput": Rule("nj", {"prediction": "nj", "target": label}),
        }

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """A term a class; or the prediction's share and the target's."""
        if attribute == "output":
            ln = _ln_softmax(self.logits)[row]
            cells = row_of("logits", self.logits, row)
            return tuple(
                Term.selected(
                    coefficient(self.target, self.logits, row, j),
                    Factor("−1", -1.0),
                    Factor("ln S", float(ln[j]), cells),
                )
                for j in range(len(ln))
            )
        y = coefficients(self.target[row : row + 1], self.prediction[row : row + 1])
        n = len(self.prediction)
        return (
            Term.product(
                Factor("1/n", 1 / n),
                Factor("Σy", float(y.sum()), row_of("target", self.target, row)),
                read("ŷ", "prediction", self.prediction, row, column),
            ),
            Term.selected(coefficient(self.target, self.prediction, row, column), Factor("−1/n", -1 / n)),
        )


class SigmoidBinaryCrossentropy(FusedHead):
    """L_i = −Σ_j (y_ij · ln σ(z_ij) + (1 − y_ij) · ln σ(−z_ij)).

    Args:
        outputs: Whether a sample's outputs are summed or averaged, in both passes.

    Source: the chain of the note's "Sigmoid" and "Binary Cross-Entropy loss".
    """

    kind: ClassVar[str] = "binary_crossentropy"
    layer: ClassVar[str] = "sigmoid"

    def __init__(self, outputs: Averaging = "sum") -> None:
        self.outputs = averaging(outputs)

    def targets(self, target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
        """See `binary_targets`."""
        return binary_targets(target, outputs, dtype)

    def forward(self, logits: Array, target: npt.ArrayLike) -> Array:
        """output = −Σ_j (y · ln σ(z) + (1 − y) · ln σ(−z)): (samples, outputs) -> (samples, 1)."""
        logits, y = self._take(logits, target)
        self.logits = logits
        terms = one_of(y, _ln_sigmoid(logits)) + one_of(1 - y, _ln_sigmoid(-logits))
        return self._settle(-terms.sum(axis=1, keepdims=True) / self._divisor(logits))

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """dinput = (ŷ − y) / n, by the logits: (samples, outputs) -> the same."""
        prediction, y = self._take(prediction, target)
        self.dinput = (prediction - y) / (len(y) * self._divisor(prediction))
        return self.dinput

    def accuracy(self, prediction: Array, target: npt.ArrayLike) -> float:
        """See `binary_accuracy`."""
        return binary_accuracy(prediction, self.targets(target, prediction.shape[1], prediction.dtype))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Each output stands for itself."""
        return {
            "output": Rule("n0", {"logits": "nj", "target": "nj"}),
            "value": VALUE_RULE,
            "dinput": Rule("nj", {"prediction": "nj", "target": "nj"}),
        }

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """Two terms an output; or the prediction's share and the target's."""
        if attribute == "output":
            divisor = self._divisor(self.logits)
            share = Factor("−1" if divisor == 1 else "−1/J", -1 / divisor)
            z = self.logits[row]
            yes, no = _ln_sigmoid(z), _ln_sigmoid(-z)
            terms: list[Term] = []
            for j in range(len(z)):
                y = read("y", "target", self.target, row, j)
                rest = Factor("1 − y", float(1 - self.target[row, j]), y.cells)
                cells = (Cell("logits", (row, j)),)
                terms.append(Term.selected(y, share, Factor("ln σ(z)", float(yes[j]), cells)))
                terms.append(Term.selected(rest, share, Factor("ln σ(−z)", float(no[j]), cells)))
            return tuple(terms)
        divisor = self._divisor(self.prediction)
        n = len(self.prediction) * divisor
        mean = "1/n" if divisor == 1 else "1/(n·J)"
        return (
            Term.product(Factor(mean, 1 / n), read("ŷ", "prediction", self.prediction, row, column)),
            Term.product(Factor(f"−{mean}", -1 / n), read("y", "target", self.target, row, column)),
        )

    def _divisor(self, prediction: Array) -> int:
        return prediction.shape[1] if self.outputs == "mean" else 1


def _ln_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=1, keepdims=True)
    ln: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return ln


def _ln_sigmoid(z: Array) -> Array:
    ln: Array = -np.logaddexp(0, -z)
    return ln
