"""The logistic function."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.arrays import Array, matrix
from engine.explain import Cell, Factor, Rule, Term, read
from engine.layers.base import Layer, diagonal_rows


class Sigmoid(Layer):
    """σ(z) = 1 / (1 + e^−z), without overflow at either end.

    Source: the note, "Sigmoid".
    """

    kind: ClassVar[str] = "sigmoid"
    rules: Mapping[str, Rule] = {
        "output": Rule("nu", {"input": "nu"}),
        "dinput": Rule("nu", {"dvalue": "nu", "output": "nu"}),
    }

    def outputs(self, inputs: int) -> int:
        """As many as inputs."""
        return inputs

    def forward(self, input: Array) -> Array:
        """output = σ(input): (samples, units) -> the same."""
        self.input = input = matrix("input", input)
        # e^−|z| never overflows; for z < 0 the fraction is extended by e^z.
        e = np.exp(-np.abs(input))
        self.output = np.where(input >= 0, 1, e) / (1 + e)
        return self.output

    def backward(self, dvalue: Array) -> Array:
        """dinput = dvalue · output · (1 − output), cell by cell: the same shape."""
        self.dvalue = dvalue = self._dvalue(dvalue)
        # An infinite dvalue on a saturated output is NaN: something to see, not to be warned of.
        with np.errstate(invalid="ignore"):
            self.dinput = dvalue * self.output * (1 - self.output)
        return self.dinput

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """The diagonal of σ(1 − σ): (units, units)."""
        return diagonal_rows(self.diagonal(sample), rows)

    def diagonal(self, sample: int) -> Array:
        """The slopes σ(1 − σ): (units,)."""
        output = self.output[sample]
        slopes: Array = output * (1 - output)
        return slopes

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """One term: σ of the input, or dvalue times the slope's two factors."""
        if attribute == "output":
            return (
                Term.product(
                    Factor("σ(z)", float(self.output[row, column]), (Cell("input", (row, column)),))
                ),
            )
        rest = Factor("1 − σ", float(1 - self.output[row, column]), (Cell("output", (row, column)),))
        return (
            Term.product(
                read("dvalue", "dvalue", self.dvalue, row, column),
                read("output", "output", self.output, row, column),
                rest,
            ),
        )
