"""The formulas of the update: a parameter's, and those of what the optimiser remembers."""

from app.mathml import MINUS, PLUS, TIMES, fraction, group, integer, large, name, power, root, row, sign, var
from app.schemas.optimizers import Adam, AdamW, Optimizer, RmsProp, Sgd

ONE = integer(1)
RATE, EPSILON = var("lr", "t"), name("ε")

Index = tuple[int, int]


def update_formula(optimizer: Optimizer, parameter: str, index: Index, *, uphill: bool = False) -> str:
    """What a parameter becomes; uphill where the step has the wrong sign."""
    kept = var(parameter, *index)
    if isinstance(optimizer, AdamW):
        kept = row(group(ONE, MINUS, RATE, TIMES, name("λ")), TIMES, kept)
    return row(kept, PLUS if uphill else MINUS, RATE, TIMES, _step(optimizer, f"d{parameter}", index))


def state_formula(optimizer: Optimizer, parameter: str, state: str, index: Index) -> str:
    """What the optimiser remembers of a gradient."""
    before, gradient = var(state, *index), var(f"d{parameter}", *index)
    if isinstance(optimizer, Sgd):
        return row(name("μ"), TIMES, before, PLUS, gradient)
    new = gradient if state == "momentum" else power(group(gradient), integer(2))
    if isinstance(optimizer, Adam | AdamW):
        return _mean(name("β₁" if state == "momentum" else "β₂"), before, new)
    if isinstance(optimizer, RmsProp):
        return _mean(name("ρ"), before, new)
    return row(before, PLUS, new)


def _step(optimizer: Optimizer, gradient: str, index: Index) -> str:
    dw = var(gradient, *index)
    if isinstance(optimizer, Sgd):
        velocity = var("momentum", *index)
        if optimizer.nesterov:
            return group(dw, PLUS, name("μ"), TIMES, velocity)
        return velocity if optimizer.momentum else dw
    cache = var("cache", *index)
    if isinstance(optimizer, Adam | AdamW):
        above = _unbiased(var("momentum", *index), "β₁")
        return large(fraction(large(above), large(root(_unbiased(cache, "β₂")), PLUS, EPSILON)))
    return fraction(dw, row(root(cache), PLUS, EPSILON))


def _mean(share: str, before: str, new: str) -> str:
    return row(share, TIMES, before, PLUS, group(ONE, MINUS, share), TIMES, new)


def _unbiased(mean: str, beta: str) -> str:
    """Both means begin at 0; after t updates they have seen 1 − βᵗ of what a mean would have."""
    return fraction(mean, row(ONE, MINUS, power(name(beta), row(name("t"), sign("+"), ONE))))
