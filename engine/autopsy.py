"""When did it go wrong? The first NaN, Inf, dead ReLU and vanished gradient of a run, each with its cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.explain import Cell
from engine.layers import Dense, ReLU
from engine.run import Frame, Run

Kind = Literal["nan", "inf", "dead", "vanished"]
KINDS: tuple[Kind, ...] = ("nan", "inf", "dead", "vanished")

VANISHED = 1e-2
"""A gradient that comes to a dense layer this much smaller than it came to the last one has next to vanished.

Six sigmoids as in the presets leave 0.8% of it, the other presets never less than half.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found first of its kind.

    Attributes:
        kind: A NaN or Inf; a ReLU unit that lets no gradient pass for the whole batch; the dvalue of a dense
            layer whose norm is a small share of the last one's.
        cell: Where, at the position of the step that made it so.
        cells: How many of the tensor are so: of a dead ReLU its units, of a vanished gradient all.
        share: Of a vanished gradient: its norm by that of the last dense layer's dvalue.
        until: Of a dead unit: the iteration in which it let one pass again; None: it was dead to the end.
    """

    kind: Kind
    cell: Cell
    cells: int
    share: float | None = None
    until: int | None = None


@dataclass(slots=True)
class Watch:
    """What has been found so far. It may go on in another process, where the one before ended.

    Attributes:
        vanished: The share below which a gradient counts as vanished.
        firsts: What was found first of each kind; of dead units, the first one at all.
        dead: The units that are dead now, by layer and number, each since when.
    """

    vanished: float = VANISHED
    firsts: dict[Kind, Finding] = field(default_factory=dict)
    dead: dict[tuple[str, int], Finding] = field(default_factory=dict)

    def see(self, run: Run, frames: Sequence[Frame]) -> None:
        """Take in the frames of an iteration, from its first step to its update."""
        with np.errstate(all="ignore"):
            self._see(run, frames)

    def _see(self, run: Run, frames: Sequence[Frame]) -> None:
        *earlier, before, after = frames
        # What an edit overwrites is no more there at the iteration's end.
        patched = [frame for frame in earlier if run.edits.at(frame.position + 1)]
        for frame in (*patched, before, after):
            self._seek_unfinite(frame, frames[0].position)
        if "vanished" not in self.firsts and (found := _vanished(run, before, self.vanished)):
            self.firsts["vanished"] = found
        self._seek_dead(run, before)

    @property
    def findings(self) -> list[Finding]:
        """In the order in which they appeared. A unit that stayed dead goes before one that came back."""
        lasting = min(self.dead.values(), key=_position, default=None)
        found = self.firsts if lasting is None else {**self.firsts, "dead": lasting}
        return sorted(found.values(), key=_position)

    def _seek_unfinite(self, frame: Frame, start: int) -> None:
        if "nan" in self.firsts and "inf" in self.firsts:
            return
        # In the order in which the steps wrote them: the first is where it began.
        for name, array in sorted(_suspects(frame, start), key=lambda one: frame.computed_at[one[0]] or 0):
            kinds: tuple[tuple[Kind, Array], ...] = (("nan", np.isnan(array)), ("inf", np.isinf(array)))
            for kind, wrong in kinds:
                if kind not in self.firsts and wrong.any():
                    self.firsts[kind] = Finding(kind, _cell(frame, name, wrong), int(wrong.sum()))

    def _seek_dead(self, run: Run, frame: Frame) -> None:
        now: dict[tuple[str, int], Finding] = {}
        for name, layer in run.network.named():
            if not isinstance(layer, ReLU):
                continue
            silent = np.flatnonzero(layer.silent(_input(run, frame, name))).tolist()
            for unit in silent:
                now[name, unit] = self.dead.get((name, unit)) or _dead(run, frame, name, unit, len(silent))
        # A NaN is no answer either.
        now |= {
            unit: since
            for unit, since in self.dead.items()
            if unit not in now and not _answers(run, frame, *unit)
        }
        if now:
            self.firsts.setdefault("dead", min(now.values(), key=_position))
        first = self.firsts.get("dead")
        if first is not None and first.until is None and first not in now.values():
            self.firsts["dead"] = replace(first, until=frame.iteration)
        self.dead = now


def autopsy(run: Run, stop: int, vanished: float = VANISHED) -> list[Finding]:
    """The first of each kind in iterations below stop, in the order in which they appeared."""
    watch = Watch(vanished)
    for frames in run.passes(0, stop):
        watch.see(run, frames)
    return watch.findings


def norms(run: Run, frame: Frame) -> dict[str, float]:
    """The Euclidean norm of the gradient that comes to each dense layer, by its wire, where it is there."""
    wires = [
        run.network.wire(f"{name}.dvalue") for name, layer in run.network.named() if isinstance(layer, Dense)
    ]
    there = {wire: frame.tensors.get(wire) for wire in wires}
    return {wire: norm(array) for wire, array in there.items() if array is not None}


def norm(array: Array) -> float:
    """√Σx², scaled by the largest where squares overflow or vanish."""
    flat = array.ravel()
    square = float(flat.dot(flat))
    if 1e-30 < square < 1e30:
        return float(np.sqrt(square))
    largest = float(np.abs(flat).max())
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(flat.astype(np.float64) / largest))


def _suspects(frame: Frame, start: int) -> Iterator[tuple[str, Array]]:
    """The tensors written since the iteration's start that are not finite."""
    for name, at in frame.computed_at.items():
        array = frame.tensors[name]
        if array is None or at is None or at < start or array.dtype.kind != "f":
            continue
        flat = array.ravel()
        # Squares overflow before their cells do, which are then looked at one by one.
        if not np.isfinite(flat.dot(flat)) and not np.isfinite(array).all():
            yield name, array


def _vanished(run: Run, frame: Frame, most: float) -> Finding | None:
    found = norms(run, frame)
    last = [*found.values()][-1] if found else 0.0
    if not 0 < last < np.inf:
        return None
    name = min(found, key=lambda name: found[name])
    if not found[name] < most * last:
        return None
    gradient = frame.tensors[name]
    assert gradient is not None
    size = np.abs(gradient)
    return Finding("vanished", _cell(frame, name, size == size.max()), size.size, found[name] / last)


def _dead(run: Run, frame: Frame, layer: str, unit: int, units: int) -> Finding:
    """The unit, in the sample that came nearest to waking it."""
    name, input = f"{layer}.output", _input(run, frame, layer)
    return Finding("dead", Cell(name, (int(input[:, unit].argmax()), unit), frame.computed_at[name]), units)


def _answers(run: Run, frame: Frame, layer: str, unit: int) -> bool:
    relu = dict(run.network.named())[layer]
    return isinstance(relu, ReLU) and bool(relu.passes(_input(run, frame, layer)[:, unit]).any())


def _input(run: Run, frame: Frame, layer: str) -> Array:
    input = frame.tensors[run.network.wire(f"{layer}.input")]
    assert input is not None, "the last frame of an iteration has everything"
    return input


def _cell(frame: Frame, name: str, wrong: Array) -> Cell:
    row, column = (int(k) for k in np.argwhere(wrong)[0])
    return Cell(name, (row, column), frame.computed_at[name])


def _position(finding: Finding) -> int:
    return finding.cell.position or 0
