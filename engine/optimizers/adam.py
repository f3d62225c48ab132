"""Adam, and AdamW, which shrinks the weights beside it."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.explain import Cell, Factor, Rule, Term, read
from engine.optimizers.base import EPSILON, RATE, Optimizer, State, same

BETA = (0.0, 0.999999)
"""At 1 nothing new would be heard, and the correction for the start would divide by 0."""


class _Adaptive(Optimizer):
    """m = β₁·m + (1 − β₁)·dw, c = β₂·c + (1 − β₂)·dw²; both begin at 0, which m̂ and ĉ make up for."""

    __slots__ = ()

    beta1: float
    beta2: float
    epsilon: float

    @property
    def state(self) -> tuple[str, ...]:
        """The running means of the gradients and of their squares."""
        return ("momentum", "cache")

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Cell by cell."""
        return {
            "parameter": same("parameter", "momentum", "cache"),
            "momentum": same("momentum", "gradient"),
            "cache": same("cache", "gradient"),
        }

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """w − lr_t · m̂ / (√ĉ + ε), m and c."""
        momentum = self.beta1 * state["momentum"] + (1 - self.beta1) * gradient
        cache = self.beta2 * state["cache"] + (1 - self.beta2) * (gradient * gradient)
        step = self._mean(momentum, iteration) * self._scale(cache, iteration)
        moved = self._kept(iteration) * parameter - self.rate(iteration) * step
        return moved, {"momentum": momentum, "cache": cache}

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The cell before, and the step that it took; or the mean before, and what is new in it."""
        gradient = read("gradient", "gradient", before["gradient"], *index)
        kept = read(name, name, before[name], *index)
        if name == "momentum":
            old, new = Factor("β₁", self.beta1), Factor("1 − β₁", 1 - self.beta1)
            return Term.product(old, kept), Term.product(new, gradient)
        if name == "cache":
            old, new = Factor("β₂", self.beta2), Factor("1 − β₂", 1 - self.beta2)
            return Term.product(old, kept), Term.product(new, gradient, gradient)
        mean = float(self._mean(after["momentum"][index], iteration))
        scale = float(self._scale(after["cache"][index], iteration))
        step = Term.product(
            Factor("−lr", -self.rate(iteration)),
            Factor("m̂", mean, (Cell("momentum", index),)),
            Factor("1/(√ĉ + ε)", scale, (Cell("cache", index),)),
        )
        share = self._kept(iteration)
        return Term.product(*([] if share == 1 else [Factor("1 − lr·λ", share)]), kept), step

    @abstractmethod
    def _kept(self, iteration: int) -> float:
        """The share of a parameter that the update leaves."""

    def _mean(self, momentum: Array, iteration: int) -> Array:
        return momentum / (1 - self.beta1 ** (iteration + 1))

    def _scale(self, cache: Array, iteration: int) -> Array:
        return 1 / (np.sqrt(cache / (1 - self.beta2 ** (iteration + 1))) + self.epsilon)


@dataclass(frozen=True, slots=True)
class Adam(_Adaptive):
    """w = w − lr_t · m̂ / (√ĉ + ε) with m̂ = m / (1 − β₁ᵗ), ĉ = c / (1 − β₂ᵗ).

    m = β₁·m + (1 − β₁)·dw and c = β₂·c + (1 − β₂)·dw²; t counts updates from 1.

    Args:
        learning_rate: lr, at least 0.
        decay: At least 0.
        beta1: β₁, from 0 to below 1.
        beta2: β₂, from 0 to below 1.
        epsilon: ε, above 0.

    Source: Kingma and Ba (2015).
    """

    kind: ClassVar[str] = "adam"

    learning_rate: float = 0.001
    decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        self._expect(learning_rate=RATE, decay=RATE, beta1=BETA, beta2=BETA, epsilon=EPSILON)

    def _kept(self, iteration: int) -> float:
        return 1.0


@dataclass(frozen=True, slots=True)
class AdamW(_Adaptive):
    """Adam, and w shrinks by lr_t · λ · w beside it, where the running means do not see it.

    Args:
        learning_rate: lr, at least 0.
        decay: Of the learning rate, at least 0.
        beta1: β₁, from 0 to below 1.
        beta2: β₂, from 0 to below 1.
        epsilon: ε, above 0.
        weight_decay: λ, at least 0; of weights and biases alike, as in PyTorch.

    Source: Loshchilov and Hutter (2019).
    """

    kind: ClassVar[str] = "adamw"

    learning_rate: float = 0.001
    decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        self._expect(
            learning_rate=RATE, decay=RATE, beta1=BETA, beta2=BETA, epsilon=EPSILON, weight_decay=RATE
        )

    def _kept(self, iteration: int) -> float:
        return 1 - self.rate(iteration) * self.weight_decay
