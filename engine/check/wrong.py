"""The first step whose result is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.check.gradients import checks
from engine.check.result import WRONG, Check
from engine.explain import Cell
from engine.run import Run
from engine.steps import gradient_of


@dataclass(frozen=True, slots=True)
class Wrong:
    """A step that does not compute what it should.

    Attributes:
        step: Its name, `backward:dense_2`.
        cell: The worst of what it wrote, at the position of the step.
        numeric: What it should be: by differences; of an update, a step against the gradient.
        analytic: What it is; of an update, the step that the optimiser makes of the gradient at rest.
        error: |numeric − analytic| / the larger of the two.
    """

    step: str
    cell: Cell
    numeric: float
    analytic: float
    error: float


def first_wrong(run: Run, position: int, found: Iterable[tuple[str, Check]] | None = None) -> Wrong | None:
    """The first step of the iteration, among those that have run, whose result is wrong.

    What later steps make of a wrong number is wrong as well, and no fault of theirs.

    Args:
        run: Of float64.
        position: Right after an update that is looked at too.
        found: What `checks` gave for it, where that is known.

    Raises:
        ValueError: The run is of another dtype.
    """
    wrong: list[tuple[int, float, str, Check]] = []
    for name, one in checks(run, position) if found is None else found:
        if one.worst > WRONG:
            written = run.written_at(name, position)
            assert written is not None, "what was checked has been computed"
            wrong.append((written, -one.worst, name, one))
    if not wrong:
        return _uphill(run, position)
    written, _, name, one = min(wrong, key=lambda each: each[:2])
    index = one.worst_cell
    assert index is not None, "what is wrong was compared"
    return Wrong(
        run.step_at(written),
        Cell(name, index, written),
        float(one.numeric[index]),
        float(one.analytic[index]),
        float(one.error[index]),
    )


def _uphill(run: Run, position: int) -> Wrong | None:
    """The cell, of the largest gradient, that the optimiser moves along it instead of against it.

    It is asked for its first step from parameters of 0, with nothing remembered: momentum and what shrinks
    the weights have no say in it.
    """
    if position == 0 or position % run.steps_per_iteration:
        return None
    frame = run.frame(position - 1)
    along: list[tuple[float, Cell, float]] = []
    for parameter in run.network.parameters:
        gradient = frame.tensors[gradient_of(parameter)]
        assert gradient is not None, "before an update every gradient is there"
        rest = np.zeros_like(gradient)
        with np.errstate(all="ignore"):
            moved, _ = run.optimizer.update(rest, gradient, run.optimizer.initial(rest), 0)
            wrong = moved * np.sign(gradient) > 0
        if wrong.any():
            size = np.where(wrong, np.abs(gradient), -1)
            row, column = (int(k) for k in np.unravel_index(size.argmax(), size.shape))
            cell = Cell(parameter, (row, column), position)
            along.append((float(size[row, column]), cell, float(moved[row, column])))
    if not along:
        return None
    _, cell, step = max(along, key=lambda each: each[0])
    return Wrong(run.step_at(position), cell, -step, step, 2.0)
