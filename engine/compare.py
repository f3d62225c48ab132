"""Two runs side by side: where they stand apart, and where they first did."""

import numpy as np

from engine.arrays import Array
from engine.run import Frame, Run


def shared(a: Run, b: Run) -> list[str]:
    """The tensors that both have, by canonical name, in a's order."""
    there = b.shapes()
    return [name for name in a.shapes() if name in there]


def partings(a: Run, b: Run, position: int) -> dict[str, int | None]:
    """For each shared tensor the first position at which the two differ; None where they agree up to here.

    They differ where one is computed and the other not, or where any cell is another number.

    Raises:
        ValueError: Runs of different steps, which have no positions in common.
    """
    if a.steps != b.steps:
        raise ValueError("steps: expected the same in both runs")
    found: dict[str, int | None] = dict.fromkeys(shared(a, b))
    steps = a.steps_per_iteration
    iterations = position // steps + 1
    for (iteration, before_a, after_a), (_, before_b, after_b) in zip(
        a.iterations(0, iterations), b.iterations(0, iterations), strict=True
    ):
        open_ = [name for name, first in found.items() if first is None]
        # What an iteration wrote stands in its last frame; only what differs there is looked at step by step.
        if any(_differ(before_a, before_b, name) or _differ(after_a, after_b, name) for name in open_):
            start = iteration * steps
            for at in range(start, min(start + steps, position) + 1):
                left, right = a.frame(at), b.frame(at)
                for name in open_:
                    if found[name] is None and _differ(left, right, name):
                        found[name] = at
    return found


def difference(a: Frame, b: Frame, name: str) -> Array | None:
    """b − a, in float64; None where one of them is not computed or their shapes differ."""
    left, right = a.tensors.get(name), b.tensors.get(name)
    if left is None or right is None or left.shape != right.shape:
        return None
    with np.errstate(all="ignore"):
        return right.astype(np.float64) - left.astype(np.float64)


def _differ(a: Frame, b: Frame, name: str) -> bool:
    left, right = a.tensors[name], b.tensors[name]
    if left is None or right is None:
        return left is not right
    return not np.array_equal(left, right, equal_nan=True)
