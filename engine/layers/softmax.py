"""Scores to probabilities, a row a sample."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.arrays import Array, matrix
from engine.explain import Cell, Factor, Rule, Term, read, row_of
from engine.layers.base import Layer, diagonal_rows


class Softmax(Layer):
    """S_j = e^{z_j} / Σ_l e^{z_l}, computed with the row's maximum subtracted.

    Its Jacobian, one a sample, is J[j, k] = S_j (δ_jk − S_k).

    Source: the note, "Softmax". Its listing multiplies a 1-D row by itself, which is a scalar; its formula
    and its shapes decide here.
    """

    kind: ClassVar[str] = "softmax"
    rules: Mapping[str, Rule] = {
        "output": Rule("nj", {"input": "nk"}),
        "dinput": Rule("nk", {"dvalue": "nj", "output": "nj"}),
    }

    def outputs(self, inputs: int) -> int:
        """As many as inputs."""
        return inputs

    def forward(self, input: Array) -> Array:
        """output = softmax of each row: (samples, classes) -> the same."""
        self.input = input = matrix("input", input)
        e = np.exp(input - input.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return self.output

    def backward(self, dvalue: Array) -> Array:
        """dinput_k = Σ_j dvalue_j · J[j, k] = S_k (dvalue_k − dvalue · S), without forming J.

        Shapes: (samples, classes) -> the same.
        """
        self.dvalue = dvalue = self._dvalue(dvalue)
        s = self.output
        # An infinite dvalue times a probability of 0 is NaN: something to see, not to be warned of.
        with np.errstate(invalid="ignore"):
            dinput = s * (dvalue - np.vecdot(dvalue, s)[:, None])
            # Where one probability is nearly all, dvalue_k − dvalue·S subtracts two almost equal numbers.
            # With the k-th product taken out of the sum, dvalue_k (1 − S_k) − Σ_{j≠k} dvalue_j S_j keeps
            # every digit.
            rows, columns = np.nonzero(s > 0.5)
            others = s[rows]
            others[np.arange(len(rows)), columns] = 0
            rest = np.vecdot(dvalue[rows], others)
            k = rows, columns
            dinput[k] = s[k] * (dvalue[k] * (1 - s[k]) - rest)
        self.dinput = dinput
        return self.dinput

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """J[j, k] = S_j (δ_jk − S_k): (classes, classes)."""
        s = self.output[sample]
        jacobian: Array = s[rows, None] * (diagonal_rows(np.ones_like(s), rows) - s)
        return jacobian

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """The share of the row's sum; or dvalue times a column of the Jacobian."""
        if attribute == "output":
            z = self.input[row] - self.input[row].max()
            cells = row_of("input", self.input, row)
            return (
                Term.product(
                    Factor("e^(z−max)", float(np.exp(z[column])), cells),
                    Factor("1/Σe^(z−max)", float(1 / np.exp(z).sum()), cells),
                ),
            )
        k = Cell("output", (row, column))
        return tuple(
            Term.product(
                read("dvalue", "dvalue", self.dvalue, row, j),
                Factor("J[j,k]", float(entry), (k,) if j == column else (Cell("output", (row, j)), k)),
            )
            for j, entry in enumerate(self.jacobian(row)[:, column])
        )
