"""Regularisation: what large weights cost, as part of the loss."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, finite_float
from engine.explain import Cell, Factor, Term, read


@dataclass(frozen=True, slots=True)
class Penalty:
    """λ₁ · Σ|w| + λ₂ · Σw², with the gradient λ₁ · sign(w) + 2 · λ₂ · w.

    Args:
        l1: λ₁, at least 0: pulls every weight to 0 with the same force, and leaves it there.
        l2: λ₂, at least 0: pulls a weight the harder the larger it is.

    At exactly 0 the slope of |w| is taken as 0, as PyTorch does.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        # Plain floats: a NumPy one would turn float32 weights into float64.
        object.__setattr__(self, "l1", finite_float("l1", self.l1, 0))
        object.__setattr__(self, "l2", finite_float("l2", self.l2, 0))

    def __bool__(self) -> bool:
        return self.l1 > 0 or self.l2 > 0

    def value(self, weight: Array) -> Array:
        """What this weight adds to the loss: (1, 1), of its dtype."""
        cost = np.zeros((1, 1), weight.dtype)
        if self.l1:
            cost = cost + self.l1 * np.abs(weight).sum()
        if self.l2:
            cost = cost + self.l2 * np.square(weight).sum()
        return cost

    def gradient(self, weight: Array) -> Array:
        """What it adds to the loss's gradient by the weight, in the weight's shape."""
        slope = np.zeros_like(weight)
        if self.l1:
            slope = slope + self.l1 * np.sign(weight)
        if self.l2:
            slope = slope + 2 * self.l2 * weight
        return slope

    def terms(self, tensor: str, weight: Array) -> tuple[Term, ...]:
        """The terms of the value: one or two a weight."""
        found: list[Term] = []
        for row, column in np.ndindex(*weight.shape):
            w = read("w", tensor, weight, row, column)
            if self.l1:
                size = Factor("|w|", abs(w.value), w.cells)
                found.append(Term.product(Factor("λ₁", self.l1), size))
            if self.l2:
                found.append(Term.product(Factor("λ₂", self.l2), w, w))
        return tuple(found)

    def gradient_terms(self, weight: Array, row: int, column: int) -> tuple[Term, ...]:
        """The terms of one cell of the gradient, beside those of the data."""
        cell = (Cell("weight", (row, column)),)
        slope = Factor("sign w", float(np.sign(weight[row, column])), cell)
        l1 = (Term.product(Factor("λ₁", self.l1), slope),) if self.l1 else ()
        l2 = (Term.product(Factor("2·λ₂", 2 * self.l2), read("w", "weight", weight, row, column)),)
        return (*l1, *(l2 if self.l2 else ()))
