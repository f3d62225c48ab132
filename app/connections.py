"""What a connection is held to: how many there are at once, how slowly one reads, and what it is told."""

import asyncio
import sys
from collections.abc import Sequence
from functools import cache

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.middleware import SECURITY
from app.problems import MEDIA_TYPE, Problem

MOST_CONNECTIONS = 4096
OTHER_FILES = 256
"""Those that are open beside connections, amply."""

SLOWEST_READER = 1024
"""Bytes a second that a reader must take of an answer that waits for it, ..."""

READING_SECONDS = 15.0
"""... over so many seconds."""


class Reader:
    """Whether a client takes what it asked for.

    Args:
        transport: Its connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._since = self._before = None  # type: float | None

    def is_stuck(self, now: float, waits: bool) -> bool:
        """Look at it: whether it has taken next to nothing for too long.

        Args:
            now: The time.
            waits: Whether there is an answer, or the end of the connection, that waits for it.
        """
        left = self._transport.get_write_buffer_size()
        if left == 0 or not waits:
            self._since = None
        elif self._since is None or self._before is None:
            self._since, self._before = now, left
        elif now - self._since >= READING_SECONDS:
            if self._before - left < SLOWEST_READER * READING_SECONDS:
                return True
            self._since, self._before = now, left
        return False


def written(problem: Problem, more: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A refusal as HTTP, for a connection that never comes as far as the application.

    Args:
        problem: Why.
        more: Headers beside its own.
    """
    body = orjson.dumps(problem.body())
    headers = {
        **SECURITY,
        **(problem.headers or {}),
        "Cache-Control": "no-store",
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = [f"{name}: {value}".encode() for name, value in headers.items()]
    lines += [b": ".join(one) for one in more]
    return STATUS_LINE[problem.status] + b"\r\n".join([*lines, b"", body])


@cache
def most_connections() -> int:
    """How many there may be at once: as many as there are files to be had for them."""
    if sys.platform == "win32":  # where sockets are no files
        return MOST_CONNECTIONS
    import resource

    files, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if files != resource.RLIM_INFINITY and files < wanted:
        files = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, allowed))
    return MOST_CONNECTIONS if files < 0 or files >= wanted else max(files - OTHER_FILES, files // 2)
