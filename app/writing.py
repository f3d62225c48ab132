"""Who writes to the store: in turn, and few in line, so that a held database leaves threads to read with."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from app import database, store_errors

MOST_WRITERS = 24
"""Of the 40 threads that the routes share."""


class Turns:
    """A line of writers.

    Args:
        one_by_one: Whether the database lets only one write at a time. Here they wait for less than they
            would there, where who waits looks again every tenth of a second.
    """

    def __init__(self, *, one_by_one: bool) -> None:
        self._places = BoundedSemaphore(MOST_WRITERS)
        self._turn = Lock() if one_by_one else None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Write within this.

        Raises:
            Problem: The line is too long, or took too long.
        """
        if not self._places.acquire(blocking=False):
            raise store_errors.problem("store_busy")
        try:
            if self._turn is None:
                yield
                return
            if not self._turn.acquire(timeout=database.WAIT_SECONDS):
                raise store_errors.problem("store_busy")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()
