"""The formula of every kind of tensor, in symbols, with the cell's own indices in it."""

from collections.abc import Callable, Mapping

from app.fault_symbols import divides_by_n, faulty_formula, minus_label
from app.mathml import (
    MINUS,
    PLUS,
    TIMES,
    call,
    cases,
    fraction,
    group,
    integer,
    log,
    name,
    power,
    row,
    sign,
    total,
    var,
)
from engine.faults import ReluAtZero, UnsignedLabel
from engine.layers import Dense, Layer, ReLU
from engine.losses import BinaryCrossentropy, FusedHead, Loss, SigmoidBinaryCrossentropy
from engine.penalties import Penalty

Formula = Callable[[int, int], str]

ONE, E = integer(1), name("e")


def negated(*parts: str) -> str:
    """The parts after a minus sign."""
    return row(MINUS, *parts)


def averaged(loss: Loss) -> bool:
    """Whether the loss averages over a sample's outputs."""
    return isinstance(loss, BinaryCrossentropy | SigmoidBinaryCrossentropy) and loss.outputs == "mean"


LAYERS: Mapping[tuple[str, str], Formula] = {
    ("dense", "output"): lambda n, u: row(
        total("a", var("input", n, "a"), TIMES, var("weight", "a", u)), PLUS, var("bias", 0, u)
    ),
    ("dense", "dweight"): lambda a, u: total("n", var("input", "n", a), TIMES, var("dvalue", "n", u)),
    ("dense", "dbias"): lambda _, u: total("n", var("dvalue", "n", u)),
    ("dense", "dinput"): lambda n, a: total("u", var("dvalue", n, "u"), TIMES, var("weight", a, "u")),
    ("relu", "output"): lambda n, u: call("max", integer(0), sign(","), var("input", n, u)),
    ("sigmoid", "output"): lambda n, u: fraction(ONE, row(ONE, PLUS, power(E, negated(var("input", n, u))))),
    ("sigmoid", "dinput"): lambda n, u: row(
        var("dvalue", n, u), TIMES, var("output", n, u), TIMES, group(ONE, MINUS, var("output", n, u))
    ),
    ("softmax", "output"): lambda n, j: fraction(
        power(E, var("input", n, j)), total("l", power(E, var("input", n, "l")))
    ),
    ("softmax", "dinput"): lambda n, k: total(
        "j",
        var("dvalue", n, "j"),
        TIMES,
        var("output", n, "j"),
        group(var("δ", "j", k), MINUS, var("output", n, k)),
    ),
}
"""By a layer's type and attribute; ReLU's gradient is `relu_gradient`."""


def layer_formula(layer: Layer, attribute: str, index: tuple[int, int]) -> str:
    """What a layer computes in a cell of one of its attributes."""
    if isinstance(layer, ReLU) and attribute == "dinput":
        return relu_gradient(layer, *index)
    formula = (faulty_formula(layer, attribute) or LAYERS[layer.kind, attribute])(*index)
    if isinstance(layer, Dense) and attribute == "dweight" and layer.penalty:
        return row(formula, *penalty_slope(layer.penalty, index))
    return formula


def penalty_slope(penalty: Penalty, index: tuple[int, int]) -> list[str]:
    """What a penalty adds to a weight's gradient, a sign before each part."""
    weight = var("weight", *index)
    l1 = [PLUS, name("λ₁"), TIMES, call("sign", weight)] if penalty.l1 else []
    l2 = [PLUS, integer(2), TIMES, name("λ₂"), TIMES, weight] if penalty.l2 else []
    return [*l1, *l2]


def penalty_formula(penalties: Mapping[str, Penalty]) -> str:
    """What the weights cost, by their names; each layer may have factors of its own."""
    parts: list[str] = []
    for tensor, penalty in penalties.items():
        weight = var(tensor if len(penalties) > 1 else "weight", "a", "u")
        if penalty.l1:
            parts += [PLUS, name("λ₁"), TIMES, total("a,u", sign("|"), weight, sign("|"))]
        if penalty.l2:
            parts += [PLUS, name("λ₂"), TIMES, total("a,u", power(weight, integer(2)))]
    return row(*parts[1:])


def relu_gradient(layer: ReLU, n: int, u: int) -> str:
    """dvalue where the input passes; whether 0 passes is a convention."""
    at_zero = bool(layer.at_zero) != isinstance(layer, ReluAtZero)
    passes, blocked = ("≥", "<") if at_zero else (">", "≤")
    input, zero = var("input", n, u), integer(0)
    return cases(
        (var("dvalue", n, u), row(input, sign(passes), zero)), (zero, row(input, sign(blocked), zero))
    )


def loss_formula(loss: Loss, attribute: str, index: tuple[int, int]) -> str:
    """What a loss computes in a cell of output, value or dinput."""
    n, j = index
    if attribute == "value":
        return row(fraction(ONE, name("n")), total("i", var("output", "i", 0)))
    if attribute == "output":
        share = [fraction(ONE, name("J"))] if averaged(loss) else []
        return negated(*share, total("j", _sample_term(loss, n)))
    return _fused_gradient(loss, n, j) if isinstance(loss, FusedHead) else _gradient(loss, n, j)


def _sample_term(loss: Loss, n: int) -> str:
    y, p, z = var("y", n, "j"), var("ŷ", n, "j"), var("z", n, "j")
    other = group(ONE, MINUS, y)
    if isinstance(loss, SigmoidBinaryCrossentropy):
        yes, no = call("σ", z), call("σ", MINUS, z)
        return group(y, TIMES, log(yes), PLUS, other, TIMES, log(no))
    if isinstance(loss, BinaryCrossentropy):
        return group(y, TIMES, log(p), PLUS, other, TIMES, log(group(ONE, MINUS, p)))
    if isinstance(loss, FusedHead):
        return row(y, TIMES, group(z, MINUS, log(total("l", power(E, var("z", n, "l"))))))
    return row(y, TIMES, log(p))


def _gradient(loss: Loss, n: int, j: int) -> str:
    y, p = var("y", n, j), var("ŷ", n, j)
    if isinstance(loss, BinaryCrossentropy):
        other = fraction(row(ONE, MINUS, y), row(ONE, MINUS, p))
        share = _over(loss, ONE)
        yes = (
            fraction(minus_label(loss, y), p) if isinstance(loss, UnsignedLabel) else negated(fraction(y, p))
        )
        return row(share, group(yes, PLUS, other)) if share != ONE else row(yes, PLUS, other)
    if isinstance(loss, UnsignedLabel):
        return _over(loss, minus_label(loss, y), p)
    return negated(_over(loss, y, p))


def _fused_gradient(loss: Loss, n: int, j: int) -> str:
    y, p = var("y", n, j), var("ŷ", n, j)
    label = (PLUS, minus_label(loss, y)) if isinstance(loss, UnsignedLabel) else (MINUS, y)
    if isinstance(loss, SigmoidBinaryCrossentropy):
        return _over(loss, row(p, *label))
    return _over(loss, row(p, TIMES, total("l", var("y", n, "l")), *label))


def _over(loss: Loss, above: str, *more: str) -> str:
    """A share of the mean: over n, over J where it averages over outputs, and over what else is below."""
    below = [name("n")] * divides_by_n(loss) + [name("J")] * averaged(loss) + [*more]
    return fraction(above, TIMES.join(below)) if below else above
