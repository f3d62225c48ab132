"""The memory of a process and of all that it started, as Linux counts it."""

from pathlib import Path


def tree_mb(pid: int) -> float:
    """Megabytes of a process and its descendants: what they share is counted once."""
    return sum(_own_kb(one) for one in _descendants(pid)) / 1024


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:  # it has ended
                continue
    return found


def _own_kb(pid: int) -> int:
    """Its proportional share of what it maps."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
