"""Where the service listens, who may come in there, and what whoever starts it is told of that.

What is settled here is left in the environment, where the settings read it: every process of the service,
started in whatever way, then asks for the same token.
"""

import argparse
import os
import secrets
import socket
from collections.abc import Iterator, MutableMapping
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote

import ifaddr

from app.hosts import LOOPBACK

TOKEN, SECRET, HOSTS = "BACKGLASS_TOKEN", "BACKGLASS_SECRET", "BACKGLASS_ALLOWED_HOSTS"
AUTO = "auto"
SHORT = 12
"""Characters below which somebody may find a token by trying: at a thousand a second."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a made-up token consists of: nothing that is taken for another when it is read from a blackboard."""

EVERYWHERE = ("", "0.0.0.0", "::")

REFUSED = """\
at {host} everybody who reaches this machine could come in. Choose one:
  --token auto   a token is made up, and only who has the link with it comes in
  --token TEXT   the same with your own (or BACKGLASS_TOKEN, which other users of the machine cannot see)
  --insecure     everybody may come in: see, compute and keep whatever they like here"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of who may come in."""
    parser.add_argument("--token", help="what to show to come in; auto: make one up (BACKGLASS_TOKEN)")
    parser.add_argument(
        "--insecure", action="store_true", help="listen elsewhere than at loopback without a token"
    )


def settle(
    parser: argparse.ArgumentParser,
    asked: argparse.Namespace,
    environment: MutableMapping[str, str] = os.environ,
) -> None:
    """Settle token and hosts, and leave them in the environment.

    Raises:
        SystemExit: The service would be open to strangers, and nobody said that it may be.
    """
    token = asked.token if asked.token is not None else environment.get(TOKEN, "")
    token = _made_up() if token == AUTO else token
    open_to_others = not is_loopback(asked.host)
    if open_to_others and not token and not asked.insecure:
        parser.error(REFUSED.format(host=asked.host or "every address"))
    environment[TOKEN] = token
    if not token:
        environment.setdefault(SECRET, secrets.token_hex())
    if open_to_others:
        others = (environment.get(HOSTS, ""), *names(asked.host))
        environment[HOSTS] = ",".join(filter(None, dict.fromkeys(others)))


def said(host: str, port: int) -> Iterator[str]:
    """What is printed once the service listens: where it is, and what that means."""
    token = _token()
    yield f"Backglass is at {here(host, port)} (stop it with Ctrl-C)"
    if not is_loopback(host):
        yield "Others open one of these, whichever reaches this machine:"
        yield from (f"  {address(name, port, token)}" for name in names(host))
    if token:
        yield "Only who has the token comes in. Whoever has it may do all that you may here."
        if len(token) < SHORT:
            yield f"The token is short: somebody who keeps trying may find it. {SHORT} characters are safe."
    elif not is_loopback(host):
        yield "INSECURE: no token is asked for. Everybody who reaches this machine may see, compute and keep"
        yield "whatever they like here."
    if not is_loopback(host):
        yield "The way there is not encrypted: on a network you do not trust, put a proxy with TLS first."


def here(host: str, port: int) -> str:
    """Where this machine itself opens the page."""
    near = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return address(near, port, _token())


def address(name: str, port: int, token: str) -> str:
    """The URL that opens the page, with the token in it where there is one."""
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host in EVERYWHERE:
        return False
    if host in LOOPBACK:
        return True
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ip_address(str(one).partition("%")[0]).is_loopback for one in found)


def names(host: str) -> list[str]:
    """What others may call this machine: the addresses it listens at, and its name."""
    own = socket.gethostname().lower()
    called = [] if own in LOOPBACK else [own, *([] if "." in own else [f"{own}.local"])]
    if host not in EVERYWHERE:
        return list(dict.fromkeys([host, *called]))
    found = (
        ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for one in ifaddr.get_adapters()
        for ip in one.ips
    )
    # A link-local address of IPv6 needs a zone, which no browser takes.
    ours = {
        one for one in found if not (one.is_loopback or (isinstance(one, IPv6Address) and one.is_link_local))
    }
    taken = [one for one in ours if host != "0.0.0.0" or one.version == 4]
    return [*(str(one) for one in sorted(taken, key=lambda one: (one.version, one))), *called]


def _token() -> str:
    """The one that was settled. A worker imports this module too, and has no use for all the settings."""
    return os.environ.get(TOKEN, "")


def _made_up() -> str:
    """Fifteen letters in three groups: 74 bits, and still written on a blackboard."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
