"""What every layer is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from types import MappingProxyType
from typing import ClassVar, Self

import numpy as np

from engine.arrays import Array, expect_shape, matrix
from engine.explain import Cell, Explanation, Origin, Rule, Term


class Layer(ABC):
    """A step of the network that knows its own gradient.

    `forward` sets `input` and `output`, `backward` sets `dvalue` (the loss by the output) and `dinput` (the
    loss by the input); all are (samples, outputs) or (samples, inputs), and none is ever written in place.

    Attributes:
        kind: The type's name in a spec.
        parameters: The attributes that training changes; each has a gradient, `d` before its name.
        rules: For each attribute that the layer computes, the cells that its cells read.
        origins: Where each parameter came from.
    """

    kind: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()
    rules: Mapping[str, Rule]

    origins: Mapping[str, Origin] = MappingProxyType({})
    input: Array
    output: Array
    dvalue: Array
    dinput: Array

    @abstractmethod
    def outputs(self, inputs: int) -> int:
        """How many outputs a sample of so many inputs has."""

    @abstractmethod
    def forward(self, input: Array) -> Array:
        """The output: (samples, inputs) -> (samples, outputs)."""

    @abstractmethod
    def backward(self, dvalue: Array) -> Array:
        """The loss's gradient by the input, from that by the output: dvalue · J, a sample at a time.

        Shapes: (samples, outputs) -> (samples, inputs). Needs a forward pass before it.
        """

    @abstractmethod
    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """J[j, k] = ∂output_j / ∂input_k of one sample: (outputs, inputs), or some of its rows."""

    def diagonal(self, sample: int) -> Array | None:
        """J's diagonal, (units,), of a layer that works cell by cell: the rest of J is 0. None of others."""
        return None

    @abstractmethod
    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """The terms that sum to one cell of a computed attribute."""

    def shares(self, parameter: str, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """Each sample's share of a parameter's gradient: (samples, rows, columns); they sum to it.

        A penalty's share is no sample's. Only the rows and columns asked for are formed.

        Raises:
            KeyError: The layer has no such parameter.
        """
        raise KeyError(parameter)

    def explain(self, cell: Cell) -> Explanation:
        """What a cell of one of this layer's attributes was made of; a leaf if it did not compute it."""
        row, column = cell.index
        value = float(vars(self)[cell.tensor][row, column])
        if cell.tensor not in self.rules:
            return Explanation(cell, value, origin=self.origins.get(cell.tensor, "given"))
        return Explanation(cell, value, self.terms(cell.tensor, row, column))

    def holding(self, attributes: Mapping[str, Array]) -> Self:
        """A copy of this layer with these attributes in place of its own."""
        layer = copy(self)
        vars(layer).update(attributes)
        return layer

    def _dvalue(self, dvalue: Array) -> Array:
        array = matrix("dvalue", dvalue)
        expect_shape("dvalue", array, self.output.shape)
        return array


def diagonal_rows(diagonal: Array, rows: slice) -> Array:
    """Some rows of a diagonal matrix."""
    places = np.arange(len(diagonal))[rows]
    found = np.zeros((len(places), len(diagonal)), diagonal.dtype)
    found[np.arange(len(places)), places] = diagonal[places]
    return found
