"""Find the fault: which step of a faulty run is wrong itself, and what is wrong only for what it read.

A step is judged by what the right one makes of the very numbers that it read, and its outcome by what a right
pass makes of the iteration's beginning.

dvalue ──▶ [backward, faulty] ──▶ dinput: "fault" ──▶ [backward] ──▶ dweight: "consequence"
       └─▶ [backward, right]  ──▶ meant
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.explain import Cell
from engine.frame import Frame
from engine.run import NotComputedError, Run

Verdict = Literal["fault", "consequence", "right", "leaf"]

ROUNDING = {8: 1e-9, 4: 1e-4}
"""What two ways of computing the same may differ by, relatively, by the bytes of a number."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of a cell.

    Attributes:
        verdict: Computed wrong; computed right, but from a wrong number; right; computed by no step.
        cell: At the position that wrote it.
        value: As the run has it.
        meant: What the right step makes of the numbers that were read.
        expected: What a right pass makes of the iteration's beginning.
    """

    verdict: Verdict
    cell: Cell
    value: float
    meant: float
    expected: float


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a fault shows first in an iteration: the step, and the cell that it spoils most."""

    step: str
    cell: Cell
    value: float
    meant: float


def judge(run: Run, right: Run, cell: Cell) -> Judged:
    """Whether a cell is where the fault is.

    Args:
        run: The faulty one.
        right: The same without its faults.
        cell: Under any name, at any position where it has a value.

    Raises:
        KeyError: There is no such tensor.
        IndexError: There is no such cell.
        NotComputedError: It has no value at that position.
    """
    explained = run.explain(cell)
    name, index = explained.cell.tensor, explained.cell.index
    value = explained.value
    written = run.written_at(name, explained.cell.position or 0)
    if explained.origin is not None or not written:
        return Judged("leaf", explained.cell, value, value, value)
    there = Cell(name, index, written)
    again = right.after(run.frame(written - 1))
    frame = run.frame(start_of(run, written))
    while frame.position < written:
        frame = right.after(frame)
    found, meant, expected = (_values(one, name) for one in (run.frame(written), again, frame))
    verdict: Verdict = "right"
    if _differ(found, meant)[index]:
        verdict = "fault"
    elif _differ(found, expected)[index]:
        verdict = "consequence"
    return Judged(verdict, there, value, float(meant[index]), float(expected[index]))


def shown(start: Frame, right: Run, faulty: Run) -> Shown | None:
    """Where a fault shows first in the iteration that begins with a frame; None where it does not.

    Args:
        start: Of any run with the same steps.
        right: The run without the fault.
        faulty: The run with it.
    """
    frame = start
    for _ in range(right.steps_per_iteration):
        wrong, frame = faulty.after(frame), right.after(frame)
        names = [name for name, at in frame.computed_at.items() if at == frame.position]
        found = [(name, _values(wrong, name), _values(frame, name)) for name in names]
        for name, value, meant in found:
            differ = _differ(value, meant)
            if differ.any():
                gap = np.where(differ, np.nan_to_num(np.abs(value - meant), nan=np.inf), -1)
                row, column = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
                cell = Cell(name, (row, column), frame.position)
                step = right.step_at(frame.position)
                return Shown(step, cell, float(value[row, column]), float(meant[row, column]))
    return None


def start_of(run: Run, position: int) -> int:
    """Where the iteration begins whose step led to a position; at 0 the first."""
    steps = run.steps_per_iteration
    return max(0, position - 1) // steps * steps


def _values(frame: Frame, name: str) -> Array:
    array = frame.tensors[name]
    if array is None:
        raise NotComputedError(f"{name} has no value at position {frame.position}")
    return array


def _differ(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    rounding = ROUNDING.get(b.dtype.itemsize, 1e-9)
    finite = np.abs(b[np.isfinite(b)])
    least = rounding * 1e-3 * float(finite.max(initial=0))
    return ~np.isclose(a, b, rtol=rounding, atol=least, equal_nan=True)
