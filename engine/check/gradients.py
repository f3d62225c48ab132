"""Every gradient of an iteration, found by differences too.

The loss is computed anew with one cell moved a little to either side, by the same operations that the forward
pass runs. What moved is followed no further back than it must be: a weight moves one column of its layer's
output, a cell of a wire moves one sample.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.check.differences import CENTRAL, LEFT, RIGHT, Moved, Stencil, slopes
from engine.check.edited import edited
from engine.check.rerun import Rerun, there
from engine.check.result import Check, Reasons, Slopes, compared
from engine.layers import Dense, ReLU
from engine.penalties import Penalty
from engine.run import Frame, Run


def check(run: Run, position: int) -> dict[str, Check]:
    """Every gradient that has been computed at a position, by the tensor that it is a gradient of.

    See `checks`.
    """
    return dict(checks(run, position))


def checks(run: Run, position: int, tensor: str | None = None) -> Iterator[tuple[str, Check]]:
    """The same one after the other, in the order of a backward pass.

    Args:
        run: Of float64: differences of float32 losses say little.
        position: Right after an update the gradients are the old parameters', and are checked with these.
        tensor: The canonical name of the only one wanted.

    Raises:
        ValueError: The run is of another dtype.
    """
    if run.dtypes()["data.input"] != np.float64:
        raise ValueError("dtype: expected float64, whose differences can be told from rounding")
    frame = run.frame(_before_update(run, position))
    names = work(run, position)
    if not names:
        return
    pass_ = _Pass(run, frame)
    for name in names:
        if tensor in (None, name):
            with np.errstate(all="ignore"):
                yield name, pass_.check(name)


def work(run: Run, position: int) -> dict[str, int]:
    """What there is to be checked at a position, in the order of a backward pass, and what each costs.

    That is how many samples are run on from where a cell is moved; a cell whose step must be made smaller is
    moved again.
    """
    frame = run.frame(_before_update(run, position))
    n = len(frame.tensors["batch.input"]) if frame.tensors["batch.input"] is not None else 0
    points = len(CENTRAL.shifts)
    costs: dict[str, int] = {}
    for name in ("loss.dinput", *_backward(run)):
        array = frame.tensors.get(name)
        if array is not None:
            costs[name] = points * array.size * (1 if name.endswith(".dinput") else n)
    return costs


def _before_update(run: Run, position: int) -> int:
    return position - 1 if position and position % run.steps_per_iteration == 0 else position


def _backward(run: Run) -> Iterator[str]:
    for name, layer in reversed(run.network.named()):
        yield from (f"{name}.d{p}" for p in (*layer.parameters, "input"))


class _Pass:
    """One iteration."""

    def __init__(self, run: Run, frame: Frame) -> None:
        self._frame = frame
        layers = len(run.network.layers)
        self._rerun = Rerun(run, run.frame(frame.iteration * run.steps_per_iteration + layers + 2))
        self._number = {name: number for number, name in enumerate(run.network.names)}
        self._edited = edited(run, frame.position)

    def check(self, name: str) -> Check:
        """One of the gradients."""
        layer, _, attribute = name.partition(".")
        if attribute == "dinput":
            found = self._of_wire(self._rerun.gradients.index(name))
        else:
            found = self._of_parameter(name, self._number[layer], attribute.removeprefix("d"))
        return found.without(self._edited[name], "edited") if name in self._edited else found

    def _of_wire(self, place: int) -> Check:
        """Each cell moves its own sample and no other."""
        rerun = self._rerun
        wire = rerun.wires[place]
        columns = wire.shape[1]
        at_once = max(1, rerun.rows(place) // len(CENTRAL.shifts))

        def slopes_of(stencil: Stencil, cells: Array) -> Slopes:
            def move(cells: Array, step: float) -> Moved:
                rows, across = np.divmod(cells, columns)
                moved = np.tile(wire[rows], (len(stencil.shifts), 1, 1))
                moved[:, np.arange(len(cells)), across] += stencil.shifts[:, None] * step
                samples = np.tile(rows, len(stencil.shifts))
                found, reason = rerun.onward(place, moved.reshape(-1, columns), samples)
                shape = (len(stencil.shifts), len(cells))
                still, rounding = (of[rows, None] for of in (rerun.losses, rerun.rounding))
                return Moved(found.reshape(*shape, 1), still, rounding, reason.reshape(shape).max(axis=0))

            return slopes(stencil, [cells], at_once, move, wire.size, len(wire))

        found = slopes_of(CENTRAL, np.arange(wire.size))
        layer = rerun.layers[place] if place < len(rerun.layers) else None
        if isinstance(layer, ReLU) and (corner := wire.ravel() == 0).any():
            # Exactly in the corner the slope is one side's, by convention.
            side = slopes_of(RIGHT if layer.at_zero else LEFT, np.flatnonzero(corner))
            found = found.within(side, corner)
        return compared(found, there(self._frame, rerun.gradients[place]))

    def _of_parameter(self, name: str, number: int, parameter: str) -> Check:
        """Each cell moves one column of its layer's output."""
        rerun = self._rerun
        layer, input = rerun.layers[number], rerun.wires[number]
        assert isinstance(layer, Dense), "no other layer has parameters"
        n = len(input)
        array = vars(layer)[parameter]
        shifts = CENTRAL.shifts

        def move(cells: Array, step: float) -> Moved:
            rows, units = np.divmod(np.tile(cells, len(shifts)), array.shape[1])
            moves = np.repeat(shifts * step, len(cells))
            column = {p: vars(layer)[p][:, units] for p in layer.parameters}
            before = column[parameter][rows, variants := np.arange(len(units))]
            column[parameter][rows, variants] += moves
            found, reason = rerun.columns_onward(number + 1, units, layer.holding(column).forward(input))
            why = reason.max(axis=1)
            still, rounding = rerun.losses[None, :], rerun.rounding[None, :]
            if layer.penalty and parameter == "weight":
                cost, kink = _penalised(layer.penalty, before, before + moves)
                none, _ = _penalised(layer.penalty, before[: len(cells)], before[: len(cells)])
                found = np.hstack([found, n * cost])
                still = np.hstack([np.tile(still, (len(cells), 1)), n * none])
                rounding = np.append(rounding, [[0.0]], axis=1)
                why = np.maximum(why, kink)
            shape = (len(shifts), len(cells))
            losses = found.reshape(*shape, -1)
            return Moved(losses, still, rounding, why.reshape(shape).max(axis=0))

        at_once = max(1, rerun.rows(number + 1) // (len(shifts) * n))
        grid = np.arange(array.size).reshape(array.shape).T
        # What moves the same column is run on faster, where it is not too little by itself.
        blocks = grid if 4 * len(array) > at_once else [grid.ravel()]
        found = slopes(CENTRAL, blocks, at_once, move, array.size, n)
        return compared(found, there(self._frame, name))


def _penalised(penalty: Penalty, before: Array, moved: Array) -> tuple[Array, Reasons]:
    """What the moved weights cost, one a row, and whether |w| has its kink on the way."""
    cost = np.array([penalty.value(np.full((1, 1), w))[0] for w in moved])
    kink = (np.sign(moved) != np.sign(before)) & (penalty.l1 > 0)
    return cost, kink.astype(np.int8)
