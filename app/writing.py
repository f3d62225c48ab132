"""Who writes to the store: in turn, and few in line, so that a held database leaves threads to read with."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from app import database, store_errors

MOST_WRITERS = 24
"""Of the 40 threads that the routes share."""


class Turns:
    """A line of writers, for databases that let one write at a time.

    Here they wait for less than they would there: in SQLite who waits looks again every tenth of a second,
    and in PostgreSQL holds a connection that a reader could use.
    """

    def __init__(self) -> None:
        self._places = BoundedSemaphore(MOST_WRITERS)
        self._turn = Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Write within this.

        Raises:
            Problem: The line is too long, or took too long.
        """
        if not self._places.acquire(blocking=False):
            raise store_errors.problem("store_busy")
        try:
            if not self._turn.acquire(timeout=database.WAIT_SECONDS):
                raise store_errors.problem("store_busy")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()
