"""Whose requests count together: a session's, a program's, or an address's, which a whole class may share."""

import math

from app.problems import Problem
from app.rates import Buckets
from app.sessions import BY_TOKEN

BURST_SECONDS = 3
"""Seconds of its rate that a client may ask for at once: a page opens with some thirty requests."""

ADDRESS_SHARE = 10
"""How many clients' worth one address may ask without a session."""

NEW_SESSIONS = (5.0, 500.0)
"""Sessions a second, and at once, that one address is given unasked: a school opens the page together."""


class Shares:
    """What each may ask of one process.

    Args:
        rate: Requests a second of one client.
    """

    def __init__(self, rate: float) -> None:
        self._clients = Buckets(rate, rate * BURST_SECONDS)
        self._addresses = Buckets(rate * ADDRESS_SHARE, rate * ADDRESS_SHARE * BURST_SECONDS)
        self._fresh = Buckets(*NEW_SESSIONS)

    def take(self, address: str, client: str) -> None:
        """Count a request.

        Args:
            address: Where it comes from.
            client: Its session, or what stands for the token; empty where it shows neither.

        Raises:
            Problem: There were too many.
        """
        if client:
            # A token is a whole class's: of programs that show it, each address has its share.
            wait = self._clients.take(f"{client} {address}" if client == BY_TOKEN else client)
        else:
            wait = self._addresses.take(address)
        if wait:
            seconds = math.ceil(wait)
            headers = {"Retry-After": str(seconds)}
            raise Problem("too_many_requests", "Too many requests at once.", headers=headers, seconds=seconds)

    def may_begin(self, address: str) -> bool:
        """Whether somebody at this address gets a session, and so a share, without having shown a token."""
        return not self._fresh.take(address)
