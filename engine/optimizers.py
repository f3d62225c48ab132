"""How parameters move against their gradients."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, finite_float
from engine.explain import Factor, Rule, Term, read

State = Mapping[str, Array]


class Optimizer(ABC):
    """A rule for one parameter, its gradient, and what it remembers of earlier gradients.

    In terms and rules the tensors are called `parameter`, `gradient`, and by the names of the state. A name
    in the rule of another tensor means the value that this update itself writes; in its own rule, the one
    before.

    Attributes:
        kind: The type's name in a spec.
    """

    kind: ClassVar[str]

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


@dataclass(frozen=True, slots=True)
class SGD(Optimizer):
    """v = μ·v + dw, w = w − lr_t · v with lr_t = lr / (1 + decay · t); without momentum, v is dw.

    Args:
        learning_rate: lr, at least 0.
        decay: At least 0.
        momentum: μ, from 0 to 1.

    Source: PyTorch's form of momentum; the note has w − lr · dw.
    """

    kind: ClassVar[str] = "sgd"

    learning_rate: float = 0.1
    decay: float = 0.0
    momentum: float = 0.0

    def __post_init__(self) -> None:
        # Plain floats: a NumPy one would turn float32 parameters into float64.
        object.__setattr__(self, "learning_rate", finite_float("learning_rate", self.learning_rate, 0))
        object.__setattr__(self, "decay", finite_float("decay", self.decay, 0))
        object.__setattr__(self, "momentum", finite_float("momentum", self.momentum, 0, 1))

    @property
    def state(self) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("momentum",) if self.momentum else ()

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Cell by cell."""
        if not self.momentum:
            return {"parameter": Rule("rc", {"parameter": "rc", "gradient": "rc"})}
        return {
            "parameter": Rule("rc", {"parameter": "rc", "momentum": "rc"}),
            "momentum": Rule("rc", {"momentum": "rc", "gradient": "rc"}),
        }

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """w − lr_t · v, and v."""
        velocity = self.momentum * state["momentum"] + gradient if self.momentum else gradient
        moved = parameter - self._rate(iteration) * velocity
        return moved, ({"momentum": velocity} if self.momentum else {})

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The cell before, and the step that it took."""
        if name == "momentum":
            return (
                Term.product(Factor("μ", self.momentum), read("momentum", name, before[name], *index)),
                Term.product(read("gradient", "gradient", before["gradient"], *index)),
            )
        rate = Factor("−lr", -self._rate(iteration))
        velocity = (
            read("momentum", "momentum", after["momentum"], *index)
            if self.momentum
            else read("gradient", "gradient", before["gradient"], *index)
        )
        return (
            Term.product(read("parameter", "parameter", before["parameter"], *index)),
            Term.product(rate, velocity),
        )

    def _rate(self, iteration: int) -> float:
        return self.learning_rate / (1 + self.decay * iteration)
