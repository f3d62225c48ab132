"""What a tensor's name says of it: how its cells come about, and what its axes count."""

from typing import Any

from app.symbols import averaged
from engine.faults import (
    BiasNotSummed,
    InputOverwritten,
    MissingMean,
    MissingTranspose,
    SoftmaxScalar,
    UnsignedLabel,
)
from engine.layers import Layer
from engine.losses import FusedHead, Loss
from engine.network import Network

RULES = {
    "dense.output": "output[n, k] = Σ<sub>i</sub> input[n, i] · weight[i, k] + bias[0, k]",
    "dense.dweight": "dweight[i, k] = Σ<sub>n</sub> input[n, i] · dvalue[n, k]",
    "dense.dbias": "dbias[0, k] = Σ<sub>n</sub> dvalue[n, k]",
    "dense.dinput": "dinput[n, i] = Σ<sub>k</sub> dvalue[n, k] · weight[i, k]",
    "relu.output": "output[n, k] = max(0, input[n, k])",
    "relu.dinput": "dinput[n, k] = dvalue[n, k] | 0",
    "sigmoid.output": "output[n, k] = 1 / (1 + e<sup>−input[n, k]</sup>)",
    "sigmoid.dinput": "dinput[n, k] = dvalue[n, k] · output[n, k] · (1 − output[n, k])",
    "softmax.output": "output[n, k] = e<sup>input[n, k]</sup> / Σ<sub>l</sub> e<sup>input[n, l]</sup>",
    "softmax.dinput": "dinput[n, k] = Σ<sub>j</sub> dvalue[n, j] · J<sub>n</sub>[j, k]",
    "loss.value": "value = Σ<sub>n</sub> output[n, 0] / n",
}
"""By a layer's type and the attribute. Data and parameters have none: no step computed them."""

LOSS_RULES = {
    "categorical_crossentropy": (
        "output[n, 0] = −Σ<sub>j</sub> y[n, j] · ln ŷ[n, j]",
        "dinput[n, k] = −y[n, k] / ŷ[n, k] / {n}",
    ),
    "binary_crossentropy": (
        "output[n, 0] = −Σ<sub>j</sub> (y ln ŷ + (1 − y) ln(1 − ŷ)){over}",
        "dinput[n, k] = (−y / ŷ + (1 − y) / (1 − ŷ)) / {n}",
    ),
    "fused categorical_crossentropy": (
        "output[n, 0] = −Σ<sub>j</sub> y[n, j] · (z[n, j] − ln Σ<sub>l</sub> e<sup>z[n, l]</sup>)",
        "dinput[n, k] = (ŷ[n, k] · Σ<sub>j</sub> y[n, j] − y[n, k]) / {n}",
    ),
    "fused binary_crossentropy": (
        "output[n, 0] = −Σ<sub>j</sub> (y ln σ(z) + (1 − y) ln σ(−z)){over}",
        "dinput[n, k] = (ŷ[n, k] − y[n, k]) / {n}",
    ),
}
"""By the loss: of `output`, and of `dinput`, which fused is the last layer's."""

FAULTY_RULES: dict[tuple[type[Any], str], str] = {
    (MissingTranspose, "dinput"): "dinput[n, i] = Σ<sub>k</sub> dvalue[n, k] · reshape(weight)[k, i]",
    (InputOverwritten, "dweight"): "dweight[i, k] = Σ<sub>n</sub> dinput[n, i] · dvalue[n, k]",
    (BiasNotSummed, "dbias"): "dbias[0, k] = dvalue[0, k]",
}
"""By what a layer was spoiled with, and the attribute; the rule of the others speaks of J or of a slope."""

JACOBIAN_RULES = {
    "softmax": ("S<sub>{j}</sub> · (1 − S<sub>{j}</sub>)", "−S<sub>{j}</sub> · S<sub>{k}</sub>"),
    "sigmoid": ("σ<sub>{j}</sub> · (1 − σ<sub>{j}</sub>)", "0"),
    "relu": ("1 | 0", "0"),
    "dense": ("weight[{k}, {j}]", "weight[{k}, {j}]"),
}
"""By a layer's type: J[j, k] where j = k, and elsewhere."""

FAULTY_JACOBIANS: dict[type[Any], tuple[str, str]] = {
    MissingTranspose: ("reshape(weight)[{j}, {k}]", "reshape(weight)[{j}, {k}]"),
    SoftmaxScalar: (
        "S<sub>{j}</sub> − Σ<sub>l</sub> S<sub>l</sub>²",
        "−Σ<sub>l</sub> S<sub>l</sub>²",
    ),
}
"""The same by what a layer was spoiled with."""

DINPUT_RULE = "dinput[k] = Σ<sub>j</sub> dvalue[j] · J[j, k]"


def kind_of(name: str) -> str:
    """`dense` of `dense_2.dweight` or of `dense_2`."""
    return name.partition(".")[0].rpartition("_")[0] or name.partition(".")[0]


def rule(name: str, network: Network | None = None) -> str:
    """The tensor's rule as Plotly writes it; empty where nothing computes it.

    Args:
        name: The tensor's canonical name.
        network: Whose tensor it is: what its loss computes follows the loss.
    """
    owner, _, attribute = name.partition(".")
    if network is not None and network.loss is not None and attribute in ("output", "dinput"):
        fused = isinstance(network.loss, FusedHead)
        if owner == "loss" or (fused and owner == network.names[-1] and attribute == "dinput"):
            return _loss_rule(network.loss, attribute)
    right = RULES.get(f"{kind_of(name)}.{name.partition('.')[2]}", "")
    return (_faulty_rule(owner, attribute, network) or right) + _penalty_rule(name, network)


def _faulty_rule(owner: str, attribute: str, network: Network | None) -> str:
    """The rule of a spoiled layer's attribute; empty where it is the right one."""
    layer = dict(network.named()).get(owner) if network else None
    found = (rule for (kind, of), rule in FAULTY_RULES.items() if of == attribute and isinstance(layer, kind))
    return next(found, "")


def _penalty_rule(name: str, network: Network | None) -> str:
    """What penalties add."""
    penalties = network.penalties if network else {}
    if name == "loss.value" and penalties:
        return " + penalty"
    penalty = penalties.get(name.replace(".dweight", ".weight"))
    if not penalty or not name.endswith(".dweight"):
        return ""
    l1 = f" + {penalty.l1:.4g} · sign weight[i, k]" if penalty.l1 else ""
    return l1 + (f" + {2 * penalty.l2:.4g} · weight[i, k]" if penalty.l2 else "")


def _loss_rule(loss: Loss, attribute: str) -> str:
    fused = "fused " if isinstance(loss, FusedHead) else ""
    found = LOSS_RULES[fused + loss.kind][attribute == "dinput"]
    mean = averaged(loss)
    if isinstance(loss, UnsignedLabel) and attribute == "dinput":
        found = found.replace("−y[n, k] /", "((−y[n, k]) mod 256) /").replace("(−y /", "((−y mod 256) /")
        found = found.replace("− y[n, k])", "+ ((−y[n, k]) mod 256))")
    if isinstance(loss, MissingMean):
        found = found.replace(" / {n}", " / J" if mean else "")
    return found.format(n="(n·J)" if mean else "n", over=" / J" if mean else "")


def jacobian_rules(
    kind: str, shape: tuple[int, ...], first: tuple[int, int], part: Layer | None = None
) -> list[list[str]]:
    """The rule of each cell of a layer's Jacobian: the diagonal has another than the rest."""
    faulty = (rules for spoiled, rules in FAULTY_JACOBIANS.items() if isinstance(part, spoiled))
    same, other = next(faulty, JACOBIAN_RULES[kind])
    down, right = (range(start, start + count) for start, count in zip(first, shape, strict=True))
    return [[(same if j == k else other).format(j=j, k=k) for k in right] for j in down]


def jacobian_axes(kind: str) -> tuple[str, str]:
    """The catalogue's keys for what a Jacobian's rows and columns are, by the layer's type."""
    if kind in ("softmax", "sigmoid"):
        return "figure.axis.output", "figure.axis.score"
    return "figure.axis.result", "figure.axis.entry"


def holds_probabilities(name: str) -> bool:
    """Whether the cells run from 0 to 1."""
    return kind_of(name) in ("softmax", "sigmoid") and name.endswith(".output")


def axes_of(name: str) -> tuple[str | None, str | None]:
    """The catalogue's keys for what the tensor's rows and its columns count."""
    layer, _, attribute = name.partition(".")
    variable = attribute.partition(".")[0]
    if variable in ("weight", "dweight"):
        return "figure.axis.input", "figure.axis.unit"
    if variable in ("bias", "dbias"):
        return None, "figure.axis.unit"
    if layer in ("batch", "data"):
        return "figure.axis.sample", "figure.axis.feature" if variable == "input" else None
    if layer == "loss" and variable != "dinput":
        return ("figure.axis.sample" if variable == "output" else None), None
    if kind_of(name) == "dense" and variable == "dinput":
        return "figure.axis.sample", "figure.axis.input"
    return "figure.axis.sample", "figure.axis.unit"
