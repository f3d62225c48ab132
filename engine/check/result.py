"""What comes of holding a gradient against differences."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

Reason = Literal["compared", "kink", "clipped", "rounding", "edited", "not_finite"]
REASONS: tuple[Reason, ...] = ("compared", "kink", "clipped", "rounding", "edited", "not_finite")
"""Compared; or why not: a ReLU's or an absolute value's kink within the step, a probability in its clip, a
gradient too small to be told from rounding, a cell overwritten in mid-pass, a loss that is Inf or NaN."""

WRONG = 1e-7
"""What is compared and differs by more is wrong."""

ROUNDING = 1e7
"""Both gradients below this many rounding errors of the loss over 2h say nothing of each other."""

Reasons = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Check:
    """One tensor's gradient, found twice.

    Attributes:
        numeric: By differences, in the tensor's shape.
        analytic: By the backward pass.
        error: |numeric − analytic| / the larger of the two; 0 where both are 0, NaN where not comparable.
        reason: An index into `REASONS` a cell: 0 where the two were compared.
    """

    numeric: Array
    analytic: Array
    error: Array
    reason: Reasons

    @property
    def worst(self) -> float:
        """The largest error of what was compared; 0 where nothing was."""
        compared = self.error[self.reason == 0]
        return float(compared.max()) if compared.size else 0.0

    @property
    def compared(self) -> int:
        """How many cells were."""
        return int((self.reason == 0).sum())

    @property
    def worst_cell(self) -> tuple[int, int] | None:
        """Where the largest error is; None where nothing was compared."""
        if not self.compared:
            return None
        row, column = np.unravel_index(np.nanargmax(self.error), self.error.shape)
        return int(row), int(column)

    def part(self, columns: slice) -> "Check":
        """Some of its columns."""
        parts = (self.numeric, self.analytic, self.error, self.reason)
        return Check(*(array[:, columns] for array in parts))

    def without(self, cells: npt.NDArray[np.bool_], reason: Reason) -> "Check":
        """The same with some cells not compared."""
        code = np.where(cells, REASONS.index(reason), self.reason).astype(np.int8)
        return replace(self, error=np.where(cells, np.nan, self.error), reason=code)


@dataclass(frozen=True)
class Slopes:
    """Each cell's.

    Attributes:
        numeric: The derivative.
        reason: Why it is none.
        bound: What one rounding may make of it.
        step: The h over which it was found.
    """

    numeric: Array
    reason: Reasons
    bound: Array
    step: Array

    def within(self, other: "Slopes", cells: Array) -> "Slopes":
        """The same with some cells' from elsewhere."""
        return Slopes(
            *(np.where(cells, theirs, ours) for ours, theirs in zip(self._all(), other._all(), strict=True))
        )

    def _all(self) -> tuple[Array, ...]:
        return self.numeric, self.reason, self.bound, self.step


@dataclass(frozen=True)
class Points:
    """What a slope was found from: Σ weight · change / step.

    Attributes:
        step: The h.
        shifts: How far the cell was moved, in steps.
        at: What the cell was then.
        changes: What the loss was then, less what it is.
        weights: What each counts.
    """

    step: float
    shifts: Array
    at: Array
    changes: Array
    weights: Array


@dataclass(frozen=True)
class Difference:
    """A cell's gradient, found twice, and how.

    Attributes:
        moved: The tensor whose cell was moved.
        loss: With nothing moved, penalties included.
        points: Where it was taken again.
        numeric: The slope.
        analytic: By the backward pass.
        error: As `Check` has it.
        reason: Likewise.
    """

    moved: str
    loss: float
    points: Points
    numeric: float
    analytic: float
    error: float
    reason: Reason


def joined(parts: "list[Check]") -> Check:
    """One check of those of its columns, in their order."""
    fields = zip(*((one.numeric, one.analytic, one.error, one.reason) for one in parts), strict=True)
    return Check(*(np.hstack(arrays) for arrays in fields))


def compared(found: Slopes, analytic: Array) -> Check:
    """What was found by differences, held against the analytic gradient."""
    numeric, reason, bound = (
        array.reshape(analytic.shape) for array in (found.numeric, found.reason, found.bound)
    )
    larger = np.maximum(np.abs(numeric), np.abs(analytic))
    error = np.abs(numeric - analytic) / np.where(larger > 0, larger, 1)
    # Finite by differences and not by the backward pass: nothing is more wrong.
    error = np.where(np.isfinite(numeric) & ~np.isfinite(analytic), np.inf, error)
    hidden = (reason == 0) & (larger > 0) & (larger < ROUNDING * bound)
    reason = np.where(hidden, REASONS.index("rounding"), reason)
    reason = np.where(np.isfinite(numeric), reason, REASONS.index("not_finite")).astype(np.int8)
    return Check(numeric, analytic, np.where(reason == 0, error, np.nan), reason)
