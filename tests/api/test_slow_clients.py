"""Who sends or reads too slowly, or too much, is cut; all others are served meanwhile."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import httpx
import pytest

from app.connections import READING_SECONDS, Reader
from tests.api.conftest import SMALL, served

PATIENCE = 60
"""Seconds in which a machine, however slow, must have done what takes it six."""

POST = b"POST /api/v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"

SLOW: dict[str, tuple[bytes, bytes]] = {
    "silent": (b"", b""),
    "empty lines": (b"", b"\r\n"),
    "a header without end": (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", b"x"),
    "headers without end": (b"GET / HTTP/1.1\r\nhost: localhost\r\n", b"x: y\r\n"),
    "a body": (POST + b"content-length: 1000\r\n\r\n", b" "),
    "a chunked body": (POST + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers": (POST + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n"),
    "empty lines after an answer": (b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", b"\r\n"),
    "a second request": (b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET /", b"x"),
}
"""What is sent first, and then again and again."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("slow")
    with served(folder / "backglass.db", BACKGLASS_MAX_REPLAY_SECONDS="600") as (url, _):
        yield url


async def dripping(url: str, start: bytes, again: bytes) -> bytes:
    """All that comes back to one who sends slowly, until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    heard = asyncio.ensure_future(reader.read())
    try:
        writer.write(start)
        while not heard.done():
            writer.write(again)
            await writer.drain()
            await asyncio.wait([heard], timeout=0.5)
        return heard.result()
    except ConnectionError:
        return b""  # closed while it was still being written to
    finally:
        heard.cancel()
        writer.close()


async def all_dripping(url: str, each: int) -> list[bytes]:
    """So many slow clients of each kind at once; the time is that in which all must have been cut."""
    clients = [dripping(url, *kind) for kind in SLOW.values() for _ in range(each)]
    async with asyncio.timeout(PATIENCE):
        return await asyncio.gather(*clients)


def test_slow_senders_are_cut_and_streams_go_on(url: str) -> None:
    run = httpx.post(f"{url}/api/v1/runs", json=SMALL).raise_for_status().json()
    path = f"{url}/api/v1/runs/{run['id']}/frames?stop=1000000"
    with httpx.stream("GET", path, timeout=PATIENCE) as stream:
        pieces = stream.raise_for_status().iter_raw()
        assert next(pieces)
        heard = asyncio.run(all_dripping(url, 5))
        # What was on its way for so long is buffered; the last of a large read is newer than the cut.
        assert sum(len(next(pieces)) for _ in range(50))
    told = [b"408 Request Timeout" in one for one in heard]
    assert any(told)
    assert httpx.get(f"{url}/healthz").status_code == 200


TOO_MUCH: dict[str, tuple[bytes, int]] = {
    "a long header": (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"x" * 2_000_000 + b"\r\n\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"x: y\r\n" * 10_000 + b"\r\n", 431),
    "a long address": (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n", 431),
    "a long query": (b"GET /healthz?" + b"x=1&" * 10_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n", 431),
    "many trailers": (
        POST + b"transfer-encoding: chunked\r\n\r\n0\r\n" + b"x: y\r\n" * 10_000 + b"\r\n",
        431,
    ),
    "chunks of nothing but their names": (
        POST + b"transfer-encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 1000 + b"\r\n \r\n") * 1000,
        431,
    ),
    "another protocol": (b"\x16\x03\x01\x00\xff" * 40, 400),
    "two lengths": (POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\n{}", 400),
    "a length and chunks": (POST + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a length below nothing": (POST + b"content-length: -1\r\n\r\n", 400),
    "a length beyond 64 bits": (POST + b"content-length: 99999999999999999999\r\n\r\n", 400),
    "a NUL": (b"GET /\0 HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
    "a space in a name": (b"GET / HTTP/1.1\r\nho st: backglass\r\n\r\n", 400),
    "a tunnel": (b"CONNECT elsewhere:443 HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
}


def heard_of(url: str, sent: bytes) -> bytes:
    """All that comes back."""
    port = httpx.URL(url).port
    assert port is not None
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as connection:
        connection.sendall(sent)
        heard = b""
        while piece := connection.recv(65_536):
            heard += piece
        return heard


@pytest.mark.parametrize(("sent", "status"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_is_refused_with_a_reason(url: str, sent: bytes, status: int) -> None:
    head, _, body = heard_of(url, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert b'"status":%d' % status in body
    for name in (b"content-security-policy", b"x-content-type-options", b"cache-control: no-store"):
        assert name in head.lower()


def test_headers_within_the_limit_are_read(url: str) -> None:
    answer = httpx.get(f"{url}/healthz", headers={"x": "x" * 31_000})
    assert answer.status_code == 200


def test_a_trailer_is_no_header(url: str) -> None:
    body = b'{"layers":[{"type":"softmax"}],"dataset":{"name":"golden"}}'
    untyped = b"POST /api/v1/runs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
    chunked = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
    heard = heard_of(url, untyped + chunked + b"content-type: application/json\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 415 ")


def test_requests_in_a_row_are_answered_but_not_without_end(url: str) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n"
    few = heard_of(url, (ask + b"\r\n") * 8 + ask + b"connection: close\r\n\r\n")
    assert few.count(b"HTTP/1.1 200 OK") == 9
    assert heard_of(url, (ask + b"\r\n") * 1000).count(b"HTTP/1.1 200 OK") < 1000


class Waiting:
    """A transport with so many bytes that wait for the client."""

    def __init__(self) -> None:
        self.left = 0

    def get_write_buffer_size(self) -> int:
        return self.left


def test_a_reader_is_stuck_that_takes_next_to_nothing() -> None:
    def looked_at(left: list[int], waits: bool = True) -> bool:
        transport = Waiting()
        reader = Reader(cast(asyncio.Transport, transport))
        return any(reader.is_stuck(float(second), waits) for second, transport.left in enumerate(left))

    long = int(READING_SECONDS) + 2
    assert looked_at([1_000_000] * long)
    assert looked_at([1_000_000 - second for second in range(long)])
    assert not looked_at([1_000_000] * long, waits=False), "it may be written to"
    assert not looked_at([1_000_000 - 2_000 * second for second in range(5 * long)])
    assert not looked_at([1_000_000] * (long // 2) + [0] + [1_000_000] * (long // 2))
