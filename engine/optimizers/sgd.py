"""Stochastic gradient descent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.arrays import Array
from engine.explain import Factor, Rule, Term, read
from engine.optimizers.base import RATE, SHARE, Optimizer, State, same


@dataclass(frozen=True, slots=True)
class SGD(Optimizer):
    """v = μ·v + dw, w = w − lr_t · v with lr_t = lr / (1 + decay · t); without momentum, v is dw.

    Nesterov looks ahead: w = w − lr_t · (dw + μ·v).

    Args:
        learning_rate: lr, at least 0.
        decay: At least 0.
        momentum: μ, from 0 to 1.
        nesterov: Whether to look ahead; needs momentum.

    Raises:
        ValueError: A number outside its range; nesterov without momentum.

    Source: PyTorch's form of momentum; the note has w − lr · dw.
    """

    kind: ClassVar[str] = "sgd"

    learning_rate: float = 0.1
    decay: float = 0.0
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        self._expect(learning_rate=RATE, decay=RATE, momentum=SHARE)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: expected a momentum above 0, got 0")

    @property
    def state(self) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("momentum",) if self.momentum else ()

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Cell by cell."""
        if not self.momentum:
            return {"parameter": same("parameter", "gradient")}
        ahead = ("gradient",) if self.nesterov else ()
        return {
            "parameter": same("parameter", "momentum", *ahead),
            "momentum": same("momentum", "gradient"),
        }

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """w − lr_t · v, and v."""
        if not self.momentum:
            return parameter - self.rate(iteration) * gradient, {}
        velocity = self.momentum * state["momentum"] + gradient
        step = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - self.rate(iteration) * step, {"momentum": velocity}

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """The cell before, and the step that it took."""
        gradient = read("gradient", "gradient", before["gradient"], *index)
        if name == "momentum":
            return (
                Term.product(Factor("μ", self.momentum), read("momentum", name, before[name], *index)),
                Term.product(gradient),
            )
        rate = Factor("−lr", -self.rate(iteration))
        kept = Term.product(read("parameter", "parameter", before["parameter"], *index))
        if not self.momentum:
            return kept, Term.product(rate, gradient)
        velocity = read("momentum", "momentum", after["momentum"], *index)
        if not self.nesterov:
            return kept, Term.product(rate, velocity)
        return kept, Term.product(rate, gradient), Term.product(rate, Factor("μ", self.momentum), velocity)
