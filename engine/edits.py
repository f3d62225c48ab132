"""Edits: cells that are overwritten right after a step."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from engine.explain import Cell


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Right after the step of this position the cell is overwritten, and all that follows comes from it."""

    position: int
    tensor: str
    index: tuple[int, int]
    value: float


class EditError(ValueError):
    """An edit of a cell that is not there at its position, or to a value that it cannot have.

    Attributes:
        number: Which of the edits, as they were given.
    """

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


class Edits(tuple[Edit, ...]):
    """The edits of a run, sorted, one a cell and position; found by position and by cell."""

    def __new__(cls, edits: Iterable[Edit] = ()) -> "Edits":
        """Sorted."""
        return super().__new__(cls, sorted(edits))

    def __init__(self, _edits: Iterable[Edit] = ()) -> None:
        self._positions = [edit.position for edit in self]
        self._of: dict[tuple[str, tuple[int, int]], list[int]] = {}
        for edit in self:
            self._of.setdefault((edit.tensor, edit.index), []).append(edit.position)

    def until(self, position: int) -> tuple[Edit, ...]:
        """Those at this position and before it."""
        return self[: bisect_right(self._positions, position)]

    def at(self, position: int) -> tuple[Edit, ...]:
        """Those at this position."""
        return self[bisect_right(self._positions, position - 1) : bisect_right(self._positions, position)]

    def last(self, cell: Cell, start: int, stop: int) -> int | None:
        """The last position from start to stop at which the cell was overwritten."""
        positions = self._of.get((cell.tensor, cell.index), [])
        last = bisect_right(positions, stop) - 1
        return positions[last] if last >= 0 and positions[last] >= start else None

    def next(self, cell: Cell, start: int) -> int | None:
        """The first position after start at which the cell was overwritten."""
        positions = self._of.get((cell.tensor, cell.index), [])
        first = bisect_right(positions, start)
        return positions[first] if first < len(positions) else None
