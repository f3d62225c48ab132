"""Which hosts and origins a request may name.

A name that we do not know may be another's, led here (DNS rebinding): its pages would be read as ours.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""What a machine calls itself; no name server is asked for them."""

AUTHORITY = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[0-9a-z_](?:[0-9a-z_.-]*[0-9a-z_.])?)(?::(?P<port>[0-9]{1,5}))?"
)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Authority:
    """A host as it is compared (lower case, no final dot, IPv6 at its shortest), and its port if any."""

    host: str
    port: int | None

    @classmethod
    def read(cls, text: str) -> "Authority | None":
        """`host` or `host:port`; None where it is neither."""
        found = AUTHORITY.fullmatch(text.lower())
        if found is None:
            return None
        host = found["host"].removesuffix(".")
        if host.startswith("["):
            try:
                host = ip_address(host[1:-1]).compressed
            except ValueError:
                return None
        port = int(found["port"]) if found["port"] else None
        return None if port is not None and port > 65535 else cls(host, port)


class Hosts:
    """The names that are ours: those of loopback, and others that somebody chose.

    Args:
        others: `name`, `name:port`, an address, `*.domain` for all names below it, or `*` for any.

    Raises:
        ValueError: One is none of these.
    """

    def __init__(self, others: Iterable[str] = ()) -> None:
        self.any = False
        self._exact = set(LOOPBACK)
        self._below: list[str] = []
        self._chosen: list[Authority] = []
        for other in others:
            self._add(other)

    def knows(self, asked: Authority) -> bool:
        """Whether a request for this host is one to us; ports differ behind a proxy or a tunnel."""
        return self.any or asked.host in self._exact or self._is_below(asked.host)

    def is_same(self, origin: str, asked: Authority) -> bool:
        """Whether a page of this origin is ours: at the address that it asks, or at one that was chosen.

        Args:
            origin: The header's value.
            asked: The host that the request names; a proxy may name another than the page's.
        """
        parts = urlsplit(origin)
        page = Authority.read(parts.netloc)
        if parts.scheme not in PORTS or page is None or parts.path or parts.query or parts.fragment:
            return False
        usual = PORTS[parts.scheme]
        port = page.port or usual
        if page.host == asked.host:
            return port == (asked.port or usual)
        chosen = any(page.host == one.host and port == (one.port or usual) for one in self._chosen)
        return chosen or (self._is_below(page.host) and port == usual)

    def _add(self, text: str) -> None:
        if text == "*":
            self.any = True
            return
        name = text.removeprefix("*.")
        bare = f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name
        read = Authority.read(bare)
        if read is None:
            raise ValueError(f"expected a host as example.org, *.example.org or 192.0.2.7, got {text!r}")
        if name != text:
            self._below.append(f".{read.host}")
            return
        self._exact.add(read.host)
        self._chosen.append(read)

    def _is_below(self, host: str) -> bool:
        return any(host.endswith(end) for end in self._below)
