"""A run is a value: its frame at a position is a pure function of what it was made from."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from operator import eq, ne

import numpy as np

from engine.arrays import Array, matrix
from engine.batching import Batching
from engine.cache import Cache
from engine.edits import Edit, EditError
from engine.explain import Cell, Explanation, Factor, Origin
from engine.frame import Frame
from engine.network import Network, Shape
from engine.optimizers import Optimizer
from engine.steps import Step
from engine.timeline import CHECKPOINT_EVERY, Timeline

__all__ = ["CHECKPOINT_EVERY", "Edit", "EditError", "Frame", "NotComputedError", "Run"]

MOST_USERS = 4096


class NotComputedError(LookupError):
    """The tensor has no value at that position."""


class Run:
    """Layers, data, batches, loss, optimiser and edits, stepped by position.

    Args:
        network: With a loss.
        optimizer: How the parameters move.
        input: (samples, inputs), of the run's dtype.
        target: In any form that the loss takes.
        batching: Which rows an iteration lays in; all unless given.
        edits: In any order, under any names; of one cell at one position the last counts.
        key: Stands for all of the above but the edits, where runs share a cache.
        cache: Makes it faster and nothing else.

    Attributes:
        network: The layers and the loss.
        optimizer: How the parameters move.
        steps: The names of an iteration's steps.
        edits: Sorted, under canonical names, one a cell and position.

    Raises:
        ValueError: Shapes that do not fit, a target that the loss does not take.
        EditError: An edit of a cell that is not there at its position.
        KeyError: An edit of a tensor that is not there.
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        input: Array,
        target: Array,
        *,
        batching: Batching | None = None,
        edits: Sequence[Edit] = (),
        key: Hashable = None,
        cache: Cache | None = None,
    ) -> None:
        if network.loss is None:
            raise ValueError("loss: a run needs one, got none")
        input = matrix("input", input)
        if not len(input):
            raise ValueError("input: expected at least one sample, got none")
        for name, layer in network.named():
            for p in layer.parameters:
                if (found := vars(layer)[p].dtype) != input.dtype:
                    raise ValueError(f"{name}.{p}: expected {input.dtype}, as the input is, got {found}")
        outputs = network.shapes(len(input), input.shape[1], 1)["loss.dinput"][1]
        labels = network.loss.targets(target, outputs, input.dtype)
        if len(labels) != len(input):
            raise ValueError(f"target: expected {len(input)} rows, one a sample, got {len(labels)}")
        loss = network.loss.holding({"target": labels})
        batching = batching or Batching()
        cache = Cache() if cache is None else cache
        self.network = network
        self.optimizer = optimizer
        self._timeline = Timeline(network, loss, optimizer, input, batching, edits, key, cache)
        self.steps = tuple(step.name for step in self._timeline.steps)
        self.edits = self._timeline.edits

    @property
    def steps_per_iteration(self) -> int:
        """S."""
        return len(self.steps)

    def canonical(self, name: str) -> str:
        """The producer's name of a tensor.

        Raises:
            KeyError: There is no such tensor.
        """
        return self._timeline.canonical(name)

    def shapes(self) -> dict[str, Shape]:
        """Every tensor's shape in iteration 0, by canonical name."""
        return dict(self._timeline.shapes(0))

    def shape_at(self, name: str, position: int) -> Shape:
        """A tensor's shape at a position, computed or not: an epoch's last batch may be short."""
        return self._timeline.shape_at(name, position)

    def step_at(self, position: int) -> str:
        """The name of the step that leads to a position, from 1 on."""
        return self._timeline.step(position).name

    def written_at(self, name: str, position: int) -> int | None:
        """The position of the step that last wrote a tensor, edits aside; 0 for what was there at first."""
        return self._timeline.computed_at(name, position)

    def dtypes(self) -> dict[str, np.dtype[np.generic]]:
        """Every tensor's dtype."""
        data = self._timeline.data
        return {
            name: data["data.target" if name.endswith(".target") else "data.input"].dtype
            for name in self.shapes()
        }

    def frame(self, position: int) -> Frame:
        """All tensors right after the step of this position.

        Raises:
            ValueError: A negative position.
        """
        if position < 0:
            raise ValueError(f"position: expected at least 0, got {position}")
        return self._timeline.frame(position)

    def kept(self, position: int) -> Frame | None:
        """The same, where it need not be computed."""
        return self._timeline.kept(position)

    def otherwise(self, position: int, network: Network, optimizer: Optimizer) -> Frame:
        """The frame at a position, had another network run its iteration from where that began.

        Args:
            position: Of the iteration that led to it.
            network: With the same layers and head; what it holds is not read.
            optimizer: With the same state.
        """
        ours = self._timeline
        assert network.loss is not None, "a run has a loss"
        loss = network.loss.holding({"target": ours.loss.target})
        data = ours.data["data.input"]
        other = Timeline(network, loss, optimizer, data, ours.batching, self.edits, None, Cache())
        steps = self.steps_per_iteration
        start = self.frame(max(position - 1, 0) // steps * steps)
        other.adopt(start)
        if position % steps or not position:
            return other.frame(position)
        _, _, after = next(other.iterations(start, start.iteration + 1))
        return after

    def after(self, frame: Frame) -> Frame:
        """What this run's next step, and its edits there, make of a frame of any run with the same steps."""
        return self._timeline.advance(frame)

    def iterations(self, start: int | Frame, stop: int) -> Iterator[tuple[int, Frame, Frame]]:
        """Each iteration from start to before stop: its number, its last frame, and the one after its update.

        Nothing but checkpoints is kept on the way.

        Args:
            start: The first iteration, or the frame before it, which may be a `parcel`.
            stop: The iteration to end before.
        """
        return self._timeline.iterations(start, stop)

    def passes(self, start: int | Frame, stop: int) -> Iterator[tuple[Frame, ...]]:
        """The same, with all frames of each iteration, from its first step to its update."""
        return self._timeline.passes(start, stop)

    def checkpoint(self, iteration: int) -> Frame:
        """The nearest first frame, or parcel of one, at this iteration or before it, that is kept."""
        return self._timeline.checkpoint(iteration)

    def parcel(self, frame: Frame) -> Frame:
        """Of the first frame of an iteration what another process needs to go on from there."""
        return self._timeline.parcel(frame)

    def adopt(self, frame: Frame) -> None:
        """Take the first frame of an iteration, or a parcel of it, as a checkpoint."""
        self._timeline.adopt(frame)

    def alike_until(self, other: "Run") -> int | None:
        """The first position at which the two may part, by what they were made from; None: they are the same.

        Runs of one key part at the first edit that only one of them has.
        """
        if self._timeline.key != other._timeline.key:
            return 0
        return min((edit.position for edit in {*self.edits} ^ {*other.edits}), default=None)

    def fed_alike_from(self, other: "Run") -> int | None:
        """The position from which on every batch is the same in both; None where they are fed otherwise."""
        ours, theirs = self._timeline, other._timeline
        if ours.batching != theirs.batching:
            return None
        if not all(np.array_equal(ours.data[name], theirs.data[name]) for name in ours.data):
            return None
        edits = [
            edit for edit in {*self.edits} ^ {*other.edits} if edit.tensor.startswith(("data.", "batch."))
        ]
        lasting = any(edit.tensor in ours.data for edit in edits)
        return None if lasting else max((edit.position for edit in edits), default=0)

    def shares(
        self,
        position: int,
        gradient: str,
        rows: slice = slice(None),
        columns: slice = slice(None),
        samples: slice = slice(None),
    ) -> Array:
        """Each sample's share of `dense_1.dweight` or the like: (samples, rows, columns).

        Only what is asked for is formed, of what the step that wrote the gradient read; what a penalty adds
        is no sample's.

        Raises:
            KeyError: There is no such gradient of a parameter.
            NotComputedError: It has no value at this position.
        """
        layer, _, attribute = gradient.partition(".")
        part = dict(self.network.named())[layer]
        frame = self.frame(position)
        written = frame.computed_at[f"{layer}.{attribute}"]
        if written is None:
            raise NotComputedError(f"{gradient} has no value at position {position}")
        # An edit since then changed nothing of it.
        read = self.frame(written - 1)
        wires = ("input", "output", "dvalue")
        held = {name: self._kept(read, f"{layer}.{name}")[samples] for name in wires}
        held |= {name: self._kept(read, f"{layer}.{name}") for name in part.parameters}
        with np.errstate(all="ignore"):
            return part.holding(held).shares(attribute.removeprefix("d"), rows, columns)

    def _kept(self, frame: Frame, name: str) -> Array:
        array = frame.tensors[self.network.wire(name)]
        assert array is not None, "what a gradient is made of comes before it"
        return array

    def explain(self, cell: Cell) -> Explanation:
        """What a cell was made of, each factor's cells at the positions that wrote what the step read.

        Raises:
            KeyError: There is no such tensor.
            IndexError: There is no such cell.
            NotComputedError: It has no value at that position.
        """
        cell, value = self._found(cell)
        written, origin = self._written(cell)
        if origin is not None:
            return Explanation(cell, value, origin=origin)
        return replace(self._by_its_step(replace(cell, position=written)), cell=cell)

    def used_by(self, cell: Cell) -> list[Cell]:
        """The cells that read this value, each at the position that wrote it.

        The first 4,096 of them; of a cell of the data, those of its position's iteration.

        Raises:
            KeyError: There is no such tensor.
            IndexError: There is no such cell.
            NotComputedError: It has no value at that position.
        """
        cell, _ = self._found(cell)
        return list(islice(self._users(cell), MOST_USERS))

    def _found(self, cell: Cell) -> tuple[Cell, float]:
        name = self.canonical(cell.tensor)
        row, column = cell.index
        rows, columns = self._timeline.shape_at(name, _position(cell))
        if not (0 <= row < rows and 0 <= column < columns):
            raise IndexError(f"{name}[{row}, {column}]: expected an index below ({rows}, {columns})")
        array = self.frame(_position(cell)).tensors[name]
        if array is None:
            raise NotComputedError(f"{name} has no value at position {cell.position}")
        return replace(cell, tensor=name), float(array[row, column])

    def _written(self, cell: Cell) -> tuple[int, Origin | None]:
        """The position at which the cell got its value, and where from if no step computed it."""
        timeline = self._timeline
        computed = timeline.computed_at(cell.tensor, _position(cell))
        assert computed is not None
        edited = timeline.edits.last(cell, computed, _position(cell))
        if edited is not None:
            return edited, "edited"
        if cell.tensor in timeline.data:
            return 0, "data"
        return computed, self._origin(cell.tensor) if computed == 0 else None

    def _origin(self, tensor: str) -> Origin:
        name, _, attribute = tensor.partition(".")
        layer = dict(self.network.named())[name]
        return layer.origins.get(attribute, "initial")

    def _by_its_step(self, cell: Cell) -> Explanation:
        """A cell as the step of its position wrote it."""
        before = self.frame(_position(cell) - 1)
        step = self._timeline.step(_position(cell))
        iteration = before.position // self.steps_per_iteration
        with np.errstate(all="ignore"):
            explanation = step.explain(cell.tensor, cell.index, before.tensors, iteration)
        terms = tuple(
            replace(term, factors=tuple(self._placed(factor, step, cell) for factor in term.factors))
            for term in explanation.terms
        )
        return replace(explanation, cell=cell, terms=terms)

    def _placed(self, factor: Factor, step: Step, by: Cell) -> Factor:
        """The factor, its cells at the positions that wrote the values that the step read."""
        now = _position(by)
        placed: list[Cell] = []
        for cell in factor.cells:
            same_step = cell.tensor in step.writes and cell.tensor != by.tensor
            here = replace(cell, position=now if same_step else now - 1)
            if same_step and self._written(here)[1] == "edited":
                # What the step wrote there was overwritten at once: name what that was made of.
                factor = replace(factor, derived=True)
                placed += [c for t in self._by_its_step(here).terms for f in t.factors for c in f.cells]
            elif cell.tensor in self._timeline.data:
                # Data lasts: it is named where this iteration found it.
                placed.append(here)
            else:
                placed.append(replace(here, position=self._written(here)[0]))
        return replace(factor, cells=tuple(dict.fromkeys(placed)))

    def _users(self, cell: Cell) -> Iterator[Cell]:
        timeline = self._timeline
        start, origin = self._written(cell)
        if origin is None:
            # A step's other tensors read it as that step wrote it: the loss's mean its samples' losses.
            yield from self._users_at(start, cell, partial(ne, cell.tensor))
        if cell.tensor in timeline.data:
            start = max(start, _position(cell) // self.steps_per_iteration * self.steps_per_iteration)
        stop = start + self.steps_per_iteration
        edited = timeline.edits.next(cell, start)
        for position in range(start + 1, (stop if edited is None else min(stop, edited)) + 1):
            step = timeline.step(position)
            if cell.tensor in step.writes:
                yield from self._users_at(position, cell, partial(eq, cell.tensor))
                return
            yield from self._users_at(position, cell)

    def _users_at(self, position: int, cell: Cell, among: Callable[[str], bool] = bool) -> Iterator[Cell]:
        """The cells that the step of a position made of this one, among some of its tensors."""
        iteration = (position - 1) // self.steps_per_iteration
        shapes = self._timeline.shapes(iteration)
        for user in self._timeline.step(position).users(cell, iteration, shapes):
            if not among(user.tensor):
                continue
            if self._timeline.edits.last(user, position, position) is None:
                yield replace(user, position=position)
            else:
                # Overwritten at once: what the step made of it was made of this cell.
                yield from self._users_at(position, user, partial(ne, user.tensor))


def _position(cell: Cell) -> int:
    if cell.position is None:
        raise ValueError(f"{cell.tensor}: expected a position")
    return cell.position
