"""AdaGrad, a rate of its own for every cell, which only ever falls; and RMSprop, which forgets."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.explain import Cell, Factor, Rule, Term, read
from engine.optimizers.base import EPSILON, RATE, SHARE, Optimizer, State, same


class _Scaled(Optimizer):
    """w = w − lr_t · dw / (√c + ε), where c remembers the squared gradients."""

    __slots__ = ()

    epsilon: float

    @property
    def state(self) -> tuple[str, ...]:
        """What is remembered of the squared gradients."""
        return ("cache",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Cell by cell."""
        return {"parameter": same("parameter", "gradient", "cache"), "cache": same("cache", "gradient")}

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """w − lr_t · dw / (√c + ε), and c."""
        cache = self._remembered(state["cache"], gradient * gradient)
        moved = parameter - self.rate(iteration) * gradient * self._scale(cache)
        return moved, {"cache": cache}

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The cell before, and the step that it took; or what was remembered, and the new square."""
        gradient = read("gradient", "gradient", before["gradient"], *index)
        kept = read(name, name, before[name], *index)
        if name == "cache":
            old, new = self._shares()
            return Term.product(*old, kept), Term.product(*new, gradient, gradient)
        scale = Factor("1/(√c + ε)", float(self._scale(after["cache"][index])), (Cell("cache", index),))
        return Term.product(kept), Term.product(Factor("−lr", -self.rate(iteration)), gradient, scale)

    @abstractmethod
    def _remembered(self, cache: Array, square: Array) -> Array:
        """c, from the one before and dw²."""

    @abstractmethod
    def _shares(self) -> tuple[tuple[Factor, ...], tuple[Factor, ...]]:
        """What multiplies the cache before, and what the new square."""

    def _scale(self, cache: Array) -> Array:
        return 1 / (np.sqrt(cache) + self.epsilon)


@dataclass(frozen=True, slots=True)
class AdaGrad(_Scaled):
    """c = c + dw², w = w − lr_t · dw / (√c + ε).

    Args:
        learning_rate: lr, at least 0.
        decay: At least 0.
        epsilon: ε, above 0.

    Source: Duchi et al. (2011), in PyTorch's form.
    """

    kind: ClassVar[str] = "adagrad"

    learning_rate: float = 0.01
    decay: float = 0.0
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        self._expect(learning_rate=RATE, decay=RATE, epsilon=EPSILON)

    def _remembered(self, cache: Array, square: Array) -> Array:
        return cache + square

    def _shares(self) -> tuple[tuple[Factor, ...], tuple[Factor, ...]]:
        return (), ()


@dataclass(frozen=True, slots=True)
class RMSprop(_Scaled):
    """c = ρ·c + (1 − ρ)·dw², w = w − lr_t · dw / (√c + ε).

    Args:
        learning_rate: lr, at least 0.
        decay: At least 0.
        rho: ρ, from 0 to 1: how much of the squares before is kept.
        epsilon: ε, above 0.

    Source: Tieleman and Hinton (2012), in PyTorch's form, whose ρ is called alpha.
    """

    kind: ClassVar[str] = "rmsprop"

    learning_rate: float = 0.01
    decay: float = 0.0
    rho: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        self._expect(learning_rate=RATE, decay=RATE, rho=SHARE, epsilon=EPSILON)

    def _remembered(self, cache: Array, square: Array) -> Array:
        return self.rho * cache + (1 - self.rho) * square

    def _shares(self) -> tuple[tuple[Factor, ...], tuple[Factor, ...]]:
        return (Factor("ρ", self.rho),), (Factor("1 − ρ", 1 - self.rho),)
