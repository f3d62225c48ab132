"""A zoo of known mistakes, for learning to find them: each derives from the part that it spoils.

The right classes know nothing of it. What a faulty part computes it also explains, term by term, so that a
mistake can be found by opening the numbers.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.explain import Factor, Rule, Term, read, row_of
from engine.layers import Dense, Layer, ReLU, Softmax
from engine.layers.base import diagonal_rows
from engine.losses import FusedHead, Loss
from engine.losses.categorical import coefficients
from engine.network import Network
from engine.optimizers import Optimizer
from engine.optimizers.base import State

Part = TypeVar("Part", Layer, Loss)
Index = tuple[int, int]
Rules = Mapping[str, Rule]

LARGEST_BYTE = 255


class MissingMean(Loss):
    """The loss is a mean over n samples; its gradient is that of the sum."""

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """n times too large."""
        self.dinput = super().backward(prediction, target) * len(prediction)  # type: ignore[safe-super]
        return self.dinput

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """Without 1/n."""
        terms = super().terms(attribute, row, column)  # type: ignore[safe-super]
        n = len(self.prediction)

        def left_out(factor: Factor) -> Factor:
            if "/n" not in factor.label and "/(n" not in factor.label:
                return factor
            label = factor.label.replace("/(n·J)", "/J").replace("/n", "")
            return replace(factor, label=label, value=factor.value * n)

        return _changed(terms, left_out) if attribute == "dinput" else terms


class UnsignedLabel(Loss):
    """The labels are bytes, and a byte knows no sign: −1 wraps to 255."""

    def backward(self, prediction: Array, target: npt.ArrayLike) -> Array:
        """255 where −1 is meant."""
        right = super().backward(prediction, target)  # type: ignore[safe-super]
        ones = coefficients(self.target, self.prediction) == 1
        if isinstance(self, FusedHead):
            averaged = getattr(self, "outputs", "sum") == "mean"
            n = right.shape[0] * (right.shape[1] if averaged else 1)
            self.dinput = np.where(ones, right + (LARGEST_BYTE + 1) / n, right)
        else:
            self.dinput = np.where(ones, right * -LARGEST_BYTE, right)
        return self.dinput

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """With the label's own factor as it wrapped."""
        terms = super().terms(attribute, row, column)  # type: ignore[safe-super]
        if attribute != "dinput":
            return terms

        def wrapped(factor: Factor) -> Factor:
            if not factor.label.startswith("−1/"):
                return factor
            label = factor.label.replace("−1", str(LARGEST_BYTE))
            return replace(factor, label=label, value=factor.value * -LARGEST_BYTE)

        return tuple(
            _changed((term,), wrapped)[0]
            if any(f.label == "y" and f.value == 1 for f in term.factors)
            else term
            for term in terms
        )


@dataclass(frozen=True, slots=True)
class PouredRule(Rule):
    """Of a weight's cell that is read where it comes to stand: (units, inputs), row by row.

    Attributes:
        units: The columns of the weight.
    """

    units: int = 1

    def users(self, tensor: str, index: Index, shape: tuple[int, ...]) -> Iterator[Index]:
        """The weight's: the column of dinput in which it comes to stand."""
        if tensor != "weight":
            # In Python 3.11 a slotted dataclass has no `super()` without arguments.
            yield from Rule.users(self, tensor, index, shape)
            return
        column = (index[0] * self.units + index[1]) % shape[1]
        yield from ((row, column) for row in range(shape[0]))


class MissingTranspose(Dense):
    """dinput = dvalue · weight, the weight poured into the shape of its transpose without turning it."""

    def respelled(self, rules: Rules) -> Rules:
        """Which weights a cell reads is a matter of counting."""
        reads = rules["dinput"].reads
        return {**rules, "dinput": PouredRule("na", reads, self.weight.shape[1])}

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """The weight in its transpose's shape: (units, inputs)."""
        self.output[sample]  # an IndexError where there is no such sample
        return self.weight.reshape(self.weight.T.shape)[rows].copy()

    def backward(self, dvalue: Array) -> Array:
        """The right numbers in the wrong places."""
        super().backward(dvalue)
        self.dinput = self.dvalue @ self.weight.reshape(self.weight.T.shape)
        return self.dinput

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """Each dvalue with the weight that came to stand there."""
        if attribute != "dinput":
            return super().terms(attribute, row, column)
        inputs, units = self.weight.shape
        places = [divmod(u * inputs + column, units) for u in range(units)]
        return tuple(
            Term.product(
                read("dvalue", "dvalue", self.dvalue, row, u), read("weight", "weight", self.weight, *place)
            )
            for u, place in enumerate(places)
        )


class BiasNotSummed(Dense):
    """dbias is one sample's dvalue: the sum over samples was forgotten."""

    def respelled(self, rules: Rules) -> Rules:
        """dbias reads the first row alone."""
        return {**rules, "dbias": Rule("0u", {"dvalue": "0u"})}

    def shares(self, parameter: str, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """Of dbias the first sample's alone is not 0."""
        shares = super().shares(parameter, rows, columns)
        first = np.arange(len(shares))[:, None, None] == 0
        return np.where(first, shares, 0) if parameter == "bias" else shares

    def backward(self, dvalue: Array) -> Array:
        """The first sample's alone."""
        dinput = super().backward(dvalue)
        self.dbias = self.dvalue[:1].copy()
        return dinput

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """One term where each sample has one."""
        terms = super().terms(attribute, row, column)
        return terms[:1] if attribute == "dbias" else terms


class InputOverwritten(Dense):
    """dinput is written into the input's buffer, and only then dweight is computed from it."""

    def respelled(self, rules: Rules) -> Rules:
        """dweight reads dinput where the input is meant."""
        reads = {"dinput" if name == "input" else name: at for name, at in rules["dweight"].reads.items()}
        return {**rules, "dweight": Rule("au", reads)}

    def shares(self, parameter: str, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """dweight: dinput[n, a] · dvalue[n, u]."""
        if parameter != "weight":
            return super().shares(parameter, rows, columns)
        dinput = copy(self).backward(self.dvalue)
        return dinput[:, rows, None] * self.dvalue[:, None, columns]

    def backward(self, dvalue: Array) -> Array:
        """dweight = dinputᵀ · dvalue."""
        dinput = super().backward(dvalue)
        self.dweight = dinput.T @ self.dvalue
        if self.penalty:
            self.dweight = self.dweight + self.penalty.gradient(self.weight)
        return dinput

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """With dinput where the input was."""
        if attribute != "dweight":
            return super().terms(attribute, row, column)
        shares = (
            Term.product(
                read("dinput", "dinput", self.dinput, n, row),
                read("dvalue", "dvalue", self.dvalue, n, column),
            )
            for n in range(len(self.dvalue))
        )
        return (*shares, *self.penalty.gradient_terms(self.weight, row, column))


class ReluAtZero(ReLU):
    """`<` for `<=`, or the other way round: seen only where an input is exactly 0."""

    def passes(self, input: npt.ArrayLike) -> Array:
        """The other way round at 0."""
        input = np.asarray(input)
        return input > 0 if self.at_zero else input >= 0


class SoftmaxScalar(Softmax):
    """J = diag(S) − S·S, a 1-D row times itself: a scalar where Sᵀ·S, a matrix, is meant.

    Source: the note, "Softmax", whose listing does this.
    """

    def backward(self, dvalue: Array) -> Array:
        """dvalue · J with that J."""
        super().backward(dvalue)
        s = self.output
        self.dinput = s * self.dvalue - np.vecdot(s, s)[:, None] * self.dvalue.sum(axis=1, keepdims=True)
        return self.dinput

    def jacobian(self, sample: int, rows: slice = slice(None)) -> Array:
        """The scalar is taken off every cell: (classes, classes)."""
        s = self.output[sample]
        jacobian: Array = diagonal_rows(s, rows) - s @ s
        return jacobian

    def terms(self, attribute: str, row: int, column: int) -> tuple[Term, ...]:
        """Every cell of this J is made of the whole row."""
        terms = super().terms(attribute, row, column)
        if attribute != "dinput":
            return terms
        cells = row_of("output", self.output, row)
        return _changed(terms, lambda f: replace(f, cells=cells) if f.label == "J[j,k]" else f)


@dataclass(frozen=True, slots=True)
class WrongSign(Optimizer):
    """w + lr · dw: uphill. Whatever the optimiser, only its step is turned round.

    Args:
        right: The optimiser as it should be.
    """

    kind: ClassVar[str] = "wrong_sign"

    right: Optimizer

    @property
    def learning_rate(self) -> float:  # type: ignore[override]
        """The optimiser's own."""
        return self.right.learning_rate

    @property
    def decay(self) -> float:  # type: ignore[override]
        """The optimiser's own."""
        return self.right.decay

    @property
    def state(self) -> tuple[str, ...]:
        """The optimiser's own."""
        return self.right.state

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The optimiser's own."""
        return self.right.rules

    def update(self, parameter: Array, gradient: Array, state: State, iteration: int) -> tuple[Array, State]:
        """The mirror image of the step from the parameter's mirror image."""
        moved, after = self.right.update(-parameter, gradient, state, iteration)
        return -moved, after

    def terms(
        self, name: str, index: tuple[int, int], before: Mapping[str, Array], after: State, iteration: int
    ) -> tuple[Term, ...]:
        """With the sign of the step turned."""
        terms = self.right.terms(name, index, before, after, iteration)
        if name != "parameter":
            return terms

        def turned(factor: Factor) -> Factor:
            return replace(factor, label=factor.label.removeprefix("−"), value=-factor.value)

        return tuple(
            term
            if any(cell.tensor == "parameter" for factor in term.factors for cell in factor.cells)
            else _changed((term,), lambda f: turned(f) if f.label.startswith("−") else f)[0]
            for term in terms
        )


SPOILED: dict[str, type[Layer] | type[Loss]] = {
    "missing_mean": MissingMean,
    "relu_at_zero": ReluAtZero,
    "softmax_scalar": SoftmaxScalar,
    "bias_not_summed": BiasNotSummed,
    "input_overwritten": InputOverwritten,
    "missing_transpose": MissingTranspose,
    "unsigned_label": UnsignedLabel,
}
"""Of two in one part, the one that reads what the other spoils comes first."""

RESPELLED = (MissingTranspose, BiasNotSummed, InputOverwritten)
"""Those that read other cells than the right class does."""

FAULTS = (*SPOILED, "wrong_sign")
"""The known faults by name."""


def can_have(network: Network, fault: str) -> bool:
    """Whether a part of the network can have the fault.

    Raises:
        KeyError: There is no such fault.
    """
    if fault == "wrong_sign":
        return bool(network.parameters)
    kind = SPOILED[fault]
    return any(_fits(kind, part) for part in (*_passing(network), network.loss))


def spoiled(network: Network, faults: Collection[str]) -> Network:
    """The same network with faults in every part that can have them.

    Raises:
        KeyError: There is no such fault.
    """
    if unknown := {*faults} - {*FAULTS}:
        raise KeyError(min(unknown))
    kinds = [kind for fault, kind in SPOILED.items() if fault in faults]
    loss = None if network.loss is None else _spoiled(network.loss, kinds)
    passing = _passing(network)
    layers = [_spoiled(layer, kinds) if layer in passing else layer for layer in network.layers]
    return Network(layers, loss)


def spoiled_optimizer(optimizer: Optimizer, faults: Collection[str]) -> Optimizer:
    """The same optimiser, uphill where `wrong_sign` is among the faults."""
    return WrongSign(optimizer) if "wrong_sign" in faults else optimizer


def _passing(network: Network) -> tuple[Layer, ...]:
    """The layers that pass a gradient back themselves: of a fused head's, the loss does."""
    return network.layers[:-1] if isinstance(network.loss, FusedHead) else network.layers


def _fits(kind: type[Any], part: Layer | Loss | None) -> bool:
    of = Layer if isinstance(part, Layer) else Loss
    return issubclass(kind, of) and isinstance(part, kind.__mro__[1])


def _spoiled(part: Part, kinds: Collection[type[Any]]) -> Part:
    fitting = tuple(kind for kind in kinds if _fits(kind, part))
    if not fitting:
        return part
    made = copy(part)
    made.__class__ = _mixed(fitting, type(part))
    for kind in fitting:
        if isinstance(made, Layer) and kind in RESPELLED:
            made.rules = kind.respelled(made, made.rules)
    return made


@cache
def _mixed(faults: tuple[type[Any], ...], right: type[Any]) -> type[Any]:
    return type(right.__name__, (*faults, right), {"__doc__": right.__doc__})


def _changed(terms: tuple[Term, ...], change: Callable[[Factor], Factor]) -> tuple[Term, ...]:
    """The terms with each factor changed, their values computed anew."""
    found: list[Term] = []
    for term in terms:
        factors = tuple(map(change, term.factors))
        first, rest = factors[0], factors[1:]
        found.append(Term.selected(first, *rest) if term.value == 0 else Term.product(*factors))
    return tuple(found)
