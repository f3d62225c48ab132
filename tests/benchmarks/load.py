"""Whether it holds for a class: clients stepping their own runs once a second, some watching a training.

    python -m tests.benchmarks.load --seconds 600
    python -m tests.benchmarks.load --times 10
    python -m tests.benchmarks.load --workers 2

300 clients step and 30 of them watch. At least 99% of all answers are 2xx and come within a second, a step
takes less than 150 ms at the 99th percentile, and the server with all of its processes stays below 600 MB.
With ten times as many every answer is 2xx, 429, or 503 with Retry-After, and the class alone is served as
before once they are gone. It ends with 1 where that does not hold. The clients run on the same machine.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.api.conftest import served
from tests.benchmarks.memory import tree_mb

CLIENTS = 300
WATCHERS = 30
PERIOD = 1.0
"""Seconds from one step of a client to its next, and those in which an answer is in time."""

RAMP = 3.0
"""Seconds in which they come."""

SHARE, P99, MOST_MB = 0.99, 0.150, 600.0
GROWTH = 1.1
"""How much more memory the last third of the time may see than the middle one."""

PAUSE = 5.0
"""Seconds in which it recovers."""

LAYERS = [{"type": "dense", "units": 8}, {"type": "relu"}, {"type": "dense", "units": 3}, {"type": "softmax"}]


@dataclass
class Seen:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    in_time: int = 0
    late: int = 0
    streamed: int = 0
    memory: list[float] = field(default_factory=list)

    def took(self, status: int, seconds: float, headers: dict[str, str], *, step: bool) -> None:
        """Count an answer."""
        self.statuses[status] += 1
        served = 200 <= status < 300
        if served and seconds <= PERIOD:
            self.in_time += 1
        else:
            self.late += 1
        if served and step:
            self.steps.append(seconds)
        if not served and not (status == 429 or (status == 503 and "retry-after" in headers)):
            self.wrong.append(f"{status} {headers}")


class Connection:
    """One kept-alive connection: as little work for each request as can be, since it shares the machine."""

    def __init__(self, host: str, port: int) -> None:
        self._at = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", accept: str = "*/*"
    ) -> tuple[int, dict[str, str]]:
        """The status and the headers of an answer, whose body is still to be read."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._at)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._at[0]}:{self._at[1]}\r\nAccept: {accept}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines[1:-2])}
        return int(lines[0].split()[1]), headers

    async def body(self, headers: dict[str, str]) -> bytes:
        """The body of an answer of a stated length."""
        assert self._streams is not None
        found = await self._streams[0].readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return found

    async def piece(self) -> bytes:
        """Some of a stream; nothing after its end."""
        assert self._streams is not None
        return await self._streams[0].read(1 << 16)

    def close(self) -> None:
        """Leave."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Client:
    """A learner with a run of their own."""

    def __init__(self, host: str, port: int, number: int, seen: Seen) -> None:
        self._connection = Connection(host, port)
        self._number = number
        self._seen = seen
        self._run: dict[str, Any] | None = None
        self._position = 0

    async def step(self, until: float) -> None:
        """Make a run, and step through it, a step a second."""
        await asyncio.sleep(random.Random(self._number).random() * RAMP)
        while (begun := time.monotonic()) < until:
            try:
                await self._asked(begun)
            except (OSError, asyncio.IncompleteReadError) as error:
                self._seen.wrong.append(repr(error))
                self._connection.close()
            await asyncio.sleep(begun + PERIOD - time.monotonic())
        self._connection.close()

    async def watch(self, until: float) -> None:
        """Watch the training of a run, and another when it is over."""
        await asyncio.sleep(random.Random(self._number).random() * RAMP)
        for turn in range(1_000_000):
            spec = json.dumps(_spec(self._number + 100_000 * (turn + 1))).encode()
            run = await self._json("POST", "/api/v1/runs", spec)
            if run is not None:
                path = f"/api/v1/runs/{run['id']}/history?stop=100000"
                status, headers = await self._connection.ask("GET", path, accept="text/event-stream")
                if status == 200:
                    while time.monotonic() < until and (piece := await self._connection.piece()):
                        self._seen.streamed += piece.count(b"\nid: ") + piece.startswith(b"id: ")
                    self._connection.close()
                else:
                    self._seen.took(status, 0.0, headers, step=False)
                    await self._connection.body(headers)
            if time.monotonic() >= until:
                break
            await asyncio.sleep(PERIOD)

    async def _asked(self, begun: float) -> None:
        if self._run is None:
            self._run = await self._json("POST", "/api/v1/runs", json.dumps(_spec(self._number)).encode())
            return
        self._position += 1
        path = f"/api/v1/runs/{self._run['id']}/frames/{self._position}"
        status, headers = await self._connection.ask("GET", path)
        await self._connection.body(headers)
        self._seen.took(status, time.monotonic() - begun, headers, step=True)

    async def _json(self, method: str, path: str, body: bytes) -> dict[str, Any] | None:
        begun = time.monotonic()
        status, headers = await self._connection.ask(method, path, body)
        found: dict[str, Any] = json.loads(await self._connection.body(headers))
        self._seen.took(status, time.monotonic() - begun, headers, step=False)
        return found if 200 <= status < 300 else None


def _spec(number: int) -> dict[str, Any]:
    return {"dataset": {"name": "iris"}, "layers": LAYERS, "seed": number}


async def load(address: str, pid: int, seconds: float, times: int) -> Seen:
    """What so many clients see in this time."""
    host, _, port = address.removeprefix("http://").partition(":")
    seen = Seen()
    until = time.monotonic() + seconds
    clients = [Client(host, int(port), number, seen) for number in range((CLIENTS + WATCHERS) * times)]
    stepping, watching = clients[: CLIENTS * times], clients[CLIENTS * times :]
    tasks = [asyncio.create_task(one.step(until)) for one in stepping]
    tasks += [asyncio.create_task(one.watch(until)) for one in watching]
    while time.monotonic() < until:
        seen.memory.append(await asyncio.to_thread(tree_mb, pid))
        await asyncio.sleep(min(seconds / 30, 10.0))
    done, _ = await asyncio.wait(tasks, timeout=30)
    seen.wrong += [repr(task.exception()) for task in done if task.exception()]
    seen.wrong += ["no answer"] * (len(tasks) - len(done))
    return seen


def told(seen: Seen, name: str) -> tuple[float, float]:
    """Print what was seen: the share of answers in time, and the 99th percentile of a step."""
    steps = sorted(seen.steps) or [float("inf")]
    p99 = steps[int(len(steps) * 0.99)] if len(steps) > 1 else steps[0]
    share = seen.in_time / max(1, seen.in_time + seen.late)
    print(f"{name}: {share:.2%} of {seen.in_time + seen.late} answers in time; a step:", end=" ")
    print(f"median {median(steps) * 1e3:.1f} ms, 99th percentile {p99 * 1e3:.1f} ms,", end=" ")
    print(f"longest {steps[-1] * 1e3:.0f} ms; {seen.streamed} records watched")
    print("  answers by status:", dict(seen.statuses), "unexpected:", len(seen.wrong), seen.wrong[:3])
    print("  memory of all processes, MB:", " ".join(f"{one:.0f}" for one in seen.memory), flush=True)
    return share, p99


def flat(memory: list[float]) -> bool:
    """Whether the last third of the time saw no more than the middle one, or little more."""
    third = len(memory) // 3
    return third == 0 or max(memory[-third:]) <= GROWTH * max(memory[third : 2 * third])


def main() -> int:
    """Print the figures, and whether they are good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    command = [sys.executable, "-m", "app"]
    command += ["--workers", str(asked.workers)] if asked.workers > 1 else []
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "backglass.db", command=command) as (url, process),
    ):
        if asked.times > 1:
            flood = asyncio.run(load(url, process.pid, asked.seconds, asked.times))
            told(flood, f"{asked.times} times as many")
            if flood.wrong:
                return 1
            print(f"{PAUSE:.0f} s later", flush=True)
            time.sleep(PAUSE)
        seen = asyncio.run(load(url, process.pid, asked.seconds, 1))
        share, p99 = told(seen, "a class")
        process.terminate()
        process.wait(30)
    holds = share >= SHARE and p99 < P99 and max(seen.memory) < MOST_MB and flat(seen.memory)
    return int(bool(seen.wrong) or not holds)


if __name__ == "__main__":
    sys.exit(main())
