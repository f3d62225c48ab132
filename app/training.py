"""Training in worker processes: long runs in short chunks, each from where the one before ended.

    asker ◀── parts ── Trainer ── chunk, checkpoint ──▶ worker process
                          ◀── part, checkpoints ──

A chunk takes a fraction of a second, however far it gets. So an asker that leaves stops the work, one that
comes back goes on, several share the pool fairly, and the server's own process stays free to answer. Askers
of the same thing at the same time are given the same parts.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from app.build import Live
from app.encoding import json_bytes, number
from app.frames import Picture, picture
from app.limits import BYTES_A_SECOND, SECONDS_A_CHUNK
from app.problems import Problem, busy
from app.runs import Runs
from app.settings import Settings
from app.store import Store
from app.workers import Closed, Workers
from engine.history import Record, record
from engine.run import CHECKPOINT_EVERY, Frame

R = TypeVar("R")

ATTEMPTS = 3
"""How often a chunk is tried whose worker dies under it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a training.

    Attributes:
        first: The iteration of the first record.
        stop: The iteration to end before.
        every: Iterations from one record to the next.
        frames: Whether a frame is wanted with each part.
        resolution: Of the decision regions in it; 0: none.
    """

    first: int
    stop: int
    every: int = 1
    frames: bool = False
    resolution: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a training.

    Attributes:
        records: The iteration and the JSON of each record.
        after: Where the next chunk begins: the frame after the last update, as a parcel.
        kept: One on the way that is worth keeping as a checkpoint.
        picture: The last iteration's last frame, where one is wanted.
    """

    records: list[tuple[int, bytes]]
    after: Frame
    kept: Frame | None
    picture: Picture | None


class Trainer:
    """What trains, for many askers.

    Args:
        settings: How many processes, and the limits.

    Attributes:
        askers: How many wait for a part.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workers = Workers(settings.training_workers)
        self._flying: dict[object, _Flight] = {}
        self._closed = False
        self.askers = 0

    def expect_room(self) -> None:
        """Refuse one more asker where there are as many as are served in time.

        Raises:
            Problem: With how many there may be.
        """
        if self.askers >= self._settings.max_trainings:
            raise busy(self._settings.max_trainings)

    async def records(self, live: Live, first: int, stop: int, every: int) -> AsyncIterator[dict[str, Any]]:
        """The records of iterations first, first + every, … below stop, as they are computed."""
        async for part in self.parts(live, Asked(first, stop, every)):
            for _, found in part.records:
                yield orjson.loads(found)

    async def parts(self, live: Live, asked: Asked) -> AsyncGenerator[Part]:
        """All that is asked for, a part at a time, as it is computed.

        Raises:
            Problem: The service is being stopped.
        """
        reached = live.run.checkpoint(asked.first)
        seconds = SECONDS_A_CHUNK + live.plan.bytes / BYTES_A_SECOND
        self.askers += 1
        try:
            while reached.iteration < asked.stop:
                self.expect_open()
                part = await self._shared(live, asked, reached, seconds)
                reached = part.after
                if part.kept:
                    live.run.adopt(part.kept)
                if reached.iteration > asked.first:
                    yield part
        finally:
            self.askers -= 1
            live.run.adopt(reached)  # where somebody may go on

    async def work(self, does: Callable[..., R], *arguments: Any) -> R:
        """What something else comes to that takes long, from one of the processes.

        Args:
            does: A function of a module, given the settings and the arguments.
            arguments: What can travel between processes.

        Raises:
            Problem: The service is being stopped.
        """
        self.expect_open()
        self.askers += 1
        try:
            return await self._tried(does, self._settings, *arguments)
        finally:
            self.askers -= 1

    @property
    def busy(self) -> int:
        """How many of the processes are at work."""
        return self._workers.busy

    @property
    def waiting(self) -> int:
        """Pieces of work that wait for one of them."""
        return self._workers.waiting

    def expect_open(self) -> None:
        """Refuse what would only just be begun.

        Raises:
            Problem: The service is being stopped.
        """
        if self._closed:
            raise _stopping()

    async def warm(self) -> None:
        """Have a worker ready: somebody may soon want to train."""
        self._workers.warm()

    def close(self) -> None:
        """Let go of the workers; what is being trained ends with the chunks that are on their way."""
        self._closed = True
        self._workers.close()

    async def _shared(self, live: Live, asked: Asked, reached: Frame, seconds: float) -> Part:
        """The chunk that begins here: with others who ask for the same, if there are any."""
        key = live.id, asked, reached.iteration
        flight = self._flying.get(key)
        if flight is None:
            frame = live.run.parcel(reached)
            work = self._tried(train, self._settings, live.id, asked, frame, seconds)
            flight = self._flying[key] = _Flight(asyncio.create_task(work))
        try:
            return await flight.joined()
        finally:
            if flight.landed and self._flying.get(key) is flight:
                del self._flying[key]

    async def _tried(self, does: Callable[..., R], *arguments: Any) -> R:
        try:
            for _ in range(ATTEMPTS - 1):
                # A worker dies of its work or by chance: another does it again from its beginning.
                with suppress(BrokenProcessPool):
                    return await self._workers.run(does, *arguments)
            return await self._workers.run(does, *arguments)
        except Closed:
            raise _stopping() from None


def _stopping() -> Problem:
    return Problem("stopping", "The service is being stopped.")


class _Flight:
    """A chunk on its way, and who waits for it: when the last one has left, it is called off."""

    def __init__(self, task: asyncio.Task[Part]) -> None:
        self._task = task
        self._waiting = 0

    @property
    def landed(self) -> bool:
        """Whether it is done or was called off."""
        return self._task.done() or not self._waiting

    async def joined(self) -> Part:
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._task.cancel()


def train(settings: Settings, run_id: str, asked: Asked, start: Frame, seconds: float) -> Part:
    """A worker's part: as many iterations as fit into these seconds, at least one.

    Args:
        settings: Where the run is stored, and the limits.
        run_id: Which run; the worker may never have heard of it.
        asked: What is wanted.
        start: The frame to begin with, at the first iteration or before it.
        seconds: How long.
    """
    until = time.monotonic() + seconds
    live = runs_here(settings).get(run_id)
    records: list[tuple[int, bytes]] = []
    kept: Frame | None = None
    for iteration, before, after in live.run.iterations(start, asked.stop):
        if iteration >= asked.first and (iteration - asked.first) % asked.every == 0:
            found = record(live.run, iteration, before, after, live.test)
            records.append((iteration, json_bytes(described(found))))
        if after.iteration % CHECKPOINT_EVERY == 0:
            kept = after
        if time.monotonic() > until:
            break
    wanted = asked.frames and iteration >= asked.first
    shown = picture(live, before, asked.resolution) if wanted else None
    return Part(records, live.run.parcel(after), kept and live.run.parcel(kept), shown)


def described(one: Record) -> dict[str, Any]:
    """A record as the wire has it."""
    return {
        "iteration": one.iteration,
        "loss": number(one.loss),
        "accuracy": one.accuracy,
        "test_loss": number(one.test_loss),
        "test_accuracy": one.test_accuracy,
        "layers": {
            layer: {name: number(value) for name, value in figures.items()}
            for layer, figures in one.layers.items()
        },
    }


@lru_cache(maxsize=1)
def runs_here(settings: Settings) -> Runs:
    """A worker's own, over the store that the service keeps its runs in; it need not remember frames."""
    settings = settings.model_copy(update={"cache_bytes": settings.cache_bytes // 8})
    return Runs(settings, Store(settings.database_url, settings.store_bytes))
