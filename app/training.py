"""Training in worker processes: long runs in short chunks, each from where the one before ended.

    asker ── records ──▶ Trainer ── chunk, checkpoint ──▶ worker process
                            ◀── records, checkpoint ──

A chunk takes a fraction of a second. So an asker that leaves stops the work, one that comes back goes on,
several share the pool fairly, and the server's own process stays free to answer.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from app.build import Live, build
from app.encoding import number
from app.limits import SECONDS_A_CHUNK
from app.schemas.spec import Spec
from app.settings import Settings
from app.store import Store
from app.uploads import Uploads
from engine.cache import Cache
from engine.history import Record, record
from engine.run import CHECKPOINT_EVERY, Frame

ATTEMPTS = 3
"""How often a chunk is tried whose worker dies under it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a history, for a worker that may never have heard of the run.

    Attributes:
        spec: The run's, as JSON without its defaults.
        settings: The limits.
        first: The iteration of the first record.
        stop: The iteration to end before.
        every: Iterations from one record to the next.
        start: The frame to begin with, at the first iteration or before it.
    """

    spec: bytes
    settings: Settings
    first: int
    stop: int
    every: int
    start: Frame


class Trainer:
    """A few worker processes, started when they are first needed.

    Args:
        settings: How many, and the limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ProcessPoolExecutor | None = None

    async def records(self, live: Live, first: int, stop: int, every: int) -> AsyncIterator[dict[str, Any]]:
        """The records of iterations first, first + every, … below stop, as they are computed."""
        per_chunk = max(1, int(SECONDS_A_CHUNK / live.plan.seconds))
        if per_chunk > CHECKPOINT_EVERY:
            per_chunk -= per_chunk % CHECKPOINT_EVERY
        reached = live.run.checkpoint(first)
        while first < stop:
            end = min(stop, reached.iteration + per_chunk)
            found, reached = await self._worked(
                Chunk(live.link_spec, self._settings, first, end, every, reached)
            )
            live.run.adopt(reached)
            for one in found:
                yield described(one)
            first += len(found) * every

    def close(self) -> None:
        """Let go of the workers; what they were doing is not waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _worked(self, chunk: Chunk) -> tuple[list[Record], Frame]:
        for attempt in range(ATTEMPTS):
            try:
                return await asyncio.get_running_loop().run_in_executor(self._workers(), work, chunk)
            except BrokenProcessPool:
                # A worker died: the others are gone with it, and the chunk is done again from its checkpoint.
                self._pool = None
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _workers(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawned = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._settings.training_workers, spawned)
        return self._pool


def work(chunk: Chunk) -> tuple[list[Record], Frame]:
    """A worker's part: the records, and the frame after the last iteration."""
    live = _live(chunk.spec, chunk.settings)
    live.run.adopt(chunk.start)
    found: list[Record] = []
    after = chunk.start
    for iteration, before, after in live.run.iterations(chunk.start.iteration, chunk.stop):
        if iteration >= chunk.first and (iteration - chunk.first) % chunk.every == 0:
            found.append(record(live.run, iteration, before, after, live.test))
    return found, after


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


@lru_cache(maxsize=8)
def _live(spec: bytes, settings: Settings) -> Live:
    frames = Cache(settings.cache_bytes)
    return build(Spec.model_validate_json(spec), settings, frames, _uploads(settings.database_url))


@cache
def _uploads(database_url: str) -> Uploads:
    """A worker reads uploads from the store itself: a chunk need not carry them."""
    return Uploads(Store(database_url))
