"""Singular values: how much a Jacobian stretches and shrinks, and how many directions it keeps."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array


@dataclass(frozen=True, slots=True)
class Singular:
    """A matrix's singular values.

    Attributes:
        values: The largest first, as many as its shorter side is long.
        tolerance: What is not above it is zero, to rounding: the largest · eps · the longer side.
    """

    values: Array
    tolerance: float

    @property
    def rank(self) -> int:
        """How many are not zero: the directions in which a gradient comes through."""
        return int((self.values > self.tolerance).sum())

    @property
    def condition(self) -> float:
        """The largest over the smallest; infinite where the rank is not full."""
        if self.rank < len(self.values):
            return float("inf")
        with np.errstate(over="ignore"):
            return float(self.values[0] / self.values[-1])


def singular(matrix: Array) -> Singular | None:
    """The singular values of a matrix; None where a cell is not finite, or LAPACK finds none.

    A vector stands for the diagonal matrix of its cells.
    """
    if not np.isfinite(matrix).all():
        return None
    cells = matrix.astype(np.float64)
    try:
        values = np.sort(np.abs(cells))[::-1] if cells.ndim == 1 else np.linalg.svd(cells, compute_uv=False)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(values).all():
        return None
    # A float32 matrix has been rounded to float32's digits, whatever it is taken apart with.
    return Singular(values, float(values[0]) * max(matrix.shape) * float(np.finfo(matrix.dtype).eps))
