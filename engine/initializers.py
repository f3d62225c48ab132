"""How a dense layer's weight begins."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, finite_float


class Initializer(ABC):
    """A distribution that weights are drawn from."""

    @abstractmethod
    def draw(self, inputs: int, units: int, rng: np.random.Generator) -> Array:
        """A float64 weight of shape (inputs, units)."""


@dataclass(frozen=True, slots=True)
class Normal(Initializer):
    """scale · N(0, 1)."""

    scale: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", finite_float("scale", self.scale, 0))

    def draw(self, inputs: int, units: int, rng: np.random.Generator) -> Array:
        """A float64 weight of shape (inputs, units)."""
        return self.scale * rng.standard_normal((inputs, units))


@dataclass(frozen=True, slots=True)
class He(Initializer):
    """√(2 / inputs) · N(0, 1): keeps the variance through ReLUs (He et al., 2015)."""

    def draw(self, inputs: int, units: int, rng: np.random.Generator) -> Array:
        """A float64 weight of shape (inputs, units)."""
        return math.sqrt(2 / inputs) * rng.standard_normal((inputs, units))


@dataclass(frozen=True, slots=True)
class Glorot(Initializer):
    """√(2 / (inputs + units)) · N(0, 1): for forward and backward alike (Glorot and Bengio, 2010)."""

    def draw(self, inputs: int, units: int, rng: np.random.Generator) -> Array:
        """A float64 weight of shape (inputs, units)."""
        return math.sqrt(2 / (inputs + units)) * rng.standard_normal((inputs, units))


@dataclass(frozen=True, slots=True)
class Zeros(Initializer):
    """All alike: units that begin the same get the same gradients, and stay the same."""

    def draw(self, inputs: int, units: int, rng: np.random.Generator) -> Array:
        """A float64 weight of shape (inputs, units)."""
        return np.zeros((inputs, units))
