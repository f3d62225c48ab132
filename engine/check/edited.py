"""Which gradients an edit in mid-pass leaves as those of no function.

What was overwritten is not what its step made of its input, and the backward pass knows nothing of it. So
what the edit came between cannot be compared; all else can.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from engine.check.columns import elementwise
from engine.edits import Edit
from engine.run import Run

Mask = npt.NDArray[np.bool_]
Part = tuple[str, int | slice, int | slice]
ALL = slice(None)


def edited(run: Run, position: int) -> dict[str, Mask]:
    """The cells of each gradient that an edit of the same iteration, up to this position, came between."""
    start = position // run.steps_per_iteration * run.steps_per_iteration
    masks: dict[str, Mask] = {}
    for edit in run.edits:
        if not start < edit.position <= position:
            continue
        for name, row, column in _reached(run, edit, edit.position - start):
            written = run.written_at(name, position)
            if written is None or (written <= edit.position and name != edit.tensor):
                continue
            masks.setdefault(name, np.zeros(run.shape_at(name, position), np.bool_))[row, column] = True
    return masks


def _reached(run: Run, edit: Edit, step: int) -> Iterator[Part]:
    """The cells behind an edit that is made after so many steps of the iteration."""
    names = run.network.names
    layers = len(names)
    gradients = [*(f"{name}.dinput" for name in names), "loss.dinput"]
    wires = ["batch.input", *(f"{name}.output" for name in names)]
    parameters = {
        f"{name}.{p}": number
        for number, (name, layer) in enumerate(run.network.named())
        for p in layer.parameters
    }
    row, column = edit.index
    if edit.tensor in gradients:
        place = gradients.index(edit.tensor)
        yield edit.tensor, row, column
        yield from _behind(run, place, row, slice(column, column + 1))
    elif edit.tensor in wires:
        place = wires.index(edit.tensor)
        if step > place + 1:
            # The layer behind it has read another value forward than it reads backward.
            yield from _behind(run, place + 1, row, ALL)
        yield from _behind(run, place, row, slice(column, column + 1))
    elif edit.tensor in parameters and step > (number := parameters[edit.tensor]) + 1:
        yield from _behind(run, number + 1, ALL, ALL)
    elif edit.tensor == "batch.target" and step > layers + 1:
        yield gradients[-1], row, ALL
        yield from _behind(run, layers, row, ALL)
    elif edit.tensor.partition(".")[2] in ("dweight", "dbias"):
        yield edit.tensor, row, column


def _behind(run: Run, place: int, row: int | slice, columns: slice) -> Iterator[Part]:
    """All gradients that are computed from these cells of the gradient at a place."""
    for name, layer in reversed(run.network.named()[:place]):
        yield from ((f"{name}.d{p}", ALL, columns) for p in layer.parameters)
        if not elementwise(layer):
            columns = ALL
        yield f"{name}.dinput", row, columns
