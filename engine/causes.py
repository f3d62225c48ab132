"""Why it went wrong: the operands that made a cell NaN, Inf or dead, or a gradient vanish."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from engine.autopsy import Finding, norm
from engine.explain import Cell, Explanation, Factor, Term
from engine.run import Frame, Run

Reason = Literal[
    "edited",
    "nan_operand",
    "inf_operand",
    "zero_times_inf",
    "inf_minus_inf",
    "log_of_zero",
    "division",
    "product_overflow",
    "sum_overflow",
    "never_positive",
    "small_factors",
]

MOST = 6
"""Terms and operands that are named; a sum of a thousand has few that decide."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A term, and which of the cell's it is."""

    number: int
    term: Term


@dataclass(frozen=True, slots=True)
class Cause:
    """What made a cell what it is.

    Attributes:
        reason: In one word.
        explained: The cell whose terms these are: of a dead unit the input that did not wake it.
        value: That cell's.
        operands: The factors that decide.
        terms: The terms that decide, those that are not finite or the largest.
        total: How many terms there are.
        limit: The largest number of the run's dtype.
        course: Of a vanished gradient: the norm of each wire's gradient on the way back to it.
    """

    reason: Reason
    explained: Cell
    value: float
    operands: tuple[Factor, ...]
    terms: tuple[Numbered, ...]
    total: int
    limit: float
    course: tuple[tuple[str, float], ...] = ()


def cause(run: Run, finding: Finding) -> tuple[Finding, Cause]:
    """The finding, at the cell of its step that was wrong first, and why that is as it is."""
    with np.errstate(all="ignore"):
        if finding.kind == "dead":
            return finding, _of_dead(run, finding.cell)
        if finding.kind == "vanished":
            return finding, _of_vanished(run, finding.cell)
        explanation = _first_of_step(run, run.explain(finding.cell))
        return replace(finding, cell=explanation.cell), _of_unfinite(run, explanation)


def _first_of_step(run: Run, explanation: Explanation) -> Explanation:
    """The one that the step itself made this one of, where that was as wrong: a weight's momentum."""
    for cell in _cells(explanation.terms):
        if cell.position == explanation.cell.position and cell.tensor != explanation.cell.tensor:
            found = run.explain(cell)
            if _kind(found.value) == _kind(explanation.value):
                return _first_of_step(run, found)
    return explanation


def _kind(value: float) -> tuple[bool, bool]:
    return bool(np.isnan(value)), bool(np.isinf(value))


def _of_unfinite(run: Run, explanation: Explanation) -> Cause:
    limit = _limit(run, explanation.cell.tensor)
    whole = list(enumerate(explanation.terms))
    wrong = [Numbered(n, term) for n, term in whole if not abs(term.value) <= limit]
    reason, operands = _why(run, [one.term for one in wrong], explanation)
    terms = wrong or _largest(explanation)
    return Cause(
        reason,
        explanation.cell,
        explanation.value,
        tuple(operands[:MOST]),
        tuple(terms[:MOST]),
        len(whole),
        limit,
    )


def _why(run: Run, wrong: list[Term], explanation: Explanation) -> tuple[Reason, list[Factor]]:
    """From the terms that are not finite."""
    if not explanation.terms:
        return "edited", []
    if not wrong:
        return "sum_overflow", [factor for one in _largest(explanation) for factor in one.term.factors]
    for term in wrong:
        zeros = [factor for factor in term.factors if factor.value == 0]
        infinite = [factor for factor in term.factors if np.isinf(factor.value)]
        if zeros and infinite:
            return "zero_times_inf", [*zeros, *infinite]
    factors = list(dict.fromkeys(f for term in wrong for f in term.factors if not np.isfinite(f.value)))
    read = list(_read(run, factors))
    if nan := [factor for factor in read if np.isnan(factor.value)]:
        return "nan_operand", nan
    signs = {float(np.sign(term.value)) for term in wrong}
    if np.isnan(explanation.value) and (read or len(signs) == 2):
        return "inf_minus_inf", read or _one_of_each(wrong)
    if read:
        return "inf_operand", read
    if not factors:
        return "product_overflow", list(wrong[0].factors)
    # Derived from finite numbers.
    derived = factors[0]
    reason: Reason = "log_of_zero" if derived.label.startswith("ln") else "division"
    return reason, [derived, *(Factor(c.tensor, _value(run, c), (c,), derived=False) for c in derived.cells)]


def _one_of_each(terms: list[Term]) -> list[Factor]:
    """The factors of one term of each sign."""
    by_sign = {float(np.sign(term.value)): term for term in reversed(terms)}
    return [factor for term in by_sign.values() for factor in term.factors]


def _read(run: Run, factors: list[Factor]) -> Iterator[Factor]:
    """The cells that are not finite, among those that these were read from, each as a factor of its own."""
    for cell in dict.fromkeys(cell for factor in factors for cell in factor.cells):
        value = _value(run, cell)
        if not np.isfinite(value):
            yield Factor(cell.tensor, value, (cell,), derived=False)


def _of_dead(run: Run, cell: Cell) -> Cause:
    """Even the sample nearest to it leaves the unit's input at 0 or below: why that input is so low."""
    assert cell.position is not None
    steps = run.steps_per_iteration
    # As the backward pass reads it: at the last position before the update.
    last = (cell.position - 1) // steps * steps + steps - 1
    source = run.explain(Cell(run.network.wire(f"{cell.tensor.partition('.')[0]}.input"), cell.index, last))
    terms = tuple(_largest(source))
    if not terms:
        return Cause("edited", source.cell, source.value, (), (), 0, _limit(run, source.cell.tensor))
    here = Factor(source.cell.tensor, source.value, (source.cell,), derived=False)
    return Cause(
        "never_positive",
        source.cell,
        source.value,
        (here, *(factor for one in terms[:1] for factor in one.term.factors)),
        terms,
        len(source.terms),
        _limit(run, cell.tensor),
    )


def _of_vanished(run: Run, cell: Cell) -> Cause:
    explanation = run.explain(cell)
    terms = tuple(_largest(explanation))
    factors = tuple(factor for one in terms[:1] for factor in one.term.factors)
    assert cell.position is not None
    course = tuple(_course(run, run.frame(cell.position), cell.tensor))
    reason: Reason = "small_factors" if explanation.terms else "edited"
    limit = _limit(run, cell.tensor)
    return Cause(reason, cell, explanation.value, factors, terms, len(explanation.terms), limit, course)


def _course(run: Run, frame: Frame, last: str) -> Iterator[tuple[str, float]]:
    """The gradient on its way back, from the loss to a wire: the norm of each one's."""
    network = run.network
    for name in reversed(network.names):
        wire = network.wire(f"{name}.dvalue")
        array = frame.tensors.get(wire)
        if array is not None:
            yield wire, norm(array)
        if wire == last:
            return


def _largest(explanation: Explanation) -> list[Numbered]:
    terms = [Numbered(n, term) for n, term in enumerate(explanation.terms)]
    return sorted(terms, key=lambda one: -abs(one.term.value))[:MOST]


def _cells(terms: tuple[Term, ...]) -> Iterator[Cell]:
    yield from dict.fromkeys(cell for term in terms for factor in term.factors for cell in factor.cells)


def _value(run: Run, cell: Cell) -> float:
    assert cell.position is not None
    array = run.frame(cell.position).tensors[cell.tensor]
    assert array is not None, "what a cell was made of is there"
    return float(array[cell.index])


def _limit(run: Run, tensor: str) -> float:
    return float(np.finfo(str(run.dtypes()[tensor])).max)
