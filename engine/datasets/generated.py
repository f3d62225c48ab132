"""Data sets made of seeded random numbers. Samples take turns: classes 0, 1, 2, 0, 1, 2, and so on."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.datasets.dataset import Dataset
from engine.streams import DATA, stream

SWEEP = 4.0
"""The angle, in radians, through which an arm of the spiral turns on its way out."""

INNER_RADIUS = 0.5
"""The radius of the inner circle; the outer one's is 1."""

QUARTERS = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
"""The signs of the four quarters of the plane, counter-clockwise."""


def spiral(*, classes: int, samples: int, noise: float, seed: int) -> Dataset:
    """Arms that wind outwards from the origin, evenly turned against each other.

    radius r = 1/m, 2/m, …, 1 for m samples an arm; angle = 2π·class/classes + 4r + noise·N(0, 1)
    """
    rng = stream(seed, DATA)
    target, rank = _turns(samples, classes, rng)
    radius = (rank + 1) / _each(samples, classes)
    angle = 2 * math.pi * target / classes + SWEEP * radius + noise * rng.standard_normal(samples)
    points = radius[:, None] * _directions(angle)
    return _planar(points, target[:, None], _numbered("arm", classes))


def moons(*, samples: int, noise: float, seed: int) -> Dataset:
    """Two half circles of radius 1, each with its end in the other's hollow.

    upper (cos θ, sin θ), lower (1 − cos θ, ½ − sin θ), θ evenly from 0 to π; + noise·N(0, 1)
    """
    rng = stream(seed, DATA)
    target, rank = _turns(samples, 2, rng)
    upper = _directions(math.pi * rank / max(_each(samples, 2) - 1, 1))
    points = np.where(target[:, None] == 0, upper, [1.0, 0.5] - upper)
    return _planar(_noisy(points, noise, rng), target[:, None], ("upper", "lower"))


def circles(*, samples: int, noise: float, seed: int) -> Dataset:
    """A circle of radius ½ within one of radius 1, both around the origin.

    radius·(cos θ, sin θ), θ evenly around; + noise·N(0, 1)
    """
    rng = stream(seed, DATA)
    target, rank = _turns(samples, 2, rng)
    radius = np.where(target[:, None] == 0, 1.0, INNER_RADIUS)
    points = radius * _directions(2 * math.pi * rank / _each(samples, 2))
    return _planar(_noisy(points, noise, rng), target[:, None], ("outer", "inner"))


def xor(*, samples: int, noise: float, seed: int) -> Dataset:
    """Points of the square from −1 to 1: do their coordinates have the same sign or different ones?

    The class is that of the point before noise·N(0, 1) moved it.
    """
    points, signs = _square(samples, noise, seed)
    return _planar(points, signs[:, :1] != signs[:, 1:], ("same", "different"))


def quadrants(*, samples: int, noise: float, seed: int) -> Dataset:
    """The points of `xor` with two outputs: is x_1 positive, is x_2 positive?"""
    points, signs = _square(samples, noise, seed)
    return _planar(points, signs > 0, ("right", "above"))


def blobs(*, classes: int, samples: int, features: int, noise: float, seed: int) -> Dataset:
    """Round clouds of deviation `noise`, their centres evenly around a circle.

    centre[j] = cos(2π·class/classes − π·j/features), of length √(features/2): every feature tells something
    """
    rng = stream(seed, DATA)
    target = np.arange(samples) % classes
    phase = math.pi * np.arange(features) / features
    centre = np.cos(2 * math.pi * target[:, None] / classes - phase)
    return Dataset(
        _noisy(centre, noise, rng), target[:, None], _numbered("x", features), _numbered("blob", classes)
    )


def _turns(
    samples: int, classes: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each sample's class, in turns, and its rank along the class's curve, each class in an order of its own.

    So any run of samples is balanced and spread over the whole shape.
    """
    ranks = np.tile(np.arange(_each(samples, classes)), (classes, 1))
    return np.arange(samples) % classes, rng.permuted(ranks, axis=1).T.ravel()[:samples]


def _each(samples: int, classes: int) -> int:
    """How many samples the largest class has."""
    return -(-samples // classes)


def _square(samples: int, noise: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the square from −1 to 1, the quarters in turns, moved by noise; and their signs before."""
    rng = stream(seed, DATA)
    signs = QUARTERS[np.arange(samples) % len(QUARTERS)]
    points = signs * (1 - rng.random((samples, 2)))  # never 0, which has no sign
    return _noisy(points, noise, rng), signs


def _directions(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _noisy(points: NDArray[np.float64], noise: float, rng: np.random.Generator) -> NDArray[np.float64]:
    return points + noise * rng.standard_normal(points.shape)


def _planar(
    points: NDArray[np.float64], target: NDArray[np.int64] | NDArray[np.bool], classes: tuple[str, ...]
) -> Dataset:
    return Dataset(points, target.astype(np.int64), _numbered("x", 2), classes)


def _numbered(stem: str, count: int) -> tuple[str, ...]:
    return tuple(f"{stem}_{number}" for number in range(1, count + 1))
