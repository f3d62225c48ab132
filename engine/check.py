"""Numeric gradients of everything: is the analytic one right, cell by cell?

The loss is computed anew with one cell moved a little to either side, by the same operations that the forward
pass runs. What moved is followed no further back than it must be: a weight moves one column of its layer's
output, a cell of a wire moves one sample.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.layers import Dense, Layer, ReLU
from engine.losses import FusedHead, Loss
from engine.losses.base import clipped
from engine.run import Frame, Run
from engine.steps import gradient_of

Reason = Literal["compared", "kink", "clipped", "rounding"]
REASONS: tuple[Reason, ...] = ("compared", "kink", "clipped", "rounding")

SHIFTS = np.array([-2.0, -1.0, 1.0, 2.0])
WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12
"""f' ≈ (f(−2h) − 8f(−h) + 8f(h) − f(2h)) / 12h, with an error that shrinks as h⁴."""

FIRST_STEP = 2.0**-8
SMALLER = 2.0**-3
TRIES = 8
STRAIGHT = 1e-4
"""A slope over 2h that differs from that over 4h by less than this share is straight enough: the four points
together are then off by about its square."""

ROUNDING = 1e7
"""Both gradients below this many rounding errors of the loss over 2h say nothing of each other."""

ROWS = 4096
"""Samples run on at once, so that what they carry stays in the cache."""


@dataclass(frozen=True, slots=True)
class Check:
    """One tensor's gradient, found twice.

    Attributes:
        numeric: By differences, in the tensor's shape.
        analytic: By the backward pass.
        error: |numeric − analytic| / the larger of the two; 0 where both are 0, NaN where not comparable.
        reason: An index into `REASONS` a cell: 0 where the two were compared.
    """

    numeric: Array
    analytic: Array
    error: Array
    reason: npt.NDArray[np.int8]

    @property
    def worst(self) -> float:
        """The largest error of what was compared; 0 where nothing was."""
        compared = self.error[self.reason == 0]
        return float(compared.max()) if compared.size else 0.0


def check(run: Run, position: int) -> dict[str, Check]:
    """Every gradient that has been computed at a position, by the tensor that it is a gradient of.

    Args:
        run: Of float64: differences of float32 losses say little.
        position: Right after an update the gradients are the old parameters', and are checked with these.

    Raises:
        ValueError: The run is of another dtype.
    """
    steps = run.steps_per_iteration
    frame = run.frame(position - 1 if position and position % steps == 0 else position)
    if run.dtypes()["data.input"] != np.float64:
        raise ValueError("dtype: expected float64, whose differences can be told from rounding")
    if frame.loss is None:
        return {}
    with np.errstate(all="ignore"):
        return dict(_Pass(run, frame).checks())


Losses: TypeAlias = Callable[[Array, Array], tuple[Array, Array]]
"""(cells, steps) -> their losses (shifts, cells, samples), and why a cell's are none."""


class _Pass:
    """One iteration's forward pass, as a frame holds it, ready to be run on from any of its places."""

    def __init__(self, run: Run, frame: Frame) -> None:
        network = run.network
        assert network.loss is not None, "a run has a loss"
        self._frame = frame
        self._loss: Loss = network.loss
        self._names = network.names
        self._layers = [
            layer.holding({p: self._there(f"{name}.{p}") for p in layer.parameters})
            for name, layer in network.named()
        ]
        self._wires = ["batch.input", *(f"{name}.output" for name in network.names)]
        self._gradients = [f"{name}.dinput" for name in network.names] + ["loss.dinput"]
        if isinstance(self._loss, FusedHead):
            # The loss runs on from the last layer's input.
            self._layers.pop()
            self._wires.pop()
            self._gradients.pop()
        self._target = self._there("batch.target")
        start = frame.position // run.steps_per_iteration * run.steps_per_iteration
        self._patches = [edit for edit in run.edits if start < edit.position <= frame.position]

    def checks(self) -> Iterator[tuple[str, Check]]:
        """In the order of a backward pass."""
        for place in reversed(range(len(self._wires))):
            if self._has(self._gradients[place]):
                yield self._gradients[place], self._of_wire(place)
            layer = self._layers[place - 1] if place else None
            if isinstance(layer, Dense):
                names = [gradient_of(f"{self._names[place - 1]}.{p}") for p in layer.parameters]
                if all(map(self._has, names)):
                    yield from zip(names, self._of_parameters(place - 1, layer), strict=True)

    def _of_wire(self, place: int) -> Check:
        """Each cell moves its own sample and no other."""
        wire = self._there(self._wires[place])
        columns = wire.shape[1]

        def losses(cells: Array, steps: Array) -> tuple[Array, Array]:
            rows, across = np.divmod(cells, columns)
            moved = np.tile(wire[rows], (len(SHIFTS), 1, 1))
            moved[:, np.arange(len(cells)), across] += SHIFTS[:, None] * steps
            samples = np.tile(rows, len(SHIFTS))
            found, reason = self._onward(place, moved.reshape(-1, columns), samples)
            shape = (len(SHIFTS), len(cells))
            return found.reshape(*shape, 1), reason.reshape(shape).max(axis=0)

        chunks = _chunks(np.arange(wire.size), ROWS // len(SHIFTS))
        numeric, reason, bound = self._measured(list(chunks), losses, wire.size)
        shape = wire.shape
        analytic = self._there(self._gradients[place])
        return _compared(numeric.reshape(shape), analytic, reason.reshape(shape), bound.reshape(shape))

    def _of_parameters(self, number: int, layer: Dense) -> tuple[Check, Check]:
        """Each cell moves one column of its layer's output; the bias is a weight's last row."""
        input = self._there(self._wires[number])
        inputs, units = layer.weight.shape
        n = len(input)

        def losses(cells: Array, steps: Array) -> tuple[Array, Array]:
            rows, unit = cells // units, int(cells[0]) % units
            shifts = SHIFTS[:, None] * steps
            weight = np.repeat(layer.weight[:, unit, None], shifts.size, axis=1)
            bias = np.full((1, shifts.size), layer.bias[0, unit])
            extended = np.vstack([weight, bias])
            extended[np.tile(rows, len(SHIFTS)), np.arange(shifts.size)] += shifts.ravel()
            moved = layer.holding({"weight": extended[:-1], "bias": extended[-1:]})
            column, reason = moved.forward(input), np.zeros(shifts.size, np.int8)
            found, late = self._column_onward(number, unit, column)
            found = found.reshape(shifts.size, n)
            reason = np.maximum(reason, late.reshape(shifts.size, n).max(axis=1))
            if layer.penalty:
                cost, kink = _penalised(layer, rows, unit, shifts)
                found = np.hstack([found, n * cost.reshape(-1, 1)])
                reason = np.maximum(reason, kink.ravel())
            shape = (len(SHIFTS), len(cells))
            return found.reshape(*shape, -1), reason.reshape(shape).max(axis=0)

        at_once = max(1, ROWS // (len(SHIFTS) * n))
        grid = np.arange((inputs + 1) * units).reshape(inputs + 1, units)
        chunks = [part for unit in range(units) for part in _chunks(grid[:, unit], at_once)]
        found = (part.reshape(grid.shape) for part in self._measured(chunks, losses, grid.size))
        numeric, reason, bound = found
        name = self._names[number]
        return tuple(
            _compared(numeric[rows], self._there(f"{name}.{gradient}"), reason[rows], bound[rows])
            for gradient, rows in (("dweight", slice(inputs)), ("dbias", slice(inputs, None)))
        )  # type: ignore[return-value]

    def _measured(self, chunks: Sequence[Array], losses: Losses, count: int) -> tuple[Array, Array, Array]:
        """Each cell's numeric gradient, why it is none, and one rounding error of it."""
        numeric, bound = np.zeros(count), np.zeros(count)
        reason = np.zeros(count, np.int8)
        n = len(self._target)
        for chunk in chunks:
            cells, steps = chunk, np.full(len(chunk), FIRST_STEP)
            for _ in range(TRIES):
                found, why = losses(cells, steps)
                far, near, near_too, far_too = found - found.mean(axis=0)
                slope = (WEIGHTS[:, None, None] * np.stack([far, near, near_too, far_too])).sum(axis=(0, 2))
                numeric[cells] = slope / steps / n
                reason[cells] = why
                size = np.abs(found).max(axis=0).sum(axis=1)
                bound[cells] = np.finfo(np.float64).eps * size / (n * steps)
                straight = ((near_too - near) - (far_too - far) / 2).sum(axis=1) / 2 / steps / n
                bent = np.abs(straight) > STRAIGHT * np.abs(numeric[cells]) + 8 * bound[cells]
                again = bent | (why > 0)
                cells, steps = cells[again], steps[again] * SMALLER
                if not len(cells):
                    break
        return numeric, reason, bound

    def _column_onward(self, number: int, unit: int, column: Array) -> tuple[Array, Array]:
        """The losses of all samples with one column of a layer's output replaced, a variant a column."""
        n, variants = column.shape
        reason = np.zeros((n, variants), np.int8)
        place = number + 1
        samples = np.arange(n)
        self._patch(place, column, samples, unit)
        while place < len(self._layers) and _elementwise(self._layers[place]):
            layer = self._layers[place]
            if isinstance(layer, ReLU):
                reason |= _kinks(column, self._there(self._wires[place])[:, unit, None])
            column = layer.forward(column)
            place += 1
            self._patch(place, column, samples, unit)
        base = self._there(self._wires[place])
        whole = np.empty((base.shape[1], variants, n))
        whole[:] = base.T[:, None, :]
        whole[unit] = column.T
        found, late = self._onward(place, whole.reshape(len(whole), -1).T, np.tile(samples, variants))
        return found, np.maximum(late, reason.T.ravel())

    def _onward(self, place: int, wire: Array, samples: Array) -> tuple[Array, Array]:
        """The loss of each row of a wire, each the values of one of the samples, and why it may be none."""
        reason = np.zeros(len(wire), np.int8)
        for number in range(place, len(self._layers)):
            layer = self._layers[number]
            if isinstance(layer, ReLU):
                reason |= _kinks(wire, self._there(self._wires[number])[samples]).any(axis=1)
            # Feature by feature: a sum over a few features is then one over many samples at once.
            wire = np.asfortranarray(layer.forward(wire))
            self._patch(number + 1, wire, samples)
        target = self._target[samples]
        if clip := getattr(self._loss, "clip", 0):
            beyond = clipped(wire, clip) != wire
            if beyond.any():
                beyond &= wire != self._there(self._wires[-1])[samples]
                reason[self._counts(beyond, target, wire)] = REASONS.index("clipped")
        loss = self._loss.holding({})
        return loss.forward(wire, target)[:, 0], reason

    def _counts(self, beyond: Array, target: Array, prediction: Array) -> Array:
        """Whether a row's loss reads a probability that moved beyond its clip."""
        rows = np.asarray(beyond.any(axis=1))
        if self._loss.kind == "categorical_crossentropy" and target.shape[1] == 1 != prediction.shape[1]:
            rows = np.take_along_axis(beyond, target, axis=1)[:, 0]
        return rows

    def _patch(self, place: int, wire: Array, samples: Array, unit: int | None = None) -> None:
        """What an edit overwrote stays as it was overwritten."""
        for edit in self._patches:
            row, column = edit.index
            if edit.tensor != self._wires[place] or unit not in (None, column):
                continue
            wire[samples == row, slice(None) if unit is not None else column] = edit.value

    def _has(self, name: str) -> bool:
        return self._frame.tensors[name] is not None

    def _there(self, name: str) -> Array:
        array = self._frame.tensors[name]
        assert array is not None, "after step `loss` the forward pass is there"
        return array


def _compared(numeric: Array, analytic: Array, reason: Array, bound: Array) -> Check:
    larger = np.maximum(np.abs(numeric), np.abs(analytic))
    error = np.abs(numeric - analytic) / np.where(larger > 0, larger, 1)
    told = (reason == 0) & (larger > 0) & (larger < ROUNDING * bound)
    reason = np.where(told, REASONS.index("rounding"), reason).astype(np.int8)
    return Check(numeric, analytic, np.where(reason == 0, error, np.nan), reason)


def _penalised(layer: Dense, rows: Array, unit: int, shifts: Array) -> tuple[Array, Array]:
    """What the moved weights cost beside the data's loss, and whether |w| has its kink on the way."""
    known = rows < len(layer.weight)
    weight = np.where(known, layer.weight[np.minimum(rows, len(layer.weight) - 1), unit], 0)
    moved = np.where(known, weight + shifts, 0)
    cost = np.array([layer.penalty.value(np.full((1, 1), w))[0, 0] for w in moved.ravel()])
    kink = (np.sign(moved) != np.sign(weight)) & known & (layer.penalty.l1 > 0)
    return cost.reshape(shifts.shape), kink.astype(np.int8)


def _elementwise(layer: Layer) -> bool:
    rule = layer.rules["output"]
    return dict(rule.reads) == {"input": rule.produced}


def _kinks(wire: Array, before: Array) -> npt.NDArray[np.int8]:
    """Where a ReLU's input has left the side of zero that it is on."""
    kinks: npt.NDArray[np.int8] = (((wire > 0) != (before > 0)) | ((wire < 0) != (before < 0))).astype(
        np.int8
    )
    return kinks


def _chunks(cells: Array, size: int) -> Iterator[Array]:
    for first in range(0, len(cells), size):
        yield cells[first : first + size]
