"""Softmax or sigmoid and its loss, while one logit moves: the question, and every number of the answer."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from app.encoding import nested
from app.schemas.spec import DType, Loss
from engine.arrays import Array
from engine.heads import DECADES, TOLERANCE, Heads, Kind, Way, heads, logits_of

By = Literal["logit", "probability"]
Quantity = Literal["loss", "dinput"]

WAYS: tuple[Way, ...] = ("fused", "unclipped", "clipped")
QUANTITIES: tuple[Quantity, ...] = ("loss", "dinput")

FARTHEST = 50.0
"""The moved logit goes as far as this to both sides."""

STEPS = 200


@dataclass(frozen=True)
class Moving:
    """One output moves, the others stand.

    Args:
        loss: Which; the categorical one is behind a softmax, the binary one behind a sigmoid.
        label: Whether the moved output is the one that should be 1.
        by: Even steps of the logit, or of the probability's decades, with exactly 0 and 1 at the ends.
        rest: The logits of the outputs that stand.
        dtype: In which each way is computed.
        clip: Of the way that clips.
    """

    loss: Loss
    label: bool
    by: By
    rest: tuple[float, ...]
    dtype: DType
    clip: float

    @cached_property
    def axis(self) -> Array:
        """The moved logit; or the power of ten of the moved probability's odds, ŷ : (1 − ŷ)."""
        if self.by == "logit":
            return np.linspace(-FARTHEST, FARTHEST, STEPS + 1)
        inside = np.linspace(-DECADES, DECADES, STEPS + 1)
        return np.concatenate(([-np.inf], inside, [np.inf]))

    @cached_property
    def target(self) -> list[int]:
        """A one for what is right: of the categorical loss the first that stands, where none moves."""
        standing = [0] * len(self.rest)
        if self.loss == "categorical_crossentropy" and not self.label:
            standing[0] = 1
        return [int(self.label), *standing]

    @cached_property
    def heads(self) -> Heads:
        """Every way at every point."""
        kind: Kind = self.loss
        moved = self.axis if self.by == "logit" else logits_of(self.axis)
        if self.by == "probability" and kind == "categorical_crossentropy":
            # Against several others the odds are those against their sum.
            moved = moved + np.log(np.exp(self.rest).sum())
        standing = np.broadcast_to(np.asarray(self.rest), (len(moved), len(self.rest)))
        return heads(kind, np.column_stack([moved, standing]), self.target, self.dtype, self.clip)

    def members(self) -> dict[str, Any]:
        """The answer."""
        found = self.heads
        ways = {
            way: {
                "loss": nested(found.ways[way].loss),
                "dvalue": _nested(found.ways[way].dvalue),
                "dinput": nested(found.ways[way].dinput),
                "error": {quantity: nested(found.error(way, quantity)) for quantity in QUANTITIES},
                "verdict": {quantity: found.verdict(way, quantity) for quantity in QUANTITIES},
            }
            for way in WAYS
        }
        return {
            "loss": self.loss,
            "dtype": self.dtype,
            "by": self.by,
            "clip": self.clip,
            "tolerance": TOLERANCE,
            "target": self.target,
            "axis": nested(self.axis),
            "logits": nested(found.logits),
            "prediction": nested(found.prediction),
            "jacobian": nested(found.jacobian),
            "ways": ways,
            "exact": {"loss": nested(found.exact.loss), "dinput": nested(found.exact.dinput)},
        }


def _nested(array: Array | None) -> Any:
    return None if array is None else nested(array)
