"""How soon slow clients are cut, and how others are served meanwhile.

    python -m tests.benchmarks.slow --clients 500

Each slow client sends a byte a second: of a header, of a body, of a chunked body, or nothing at all; some
ask for a large answer and never read it. Beside them one person steps through a run, and a stream is watched.
It ends with 1 where a sender is not cut within 10 s, a reader within 40, or the person or the stream suffers.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.api.conftest import SMALL, served

HOST = b"host: localhost\r\n"
POST = b"POST /api/v1/runs HTTP/1.1\r\n" + HOST + b"content-type: application/json\r\n"
KINDS = [
    (b"", b""),
    (b"GET / HTTP/1.1\r\n" + HOST + b"x: ", b"x"),
    (POST + b"content-length: 100000\r\n\r\n", b" "),
    (POST + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
]
READERS = 20
LARGE: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "layers": [
        {"type": "dense", "units": 256},
        {"type": "relu"},
        {"type": "dense", "units": 10},
        {"type": "softmax"},
    ],
}
SENDER_SECONDS, READER_SECONDS, STEP_SECONDS = 10.0, 40.0, 0.5


async def cut(port: int, start: bytes, again: bytes, *, reads: bool = True) -> float:
    """Seconds until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    begun = time.monotonic()
    heard = asyncio.ensure_future(reader.read() if reads else asyncio.sleep(1000))
    try:
        writer.write(start)
        while not heard.done() and time.monotonic() - begun < 60:
            await asyncio.wait([heard], timeout=1)
            writer.write(again)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        heard.cancel()
        writer.close()
    return time.monotonic() - begun


async def stepping(url: str, run: str, done: asyncio.Event) -> list[float]:
    """How long each step of a person took."""
    took: list[float] = []
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while not done.is_set():
            begun = time.monotonic()
            answer = await client.get(f"/api/v1/runs/{run}/frames/{len(took)}")
            answer.raise_for_status()
            took.append(time.monotonic() - begun)
            await asyncio.sleep(0.1)
    return took


async def watching(url: str, run: str, done: asyncio.Event) -> int:
    """Bytes of a stream until all is done."""
    size = 0
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", f"/api/v1/runs/{run}/frames?stop=1000000") as stream,
    ):
        async for piece in stream.aiter_raw():
            size += len(piece)
            if done.is_set():
                return size
    return -1  # it ended by itself, or was cut


async def all_of(url: str, clients: int) -> int:
    """Run it, print the figures, and say whether they are good."""
    port = httpx.URL(url).port
    assert port is not None
    run = httpx.post(f"{url}/api/v1/runs", json=SMALL).raise_for_status().json()["id"]
    large = httpx.post(f"{url}/api/v1/runs", json=LARGE).raise_for_status().json()["id"]
    ask = f"GET /api/v1/runs/{large}/frames/1?format=npz HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    done = asyncio.Event()
    steps = asyncio.ensure_future(stepping(url, run, done))
    stream = asyncio.ensure_future(watching(url, run, done))
    readers = asyncio.gather(*(cut(port, ask * 4, b"\r\n", reads=False) for _ in range(READERS)))
    senders = await asyncio.gather(*(cut(port, *KINDS[n % len(KINDS)]) for n in range(clients)))
    print(
        f"{clients} slow senders: cut after {statistics.median(senders):.1f} s, the last {max(senders):.1f}"
    )
    stuck = await readers
    print(f"{READERS} slow readers: cut after {statistics.median(stuck):.1f} s, the last {max(stuck):.1f}")
    done.set()
    took, size = sorted(await steps), await stream
    worst = took[int(len(took) * 0.99)]
    print(
        f"{len(took)} steps beside them: median {took[len(took) // 2] * 1e3:.0f} ms, p99 {worst * 1e3:.0f} ms"
    )
    print(f"The stream beside them brought {size / 1e6:.1f} MB and went on")
    good = max(senders) < SENDER_SECONDS and max(stuck) < READER_SECONDS and worst < STEP_SECONDS and size > 0
    return 0 if good else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Whether the slow are cut and others are served."""
    parser = argparse.ArgumentParser("slow", description="How soon slow clients are cut.")
    parser.add_argument("--clients", type=int, default=500, help="how many (%(default)s)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        settings: dict[str, Any] = {"BACKGLASS_MAX_REPLAY_SECONDS": "600"}
        folder = Path(name)
        with (
            (folder / "log").open("w") as log,
            served(folder / "backglass.db", log=log, **settings) as (url, _),
        ):
            return asyncio.run(all_of(url, asked.clients))


if __name__ == "__main__":
    sys.exit(main())
