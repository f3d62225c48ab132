"""What a data set is, and its size."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


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
    """

    input: NDArray[np.float64]
    target: NDArray[np.int64]
    features: tuple[str, ...]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, dtype in (("input", np.float64), ("target", np.int64)):
            array = np.array(getattr(self, name), dtype, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def shape(self) -> Shape:
        """The size of what is here."""
        return Shape(len(self.input), len(self.features), len(self.classes))
