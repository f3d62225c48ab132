"""Slopes by differences, with a step for each cell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.arrays import Array
from engine.check.result import Reasons, Slopes

FIRST_STEP = 2.0**-8
SMALLER = [2.0**-power for power in range(11, 30, 3)]
LARGER = [2.0**-5, 2.0**-2]
WEAK = 8e7
"""A slope of fewer roundings than this is taken over a larger step, if the loss is straight that far."""

STRAIGHT = 1e-4
"""A slope over 2h that differs from that over 4h by less than this share is straight enough: the four points
together are then off by about its square."""

EVEN = 1e-5
"""The same of the fourth difference over h: slopes do not show a bend that is alike on both sides."""


@dataclass(frozen=True)
class Stencil:
    """Points at which the loss is taken, and what its derivative is made of.

    Attributes:
        shifts: The points, in steps.
        weights: What each point counts towards the slope.
        bend: What each counts towards a slope that is 0 where the function is straight.
        fourth: What each counts towards the fourth difference, the loss in the middle taken off before.
    """

    shifts: Array
    weights: Array
    bend: Array
    fourth: Array


CENTRAL = Stencil(
    np.array([-2.0, -1.0, 1.0, 2.0]),
    np.array([1.0, -8.0, 8.0, -1.0]) / 12,
    np.array([1.0, -2.0, 2.0, -1.0]) / 4,
    np.array([1.0, -4.0, -4.0, 1.0]),
)
"""f' ≈ (f(−2h) − 8f(−h) + 8f(h) − f(2h)) / 12h, with an error that shrinks as h⁴."""

RIGHT = Stencil(
    np.array([0.0, 1.0, 2.0, 3.0, 4.0]),
    np.array([-25.0, 48.0, -36.0, 16.0, -3.0]) / 12,
    # (−3f(0) + 4f(h) − f(2h)) / 2h, less the same over 2h.
    np.array([-3.0, 8.0, -6.0, 0.0, 1.0]) / 4,
    np.array([1.0, -4.0, 6.0, -4.0, 1.0]),
)
"""The same order from one side only: where the other side is another function."""

LEFT = Stencil(-RIGHT.shifts, -RIGHT.weights, -RIGHT.bend, RIGHT.fourth)


@dataclass(frozen=True)
class Moved:
    """What comes of moving some cells.

    Attributes:
        losses: Of each sample: (shifts, cells, samples).
        still: Where nothing is moved: of a shape that stretches to (cells, samples).
        rounding: What is rounded off each sample's loss, likewise.
        reason: Why a cell's losses are none.
    """

    losses: Array
    still: Array
    rounding: Array
    reason: Reasons


Move: TypeAlias = Callable[[Array, float], Moved]
"""(cells, step) -> what comes of moving each cell by each shift times the step."""

NONE = np.zeros(0, np.int64)
EPS = np.finfo(np.float64).eps


def slopes(stencil: Stencil, blocks: Iterable[Array], at_once: int, move: Move, count: int, n: int) -> Slopes:
    """Each cell's derivative of the mean loss; with a smaller step where that bends, a larger where it can.

    Args:
        stencil: Where the losses are taken.
        blocks: The numbers of the cells to be moved; those of one block are best moved together.
        at_once: How many of them at most.
        move: Moves cells.
        count: Of all the cells that there are.
        n: Samples that the mean is over.
    """
    found = Slopes(np.zeros(count), np.zeros(count, np.int8), np.zeros(count), np.zeros(count))

    def measured(blocks: Iterable[Array], step: float, *, keep_bent: bool) -> tuple[Array, Array]:
        """The cells for which a smaller step is needed, and those for which a larger would be better."""
        bent, weak = [NONE], [NONE]
        for cells in (chunk for block in blocks for chunk in _chunks(block, at_once)):
            moved = move(cells, step)
            slope, reason, rounding, curved = _measured(stencil, moved, step * n)
            # A loss that is Inf or NaN where nothing moves is so at every step.
            smaller = (curved | (reason > 0)) & np.isfinite(moved.still).all(axis=1)
            kept = ~smaller | keep_bent
            found.numeric[cells[kept]], found.reason[cells[kept]] = slope[kept], reason[kept]
            found.bound[cells[kept]], found.step[cells[kept]] = rounding[kept], step
            bent.append(cells[smaller])
            weak.append(cells[~smaller & (slope != 0) & (np.abs(slope) < WEAK * rounding)])
        return np.concatenate(bent), np.concatenate(weak)

    bent, weak = measured(blocks, FIRST_STEP, keep_bent=True)
    for smaller in SMALLER:
        if len(bent):
            bent, _ = measured([bent], smaller, keep_bent=True)
    for larger in LARGER:
        if len(weak):
            _, weak = measured([weak], larger, keep_bent=False)
    return found


def _measured(stencil: Stencil, moved: Moved, scale: float) -> tuple[Array, Reasons, Array, Array]:
    # What a loss has in common with the others of its sample is taken off before it is rounded.
    apart = (moved.losses - moved.still).sum(axis=2) / scale
    largest = np.maximum(EPS * np.abs(moved.losses).max(axis=0), moved.rounding)
    rounding = largest.sum(axis=1) / scale
    slope = stencil.weights @ apart
    bend, fourth = np.abs(stencil.bend @ apart), np.abs(stencil.fourth @ apart)
    size = np.abs(slope)
    curved = (bend > STRAIGHT * size + 8 * rounding) | (fourth > EVEN * size + 32 * rounding)
    return slope, moved.reason, rounding, curved


def _chunks(cells: Array, most: int) -> list[Array]:
    """Almost equal parts."""
    return np.array_split(cells, -(-len(cells) // most)) if len(cells) else []
