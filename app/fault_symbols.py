"""The formulas of the known faults: what a spoiled part computes, as it computes it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.mathml import MINUS, TIMES, group, integer, power, row, sign, total, var
from engine.faults import (
    BiasNotSummed,
    InputOverwritten,
    MissingMean,
    MissingTranspose,
    SoftmaxScalar,
    UnsignedLabel,
)
from engine.layers import Layer
from engine.losses import Loss

Formula = Callable[[int, int], str]

LAYERS: Mapping[tuple[type[Any], str], Formula] = {
    (MissingTranspose, "dinput"): lambda n, a: total(
        "u", var("dvalue", n, "u"), TIMES, var("reshape(weight)", "u", a)
    ),
    (InputOverwritten, "dweight"): lambda a, u: total(
        "n", var("dinput", "n", a), TIMES, var("dvalue", "n", u)
    ),
    (BiasNotSummed, "dbias"): lambda _, u: var("dvalue", 0, u),
    (SoftmaxScalar, "dinput"): lambda n, k: total(
        "j",
        var("dvalue", n, "j"),
        group(
            var("δ", "j", k),
            TIMES,
            var("output", n, "j"),
            MINUS,
            total("l", power(var("output", n, "l"), integer(2))),
        ),
    ),
}
"""By what a layer was spoiled with, and the attribute."""


def faulty_formula(layer: Layer, attribute: str) -> Formula | None:
    """What a spoiled layer computes in the attribute; None where it computes that right."""
    return next(
        (made for (kind, of), made in LAYERS.items() if of == attribute and isinstance(layer, kind)), None
    )


def divides_by_n(loss: Loss) -> bool:
    """Whether the gradient is that of the mean, as it should be."""
    return not isinstance(loss, MissingMean)


def minus_label(loss: Loss, y: str) -> str:
    """−y, or what becomes of it in a byte."""
    negative = row(MINUS, y)
    if not isinstance(loss, UnsignedLabel):
        return negative
    return group(group(negative), sign("mod"), integer(256))
