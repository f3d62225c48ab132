"""The rectifier."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, matrix
from engine.explain import Cell, Factor, Rule, Term, read
from engine.layers.base import Layer, diagonal_rows


class ReLU(Layer):
    """max(0, x).

    Args:
        at_zero: The slope where the input is exactly 0. The note's formula leaves it out; its code masks
            `input < 0`, which makes it 1. The book and PyTorch have 0.

    It selects and never multiplies, for Inf · 0 is NaN.

    Source: the note, "ReLu".
    """

    kind: ClassVar[str] = "relu"
    rules: Mapping[str, Rule] = {
        "output": Rule("nu", {"input": "nu"}),
        "dinput": Rule("nu", {"dvalue": "nu", "input": "nu"}),
    }

    def __init__(self, at_zero: int = 1) -> None:
        if at_zero not in (0, 1):
            raise ValueError(f"at_zero: expected 0 or 1, got {at_zero}")
        self.at_zero = at_zero

    def outputs(self, inputs: int) -> int:
        """As many as inputs."""
        return inputs

    def forward(self, input: Array) -> Array:
        """output = max(0, input): (samples, units) -> the same."""
        self.input = input = matrix("input", input)
        self.output = np.maximum(input, 0)
        return self.output

    def backward(self, dvalue: Array) -> Array:
        """dinput = dvalue where input > 0 (or >= 0 with slope 1 at zero), else 0: the same shape."""
        self.dvalue = dvalue = self._dvalue(dvalue)
        self.dinput = np.where(self.passes(self.input), dvalue, 0)
        return self.dinput

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """The diagonal of the slopes: (units, units)."""
        return diagonal_rows(self.diagonal(sample), rows)

    def diagonal(self, sample: int) -> Array:
        """The slopes, 1 or 0: (units,)."""
        slopes: Array = self.passes(self.input[sample]).astype(self.output.dtype)
        return slopes

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """The slope (0 or 1) times what it lets through."""
        here = (Cell("input", (row, column)),)
        if attribute == "output":
            value = float(self.input[row, column])
            # A NaN passes: max(0, NaN) is NaN.
            slope = Factor("slope", 0.0 if value <= 0 else 1.0, here)
            return (Term.selected(slope, read("input", "input", self.input, row, column)),)
        slope = Factor("slope", float(self.passes(self.input[row, column])), here)
        return (Term.selected(slope, read("dvalue", "dvalue", self.dvalue, row, column)),)

    def passes(self, input: npt.ArrayLike) -> Array:
        """Where a gradient passes, by this layer's slope at 0: the shape of the input."""
        input = np.asarray(input)
        return input >= 0 if self.at_zero else input > 0

    def silent(self, input: Array) -> Array:
        """The units that let no gradient pass for any sample; a NaN is no silence: (units,)."""
        through = self.passes(input) | np.isnan(input)
        return np.logical_not(through.any(axis=0))
