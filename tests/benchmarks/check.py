"""How much faster gradients are checked than by a full forward pass a cell, on digits 64-32-10.

    python -m tests.benchmarks.check

All 2,410 parameters, a batch of 32, float64. The plain loop runs the network forward and takes the mean loss
at as many points a cell as the checker does at first, and knows no kink. Both are timed by the time of the
process, in turn, several times, and the best times of each are held against each other. It ends with 1 where
the checker is less than 12 times as fast, or finds another gradient than the plain loop.
"""

import os

# One thread each, as in the service: it must be said before NumPy is there.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.batching import Batching
from engine.check import checks
from engine.check.differences import CENTRAL
from engine.datasets import load
from engine.initializers import He
from engine.layers import Dense, ReLU, Softmax
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Run

EXPECTED = 12.0
BATCH = 32
ROUNDS = 5
STEP = 2.0**-16


def digits() -> Run:
    """The run, after no update: its frame is held, so that neither side pays for it."""
    data = load("digits")
    rng = np.random.default_rng(0)
    layers = [
        Dense(64, 32, initializer=He(), rng=rng),
        ReLU(),
        Dense(32, 10, initializer=He(), rng=rng),
        Softmax(),
    ]
    network = Network(layers, CategoricalCrossentropy())
    return Run(network, SGD(0.1), data.input, data.target, batching=Batching(BATCH, shuffled=True, seed=0))


def checked(run: Run, position: int) -> dict[str, Array]:
    """The numeric gradients of the parameters, by the checker; NaN where there is a kink."""
    return {
        name: np.where(one.reason == 0, one.numeric, np.nan)
        for parameter in run.network.parameters
        for name, one in checks(run, position, parameter.replace(".", ".d"))
    }


def plain(run: Run, position: int) -> dict[str, Array]:
    """The same by the plain loop."""
    frame, network = run.frame(position), run.network
    input, target, loss = frame.tensors["batch.input"], frame.tensors["batch.target"], network.loss
    assert input is not None
    assert target is not None
    assert loss is not None
    points = list(zip(CENTRAL.shifts * STEP, CENTRAL.weights / STEP, strict=True))
    found: dict[str, Array] = {}
    for name, layer in network.named():
        for p in layer.parameters:
            right = vars(layer)[p]
            numeric = found[f"{name}.d{p}"] = np.empty_like(right)
            for index in np.ndindex(*right.shape):
                slope = 0.0
                for shift, weight in points:
                    moved = right.copy()
                    moved[index] += shift
                    setattr(layer, p, moved)
                    loss.forward(network.forward(input), target)
                    slope += weight * loss.value[0, 0]
                numeric[index] = slope
            setattr(layer, p, right)
    return found


def timed(of: Callable[[], object]) -> float:
    """Seconds of this process."""
    begun = time.process_time()
    of()
    return time.process_time() - begun


def main() -> int:
    """The ratio, and whether it is good enough."""
    run = digits()
    position = run.steps_per_iteration - 1
    fast, slow = checked(run, position), plain(run, position)
    apart = max(float(np.nanmax(np.abs(fast[name] - slow[name]))) for name in slow)
    cells = sum(array.size for array in slow.values())
    print(f"{cells} parameters, batch {BATCH}: the two differ by at most {apart:.1e}")
    best = [np.inf, np.inf]
    for _ in range(ROUNDS):
        for number, way in enumerate((checked, plain)):
            best[number] = min(best[number], timed(partial(way, run, position)))
    ratio = best[1] / best[0]
    print(f"checked in {best[0] * 1e3:.1f} ms, by the plain loop in {best[1] * 1e3:.1f} ms:", end=" ")
    print(f"{ratio:.1f} times as fast, expected {EXPECTED:.0f} or more")
    return int(ratio < EXPECTED or apart > 1e-9)


if __name__ == "__main__":
    sys.exit(main())
