"""A few processes that work for the server, started when they are first needed."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

NICENESS = 10
"""Workers give way to the server, which somebody waits for."""


class Workers:
    """The processes.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[P, R], *arguments: P.args, **_: P.kwargs) -> R:
        """The work's outcome; called off, it is not begun if it can be helped.

        Raises:
            BrokenProcessPool: A process died; the next call starts others.
        """
        pool = self._started()
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            raise

    def close(self) -> None:
        """Let go of them; what they were doing is not waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Never forked: the server has threads, and one of them may hold a lock.
            spawned = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, spawned, _settle)
        return self._pool


def _settle() -> None:
    """What a new worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which tells the workers
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End when the server does, however it ended: a killed one tells nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(0)
