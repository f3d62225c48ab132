"""AdaGrad: a rate of its own for every cell, which only ever falls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.explain import Cell, Factor, Rule, Term, read
from engine.optimizers.base import EPSILON, RATE, Optimizer, State, same


@dataclass(frozen=True, slots=True)
class AdaGrad(Optimizer):
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

    @property
    def state(self) -> tuple[str, ...]:
        """The sum of the squared gradients."""
        return ("cache",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Cell by cell."""
        return {"parameter": same("parameter", "gradient", "cache"), "cache": same("cache", "gradient")}

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """w − lr_t · dw / (√c + ε), and c."""
        cache = state["cache"] + gradient * gradient
        moved = parameter - self.rate(iteration) * gradient * self._scale(cache)
        return moved, {"cache": cache}

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The cell before, and the step that it took; or the sum before, and the new square."""
        gradient = read("gradient", "gradient", before["gradient"], *index)
        kept = Term.product(read(name, name, before[name], *index))
        if name == "cache":
            return kept, Term.product(gradient, gradient)
        scale = Factor("1/(√c + ε)", float(self._scale(after["cache"][index])), (Cell("cache", index),))
        return kept, Term.product(Factor("−lr", -self.rate(iteration)), gradient, scale)

    def _scale(self, cache: Array) -> Array:
        return 1 / (np.sqrt(cache) + self.epsilon)
