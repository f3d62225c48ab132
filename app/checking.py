"""Gradients held against differences, a tensor at a time: small ones here, others where runs are trained.

    asker ◀── tensor by tensor ── Checker ── name, columns ──▶ thread, or worker process
                                          ◀── Check

What takes long is done a few columns at a time: an asker that leaves stops the work after those that are on
their way, and who comes back goes on there. What was found is kept for a while.
"""

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise

from fastapi.concurrency import run_in_threadpool

from app.build import Live
from app.encoding import nested, number
from app.frames import SMALL
from app.limits import check_differences, seconds_of_differences
from app.runs import Runs
from app.settings import Settings
from app.training import Trainer, runs_here
from engine.check import (
    REASONS,
    WRONG,
    Check,
    Difference,
    Wrong,
    checks,
    difference,
    first_wrong,
    joined,
    work,
)

AT_ONCE = 0.1
"""Seconds that a thread of the service may take for a tensor; what takes longer, a worker process does."""

A_PART = 0.5
"""Seconds that a part of a tensor may take which a worker does at once, as estimated."""


class Checker:
    """The check of a run at a position.

    Args:
        live: The run, of any dtype.
        position: Where; right after an update the gradients before it are meant.
        runs: Who makes the run of float64 that is checked in place of one of float32.
        trainer: Whose processes do what takes long.
        settings: The limits.

    Attributes:
        run: What is checked.
        dtype: What the run computes in that was asked for.
    """

    def __init__(self, live: Live, position: int, runs: Runs, trainer: Trainer, settings: Settings) -> None:
        self.dtype = live.spec.dtype
        self.run = live if live.spec.dtype == "float64" else runs.fork(live, [], {"dtype": "float64"})[0]
        self.position = position
        self._trainer = trainer
        self._kept = runs.cache  # for who looks at one of them next
        self._settings = settings
        self._seconds = seconds_of_differences(self.run.plan, self.run.spec, self.run.run.network.names)

    def expect_affordable(self, seconds: float, tensor: str | None = None) -> None:
        """Refuse what would take longer than this, and is not known from before.

        Raises:
            Problem: With the estimate and the limit.
        """
        wanted = [tensor] if tensor else self._seconds
        check_differences(sum(self._seconds[name] for name in wanted if not self._known(name)), seconds)

    async def names(self) -> list[str]:
        """What there is to be checked, in the order of a backward pass."""
        return list(await run_in_threadpool(work, self.run.run, self.position))

    async def tensors(self, names: list[str]) -> AsyncGenerator[tuple[str, Check]]:
        """Each as soon as it is checked."""
        async for name, _, found in self.parts(names):
            if found is not None:
                yield name, found

    async def parts(self, names: list[str]) -> AsyncGenerator[tuple[str, float, Check | None]]:
        """The same, and on the way to each of those that take long what share of it is done."""
        for name in names:
            found: Check | None = self._kept.get(self._key(name))
            if found is None:
                parts: list[Check] = []
                count = self._count(name)
                for columns in self._columns(name, count):
                    parts.append(await self._part(name, columns))
                    if len(parts) < count:
                        yield name, len(parts) / count, None
                found = joined(parts)
                self._kept.put(self._key(name), found, 4 * found.error.nbytes)
            yield name, 1.0, found

    async def tensor(self, name: str) -> Check:
        """One of them."""
        async with aclosing(self.tensors([name])) as tensors:
            return (await anext(tensors))[1]

    async def difference(self, name: str, index: tuple[int, int]) -> Difference:
        """How one cell of a gradient is found by differences.

        Raises:
            Problem: With the estimate and the limit.
        """
        shape = self.run.run.shape_at(name, self.position)
        check_differences(self._seconds[name] / math.prod(shape), self._settings.max_replay_seconds)
        return await run_in_threadpool(difference, self.run.run, self.position, name, index)

    def _key(self, name: str) -> tuple[str, str, int, str]:
        return "check", self.run.id, self._before_update, name

    def _known(self, name: str) -> bool:
        return self._kept.get(self._key(name)) is not None

    def _count(self, name: str) -> int:
        """How many parts a tensor has."""
        columns = self.run.run.shape_at(name, self.position)[1]
        return max(1, min(columns, math.ceil(self._seconds[name] / A_PART)))

    def _columns(self, name: str, count: int) -> list[slice]:
        columns = self.run.run.shape_at(name, self.position)[1]
        ends = [columns * number // count for number in range(count + 1)]
        return [slice(start, stop) for start, stop in pairwise(ends)]

    async def _part(self, name: str, columns: slice) -> Check:
        key = (*self._key(name), columns.start, columns.stop)
        found: Check | None = self._kept.get(key)
        if found is None:
            arguments = self.position, name, columns
            if self._seconds[name] <= AT_ONCE:
                found = await run_in_threadpool(_checked, self.run, *arguments)
            else:
                found = await self._trainer.work(check_part, self.run.id, *arguments)
            self._kept.put(key, found, 4 * found.error.nbytes)
        return found

    async def first(self, found: dict[str, Check]) -> Wrong | None:
        """The first step of the iteration whose result is wrong."""
        return await run_in_threadpool(first_wrong, self.run.run, self.position, found.items())

    @property
    def gradients(self) -> list[str]:
        """All that the run ever has."""
        return [name for name in self.run.run.shapes() if name in self._seconds]

    @property
    def _before_update(self) -> int:
        steps = self.run.run.steps_per_iteration
        return self.position - 1 if self.position and self.position % steps == 0 else self.position


def check_part(settings: Settings, run_id: str, position: int, name: str, columns: slice) -> Check:
    """A worker's part.

    Args:
        settings: Where the run is stored.
        run_id: Which run; the worker may never have heard of it.
        position: Where.
        name: The gradient.
        columns: Of it.
    """
    return _checked(runs_here(settings).get(run_id), position, name, columns)


def _checked(run: Live, position: int, name: str, columns: slice) -> Check:
    ((_, found),) = checks(run.run, position, name, columns)
    return found


def described(found: Check, most: int = SMALL) -> dict[str, object]:
    """A tensor's check as the wire has it.

    Args:
        found: The check.
        most: The cells up to which it carries its numbers.
    """
    counts = {reason: int((found.reason == code).sum()) for code, reason in enumerate(REASONS) if code}
    members: dict[str, object] = {
        "shape": list(found.error.shape),
        "worst": number(found.worst),
        "worst_cell": found.worst_cell,
        "compared": found.compared,
        "wrong": int((found.error > WRONG).sum()),
        "not_comparable": found.error.size - found.compared,
        "reasons": {reason: count for reason, count in counts.items() if count},
    }
    if found.error.size > most:
        return members
    return members | {
        "numeric": nested(found.numeric),
        "analytic": nested(found.analytic),
        "error": [
            [None if code else number(value) for value, code in zip(*row, strict=True)]
            for row in zip(found.error.tolist(), found.reason.tolist(), strict=True)
        ],
        "reason": [[REASONS[code] if code else None for code in row] for row in found.reason.tolist()],
    }


def explained(checker: Checker, name: str, index: tuple[int, int], found: Difference) -> dict[str, object]:
    """A cell's difference as the wire has it."""
    points = found.points
    columns = (points.shifts, points.at, points.changes, points.weights)
    return {
        "run": checker.run.id,
        "position": checker.position,
        "tensor": name,
        "index": list(index),
        "moved": found.moved,
        "loss": number(found.loss),
        "step": points.step,
        "points": [
            {"shift": shift, "value": number(value), "change": number(change), "weight": weight}
            for shift, value, change, weight in zip(*(column.tolist() for column in columns), strict=True)
        ],
        "numeric": number(found.numeric),
        "analytic": number(found.analytic),
        "error": number(found.error) if found.reason == "compared" else None,
        "reason": None if found.reason == "compared" else found.reason,
    }


def concluded(checker: Checker, found: dict[str, Check], first: Wrong | None) -> dict[str, object]:
    """What all of them come to, as the wire has it."""
    return {
        "run": checker.run.id,
        "position": checker.position,
        "dtype": checker.dtype,
        "tolerance": WRONG,
        "worst": number(max(one.worst for one in found.values())) if found else None,
        "compared": sum(one.compared for one in found.values()),
        "not_comparable": sum(one.error.size - one.compared for one in found.values()),
        "first": first and _wrong(first),
    }


def _wrong(first: Wrong) -> dict[str, object]:
    cell = first.cell
    return {
        "step": first.step,
        "cell": {"tensor": cell.tensor, "index": list(cell.index), "position": cell.position},
        "numeric": number(first.numeric),
        "analytic": number(first.analytic),
        "error": number(first.error),
    }
