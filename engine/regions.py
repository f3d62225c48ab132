"""Which class the network gives to every point of a plane, with the weights of one frame."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.run import Frame, Run

NOTHING = 255
"""The class of a point whose outputs are not numbers."""

MOST_RESOLUTION = 128

MOST_FLAGS = 7
"""Outputs of a binary loss whose combinations have a number each, below `NOTHING`."""

MARGIN = 0.08
"""How far the picture reaches beyond the data, of their own width."""

FARTHEST = 1e300
"""No picture reaches further, so that its width is a number."""

BLOCK = 1024
"""Samples that run through the network at once."""


@dataclass(frozen=True, slots=True)
class Regions:
    """A picture of the plane, row 0 at the top, each cell judged at its centre.

    Attributes:
        x: From where to where, along the first feature.
        y: The same along the second.
        classes: The winner, uint8; `NOTHING` where there is none. Of several binary outputs the combination,
            the first output its lowest bit.
        share: What the network gives to the winner, float32: its probability, after a softmax or a sigmoid.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    classes: Array
    share: Array


class NoRegionsError(ValueError):
    """The data are in no plane, or the classes are too many to have a number each."""


def drawable(run: Run) -> bool:
    """Whether there is a picture: two features, and classes that a byte can tell apart."""
    assert run.network.loss is not None
    shapes = run.shapes()
    outputs = shapes["loss.dinput"][1]
    most = MOST_FLAGS if run.network.loss.kind == "binary_crossentropy" else NOTHING
    return shapes["data.input"][1] == 2 and outputs <= most


def regions(run: Run, frame: Frame, resolution: int) -> Regions:
    """The plane around the data, resolution × resolution, with the weights of this frame.

    Raises:
        NoRegionsError: Where `drawable` says so.
        ValueError: A resolution below 2 or above `MOST_RESOLUTION`.
    """
    if not 2 <= resolution <= MOST_RESOLUTION:
        raise ValueError(f"resolution: expected 2 to {MOST_RESOLUTION}, got {resolution}")
    if not drawable(run):
        raise NoRegionsError("regions: expected two features, and classes that a byte can tell apart")
    data = frame.tensors["data.input"]
    assert data is not None
    x, y = (_reach(data[:, axis]) for axis in (0, 1))
    plane = np.empty((resolution, resolution, 2), data.dtype)
    with np.errstate(over="ignore"):
        plane[:, :, 0] = _centres(x, resolution)
        plane[:, :, 1] = _centres(y, resolution)[::-1, np.newaxis]
    classes, share = _judged(run, frame, plane.reshape(-1, 2))
    return Regions(x, y, classes.reshape(resolution, resolution), share.reshape(resolution, resolution))


def winners(run: Run, frame: Frame) -> Array:
    """The class that the network gives to each sample of the data, with the weights of this frame: uint8."""
    data = frame.tensors["data.input"]
    assert data is not None
    return _judged(run, frame, data)[0]


def _judged(run: Run, frame: Frame, samples: Array) -> tuple[Array, Array]:
    blocks = [_winner(run, outputs) for outputs in _outputs(run, frame, samples)]
    return np.concatenate([c for c, _ in blocks]), np.concatenate([s for _, s in blocks])


def _outputs(run: Run, frame: Frame, samples: Array) -> Iterator[Array]:
    with np.errstate(all="ignore"):
        for start in range(0, len(samples), BLOCK):
            yield run.network.predicted(samples[start : start + BLOCK], frame.tensors)[1]


def _winner(run: Run, outputs: Array) -> tuple[Array, Array]:
    assert run.network.loss is not None
    if run.network.loss.kind == "binary_crossentropy":
        yes = outputs > 0.5
        classes = (yes << np.arange(outputs.shape[1])).sum(axis=1)
        share = np.where(yes, outputs, 1 - outputs).prod(axis=1)
    else:
        classes, share = outputs.argmax(axis=1), outputs.max(axis=1)
    lost = np.isnan(outputs).any(axis=1)
    return np.where(lost, NOTHING, classes).astype(np.uint8), share.astype(np.float32)


def _reach(column: Array) -> tuple[float, float]:
    low, high = (min(max(float(end), -FARTHEST), FARTHEST) for end in (column.min(), column.max()))
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _centres(reach: tuple[float, float], count: int) -> Array:
    low, high = reach
    centres: Array = low + (np.arange(count) + 0.5) * ((high - low) / count)
    return centres
