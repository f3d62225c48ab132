"""An engine's explanation as the wire has it: its cells, its terms by the page, its formula."""

from typing import Any

from app.build import Live
from app.encoding import number
from app.formulas import formula
from engine.explain import Cell, Explanation, Factor

MOST_TERMS = 4096
"""Terms of one answer; the rest come page by page."""


def describe(
    run: Live, explanation: Explanation, used_by: list[Cell], start: int, path: str
) -> dict[str, Any]:
    """An explanation, from one of its terms on.

    Args:
        run: Whose cell it is.
        explanation: The engine's.
        used_by: The cells that read the cell.
        start: The page's first term.
        path: The answer's own address, up to the number of its first term.
    """
    stop = start + MOST_TERMS
    terms = explanation.terms[start:stop]
    return {
        "cell": cell_name(explanation.cell),
        "value": number(explanation.value),
        "origin": explanation.origin,
        "formula": formula(run, explanation),
        "terms": [
            {"value": number(term.value), "factors": [factor_of(factor) for factor in term.factors]}
            for term in terms
        ],
        "terms_total": len(explanation.terms),
        "next": f"{path}{stop}" if stop < len(explanation.terms) else None,
        "used_by": [cell_name(cell) for cell in used_by],
    }


def factor_of(factor: Factor) -> dict[str, Any]:
    """A factor as the wire has it."""
    return {
        "label": factor.label,
        "value": number(factor.value),
        "derived": factor.derived,
        "cells": [cell_name(cell) for cell in factor.cells],
    }


def cell_name(cell: Cell) -> dict[str, Any]:
    """A cell as the wire has it."""
    return {"tensor": cell.tensor, "index": list(cell.index), "position": cell.position}
