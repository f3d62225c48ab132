"""Where randomness comes from: a stream a purpose, so that drawing more for one changes no other."""

import numpy as np

DATA, WEIGHT, ORDER, TEST = range(4)


def stream(seed: int, purpose: int, part: int = 0) -> np.random.Generator:
    """The generator of one purpose, and of one layer or epoch where there are several."""
    return np.random.default_rng([seed, purpose, part])
