"""What is moved to find the loss's slope by each of its cells."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.check.differences import CENTRAL, Moved, Stencil, slopes
from engine.check.result import Points, Slopes


@dataclass(frozen=True)
class Moving:
    """A tensor whose cells are moved.

    Attributes:
        name: The tensor's canonical one.
        array: The tensor.
        move: Moves cells by a stencil's shifts.
        at_once: How many cells at most.
        in_columns: Whether a column's cells are moved together, as runs on faster; else cells as they come.
        corner: In place of `CENTRAL` for a cell that is 0, where the slope is one side's by convention.
    """

    name: str
    array: Array
    move: Callable[[Stencil, Array, float], Moved]
    at_once: int
    in_columns: bool = False
    corner: Stencil | None = None

    def slopes(self, columns: slice, n: int) -> Slopes:
        """The loss's slope by each cell of these columns; 0 in the others."""
        grid = np.arange(self.array.size).reshape(self.array.shape)[:, columns]
        found = self._slopes(CENTRAL, list(grid.T) if self.in_columns else [grid.ravel()], n)
        if self.corner and (at_zero := self.array[:, columns] == 0).any():
            side = self._slopes(self.corner, [grid[at_zero]], n)
            found = found.within(side, self.array.ravel() == 0)
        return found

    def difference(self, index: tuple[int, int], n: int) -> tuple[Slopes, Points]:
        """The slope by one cell, and the points that it was found from."""
        cell = np.array([np.ravel_multi_index(index, self.array.shape)])
        stencil = self.corner if self.corner and self.array[index] == 0 else CENTRAL
        found = self._slopes(stencil, [cell], n)
        step = float(found.step[cell[0]])
        moved = self.move(stencil, cell, step)
        changes = (moved.losses - moved.still).sum(axis=2)[:, 0] / n
        at = self.array[index] + stencil.shifts * step
        return found, Points(step, stencil.shifts, at, changes, stencil.weights)

    def _slopes(self, stencil: Stencil, blocks: list[Array], n: int) -> Slopes:
        return slopes(stencil, blocks, self.at_once, partial(self.move, stencil), self.array.size, n)
