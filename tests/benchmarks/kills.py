"""What is left after `kill -9`: `python -m tests.benchmarks.kills [COUNT]`.

A server is killed while several clients post runs and uploads, again and again; after each start all that
was ever answered 201 must be there, and its frames whole.
"""

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.identity import id_of
from app.settings import sqlite_url

CLIENTS = 4

SPEC: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8},
    "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}],
}

READY_SECONDS = 2.0
"""From the start of a process to its first answer."""


@dataclass
class Outcome:
    """Of all kills together.

    Attributes:
        kept: What was answered 201: the path to ask for it.
        lost: What of it was not there after a start.
        torn: What is wrong with the file in the end.
        ready: Seconds from each start to the first answer.
    """

    kept: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    torn: list[str] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)


def kills(count: int, folder: Path, seed: int = 0) -> Outcome:
    """Kill so often; look each time for the newest, and in the end for all.

    Args:
        count: How often.
        folder: Where the store is.
        seed: Of the moments at which it is killed.
    """
    moments, outcome = random.Random(seed), Outcome()
    for number in range(count + 1):
        with _server(folder / "backglass.db") as (api, process, seconds):
            outcome.ready.append(seconds)
            looked_for = outcome.kept[-50:] if number < count else outcome.kept
            outcome.lost |= {path for path in looked_for if not _there(api, path)}
            if number == count:
                break
            posting = [
                threading.Thread(target=_post, args=(api.base_url, number * CLIENTS + client, outcome.kept))
                for client in range(CLIENTS)
            ]
            for thread in posting:
                thread.start()
            _wait_for(len(outcome.kept) + moments.randint(3, 30), outcome.kept)
            time.sleep(moments.uniform(0, 0.02))  # anywhere within a write
            process.kill()
            for thread in posting:
                thread.join()
    outcome.torn = _torn(folder / "backglass.db")
    return outcome


def _wait_for(count: int, kept: list[str]) -> None:
    """Wait until so much was answered 201."""
    until = time.monotonic() + 120
    while len(kept) < count and time.monotonic() < until:
        time.sleep(0.002)


def _torn(database: Path) -> list[str]:
    """What SQLite finds wrong with the file, and each row that is not what its name is the hash of."""
    with closing(sqlite3.connect(database)) as file:
        found = [said for (said,) in file.execute("PRAGMA integrity_check") if said != "ok"]
        found += [
            name for name, text in file.execute("SELECT id, canonical FROM runs") if id_of(text) != name
        ]
        for table in ("arrays", "uploads"):
            rows = file.execute(f"SELECT sha256, data FROM {table}")
            found += [name for name, data in rows if hashlib.sha256(data).hexdigest() != name]
    return found


@contextmanager
def _server(database: Path) -> Iterator[tuple[httpx.Client, "subprocess.Popen[str]", float]]:
    environment = {**os.environ, "BACKGLASS_DATABASE_URL": sqlite_url(database)}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3].rstrip("/")
        with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as api:
            api.get(f"{url}/readyz").raise_for_status()
            yield api, process, time.monotonic() - began
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _post(url: httpx.URL, client: int, kept: list[str]) -> None:
    """Post until there is nobody to post to: runs, some with arrays of their own, and tables."""
    with httpx.Client(base_url=url, timeout=30) as api:
        for number in range(1_000_000):
            seed = client * 100_000 + number
            try:
                if number % 5 == 0:
                    table = "a,b,label\n" + "".join(f"{seed},{k},{k % 2}\n" for k in range(200))
                    headers = {"Content-Type": "text/csv"}
                    made = api.post("/datasets?label=label", content=table, headers=headers)
                    path = f"/datasets/{made.json()['upload']}"
                else:
                    given = {"input": [[seed, k] for k in range(200)], "target": [0, 1] * 100}
                    spec = SPEC | {"seed": seed} | ({"dataset": given} if number % 2 else {})
                    made = api.post("/runs", json=spec)
                    path = f"/runs/{made.json()['id']}/frames/4?values=none"
            except httpx.HTTPError:
                return
            if made.status_code == 201:
                kept.append(path)


def _there(api: httpx.Client, path: str) -> bool:
    """Whether it is known, and whole: the forward pass of a run can be computed."""
    return api.get(path).is_success


def main() -> None:
    """Print what became of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        outcome = kills(count, Path(folder))
    ready = sorted(outcome.ready)
    print(
        f"{count} kills: {len(outcome.kept)} answered 201,"
        f" {len(outcome.lost)} of them lost, {len(outcome.torn)} rows torn"
    )
    print(
        f"ready again within {ready[-1]:.2f} s, median {ready[len(ready) // 2]:.2f} s,"
        f" expected {READY_SECONDS:g} s or less"
    )
    if outcome.lost or outcome.torn or ready[-1] > READY_SECONDS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
