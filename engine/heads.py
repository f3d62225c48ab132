"""A head apart and fused, against the truth: where the two ways agree, and where they stop.

Apart, the logits' gradient goes through ŷ, the loss's dvalue and the layer's Jacobian, with ŷ clipped or not;
fused, it is ŷ − y. Beside them stands the truth, in 60 digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.arrays import Array, frozen
from engine.layers import Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)

Kind = Literal["categorical_crossentropy", "binary_crossentropy"]
Way = Literal["clipped", "unclipped", "fused"]
Verdict = Literal["agrees", "clipped", "rounded", "not_finite"]

TOLERANCE = 1e-3
"""Two numbers agree where they differ by at most this share of the larger."""

SATURATED = 800.0
"""A logit whose probability is exactly 0 or 1 in float32 and in float64 alike: e^−800 is below both."""

DECADES = 20
"""How near to 0 and to 1 probabilities go before they are exactly that."""

_DIGITS = Context(prec=60, Emin=-9999, Emax=9999)
_SMALL = Decimal("1e-25")


@dataclass(frozen=True, slots=True)
class Pass:
    """One way's numbers, a row a point; each point is a batch of one sample.

    Attributes:
        loss: (points,).
        dvalue: The gradient by the predictions, (points, outputs); None where the way has none.
        dinput: The gradient by the logits, (points, outputs).
    """

    loss: Array
    dvalue: Array | None
    dinput: Array


@dataclass(frozen=True, slots=True)
class Heads:
    """Every number of every way.

    Attributes:
        logits: (points, outputs), as values of the dtype.
        prediction: ŷ, likewise.
        jacobian: (points, outputs, outputs).
        ways: By name.
        exact: What the logits really give, rounded once, to float64.
    """

    logits: Array
    target: Array
    prediction: Array
    jacobian: Array
    ways: Mapping[Way, Pass]
    exact: Pass
    clip: float

    def error(self, way: Way, quantity: Literal["loss", "dinput"], output: int = 0) -> Array:
        """How far a way is from the truth, as a share of the larger: (points,).

        0 against 0 is 0; what is not finite is infinitely far.
        """
        found, exact = (_column(one, quantity, output) for one in (self.ways[way], self.exact))
        return _apart(found, exact)

    def verdict(self, way: Way, quantity: Literal["loss", "dinput"], output: int = 0) -> list[Verdict]:
        """Whether it agrees with the truth at each point, else why it does not."""
        found, plain = (_column(self.ways[name], quantity, output) for name in (way, "unclipped"))
        right = self.error(way, quantity, output) <= TOLERANCE
        outside = (self.prediction < self.clip) | (self.prediction > 1 - self.clip)
        # The clip is to blame where the same without it is another number.
        by_clip = (way == "clipped") & outside.any(axis=1) & ~(_apart(found, plain) <= TOLERANCE)
        conditions = [right, ~np.isfinite(found), by_clip]
        verdicts: list[Verdict] = np.select(
            conditions, ["agrees", "not_finite", "clipped"], default="rounded"
        ).tolist()
        return verdicts


def heads(
    kind: Kind,
    logits: npt.ArrayLike,
    target: npt.ArrayLike,
    dtype: npt.DTypeLike = np.float64,
    clip: float = 1e-7,
) -> Heads:
    """A loss behind its layer, each way.

    Args:
        kind: Which loss; softmax comes before the categorical one, sigmoid before the binary one.
        logits: (points, outputs), finite.
        target: One row of zeros and ones, (outputs,), for all points: one-hot before a softmax.
        dtype: In which each way is computed.
        clip: Of the way that clips.

    Raises:
        ValueError: Shapes or values that are none of these.
    """
    z = np.asarray(logits, dtype=dtype)
    y = np.asarray(target, dtype=dtype)
    if z.ndim != 2 or not np.isfinite(z).all():
        raise ValueError(f"logits: expected finite numbers, a row a point, got shape {z.shape}")
    if y.shape != z.shape[1:] or not np.isin(y, (0, 1)).all():
        raise ValueError(f"target: expected {z.shape[1]} zeros and ones, got {y.tolist()}")
    if kind == "categorical_crossentropy" and y.sum() != 1:
        raise ValueError(f"target: expected one 1 before a softmax, got {y.tolist()}")
    categorical = kind == "categorical_crossentropy"
    layer = Softmax() if categorical else Sigmoid()
    losses: dict[Way, Loss]
    if categorical:
        losses = {
            "clipped": CategoricalCrossentropy(clip),
            "unclipped": CategoricalCrossentropy(0),
            "fused": SoftmaxCategoricalCrossentropy(),
        }
    else:
        losses = {
            "clipped": BinaryCrossentropy(clip),
            "unclipped": BinaryCrossentropy(0),
            "fused": SigmoidBinaryCrossentropy(),
        }
    prediction = layer.forward(z)
    jacobian = np.array([layer.jacobian(point) for point in range(len(z))])
    ways: dict[Way, Pass] = {way: _pass(layer, loss, z, y, way) for way, loss in losses.items()}
    return Heads(z, y, prediction, jacobian, ways, exact(kind, z, y), clip)


def _pass(layer: Softmax | Sigmoid, loss: Loss, logits: Array, target: Array, way: Way) -> Pass:
    """One way, a point at a time: 1/n is 1, and no number is a share of a larger batch's."""
    values, slopes, gradients = [], [], []
    y = target[None, :]
    # 1/0, 0·Inf and their like are what is looked for.
    with np.errstate(all="ignore"):
        for point in range(len(logits)):
            z = logits[point : point + 1]
            prediction = layer.forward(z)
            values.append(loss.forward(z if way == "fused" else prediction, y)[0, 0])
            slope = loss.backward(prediction, y)
            slopes.append(slope[0])
            gradients.append(slope[0] if way == "fused" else layer.backward(slope)[0])
    dvalue = None if way == "fused" else frozen(np.array(slopes))
    return Pass(frozen(np.array(values)), dvalue, frozen(np.array(gradients)))


def exact(kind: Kind, logits: Array, target: Array) -> Pass:
    """The loss and its gradient by the logits in 60 digits, rounded once: no number here comes from NumPy.

    1 − ŷ is never a difference: it is the other exponentials' share.
    """
    one = _softmax if kind == "categorical_crossentropy" else _sigmoids
    with localcontext(_DIGITS):
        rows = [one([Decimal(float(z)) for z in row], target.tolist()) for row in logits]
    losses, gradients = zip(*rows, strict=True)
    return Pass(np.array(losses), None, np.array(gradients))


def _softmax(z: Sequence[Decimal], y: Sequence[float]) -> tuple[float, list[float]]:
    label = y.index(1)
    e = [(one - z[label]).exp() for one in z]
    others = sum((one for j, one in enumerate(e) if j != label), Decimal(0))
    gradient = [one / (1 + others) for one in e]
    gradient[label] = -others / (1 + others)
    return float(_ln1p(others)), [float(one) for one in gradient]


def _sigmoids(z: Sequence[Decimal], y: Sequence[float]) -> tuple[float, list[float]]:
    # What is against the target: e^−z where y is 1, e^z where it is 0.
    against = [(-one if yes else one).exp() for one, yes in zip(z, y, strict=True)]
    gradient = [(-one if yes else one) / (1 + one) for one, yes in zip(against, y, strict=True)]
    return float(sum(map(_ln1p, against), Decimal(0))), [float(one) for one in gradient]


def _ln1p(x: Decimal) -> Decimal:
    return x - x * x / 2 + x * x * x / 3 if x < _SMALL else (1 + x).ln()


def logits_of(odds: Array) -> Array:
    """The logits at which the odds of an output are 10^odds; infinite odds are a probability of 0 or 1."""
    z: Array = np.where(np.isinf(odds), np.copysign(SATURATED, odds), odds * np.log(10.0))
    return z


def _column(one: Pass, quantity: Literal["loss", "dinput"], output: int) -> Array:
    values = one.loss if quantity == "loss" else one.dinput[:, output]
    return values.astype(np.float64)


def _apart(a: Array, b: Array) -> Array:
    """|a − b| / max(|a|, |b|), 0 where both are 0, infinite where one is not finite."""
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(a), np.abs(b))
        share = np.where(larger == 0, 0.0, np.abs(a - b) / larger)
    found: Array = np.where(np.isfinite(a) & np.isfinite(b), share, np.inf)
    return found
