"""A cell's formula as MathML: in symbols, and with the numbers of its explanation in it."""

from app.build import Live
from app.mathml import EQUALS, MINUS, PLUS, TIMES, decimal, group, math_of, row, sign, var
from app.symbols import layer_formula, loss_formula, penalty_formula
from app.update_symbols import state_formula, update_formula
from engine.explain import Cell, Explanation, Term
from engine.losses import FusedHead

MOST_TERMS = 12
"""Terms that a numeric formula writes out; of more, the first ones and the last."""


def formula(run: Live, explanation: Explanation) -> dict[str, str]:
    """Both forms of an explained cell.

    Args:
        run: Whose cell it is.
        explanation: What the cell was made of; a leaf is just its own value.
    """
    cell = explanation.cell
    attribute = cell.tensor.rpartition(".")[2]
    left = var(attribute, *cell.index)
    value = decimal(explanation.value, 6)
    if not explanation.terms:
        return {"symbolic": math_of(left), "numeric": math_of(left, EQUALS, value)}
    right = _symbolic(run, explanation)
    terms = _sum(explanation.terms)
    return {
        "symbolic": math_of(left, EQUALS, right),
        "numeric": math_of(left, EQUALS, terms, EQUALS, value),
    }


def _symbolic(run: Live, explanation: Explanation) -> str:
    cell, network = explanation.cell, run.run.network
    owner, _, attribute = cell.tensor.partition(".")
    assert network.loss is not None, "a run has a loss"
    if owner == "batch":
        source: Cell = explanation.terms[0].factors[0].cells[0]
        return var(source.tensor, *source.index)
    if attribute == "penalty":
        return penalty_formula(network.penalties)
    if attribute == "value" and network.penalties:
        return row(loss_formula(network.loss, attribute, cell.index), PLUS, var("penalty", 0, 0))
    if owner == "loss":
        return loss_formula(network.loss, attribute, cell.index)
    if attribute == "dinput" and owner == network.names[-1] and isinstance(network.loss, FusedHead):
        return loss_formula(network.loss, attribute, cell.index)
    parameter, _, state = attribute.partition(".")
    if state:
        return state_formula(run.spec.optimizer, parameter, state, cell.index)
    if cell.tensor in network.parameters:
        uphill = "wrong_sign" in run.spec.faults
        return update_formula(run.spec.optimizer, parameter, cell.index, uphill=uphill)
    return layer_formula(dict(network.named())[owner], attribute, cell.index)


def _sum(terms: tuple[Term, ...]) -> str:
    shown = terms if len(terms) <= MOST_TERMS else (*terms[: MOST_TERMS - 1], terms[-1])
    parts: list[str] = []
    for number, term in enumerate(shown):
        if len(shown) < len(terms) and number == MOST_TERMS - 1:
            parts += [PLUS, sign("⋯")]
        if number:
            parts.append(PLUS)
        parts.append(_product(term, first=number == 0))
    return row(*parts)


def _product(term: Term, *, first: bool) -> str:
    factors: list[str] = []
    for number, factor in enumerate(term.factors):
        # Four digits would make 1 of what an update keeps.
        text = decimal(factor.value, 6 if 0.99 < factor.value < 1 else 4)
        negative = text.startswith(f"<mrow>{MINUS}")
        factors.append(group(text) if negative and (number or not first) else text)
    return TIMES.join(factors)
