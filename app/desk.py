"""Who is served when more is asked for than can be done: some, others wait in order, the rest come again.

asker ──▶ Admission ──▶ route ──▶ Desk ──▶ thread          what may take long, a few at once
│                     │
└──────── 503 ────────┘                       too many inside, or waiting
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.problems import busy

PLACES = 4
"""How much of what takes long is done at once: more of it would only be done more slowly."""


class Desk:
    """Places for a few at once, and a queue of some more, which are served in order.

    Args:
        places: How many at once.
        most_waiting: How many may wait for one.

    Attributes:
        taken: Places that are taken.
        waiting: Who waits for one.
    """

    def __init__(self, places: int, most_waiting: int) -> None:
        self.taken = 0
        self.waiting = 0
        self._most_waiting = most_waiting
        self._places = places
        self._free: asyncio.Semaphore | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for as long as it is held; who leaves while waiting leaves the queue.

        Raises:
            Problem: Too many wait already.
        """
        if self._free is None:
            self._free = asyncio.Semaphore(self._places)
        if self._free.locked() and self.waiting >= self._most_waiting:
            raise busy(self._most_waiting)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._free.release()
