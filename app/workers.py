"""A few processes that work for the server, each started when it is first needed."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

R = TypeVar("R")

NICENESS = 10
"""Workers give way to the server, which somebody waits for."""


class Closed(Exception):
    """The processes have been let go of: the work was not done."""


class Workers:
    """The processes, each with one piece of work at a time; who waits is served in order.

    Args:
        count: How many.

    Attributes:
        waiting: Pieces of work that none of them has begun.
    """

    def __init__(self, count: int) -> None:
        self._all = [_Worker() for _ in range(count)]
        self._idle = list(self._all)
        self._free = asyncio.Semaphore(count)
        self._closed = False
        self.waiting = 0

    @property
    def busy(self) -> int:
        """How many are at work."""
        return len(self._all) - len(self._idle)

    async def run(self, work: Callable[..., R], *arguments: Any) -> R:
        """The work's outcome. Called off, it is not begun, or its outcome thrown away.

        Raises:
            BrokenProcessPool: The process died; the next work begins in a new one.
            Closed: Nothing is begun any more.
        """
        self.waiting += 1
        try:
            self._expect_open()
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self._expect_open()
        worker = self._idle.pop()
        loop = asyncio.get_running_loop()
        done = worker.start(work, *arguments)
        done.add_done_callback(lambda _: self._released(worker, loop))
        try:
            return await asyncio.wrap_future(done)
        except (asyncio.CancelledError, BrokenProcessPool):
            # By its pool, not its asker: taken for the asker's, it would break an answer off.
            asker = asyncio.current_task()
            if asker is None or not asker.cancelling():
                self._expect_open()
            raise

    def warm(self) -> None:
        """Have a process ready before there is work."""
        if self._idle and not any(worker.started for worker in self._all):
            self._idle[-1].start(os.getpid)

    def close(self) -> None:
        """Let go of them; what they were doing is not waited for, and who waits for one is told."""
        self._closed = True
        for _ in range(self.waiting):
            self._free.release()
        for worker in self._all:
            worker.close()

    def _expect_open(self) -> None:
        if self._closed:
            raise Closed

    def _released(self, worker: "_Worker", loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._release, worker)
        except RuntimeError:  # the loop is closed, and nobody waits in it
            self._release(worker)

    def _release(self, worker: "_Worker") -> None:
        self._idle.append(worker)
        self._free.release()


class _Worker:
    """One process. A pool of its own, so that it dies alone."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    @property
    def started(self) -> bool:
        return self._pool is not None

    def start(self, work: Callable[..., R], *arguments: Any) -> "Future[R]":
        if self._pool is None:
            # Never forked: the server has threads, and one of them may hold a lock.
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _settle)
        try:
            return self._pool.submit(work, *arguments)
        except BrokenProcessPool:
            self._pool = None
            return self.start(work, *arguments)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _settle() -> None:
    """What a new worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which lets go of the workers
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End when the server does, however it ended: a killed one tells nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(0)
