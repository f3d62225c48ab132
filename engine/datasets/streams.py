"""The random numbers of data sets."""

import numpy as np

DATA_PURPOSE = 0x64617461
"""Keeps these streams apart from those of initial weights and of shuffling: "data" in ASCII."""


def stream(seed: int) -> np.random.Generator:
    """The stream from which a data set of this seed is drawn."""
    return np.random.default_rng([seed, DATA_PURPOSE, 0])
