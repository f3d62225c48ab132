"""The rules on which the note, the book that it follows and PyTorch differ."""

from dataclasses import dataclass
from typing import Literal

from engine.arrays import finite_float

Averaging = Literal["sum", "mean"]

MOST_CLIP = 0.4
"""Beyond it hardly a prediction would be left as it is."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """One choice a rule.

    Args:
        relu_at_zero: ReLU's slope where its input is exactly 0: 1 (the note masks `input < 0`) or 0.
        bce_outputs: whether binary cross-entropy sums or averages over a sample's outputs, in both passes.
        clip: separate losses keep predictions within [clip, 1 − clip] in both passes; 0 does not clip.
    """

    relu_at_zero: int = 1
    bce_outputs: Averaging = "sum"
    clip: float = 1e-7

    def __post_init__(self) -> None:
        if self.relu_at_zero not in (0, 1):
            raise ValueError(f"relu_at_zero: expected 0 or 1, got {self.relu_at_zero}")
        averaging(self.bce_outputs, "bce_outputs")
        object.__setattr__(self, "clip", finite_float("clip", self.clip, 0, MOST_CLIP))


def averaging(outputs: Averaging, name: str = "outputs") -> Averaging:
    """Whether outputs are summed or averaged.

    Raises:
        ValueError: It is neither.
    """
    if outputs not in ("sum", "mean"):
        raise ValueError(f"{name}: expected 'sum' or 'mean', got {outputs!r}")
    return outputs


PRESETS = {
    "document": Conventions(),
    "book": Conventions(relu_at_zero=0, bce_outputs="mean"),
    "pytorch": Conventions(relu_at_zero=0, bce_outputs="mean", clip=0.0),
}
