"""When did it go wrong? The first NaN, Inf, dead ReLU and vanished gradient of a run, each with its cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.explain import Cell
from engine.layers import ReLU
from engine.run import Frame, Run

Kind = Literal["nan", "inf", "dead", "vanished"]

VANISHED = 1e-6
"""A layer's dweight this much smaller than the largest of its iteration teaches it next to nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found first of its kind.

    Attributes:
        kind: A NaN or Inf; a ReLU unit whose output is 0 for the whole batch; a dweight whose norm is below
            `VANISHED` times the largest one's.
        cell: Where, at the position of the step that made it so.
    """

    kind: Kind
    cell: Cell


def autopsy(run: Run, stop: int) -> list[Finding]:
    """The first of each kind in iterations below stop, in the order in which they appeared."""
    found: dict[Kind, Finding] = {}
    for _, before, after in run.iterations(0, stop):
        for frame in (before, after):
            for kind, cell in _signs(run, frame):
                found.setdefault(kind, Finding(kind, cell))
        if len(found) == 4:
            break
    return sorted(found.values(), key=lambda one: one.cell.position or 0)


def _signs(run: Run, frame: Frame) -> Iterator[tuple[Kind, Cell]]:
    there = {name: array for name, array in frame.tensors.items() if array is not None}
    # In the order in which the steps wrote them: the first is where it began.
    written = sorted(there, key=lambda name: frame.computed_at[name] or 0)
    for name in written:
        array = there[name]
        if np.isfinite(array).all():
            continue
        for kind, wrong in (("nan", np.isnan(array)), ("inf", np.isinf(array))):
            if wrong.any():
                yield kind, _cell(frame, name, wrong)  # type: ignore[misc]
    relus = [name for name, layer in run.network.named() if isinstance(layer, ReLU)]
    for name in relus:
        output = there.get(f"{name}.output")
        if output is not None and (dead := (output == 0).all(axis=0)).any():
            yield "dead", _cell(frame, f"{name}.output", dead[None, :])
    yield from _vanished(frame, {name: there[name] for name in written if name.endswith(".dweight")})


def _vanished(frame: Frame, gradients: dict[str, Array]) -> Iterator[tuple[Kind, Cell]]:
    norms = {name: float(np.linalg.norm(array)) for name, array in gradients.items()}
    largest = max(norms.values(), default=0.0)
    for name, norm in norms.items():
        if 0 <= norm < VANISHED * largest:
            size = np.abs(gradients[name])
            yield "vanished", _cell(frame, name, size == size.max())


def _cell(frame: Frame, name: str, wrong: Array) -> Cell:
    row, column = (int(k) for k in np.argwhere(wrong)[0])
    return Cell(name, (row, column), frame.computed_at[name])
