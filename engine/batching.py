"""Which samples an iteration sees."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.arrays import Array, frozen
from engine.streams import ORDER, stream


@dataclass(frozen=True, slots=True)
class Batching:
    """Consecutive slices of the samples, in their order or shuffled anew every epoch.

    Args:
        size: Samples a batch; None for all at once. An epoch's last batch may be short.
        shuffled: Whether every epoch has an order of its own, drawn by the seed and the epoch alone.
        seed: Of that order.

    Raises:
        ValueError: A size below 1.
    """

    size: int | None = None
    shuffled: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 1:
            raise ValueError(f"size: expected at least 1, got {self.size}")

    def count(self, samples: int, iteration: int) -> int:
        """How many samples the iteration's batch has."""
        start, size = self._slice(samples, iteration)
        return min(size, samples - start)

    def rows(self, samples: int, iteration: int) -> Array:
        """The samples' row numbers: (count,) of int64."""
        start, size = self._slice(samples, iteration)
        if not self.shuffled:
            return np.arange(start, min(start + size, samples))
        epoch = iteration // self._batches(samples)
        return _order(self.seed, samples, epoch)[start : start + size]

    def _slice(self, samples: int, iteration: int) -> tuple[int, int]:
        size = self.size or samples
        return iteration % self._batches(samples) * size, size

    def _batches(self, samples: int) -> int:
        return -(-samples // (self.size or samples))


@lru_cache(maxsize=64)
def _order(seed: int, samples: int, epoch: int) -> Array:
    return frozen(stream(seed, ORDER, epoch).permutation(samples))
