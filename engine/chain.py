"""The Jacobians of layers in a row, for one sample: the chain rule as a product of matrices."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.arrays import Array
from engine.layers import Dense, Layer, ReLU

AT_ONCE = 1 << 20
"""Cells of one Jacobian that are formed at once."""

Structure: TypeAlias = Literal["weight", "diagonal", "full", "row"]
"""Wᵀ of a dense layer; zero off the diagonal; full; the single row of the loss."""


@dataclass(frozen=True, slots=True)
class Link:
    """One layer's Jacobian in a chain.

    Attributes:
        name: The layer's, or `loss`.
        layer: Holding what the pass left in it; None for the loss.
        slope: The loss's only row.
        sample: The row of the batch.
        shape: (outputs, inputs).
    """

    name: str
    layer: Layer | None
    slope: Array | None
    sample: int
    shape: tuple[int, int]

    @property
    def structure(self) -> Structure:
        """What the matrix looks like."""
        if self.layer is None:
            return "row"
        return "weight" if isinstance(self.layer, Dense) else "full" if self.diagonal is None else "diagonal"

    @property
    def diagonal(self) -> Array | None:
        """All of it that is not zero by its nature; None where it is no diagonal matrix."""
        return self.layer.diagonal(self.sample) if self.layer else None

    def rows(self, rows: slice = slice(None)) -> Array:
        """Some rows of J."""
        if self.layer is None:
            assert self.slope is not None
            return self.slope[rows]
        return self.layer.jacobian(self.sample, rows)

    def times(self, left: Array) -> Array:
        """left · J. A ReLU selects and never multiplies, for Inf · 0 is NaN."""
        diagonal = self.diagonal
        if diagonal is None:
            parts = range(0, self.shape[0], at_once := max(1, AT_ONCE // self.shape[1]))
            products = (left[:, at : at + at_once] @ self.rows(slice(at, at + at_once)) for at in parts)
            return sum(products, np.zeros((), left.dtype))
        return np.where(diagonal, left, 0) if isinstance(self.layer, ReLU) else left * diagonal


@dataclass(frozen=True, slots=True)
class Chain:
    """The Jacobians between two places, and the gradients at both ends.

    Attributes:
        links: A layer each, in the order of the forward pass.
        samples: Of the batch.
        dvalue: The loss's gradient at the end, (outputs,); None where no step has computed it.
        dinput: That at the start, (inputs,); None likewise.
    """

    links: tuple[Link, ...]
    samples: int
    dvalue: Array | None
    dinput: Array | None

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs of the end, inputs of the start)."""
        return self.links[-1].shape[0], self.links[0].shape[1]

    @property
    def widest(self) -> int:
        """The most columns that a product has on the way."""
        return max(link.shape[1] for link in self.links)

    def matrix(self, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """J, or some of it, multiplied from the end: no more rows are formed than are asked for."""
        with np.errstate(all="ignore"):
            product = self.links[-1].rows(rows)
            for link in reversed(self.links[:-1]):
                product = link.times(product)
        return product[:, columns]

    @property
    def agrees(self) -> bool | None:
        """Whether dvalue · J is dinput, to rounding; None where one is not there, or both are all NaN.

        It is not where a cell was overwritten in between, or a backward pass is not its Jacobian.
        """
        product, dinput = self.product(), self.dinput
        if product is None or dinput is None or (np.isnan(product) & np.isnan(dinput)).all():
            return None
        finite = np.isfinite(product) & np.isfinite(dinput)
        if not np.array_equal(product[~finite], dinput[~finite], equal_nan=True):
            return False
        product, dinput = product[finite], dinput[finite]
        size = np.abs([product, dinput]).max(initial=0)
        close = float(np.sqrt(np.finfo(dinput.dtype).eps)) * size
        return bool((np.abs(product - dinput) <= close).all())

    def product(self) -> Array | None:
        """dvalue · J, (inputs,), multiplied from the left: the backward pass."""
        if self.dvalue is None:
            return None
        row = self.dvalue[None, :]
        with np.errstate(all="ignore"):
            for link in reversed(self.links):
                row = link.times(row)
        return np.asarray(row[0])
