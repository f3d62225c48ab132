"""How parameters move against their gradients."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.arrays import Array, finite_float
from engine.explain import Rule, Term

State = Mapping[str, Array]


class Optimizer(ABC):
    """A rule for one parameter, its gradient, and what it remembers of earlier gradients.

    In terms and rules the tensors are called `parameter`, `gradient`, and by the names of the state. A name
    in the rule of another tensor means the value that this update itself writes; in its own rule, the one
    before.

    Attributes:
        kind: The type's name in a spec.
        learning_rate: lr, at least 0.
        decay: Of the learning rate, at least 0.
    """

    kind: ClassVar[str]

    learning_rate: float
    decay: float

    @property
    @abstractmethod
    def state(self) -> tuple[str, ...]:
        """The names of what is remembered a parameter; each has its shape and starts at 0."""

    @property
    @abstractmethod
    def rules(self) -> Mapping[str, Rule]:
        """For the parameter and each name of the state, the cells that theirs read."""

    @abstractmethod
    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """The parameter and the state after one update; nothing is written in place.

        Args:
            parameter: Any shape.
            gradient: The same shape.
            state: An array of that shape a name.
            iteration: How many updates came before.
        """

    @abstractmethod
    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The terms of one updated cell of the parameter or of a state.

        Args:
            name: `parameter` or a name of the state.
            index: The cell's.
            before: `parameter`, `gradient` and the state, as the update read them.
            after: The state that it wrote.
            iteration: How many updates came before.
        """

    def initial(self, parameter: Array) -> State:
        """The state before the first update."""
        return {name: np.zeros_like(parameter) for name in self.state}

    def rate(self, iteration: int) -> float:
        """lr_t = lr / (1 + decay · t), for the update after t others."""
        return self.learning_rate / (1 + self.decay * iteration)

    def _expect(self, **ranges: tuple[float, float]) -> None:
        """Hold fields within their ranges, as plain floats: a NumPy one would turn float32 into float64."""
        for name, (low, high) in ranges.items():
            object.__setattr__(self, name, finite_float(name, getattr(self, name), low, high))


SHARE = (0.0, 1.0)
RATE = (0.0, np.inf)
EPSILON = (1e-30, 1.0)
"""What keeps a division off 0 is not 0 itself, in float32 either."""


def same(*names: str) -> Rule:
    """Cell by cell, from the same cell of each of these."""
    return Rule("rc", dict.fromkeys(names, "rc"))
