"""How often somebody may ask: a token bucket each, the longest unused forgotten first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any


class Buckets:
    """A bucket for each key, full at first, filled at a steady rate; each request takes one out.

    Forgetting a bucket is filling it, so only those that nobody used for long are forgotten.

    Args:
        rate: Requests a second that each may make for ever.
        burst: Requests that it may make at once.
        most: How many are remembered.
        clock: Seconds.
    """

    def __init__(
        self, rate: float, burst: float, most: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate = rate
        self.burst = max(1.0, burst)
        self.most = most
        self._clock = clock
        self._full: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Seconds until this one may ask; 0 where it may now, which is then counted."""
        now = self._clock()
        left, since = self._full.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self._full[key] = (left if wait else left - 1, now)
        if len(self._full) > self.most:
            self._full.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._full)


def address_key(scope: Mapping[str, Any]) -> str:
    """Where a request comes from; of IPv6 the network, in which one machine takes any number of addresses."""
    host: str = (scope.get("client") or ("",))[0]
    if ":" not in host:
        return host
    try:
        return ip_address(host).exploded[:19]
    except ValueError:
        return host
