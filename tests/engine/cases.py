"""Every layer and every loss, ready to be held against a law."""

from collections.abc import Callable
from itertools import product

import numpy as np

from engine.arrays import Array
from engine.batching import Batching
from engine.cache import Cache
from engine.initializers import He
from engine.layers import Dense, Layer, ReLU, Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    FusedHead,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import SGD
from engine.penalties import Penalty
from engine.run import Edit, Run

NONE = Penalty()
SHAPES = [(1, 1), (1, 4), (5, 1), (6, 3), (17, 9)]

LAYERS: dict[str, Callable[[int, type], Layer]] = {
    "dense": lambda inputs, dtype: Dense(inputs, 3, rng=np.random.default_rng(5), dtype=dtype),
    "dense_l1_l2": lambda inputs, dtype: Dense(
        inputs, 3, initializer=He(), rng=np.random.default_rng(8), dtype=dtype, penalty=Penalty(0.03, 0.2)
    ),
    "dense_narrow": lambda inputs, dtype: Dense(inputs, 1, rng=np.random.default_rng(6), dtype=dtype),
    "relu": lambda _inputs, _dtype: ReLU(),
    "relu_0": lambda _inputs, _dtype: ReLU(at_zero=0),
    "sigmoid": lambda _inputs, _dtype: Sigmoid(),
    "softmax": lambda _inputs, _dtype: Softmax(),
}

LOSSES: dict[str, Callable[[], Loss]] = {
    "cce": CategoricalCrossentropy,
    "cce_unclipped": lambda: CategoricalCrossentropy(clip=0),
    "bce": BinaryCrossentropy,
    "bce_mean": lambda: BinaryCrossentropy(outputs="mean"),
    "fused_cce": SoftmaxCategoricalCrossentropy,
    "fused_bce": SigmoidBinaryCrossentropy,
    "fused_bce_mean": lambda: SigmoidBinaryCrossentropy(outputs="mean"),
}

TARGETS = ["sparse", "one_hot", "soft"]


def target_for(loss: Loss, form: str, samples: int, outputs: int, rng: np.random.Generator) -> Array:
    """A target that the loss takes."""
    if loss.kind == "binary_crossentropy":
        return rng.random((samples, outputs)) if form == "soft" else rng.integers(0, 2, (samples, outputs))
    labels = rng.integers(0, outputs, samples)
    if form == "sparse":
        return labels
    if form == "one_hot":
        return np.eye(outputs)[labels]
    soft: Array = rng.random((samples, outputs))
    soft /= soft.sum(axis=1, keepdims=True)
    return soft


LOSS_CASES = [
    (name, form, shape)
    for name, form, shape in product(LOSSES, TARGETS, [(1, 2), (4, 3), (9, 5)])
    if not ("bce" in name and form == "one_hot")
]
"""Each loss with each form of target and several shapes."""


def run_for(
    loss: str = "cce",
    dtype: type = np.float64,
    *,
    target: str = "sparse",
    batching: Batching | None = None,
    momentum: float = 0.9,
    edits: tuple[Edit, ...] = (),
    samples: int = 7,
    penalty: Penalty = NONE,
    key: str | None = None,
    cache: Cache | None = None,
) -> Run:
    """A run of 4-5-3 that has everything: short batches where asked, decay, momentum."""
    rng = np.random.default_rng(3)
    made = LOSSES[loss]()
    last = Softmax() if made.kind == "categorical_crossentropy" else Sigmoid()
    layers = [
        Dense(4, 5, rng=rng, dtype=dtype, penalty=penalty),
        ReLU(),
        Dense(5, 3, rng=rng, dtype=dtype),
        last,
    ]
    input: Array = rng.standard_normal((samples, 4)).astype(dtype)
    labels = target_for(made, target, samples, 3, rng)
    return Run(
        Network(layers, made),
        SGD(0.5, 0.01, momentum),
        input,
        labels,
        batching=batching or Batching(size=4, shuffled=True, seed=2),
        edits=edits,
        key=key,
        cache=cache,
    )


def prediction_for(loss: Loss, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Probabilities away from the clip; logits for a fused head's forward pass are their inverse."""
    if loss.kind == "categorical_crossentropy":
        return Softmax().forward(rng.standard_normal(shape))
    return Sigmoid().forward(rng.standard_normal(shape))


def head(loss: Loss) -> Layer | None:
    """The last layer that a fused loss brings with it."""
    if not isinstance(loss, FusedHead):
        return None
    return Softmax() if loss.layer == "softmax" else Sigmoid()
