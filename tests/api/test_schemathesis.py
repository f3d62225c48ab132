"""Requests that nobody thought of, made from the description: no 5xx, no answer that it does not promise."""

import subprocess
import sys
from pathlib import Path

from tests.api.conftest import served


def test_no_request_from_the_description_surprises(tmp_path: Path) -> None:
    # A short limit on replays: what is tried here is the surface, not the engine.
    with served(tmp_path / "backglass.db", BACKGLASS_MAX_REPLAY_SECONDS="0.2") as (url, _):
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/openapi.json"),
            *("--checks", "all"),
            # What fits the description may still contradict itself: shapes, names, sizes.
            *("--exclude-checks", "positive_data_acceptance"),
            # One worker: Python 3.11 cannot parse in two threads at once, which hypothesis does.
            *("--max-examples", "20", "--workers", "1"),
            *("--generation-deterministic", "--continue-on-failure", "--no-color"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-8000:]
