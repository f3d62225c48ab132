"""Every gradient of an iteration, found by differences too.

The loss is computed anew with one cell moved a little to either side, by the same operations that the forward
pass runs. What moved is followed no further back than it must be: a weight moves one column of its layer's
output, a cell of a wire moves one sample.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.check.differences import CENTRAL, LEFT, RIGHT, Moved, Stencil
from engine.check.edited import edited
from engine.check.moving import Moving
from engine.check.rerun import Rerun, there
from engine.check.result import REASONS, Check, Difference, Reasons, Slopes, compared
from engine.layers import Dense, ReLU
from engine.penalties import Penalty
from engine.run import Frame, Run
from engine.steps import PENALTY


def check(run: Run, position: int) -> dict[str, Check]:
    """Every gradient that has been computed at a position, by the tensor that it is a gradient of.

    See `checks`.
    """
    return dict(checks(run, position))


def checks(
    run: Run, position: int, tensor: str | None = None, columns: slice = slice(None)
) -> Iterator[tuple[str, Check]]:
    """The same one after the other, in the order of a backward pass.

    Args:
        run: Of float64: differences of float32 losses say little.
        position: Right after an update the gradients are the old parameters', and are checked with these.
        tensor: The canonical name of the only one wanted.
        columns: The only ones wanted of each.

    Raises:
        ValueError: The run is of another dtype.
    """
    frame = _frame(run, position)
    names = work(run, position)
    if not names:
        return
    pass_ = _Pass(run, frame)
    for name in names:
        if tensor in (None, name):
            with np.errstate(all="ignore"):
                yield name, pass_.check(name, columns)


def difference(run: Run, position: int, tensor: str, index: tuple[int, int]) -> Difference:
    """One cell's gradient by differences: how far the cell was moved, and what the loss made of it.

    Args:
        run: Of float64.
        position: As for `checks`.
        tensor: The canonical name of a gradient that is computed.
        index: The cell.

    Raises:
        ValueError: The run is of another dtype.
    """
    with np.errstate(all="ignore"):
        return _Pass(run, _frame(run, position)).difference(tensor, index)


def _frame(run: Run, position: int) -> Frame:
    if run.dtypes()["data.input"] != np.float64:
        raise ValueError("dtype: expected float64, whose differences can be told from rounding")
    return run.frame(_before_update(run, position))


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
        after_loss = run.frame(frame.iteration * run.steps_per_iteration + layers + 2)
        self._rerun = Rerun(run, after_loss)
        self._n = len(self._rerun.target)
        self._penalty = after_loss.tensors.get(PENALTY)
        self._names = run.network.names
        self._edited = edited(run, frame.position)

    def check(self, name: str, columns: slice = slice(None)) -> Check:
        """One of the gradients, or these columns of it."""
        found = self._moving(name).slopes(columns, self._n)
        return self._compared(name, found).part(columns)

    def difference(self, name: str, index: tuple[int, int]) -> Difference:
        """How one cell of it is found by differences."""
        moving = self._moving(name)
        found, points = moving.difference(index, self._n)
        one = self._compared(name, found)
        loss = self._rerun.losses.sum() / self._n + (0 if self._penalty is None else self._penalty.sum())
        return Difference(
            moving.name,
            float(loss),
            points,
            float(one.numeric[index]),
            float(one.analytic[index]),
            float(one.error[index]),
            REASONS[one.reason[index]],
        )

    def _compared(self, name: str, found: Slopes) -> Check:
        one = compared(found, there(self._frame, name))
        return one.without(self._edited[name], "edited") if name in self._edited else one

    def _moving(self, name: str) -> Moving:
        layer, _, attribute = name.partition(".")
        if attribute == "dinput":
            return self._wire(self._rerun.gradients.index(name))
        return self._parameter(self._names.index(layer), attribute.removeprefix("d"))

    def _wire(self, place: int) -> Moving:
        """Each cell moves its own sample and no other."""
        rerun = self._rerun
        wire = rerun.wires[place]
        columns = wire.shape[1]

        def move(stencil: Stencil, cells: Array, step: float) -> Moved:
            rows, across = np.divmod(cells, columns)
            moved = np.tile(wire[rows], (len(stencil.shifts), 1, 1))
            moved[:, np.arange(len(cells)), across] += stencil.shifts[:, None] * step
            samples = np.tile(rows, len(stencil.shifts))
            found, reason = rerun.onward(place, moved.reshape(-1, columns), samples)
            shape = (len(stencil.shifts), len(cells))
            still, rounding = (of[rows, None] for of in (rerun.losses, rerun.rounding))
            return Moved(found.reshape(*shape, 1), still, rounding, reason.reshape(shape).max(axis=0))

        layer = rerun.layers[place] if place < len(rerun.layers) else None
        corner = (RIGHT if layer.at_zero else LEFT) if isinstance(layer, ReLU) else None
        return Moving(
            rerun.names[place], wire, move, max(1, rerun.rows(place) // len(CENTRAL.shifts)), corner=corner
        )

    def _parameter(self, number: int, parameter: str) -> Moving:
        """Each cell moves one column of its layer's output."""
        rerun = self._rerun
        layer, input = rerun.layers[number], rerun.wires[number]
        assert isinstance(layer, Dense), "no other layer has parameters"
        n = len(input)
        array = vars(layer)[parameter]

        def move(stencil: Stencil, cells: Array, step: float) -> Moved:
            shifts = stencil.shifts
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

        at_once = max(1, rerun.rows(number + 1) // (len(CENTRAL.shifts) * n))
        name = f"{self._names[number]}.{parameter}"
        # What moves the same column is run on faster, where it is not too little by itself.
        return Moving(name, array, move, at_once, in_columns=4 * len(array) > at_once)


def _penalised(penalty: Penalty, before: Array, moved: Array) -> tuple[Array, Reasons]:
    """What the moved weights cost, one a row, and whether |w| has its kink on the way."""
    cost = np.array([penalty.value(np.full((1, 1), w))[0] for w in moved])
    kink = (np.sign(moved) != np.sign(before)) & (penalty.l1 > 0)
    return cost, kink.astype(np.int8)
