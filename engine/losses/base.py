"""What every loss is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, matrix
from engine.explain import Cell, Explanation, Factor, Rule, Term, read


class Loss(ABC):
    """A number a sample, and its mean over the samples.

    `forward` sets `prediction`, `target`, `output` (samples, 1) and `value` (1, 1); `backward` sets `dinput`,
    the mean's gradient by the prediction (a fused head's: by the logits). A target of any form that `targets`
    takes may be given; the attribute is the form that it returns.

    Attributes:
        kind: The loss's name in a spec.
    """

    kind: ClassVar[str]

    prediction: Array
    target: Array
    output: Array
    value: Array
    dinput: Array

    @abstractmethod
    def targets(self, target: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
        """The target as the loss keeps it, two-dimensional, converted before any arithmetic.

        Args:
            target: As people write it: of any integer or float dtype.
            outputs: The columns of the prediction.
            dtype: The prediction's.

        Raises:
            ValueError: A shape or a value that is no target, with what was expected and what came.
        """

    @abstractmethod
    def forward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """The samples' losses: (samples, outputs) -> (samples, 1)."""

    @abstractmethod
    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """The gradient of the mean loss: (samples, outputs) -> the same."""

    @abstractmethod
    def accuracy(self, prediction: Array, target: npt.ArrayLike) -> float:
        """The share that is right; the target in any form that `targets` takes."""

    @property
    @abstractmethod
    def rules(self) -> Mapping[str, Rule]:
        """For output, value and dinput, the cells that theirs read."""

    @abstractmethod
    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """The terms that sum to one cell of output or dinput."""

    def explain(self, cell: Cell) -> Explanation:
        """What a cell of output, value or dinput was made of; a leaf for the others."""
        row, column = cell.index
        value = float(vars(self)[cell.tensor][row, column])
        if cell.tensor not in self.rules:
            return Explanation(cell, value, origin="given")
        if cell.tensor == "value":
            samples = len(self.output)
            share = Factor("1/n", 1 / samples)
            terms = tuple(
                Term.product(share, read("loss", "output", self.output, i, 0)) for i in range(samples)
            )
        else:
            terms = self.terms(cell.tensor, row, column)
        return Explanation(cell, value, terms)

    def holding(self, attributes: Mapping[str, Array]) -> Self:
        """A copy of this loss with these attributes in place of its own."""
        loss = copy(self)
        vars(loss).update(attributes)
        return loss

    def _take(self, prediction: Array, target: npt.ArrayLike) -> tuple[Array, Array]:
        self.prediction = prediction = matrix("prediction", prediction)
        self.target = self.targets(target, prediction.shape[1], prediction.dtype)
        if len(self.target) != len(prediction):
            raise ValueError(f"target: expected {len(prediction)} rows, one a sample, got {len(self.target)}")
        return prediction, self.target

    def _settle(self, output: Array) -> Array:
        # Adding 0 turns the −0.0 of a negated sum into the 0 that people read.
        self.output = output + 0
        self.value = self.output.mean(axis=0, keepdims=True)
        return self.output


VALUE_RULE = Rule("00", {"output": "n0"})


def clipped(prediction: Array, clip: float) -> Array:
    """The prediction kept within [clip, 1 − clip]; as it is where clip is 0.

    A clip finer than the dtype still keeps it off 0 and 1.
    """
    if not clip:
        return prediction
    number = prediction.dtype.type
    low = max(number(clip), np.finfo(number).tiny)
    high = min(number(1 - clip), np.nextafter(number(1), number(0)))
    return np.clip(prediction, low, high)


def one_of(coefficient: Array, quantity: Array) -> Array:
    """coefficient · quantity, and 0 where the coefficient is 0, whatever the quantity (Inf, NaN)."""
    return np.multiply(coefficient, quantity, where=coefficient != 0, out=np.zeros_like(quantity))


def numeric(target: npt.ArrayLike) -> Array:
    """An array of integers or floats.

    Raises:
        ValueError: It holds something else.
    """
    array = np.asarray(target)
    if array.dtype == np.bool_:
        return array.astype(np.int64)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"target: expected integers or floats, got {array.dtype}")
    return array


def probabilities(target: Array, outputs: int, dtype: npt.DTypeLike) -> Array:
    """A target of one number in [0, 1] an output.

    Raises:
        ValueError: Another shape or a number outside.
    """
    if target.ndim != 2 or target.shape[1] != outputs:
        raise ValueError(f"target: expected shape (samples, {outputs}), got {target.shape}")
    outside = ~((target >= 0) & (target <= 1))
    if outside.any():
        row, column = (int(k) for k in np.argwhere(outside)[0])
        raise ValueError(f"target[{row}, {column}]: expected a number from 0 to 1, got {target[row, column]}")
    return target.astype(dtype)
