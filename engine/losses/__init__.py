"""The documented losses, and the two heads that fuse a loss with its last layer."""

from engine.losses.base import Loss
from engine.losses.binary import BinaryCrossentropy
from engine.losses.categorical import CategoricalCrossentropy
from engine.losses.fused import FusedHead, SigmoidBinaryCrossentropy, SoftmaxCategoricalCrossentropy

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "FusedHead",
    "Loss",
    "SigmoidBinaryCrossentropy",
    "SoftmaxCategoricalCrossentropy",
]
