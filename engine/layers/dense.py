"""The dense layer."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, expect_shape, matrix
from engine.explain import Origin, Rule, Term, read
from engine.initializers import Initializer, Normal
from engine.layers.base import Layer
from engine.penalties import Penalty

_NORMAL = Normal()
_NONE = Penalty()


class Dense(Layer):
    """y = xW + b.

    Args:
        inputs: Numbers a sample brings.
        units: Numbers it leaves with.
        weight: (inputs, units); drawn by the initializer unless given.
        bias: (1, units) or (units,); zeros unless given.
        initializer: 0.1 · N(0, 1) unless given.
        penalty: What the weight costs beside the data's loss: its share of dweight is added here.
        rng: What the initializer draws from; seed 0 unless given.
        dtype: float64 or float32.

    Raises:
        ValueError: A weight or bias of another shape.

    Source: the note, "Dense Layer".
    """

    kind: ClassVar[str] = "dense"
    parameters: ClassVar[tuple[str, ...]] = ("weight", "bias")
    rules: Mapping[str, Rule] = {
        "output": Rule("nu", {"input": "na", "weight": "au", "bias": "0u"}),
        "dweight": Rule("au", {"input": "na", "dvalue": "nu"}),
        "dbias": Rule("0u", {"dvalue": "nu"}),
        "dinput": Rule("na", {"dvalue": "nu", "weight": "au"}),
    }

    weight: Array
    bias: Array
    dweight: Array
    dbias: Array

    def __init__(
        self,
        inputs: int,
        units: int,
        *,
        weight: npt.ArrayLike | None = None,
        bias: npt.ArrayLike | None = None,
        initializer: Initializer = _NORMAL,
        penalty: Penalty = _NONE,
        rng: np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        if inputs < 1 or units < 1:
            raise ValueError(f"units: expected at least 1 input and 1 unit, got {inputs} and {units}")
        if weight is None:
            weight = initializer.draw(inputs, units, rng or np.random.default_rng(0))
            origin: Origin = "initial"
        else:
            origin = "given"
        self.origins = {"weight": origin, "bias": "initial" if bias is None else "given"}
        self.weight = np.array(weight, dtype=dtype, order="C")
        expect_shape("weight", self.weight, (inputs, units))
        self.bias = np.zeros((1, units), dtype) if bias is None else np.array(bias, dtype=dtype, ndmin=2)
        expect_shape("bias", self.bias, (1, units))
        self.penalty = penalty
        if penalty:
            self.rules = {
                **self.rules,
                "dweight": Rule("au", {"input": "na", "dvalue": "nu", "weight": "au"}),
            }

    def outputs(self, inputs: int) -> int:
        """The number of units.

        Raises:
            ValueError: The weight takes another number of inputs.
        """
        if inputs != len(self.weight):
            raise ValueError(f"weight: expected {inputs} rows, one an input, got {len(self.weight)}")
        return int(self.weight.shape[1])

    def forward(self, input: Array) -> Array:
        """output = input · weight + bias: (samples, inputs) -> (samples, units)."""
        self.input = input = matrix("input", input)
        expect_shape("input", input, (None, len(self.weight)))
        self.output = input @ self.weight + self.bias
        return self.output

    def backward(self, dvalue: Array) -> Array:
        """dweight = inputᵀ · dvalue, dbias = Σ over samples of dvalue, dinput = dvalue · weightᵀ.

        A penalty adds its own gradient to dweight.

        Shapes: (samples, units) -> (samples, inputs); the gradients have their parameters' shapes.
        """
        self.dvalue = dvalue = self._dvalue(dvalue)
        self.dweight = self.input.T @ dvalue
        if self.penalty:
            self.dweight = self.dweight + self.penalty.gradient(self.weight)
        self.dbias = dvalue.sum(axis=0, keepdims=True)
        self.dinput = dvalue @ self.weight.T
        return self.dinput

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """J = weightᵀ, the same for every sample: (units, inputs)."""
        self.output[sample]  # an IndexError where there is no such sample
        return self.weight.T[rows].copy()

    def shares(self, parameter: str, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """dweight: input[n, a] · dvalue[n, u]; dbias: dvalue[n, u]."""
        match parameter:
            case "weight":
                return self.input[:, rows, None] * self.dvalue[:, None, columns]
            case "bias":
                return self.dvalue[:, None, columns][:, rows]
        raise KeyError(parameter)

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """A dot product written out: a term an input, a unit or a sample."""
        match attribute:
            case "output":
                products = (
                    Term.product(
                        read("input", "input", self.input, row, a),
                        read("weight", "weight", self.weight, a, column),
                    )
                    for a in range(len(self.weight))
                )
                return (*products, Term.product(read("bias", "bias", self.bias, 0, column)))
            case "dweight":
                shares = (
                    Term.product(
                        read("input", "input", self.input, n, row),
                        read("dvalue", "dvalue", self.dvalue, n, column),
                    )
                    for n in range(len(self.input))
                )
                return (*shares, *self.penalty.gradient_terms(self.weight, row, column))
            case "dbias":
                return tuple(
                    Term.product(read("dvalue", "dvalue", self.dvalue, n, column))
                    for n in range(len(self.dvalue))
                )
            case "dinput":
                return tuple(
                    Term.product(
                        read("dvalue", "dvalue", self.dvalue, row, u),
                        read("weight", "weight", self.weight, column, u),
                    )
                    for u in range(self.weight.shape[1])
                )
        raise KeyError(attribute)
