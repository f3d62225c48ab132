"""Slopes by differences, with a step for each cell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.arrays import Array
from engine.check.result import Reasons

FIRST_STEP = 2.0**-8
SMALLER = 2.0**-3
TRIES = 8

STRAIGHT = 1e-4
"""A slope over 2h that differs from that over 4h by less than this share is straight enough: the four points
together are then off by about its square."""


@dataclass(frozen=True)
class Stencil:
    """Points at which the loss is taken, and what its derivative is made of.

    Attributes:
        shifts: The points, in steps.
        weights: What each point counts towards the slope.
        bend: What each counts towards a slope that is 0 where the function is straight.
    """

    shifts: Array
    weights: Array
    bend: Array


CENTRAL = Stencil(
    np.array([-2.0, -1.0, 1.0, 2.0]),
    np.array([1.0, -8.0, 8.0, -1.0]) / 12,
    np.array([1.0, -2.0, 2.0, -1.0]) / 4,
)
"""f' ≈ (f(−2h) − 8f(−h) + 8f(h) − f(2h)) / 12h, with an error that shrinks as h⁴."""

RIGHT = Stencil(
    np.array([0.0, 1.0, 2.0, 3.0, 4.0]),
    np.array([-25.0, 48.0, -36.0, 16.0, -3.0]) / 12,
    # (−3f(0) + 4f(h) − f(2h)) / 2h, less the same over 2h.
    np.array([-3.0, 8.0, -6.0, 0.0, 1.0]) / 4,
)
"""The same order from one side only: where the other side is another function."""

LEFT = Stencil(-RIGHT.shifts, -RIGHT.weights, -RIGHT.bend)

Losses: TypeAlias = Callable[[Array, float], tuple[Array, Reasons]]
"""(cells, step) -> their losses (shifts, cells, samples), and why a cell's are none."""


def slopes(
    stencil: Stencil, blocks: Iterable[Array], at_once: int, losses: Losses, count: int, n: int
) -> tuple[Array, Reasons, Array]:
    """Each cell's derivative of the mean loss, why it is none, and one rounding error of it.

    Args:
        stencil: Where the losses are taken.
        blocks: The numbers of the cells to be moved; those of one block are best moved together.
        at_once: How many of them at most.
        losses: Of each of the cells, moved.
        count: Of all the cells that there are.
        n: Samples that the mean is over.
    """
    numeric, bound = np.zeros(count), np.zeros(count)
    reason = np.zeros(count, np.int8)
    step = FIRST_STEP
    for _ in range(TRIES):
        bent: list[Array] = []
        for chunk in (chunk for block in blocks for chunk in _chunks(block, at_once)):
            found, why = losses(chunk, step)
            # What a loss has in common with the others of its sample is taken off before it is rounded.
            apart = (found - found.mean(axis=0)).reshape(len(stencil.shifts), len(chunk), -1).sum(axis=2)
            slope = stencil.weights @ apart / step / n
            size = np.abs(found).max(axis=0).sum(axis=1)
            rounding = np.finfo(np.float64).eps * size / (n * step)
            bend = np.abs(stencil.bend @ apart) / step / n
            numeric[chunk], reason[chunk], bound[chunk] = slope, why, rounding
            bent.append(chunk[(bend > STRAIGHT * np.abs(slope) + 8 * rounding) | (why > 0)])
        again = np.concatenate(bent)
        if not len(again):
            break
        blocks, step = [again], step * SMALLER
    return numeric, reason, bound


def _chunks(cells: Array, most: int) -> list[Array]:
    """Almost equal parts."""
    return np.array_split(cells, -(-len(cells) // most)) if len(cells) else []
