"""A bounded memory of what can be computed again."""

from collections.abc import Hashable, Iterator
from threading import Lock
from typing import Any


class Cache:
    """Values by key up to a number of bytes; what was not used lately goes first. A hit takes no lock.

    They stand in a row. Who has to go is looked for from its head; who was used since it was last passed
    there goes to the end of the row instead: so forgetting takes as long, however many there are.

    Args:
        limit: Bytes that may be kept. A value larger than that is not.

    Attributes:
        size: Bytes that are kept.
        hits: How often what was asked for was there.
        misses: How often it was not.
    """

    def __init__(self, limit: int = 64 << 20) -> None:
        self.limit = limit
        self.size = 0
        self.hits = self.misses = 0  # roughly: nothing is locked to count them
        self._entries: dict[Hashable, _Entry] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[Hashable]:
        """The keys of all that is kept at the moment."""
        with self._lock:
            return iter(list(self._entries))

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        entry.used = True
        return entry.value

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value of so many bytes, and forget others for it."""
        if size > self.limit:
            return
        with self._lock:
            self._forget(key)
            while self.size + size > self.limit:
                self._pass(next(iter(self._entries)))
            self._entries[key] = _Entry(value, size)
            self.size += size

    def _pass(self, key: Hashable) -> None:
        entry = self._entries[key]
        self._forget(key)
        if entry.used:
            entry.used = False
            self._entries[key] = entry
            self.size += entry.size

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size


class _Entry:
    __slots__ = ("size", "used", "value")

    def __init__(self, value: object, size: int) -> None:
        self.value = value
        self.size = size
        self.used = False
