"""What was answered 201 is there after `kill -9`; `python -m tests.benchmarks.kills` does it 200 times."""

from pathlib import Path

from tests.benchmarks.kills import kills


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    outcome = kills(5, tmp_path)
    assert len(outcome.kept) >= 3 * 5
    assert outcome.lost == set()
    assert outcome.torn == []
