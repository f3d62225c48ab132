"""A gradient that somebody worked out, held against the right one; a mistake of a known shape is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

Mistake = Literal["sign", "factor_n", "factor_1_n", "transpose", "unclipped"]


@dataclass(frozen=True, slots=True)
class Grade:
    """Cell by cell.

    Attributes:
        right: In the right gradient's shape; where the given one has its transpose's, both are turned back.
        error: |given − right| / the larger of the two; 0 where both are 0.
        mistakes: What would explain every cell, the simplest first; none where all is right or nothing does.
    """

    right: npt.NDArray[np.bool_]
    error: Array
    mistakes: tuple[Mistake, ...]


def grade(
    given: Array, right: Array, samples: int, tolerance: float, unclipped: Array | None = None
) -> Grade:
    """The given gradient's grade.

    Args:
        given: Of the right one's shape, or of its transpose's.
        right: The engine's.
        samples: n, of the batch.
        tolerance: The largest relative error that is right.
        unclipped: What the gradient would be without a clip, where that is another.

    Raises:
        ValueError: Another shape.
    """
    if given.shape not in (right.shape, right.T.shape):
        raise ValueError(f"values: expected shape {right.shape}, got {given.shape}")
    turned = given.shape != right.shape
    error = _error(given.T if turned else given, right)
    alike = error <= tolerance
    if alike.all() and not turned:
        return Grade(alike, error, ())
    found = [
        mistakes
        for mistakes, as_given in _candidates(right, samples, unclipped)
        if as_given.shape == given.shape and (_error(given, as_given) <= tolerance).all()
    ]
    return Grade(alike, error, min(found, key=len, default=()))


def _candidates(
    right: Array, samples: int, unclipped: Array | None
) -> Iterator[tuple[tuple[Mistake, ...], Array]]:
    """What the mistakes would make of the right gradient, one at a time and several together."""
    factors: dict[tuple[Mistake, ...], float] = {(): 1.0}
    if samples > 1:
        factors |= {("factor_n",): samples, ("factor_1_n",): 1 / samples}
    starts: list[tuple[tuple[Mistake, ...], Array]] = [((), right)]
    if unclipped is not None:
        starts.append((("unclipped",), unclipped))
    for names, start in starts:
        for more, factor in factors.items():
            for sign in (1, -1):
                for turn in (False, True):
                    mistakes: tuple[Mistake, ...] = (
                        *names,
                        *more,
                        *(("sign",) if sign < 0 else ()),
                        *(("transpose",) if turn else ()),
                    )
                    value = sign * factor * start
                    yield mistakes, value.T if turn else value


def _error(one: Array, other: Array) -> Array:
    larger = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(invalid="ignore"):
        error: Array = np.abs(one - other) / np.where(larger > 0, larger, 1)
    return np.where(np.isnan(error), np.where(_alike(one, other), 0.0, np.inf), error)


def _alike(one: Array, other: Array) -> Array:
    """NaN for NaN and Inf for Inf."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))
