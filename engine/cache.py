"""A bounded memory of what can be computed again."""

from collections.abc import Hashable
from itertools import count
from threading import Lock
from typing import Any


class Cache:
    """Values by key up to a number of bytes; the longest unused go first. A hit takes no lock.

    Args:
        limit: Bytes that may be kept. A value larger than that is not.
    """

    def __init__(self, limit: int = 64 << 20) -> None:
        self.limit = limit
        self.size = 0
        self.hits = self.misses = 0  # roughly: nothing is locked to count them
        self._entries: dict[Hashable, _Entry] = {}
        self._clock = count()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        entry.used = next(self._clock)
        return entry.value

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value of so many bytes, and forget others for it."""
        if size > self.limit:
            return
        with self._lock:
            self._forget(key)
            while self.size + size > self.limit:
                self._forget(min(self._entries, key=lambda k: self._entries[k].used))
            self._entries[key] = _Entry(value, size, next(self._clock))
            self.size += size

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size


class _Entry:
    __slots__ = ("size", "used", "value")

    def __init__(self, value: object, size: int, used: int) -> None:
        self.value = value
        self.size = size
        self.used = used
