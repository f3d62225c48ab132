"""Requests that nobody thought of, from the API's own description, until there were enough of them.

    python -m tests.benchmarks.fuzz --cases 50000

schemathesis makes them, by other seeds every round, and holds each answer against the description by all of
its checks; a 5xx is a failure. The server's memory is read after every round: its caches are small, so that
what stays is a leak. It ends with 1 at the first failure, and where memory is not flat.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.api.conftest import served

SETTINGS: dict[str, Any] = {
    # What is tried is the surface, not the engine.
    "BACKGLASS_MAX_REPLAY_SECONDS": "0.2",
    "BACKGLASS_MAX_TRAINING_SECONDS": "0.2",
    "BACKGLASS_CACHE_BYTES": str(16 * 1024 * 1024),
    "BACKGLASS_LIVE_RUNS": "16",
}

CONFIG = """
[checks]
enabled = true
# What fits the description may still contradict itself: shapes, names, sizes.
positive_data_acceptance.enabled = false

# Its body is text, and what was meant to be none is text too once it is sent: there is nothing to reject.
[[operations]]
include-name = "POST /api/v1/datasets"
checks.negative_data_rejection.enabled = false
"""

ROUND = 120
"""Examples of an operation in a round."""

FLAT = 1.15
"""How much the memory may be above what it was when half of the cases were done."""


def fuzzed(url: str, folder: Path, examples: int, *more: str) -> tuple[int, str]:
    """How many cases were tried without a failure, and what schemathesis says; 0 where one failed."""
    (folder / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/openapi.json"),
        # One worker: Python 3.11 cannot parse in two threads at once, which hypothesis does.
        *("--max-examples", str(examples), "--workers", "1"),
        *("--continue-on-failure", "--no-color", *more),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    same = found is not None and found[1] == found[2] and done.returncode == 0
    return int(found[1]) if found and same else 0, done.stdout


def resident(process: int) -> int:
    """Bytes of memory of a process and its children, on Linux."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return (int(found[1]) * 1024 if found else 0) + sum(resident(int(child)) for child in children)


def _failures(log: Path) -> list[str]:
    """What the server's log has beside the requests that went well: the last of it."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if '"level": "info"' not in line][-200:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Whether there was no failure, and memory was flat."""
    parser = argparse.ArgumentParser("fuzz", description="Requests that nobody thought of.")
    parser.add_argument("--cases", type=int, default=50_000, help="how many (%(default)s)")
    asked = parser.parse_args(arguments)
    total, memory, begun = 0, list[tuple[int, int]](), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            (folder / "log").open("w") as log,
            served(folder / "backglass.db", log=log, **SETTINGS) as (url, process),
        ):
            while total < asked.cases:
                phases = [] if total == 0 else ["--phases", "fuzzing,stateful"]
                cases, said = fuzzed(url, folder, ROUND, "--seed", str(len(memory)), *phases)
                if cases == 0:
                    print(said[-8000:], *_failures(folder / "log"), sep="\n")
                    return 1
                total += cases
                memory.append((total, resident(process.pid)))
                spent = time.monotonic() - begun
                print(f"{total} cases in {spent:.0f} s, {memory[-1][1] / 2**20:.0f} MiB", flush=True)
    half = [size for cases, size in memory if cases <= total / 2] or [memory[0][1]]
    ratio = memory[-1][1] / max(half)
    print(f"No failure; memory at the end is {ratio:.2f} times what it was halfway, at most {FLAT} expected")
    return int(ratio > FLAT)


if __name__ == "__main__":
    sys.exit(main())
