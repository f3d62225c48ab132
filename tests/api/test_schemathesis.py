"""Requests that nobody thought of, made from the description: no 5xx, no answer that it does not promise."""

from pathlib import Path

from tests.api.conftest import served
from tests.benchmarks.fuzz import SETTINGS, fuzzed

EXAMPLES = 7
"""Of an operation: about 2,500 cases in all; `python -m tests.benchmarks.fuzz` tries many more."""


def test_no_request_from_the_description_surprises(tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("w") as log,
        served(tmp_path / "backglass.db", log=log, **SETTINGS) as (url, _),
    ):
        cases, said = fuzzed(url, tmp_path, EXAMPLES, "--generation-deterministic")
    assert cases >= 2_000, said[-8000:]
