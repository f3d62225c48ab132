"""A gradient that somebody worked out, held against the right one; a mistake of a known shape is named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

Mistake = Literal[
    "sign",
    "factor_n",
    "factor_1_n",
    "factor",
    "transpose",
    "not_summed",
    "unclipped",
    "clipped",
    "outputs_mean",
    "outputs_sum",
    "relu_at_zero",
    "softmax_scalar",
    "missing_transpose",
    "bias_not_summed",
    "input_overwritten",
    "unsigned_label",
    "wrong_sign",
]
"""Each by what it did to the gradient, or by the fault in `engine.faults` that does the same."""

MOST_LINES = 64


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the gradient that is wrong in a known way.

    Attributes:
        row: Its number; None: all of them.
        column: Its number; None: all of them.
        mistakes: What explains every wrong cell in it.
    """

    row: int | None
    column: int | None
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """Cell by cell, in the right gradient's shape.

    Attributes:
        given: As it was held against the right one: turned back where it was its transpose, summed over the
            samples where it was not.
        right: Whether a cell is within the tolerance.
        error: |given − right| / the larger of the two; 0 where both are 0.
        mistakes: What would explain every cell, the simplest first; none where all is right or nothing does.
        lines: Where nothing explains every cell, the rows, columns and cells that something explains.
        factor: What every cell was multiplied by, where that is no other mistake.
    """

    given: Array
    right: npt.NDArray[np.bool_]
    error: Array
    mistakes: tuple[Mistake, ...] = ()
    lines: tuple[Line, ...] = ()
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off.

    Args:
        relative: A share of the larger of the two.
        absolute: Of whatever size they are: what rounding to so many decimals does.
    """

    relative: float
    absolute: float = 0.0

    def holds(self, one: Array, other: Array) -> npt.NDArray[np.bool_]:
        """Cell by cell; NaN for NaN and Inf for Inf."""
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(one - other) <= self.absolute
        return np.asarray(near | (_error(one, other) <= self.relative))


def grade(
    given: Array,
    right: Array,
    samples: int,
    tolerance: Tolerance,
    known: Iterable[tuple[Mistake, Array]] = (),
) -> Grade:
    """The given gradient's grade.

    Args:
        given: Of the right one's shape, or of its transpose's; of a row a sample, where the right one is
            their sum.
        right: The engine's.
        samples: n, of the batch.
        tolerance: What is right.
        known: What known mistakes make of this gradient; read only where nothing simpler explains it.

    Raises:
        ValueError: Another shape.
    """
    if len(right) == 1 < samples and given.shape == (samples, right.shape[1]):
        summed = grade(given.sum(axis=0, keepdims=True), right, samples, tolerance, known)
        if summed.right.all() or summed.mistakes:
            wrong = np.zeros_like(summed.right)
            return replace(summed, right=wrong, mistakes=("not_summed", *summed.mistakes))
    if given.shape not in (right.shape, right.T.shape):
        raise ValueError(f"values: expected shape {right.shape}, got {given.shape}")
    turned = given.shape != right.shape
    laid = given.T if turned else given
    alike, error = tolerance.holds(laid, right), _error(laid, right)
    if alike.all() and not turned:
        return Grade(laid, alike, error)
    for names, as_given in _candidates(right, samples, known):
        if as_given.shape == given.shape and tolerance.holds(given, as_given).all():
            return Grade(laid, alike, error, names)
    factor = _factor(laid, right)
    if factor is not None and tolerance.holds(laid, factor * right).all():
        names = ("factor", "transpose") if turned else ("factor",)
        return Grade(laid, alike, error, names, factor=factor)
    if turned:
        return Grade(laid, alike, error)
    return Grade(laid, alike, error, (), _lines(given, right, alike, samples, tolerance))


def _factors(samples: int) -> dict[tuple[Mistake, ...], float]:
    """One at a time before two together."""
    found: dict[tuple[Mistake, ...], float] = {("sign",): -1}
    if samples > 1:
        found |= {("factor_n",): samples, ("factor_1_n",): 1 / samples}
        found |= {("factor_n", "sign"): -samples, ("factor_1_n", "sign"): -1 / samples}
    return found


def _factor(given: Array, right: Array) -> float | None:
    """What the largest cell was multiplied by; None where it says nothing of the others."""
    if np.count_nonzero(right) < 2 or not np.isfinite(right).all():
        return None
    at = np.unravel_index(np.abs(right).argmax(), right.shape)
    factor = float(given[at] / right[at])
    return factor if np.isfinite(factor) and factor else None


def _candidates(
    right: Array, samples: int, known: Iterable[tuple[Mistake, Array]]
) -> Iterator[tuple[tuple[Mistake, ...], Array]]:
    """What mistakes would make of the right gradient, the simplest first."""
    factors = _factors(samples)
    yield ("transpose",), right.T
    for names, factor in factors.items():
        yield names, factor * right
    for names, factor in factors.items():
        yield (*names, "transpose"), factor * right.T
    for name, made in known:
        yield (name,), made
        yield (name, "transpose"), made.T
        for names, factor in factors.items():
            yield (name, *names), factor * made


def _lines(
    given: Array, right: Array, alike: npt.NDArray[np.bool_], samples: int, tolerance: Tolerance
) -> tuple[Line, ...]:
    """Rows in which every cell is wrong in one way, else columns, else single cells."""
    left = ~alike
    found: list[Line] = []
    for names, factor in _factors(samples).items():
        # What is 0 stays 0 under any factor, and so speaks for none and against none.
        explained = left & tolerance.holds(given, factor * right)
        fits = explained | (alike & (right == 0))
        for axis in (1, 0):
            for at in np.flatnonzero(fits.all(axis=axis) & (explained.sum(axis=axis) > 1)):
                row, column = (int(at), None) if axis else (None, int(at))
                found.append(Line(row, column, names))
                index = (at, slice(None)) if axis else (slice(None), at)
                left[index] = fits[index] = explained[index] = False
        found += [Line(int(r), int(c), names) for r, c in np.argwhere(explained)[:MOST_LINES]]
        left &= ~explained
    return tuple(found[:MOST_LINES])


def _error(one: Array, other: Array) -> Array:
    larger = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(invalid="ignore", over="ignore"):
        error: Array = np.abs(one - other) / np.where(larger > 0, larger, 1)
    return np.where(np.isnan(error), np.where(_alike(one, other), 0.0, np.inf), error)


def _alike(one: Array, other: Array) -> Array:
    """NaN for NaN and Inf for Inf."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))
