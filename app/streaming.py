"""From the parts of a training to messages: computed ahead of a reader, but never far and in no queue."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import EventSourceResponse

from app.frames import Picture, message
from app.problems import Problem
from app.training import Part

MOST_AHEAD = 20
"""Parts that may be computed while a message is on its way; together they become the next one."""


async def messages(parts: AsyncIterator[Part], stop: int) -> AsyncIterator[bytes]:
    """The messages of a training, each of all that was computed since the one before: records, last frame.

    Args:
        parts: With frames.
        stop: The iteration that the training ends before.
    """
    ahead = _Ahead()
    filling = asyncio.create_task(ahead.fill(parts, stop))
    try:
        while waiting := await ahead.taken():
            yield waiting
        await filling  # raises what went wrong
    finally:
        filling.cancel()


async def until_stopped(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same, cut short where the service is being stopped: what has begun can refuse nothing any more."""
    try:
        async for piece in stream:
            yield piece
    except Problem:
        return


def sent(events: AsyncIterator[bytes]) -> EventSourceResponse:
    """The answer that sends these events as they come; none of it is kept by anyone."""
    return EventSourceResponse(until_stopped(events), headers={"Cache-Control": "no-store"})


class _Ahead:
    """The next message, while the one before is on its way."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._picture: Picture | None = None
        self._parts = 0
        self._end = self._over = False
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def fill(self, parts: AsyncIterator[Part], stop: int) -> None:
        """Take in all parts, waiting where there are too many."""
        try:
            async for part in parts:
                await self._room.wait()
                self._records += [record for _, record in part.records]
                self._picture, self._end = part.picture, part.after.iteration >= stop
                self._parts += 1
                if self._parts == MOST_AHEAD:
                    self._room.clear()
                self._some.set()
        finally:
            self._over = True
            self._some.set()

    async def taken(self) -> bytes | None:
        """The next message, as soon as there is one; None after the last."""
        await self._some.wait()
        if self._picture is None:
            return None
        found = message(self._picture, self._records, end=self._end)
        self._records, self._picture, self._parts = [], None, 0
        self._room.set()
        if not self._over:
            self._some.clear()
        return found
