"""What a number was made of: a cell's value as a sum of terms, each a product of factors.

dense_2.dweight[2,1] @ 9  =  0.2085 · −0.0408  +  0.1653 · −0.0435  +  …
└ Cell                       └ Factor  └ Factor    └───── Term ────┘
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from engine.arrays import Array

Origin = Literal["initial", "given", "data", "edited"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: a tensor's name, its row and column, and the position of the run at which it stood so.

    A layer by itself knows no positions and calls its tensors by its own attributes' names.
    """

    tensor: str
    index: tuple[int, int]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """A number in a product, and the cells that it was read from.

    Not derived: the value is that of its one cell. Derived: computed from its cells (a slope, 1/n).
    """

    label: str
    value: float
    cells: tuple[Cell, ...] = ()
    derived: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A summand. Its value is its factors' product, except where zero *selects* (0 · Inf is then 0)."""

    value: float
    factors: tuple[Factor, ...]

    @classmethod
    def product(cls, *factors: Factor) -> "Term":
        """The term whose value is the product of these."""
        return cls(math.prod(factor.value for factor in factors), factors)

    @classmethod
    def selected(cls, by: Factor, *factors: Factor) -> "Term":
        """The product, or 0 whatever the others are (even Inf or NaN) where the selecting factor is 0."""
        return cls(0.0, (by, *factors)) if by.value == 0 else cls.product(by, *factors)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell, its value, and the terms that sum to it.

    A cell that nothing computed is a leaf: it has no terms, and an origin that says where it came from.
    """

    cell: Cell
    value: float
    terms: tuple[Term, ...] = ()
    origin: Origin | None = None


def read(label: str, tensor: str, array: Array, row: int, column: int) -> Factor:
    """The factor that is just a cell's value."""
    return Factor(label, float(array[row, column]), (Cell(tensor, (row, column)),), derived=False)


def row_of(tensor: str, array: Array, row: int) -> tuple[Cell, ...]:
    """All cells of one row."""
    return tuple(Cell(tensor, (row, column)) for column in range(array.shape[1]))


@dataclass(frozen=True, slots=True)
class Rule:
    """Which cells a produced cell is read from, by index letters as in einsum.

    `Rule("au", {"input": "na", "dvalue": "nu"})` says of dweight: cell [a, u] reads input[n, a] and
    dvalue[n, u] for every n. A letter that both sides share is equal, one that only the read side has ranges
    over all, and `0` is the index 0.
    """

    produced: str
    reads: Mapping[str, str]

    def users(self, tensor: str, index: tuple[int, int], shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        """The produced cells (of a tensor of that shape) that read this one."""
        known = dict(zip(self.reads[tensor], index, strict=True)) | {"0": 0}
        if tuple(known[letter] for letter in self.reads[tensor]) != index:
            return
        ranges = [
            range(size) if known.get(letter) is None else range(known[letter], known[letter] + 1)
            for letter, size in zip(self.produced, shape, strict=True)
        ]
        yield from product(*ranges)
