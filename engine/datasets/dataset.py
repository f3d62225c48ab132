"""What a data set is, and its size."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.streams import TEST, stream


class Shape(NamedTuple):
    """The size of a data set: how many samples, of how many features, in how many classes."""

    samples: int
    features: int
    classes: int


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and what they are; the arrays are read-only copies of those given.

    Attributes:
        input: (samples, features), float64.
        target: (samples, 1), int64, the index of each sample's class; or (samples, classes), 0 or 1 each,
            where a sample may be of several classes or of none.
        features: the name of each column of `input`.
        classes: the name of each class.
        test: what was held back for testing, if anything was.
    """

    input: NDArray[np.float64]
    target: NDArray[np.int64]
    features: tuple[str, ...]
    classes: tuple[str, ...]
    test: "Dataset | None" = None

    def __post_init__(self) -> None:
        for name, dtype in (("input", np.float64), ("target", np.int64)):
            array = np.array(getattr(self, name), dtype, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def shape(self) -> Shape:
        """The size of what is here."""
        return Shape(len(self.input), len(self.features), len(self.classes))

    def split(self, fraction: float, seed: int) -> "Dataset":
        """The same with a share of every class held back for testing; both keep the order that was.

        Of a class of k samples, fraction · k are held back, rounded (half to even); a sample of several
        classes belongs to its combination of them.
        """
        rng = stream(seed, TEST)
        held = np.zeros(len(self.target), bool)
        for label in np.unique(self.target, axis=0):
            rows = np.flatnonzero((self.target == label).all(axis=1))
            held[rng.permutation(rows)[: round(fraction * len(rows))]] = True
        test = replace(self, input=self.input[held], target=self.target[held])
        return replace(self, input=self.input[~held], target=self.target[~held], test=test)
