"""Frames by position: stepping, edits, and the bounded memory that makes a jump cheap.

position   0       1           …          S      S + 1
frame      ●───────●───────────…──────────●───────●────…
step         batch   forward:…   update     batch
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from engine.arrays import Array, frozen
from engine.batching import Batching
from engine.cache import Cache
from engine.edits import Edit, EditError, Edits
from engine.frame import Frame
from engine.losses import Loss
from engine.network import Network, Shape
from engine.optimizers import Optimizer
from engine.steps import Step, steps_of

FRAME_BYTES, ENTRY_BYTES, ARRAY_BYTES = 600, 110, 130
"""What a frame, a name in it and an array take beside the numbers, measured: of small runs it is the most."""

CHECKPOINT_EVERY = 64
"""Iterations from one kept start of an iteration to the next."""


class Timeline:
    """The frames of one run.

    Args:
        network: With `loss` at its end.
        loss: Holding the data's target.
        optimizer: How the parameters move.
        input: `data.input`.
        batching: Which rows an iteration lays in.
        edits: In any order, under any names; of one cell at one position the last counts.
        key: Stands for all of the above but the edits, where several share a cache.
        cache: Makes it faster and nothing else.

    Raises:
        EditError: An edit of a cell that is not there at its position.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        input: Array,
        batching: Batching,
        edits: Sequence[Edit],
        key: Hashable,
        cache: Cache,
    ) -> None:
        self.network = network
        self.loss = loss
        self.optimizer = optimizer
        self.batching = batching
        self.data = {
            "data.input": frozen(np.array(input, order="C")),
            "data.target": frozen(np.array(loss.target, order="C")),
        }
        self._initial = self.data | self._parameters()
        self.steps = steps_of(network, loss, self._rows, optimizer)
        self.lasting = self.data.keys() | self.steps[-1].writes
        self._writer = {name: n for n, step in enumerate(self.steps, 1) for name in step.writes}
        self.key = object() if key is None else key
        self._cache = cache
        self._shapes: dict[int, dict[str, Shape]] = {}
        last = {
            (e.position, self.canonical(e.tensor), e.index): (number, e.value)
            for number, e in enumerate(edits)
        }
        self.edits = Edits(
            self._numbered(number, Edit(*where, value)) for where, (number, value) in last.items()
        )
        self._data_edited = any(edit.tensor in self.data for edit in self.edits)

    def __len__(self) -> int:
        """Steps an iteration."""
        return len(self.steps)

    def canonical(self, name: str) -> str:
        """The producer's name of a tensor.

        Raises:
            KeyError: There is no such tensor.
        """
        wire = self.network.wire(name)
        if wire not in self.shapes(0):
            raise KeyError(name)
        return wire

    def step(self, position: int) -> Step:
        """The step that leads to a position."""
        return self.steps[(position - 1) % len(self)]

    def shapes(self, iteration: int) -> dict[str, Shape]:
        """Every tensor's shape in an iteration: an epoch's last batch may be short."""
        samples, inputs = self.data["data.input"].shape
        columns = self.data["data.target"].shape[1]
        n = self.batching.count(samples, iteration)
        if n not in self._shapes:
            batch = self.network.shapes(n, inputs, columns)
            state = {
                f"{p}.{name}": batch[p] for p in self.network.parameters for name in self.optimizer.state
            }
            data = {"data.input": (samples, inputs), "data.target": (samples, columns)}
            self._shapes[n] = data | batch | state
        return self._shapes[n]

    def shape_at(self, name: str, position: int) -> Shape:
        """A tensor's shape at a position: after an update the batch of the iteration before still stands."""
        return self.shapes(max(position - 1, 0) // len(self))[name]

    def computed_at(self, name: str, position: int) -> int | None:
        """The position of the step that last wrote a tensor, edits aside; 0 for what was there at first."""
        iteration, step = divmod(position, len(self))
        if name in self.data:
            return 0
        if name not in self._writer:
            return None
        if name in self.lasting:
            return iteration * len(self)
        if step == 0:
            iteration, step = iteration - 1, len(self)
        written = self._writer[name]
        return iteration * len(self) + written if iteration >= 0 and step >= written else None

    def frame(self, position: int) -> Frame:
        """All tensors right after the step of this position."""
        iteration, step = divmod(position, len(self))
        return self._iteration(iteration)[step]

    def kept(self, position: int) -> Frame | None:
        """The same, where it need not be computed."""
        iteration, step = divmod(position, len(self))
        frames: tuple[Frame, ...] | None = self._cache.get(self._iteration_key(iteration))
        return None if frames is None else frames[step]

    def iterations(self, start: int | Frame, stop: int) -> Iterator[tuple[int, Frame, Frame]]:
        """Each iteration's number, its last frame, and the one after its update; checkpoints are kept."""
        for *_, before, after in self.passes(start, stop):
            yield before.iteration, before, after

    def passes(self, start: int | Frame, stop: int) -> Iterator[tuple[Frame, ...]]:
        """The frames of each iteration, from its first step to its update; checkpoints are kept."""
        frame = self._reached(start) if isinstance(start, int) else self._unpacked(start)
        for _ in range(frame.iteration, stop):
            made = []
            for _ in range(len(self)):
                frame = self.advance(frame)
                made.append(frame)
            self._keep(frame)
            yield tuple(made)

    def adopt(self, frame: Frame) -> None:
        """Keep the first frame of an iteration, a parcel or a whole one."""
        self._put(self._unpacked(frame))

    def parcel(self, frame: Frame) -> Frame:
        """Of the first frame of an iteration what that iteration reads, but for the data that the run has."""
        frame = self._lean(frame)
        if self._data_edited:
            return frame
        tensors = {name: array for name, array in frame.tensors.items() if name not in self.data}
        return replace(frame, tensors=MappingProxyType(tensors))

    def _unpacked(self, frame: Frame) -> Frame:
        if self._data_edited:
            return frame
        return replace(frame, tensors=MappingProxyType({**self.data, **frame.tensors}))

    def _lean(self, frame: Frame) -> Frame:
        """Without what the next step, `batch`, sets to null anyway: a hundredth of the bytes, often."""
        tensors = {name: array if name in self.lasting else None for name, array in frame.tensors.items()}
        computed_at = {name: at if name in self.lasting else None for name, at in frame.computed_at.items()}
        return replace(
            frame,
            tensors=MappingProxyType(tensors),
            computed_at=MappingProxyType(computed_at),
            accuracy=None,
        )

    def _rows(self, iteration: int) -> Array:
        return self.batching.rows(len(self.data["data.input"]), iteration)

    def _iteration(self, iteration: int) -> tuple[Frame, ...]:
        key = self._iteration_key(iteration)
        frames: tuple[Frame, ...] | None = self._cache.get(key)
        if frames is None:
            made = [self._start(iteration)]
            while len(made) < len(self):
                made.append(self.advance(made[-1]))
            frames = tuple(made)
            self._cache.put(key, frames, self._size(frames))
        return frames

    def _start(self, iteration: int) -> Frame:
        """The frame before an iteration's first step, whole: where a lean one is kept, from one before it."""
        frame = self._reached(iteration)
        if iteration and frame.loss is None:
            frame = self._replayed(self.checkpoint(iteration - 1), iteration)
        return frame

    def _reached(self, iteration: int) -> Frame:
        """The same, whole or lean, from the nearest that is kept."""
        return self._replayed(self.checkpoint(iteration), iteration)

    def _replayed(self, frame: Frame, iteration: int) -> Frame:
        for _ in range(frame.position, iteration * len(self)):
            frame = self.advance(frame)
            self._keep(frame)
        return frame

    def _keep(self, frame: Frame) -> None:
        """Keep the first frame of some iterations, so that no jump replays more than lies between them."""
        if frame.position % (CHECKPOINT_EVERY * len(self)) == 0:
            self._put(self._lean(frame))

    def _put(self, frame: Frame) -> None:
        self._cache.put(self._start_key(frame.iteration), frame, self._size((frame,)))

    def checkpoint(self, iteration: int) -> Frame:
        """The nearest first frame of an iteration, at this one or before it, that is kept."""
        before = self._cache.get(self._iteration_key(iteration - 1)) if iteration else None
        if before is not None:
            return self.advance(before[-1])
        regular = range(iteration - iteration % CHECKPOINT_EVERY, 0, -CHECKPOINT_EVERY)
        for kept in (iteration, *regular):
            frame: Frame | None = self._cache.get(self._start_key(kept))
            if frame is not None:
                return frame
        return self._first()

    def _iteration_key(self, iteration: int) -> Hashable:
        return self.key, "iteration", iteration, self.edits.until((iteration + 1) * len(self) - 1)

    def _start_key(self, iteration: int) -> Hashable:
        return self.key, "start", iteration, self.edits.until(iteration * len(self))

    def _first(self) -> Frame:
        tensors: dict[str, Array | None] = {**dict.fromkeys(self.shapes(0)), **self._initial}
        computed_at = {name: None if array is None else 0 for name, array in tensors.items()}
        return self._framed(0, None, tensors, computed_at, None)

    def _parameters(self) -> dict[str, Array]:
        """Copies of the parameters, and the optimiser's state, as they are now."""
        found: dict[str, Array] = {}
        for name, layer in self.network.named():
            for p in layer.parameters:
                parameter = np.array(vars(layer)[p], order="C")
                found[f"{name}.{p}"] = frozen(parameter)
                for key, array in self.optimizer.initial(parameter).items():
                    found[f"{name}.{p}.{key}"] = frozen(array)
        return found

    def advance(self, frame: Frame) -> Frame:
        """The next frame. It shares with this one every array that its step does not write."""
        position = frame.position + 1
        step = self.step(position)
        tensors, computed_at, accuracy = dict(frame.tensors), dict(frame.computed_at), frame.accuracy
        # An exploding network is something to look at, not an error.
        with np.errstate(all="ignore"):
            written = step.run(tensors, frame.position // len(self))
        if step.name == "batch":
            gone = tensors.keys() - self.lasting
            tensors |= dict.fromkeys(gone)
            computed_at |= dict.fromkeys(gone)
            accuracy = None
        tensors |= {name: frozen(array) for name, array in written.items()}
        computed_at |= dict.fromkeys(written, position)
        if step.name == "loss":
            prediction, target = tensors[self.network.prediction], tensors["batch.target"]
            assert prediction is not None
            assert target is not None
            accuracy = self.loss.accuracy(prediction, target)
        return self._framed(position, step.name, tensors, computed_at, accuracy)

    def _framed(
        self,
        position: int,
        step: str | None,
        tensors: dict[str, Array | None],
        computed_at: dict[str, int | None],
        accuracy: float | None,
    ) -> Frame:
        for edit in self.edits.at(position):
            array = np.array(tensors[edit.tensor])
            array[edit.index] = edit.value
            tensors[edit.tensor], computed_at[edit.tensor] = frozen(array), position
        frozen_tensors = MappingProxyType(tensors)
        iteration = position // len(self)
        return Frame(position, step, iteration, frozen_tensors, MappingProxyType(computed_at), accuracy)

    def _numbered(self, number: int, edit: Edit) -> Edit:
        try:
            return self._checked(edit)
        except ValueError as error:
            raise EditError(number, str(error)) from None

    def _checked(self, edit: Edit) -> Edit:
        name, (row, column) = edit.tensor, edit.index
        where = f"{name}[{row}, {column}]"
        if edit.position < 0:
            raise ValueError(f"position: expected at least 0, got {edit.position}")
        rows, columns = self.shape_at(name, edit.position)
        if not (0 <= row < rows and 0 <= column < columns):
            raise ValueError(f"{where}: expected an index below ({rows}, {columns})")
        if self.computed_at(name, edit.position) is None:
            raise ValueError(f"{where}: has no value at position {edit.position} to be edited")
        with np.errstate(over="ignore"):
            kept = self.data["data.input"].dtype.type(edit.value)
        if not np.isfinite(kept):
            raise ValueError(f"{where}: expected a finite number, got {edit.value}")
        if name.endswith(".target"):
            # In float64, so that no label wraps or is cut off before it is looked at.
            patched = self.loss.target[:1].astype(np.float64)
            patched[0, column] = edit.value
            outputs = self.shapes(0)["loss.dinput"][1]
            try:
                self.loss.targets(patched, outputs, self.data["data.input"].dtype)
            except ValueError as error:
                raise ValueError(f"{where}: {str(error).partition(': ')[2]}") from None
        return edit

    def _size(self, frames: Sequence[Frame]) -> int:
        """Bytes of these frames; the data, which every frame of the run holds, are not theirs."""
        shared = {id(array) for array in self.data.values()}
        held = {
            id(array): array.nbytes
            for frame in frames
            for array in frame.tensors.values()
            if array is not None and id(array) not in shared
        }
        names = sum(len(frame.tensors) for frame in frames)
        beside = FRAME_BYTES * len(frames) + ENTRY_BYTES * names + ARRAY_BYTES * len(held)
        return beside + sum(held.values())
