"""Two runs side by side: where they stand apart, and where they first did."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.run import Frame, Run

BLOCK = 1 << 18
"""Cells of a difference that are formed at a time."""


def shared(a: Run, b: Run) -> list[str]:
    """The tensors that both have, by canonical name, in a's order."""
    there = b.shapes()
    return [name for name in a.shapes() if name in there]


def partings(a: Run, b: Run, position: int) -> dict[str, int | None]:
    """For each shared tensor the first position at which the two differ; None where they agree up to here.

    They differ where one is computed and the other not, or where any cell is another number. What cannot
    part, by what the two were made from, is not looked at: neither what lies before their first other edit,
    nor the batches of runs that are fed alike.

    Raises:
        ValueError: Runs of different steps, which have no positions in common.
    """
    if a.steps != b.steps:
        raise ValueError("steps: expected the same in both runs")
    found: dict[str, int | None] = dict.fromkeys(shared(a, b))
    steps, alike, fed = a.steps_per_iteration, a.alike_until(b), a.fed_alike_from(b)
    if alike is None or alike > position:
        return found
    agreeing = list(found)
    starts: tuple[tuple[Run, Frame], ...] = ()
    # From the iteration on whose step led there.
    first, stop = max(alike - 1, 0) // steps, position // steps + 1
    for (iteration, last_a, after_a), (_, last_b, after_b) in zip(
        a.iterations(first, stop), b.iterations(first, stop), strict=True
    ):
        # What an iteration wrote stands in its last frame; only what differs there is looked at step by step.
        if any(_differ(last_a, last_b, name) or _differ(after_a, after_b, name) for name in agreeing):
            for run, frame in starts:
                run.adopt(frame)
            start = iteration * steps
            found |= _stepped(a, b, agreeing, range(start, min(start + steps, position) + 1))
            agreeing = [name for name in agreeing if found[name] is None]
        if fed is not None and fed < (iteration + 1) * steps:
            agreeing = [name for name in agreeing if not name.startswith(("data.", "batch."))]
        if not agreeing:
            break
        starts = ((a, after_a), (b, after_b))
    return found


def difference(a: Frame, b: Frame, name: str) -> Array | None:
    """b − a, in float64; None where one of them is not computed or their shapes differ."""
    left, right = a.tensors.get(name), b.tensors.get(name)
    if left is None or right is None or left.shape != right.shape:
        return None
    return _less(left, right)


def blocks(a: Frame, b: Frame, name: str) -> Iterator[Array]:
    """The cells of the same difference in their order, some at a time; none where there is no difference."""
    left, right = a.tensors.get(name), b.tensors.get(name)
    if left is None or right is None or left.shape != right.shape:
        return
    flat = left.ravel(), right.ravel()
    for start in range(0, left.size, BLOCK):
        yield _less(*(one[start : start + BLOCK] for one in flat))


def _less(left: Array, right: Array) -> Array:
    with np.errstate(all="ignore"):
        found: Array = right.astype(np.float64) - left.astype(np.float64)
    return found


def _stepped(a: Run, b: Run, names: list[str], positions: range) -> dict[str, int]:
    """Where these tensors first differ, by looking at every position."""
    found: dict[str, int] = {}
    for at in positions:
        left, right = a.frame(at), b.frame(at)
        found |= {name: at for name in names if name not in found and _differ(left, right, name)}
    return found


def _differ(a: Frame, b: Frame, name: str) -> bool:
    left, right = a.tensors[name], b.tensors[name]
    if left is None or right is None:
        return left is not right
    return not (np.array_equal(left, right) or np.array_equal(left, right, equal_nan=True))
