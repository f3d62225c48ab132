"""A frame: every tensor as it was right after a step."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.arrays import Array, frozen


@dataclass(frozen=True, slots=True)
class Frame:
    """Every tensor as it was right after a step.

    Attributes:
        position: The number of finished steps.
        step: The name of the last of them; None at 0.
        iteration: The number of finished iterations.
        tensors: Read-only arrays by canonical name; None where nothing has been computed.
        computed_at: The position that wrote each of them, by a step or by an edit.
        accuracy: What step `loss` found; None before it.
    """

    position: int
    step: str | None
    iteration: int
    tensors: Mapping[str, Array | None]
    computed_at: Mapping[str, int | None]
    accuracy: float | None

    @property
    def loss(self) -> float | None:
        """The mean loss; None before step `loss`."""
        value = self.tensors["loss.value"]
        return None if value is None else float(value[0, 0])

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process."""
        members = (dict(self.tensors), dict(self.computed_at), self.accuracy)
        return _thawed, (self.position, self.step, self.iteration, *members)


def _thawed(*members: Any) -> Frame:
    position, step, iteration, tensors, computed_at, accuracy = members
    for array in tensors.values():
        if array is not None:
            frozen(array)
    return Frame(
        position, step, iteration, MappingProxyType(tensors), MappingProxyType(computed_at), accuracy
    )
