"""Apart and fused: the truth beside them, and where each way leaves it."""

from fractions import Fraction
from math import exp, log

import numpy as np
import numpy.typing as npt
import pytest

from engine.heads import SATURATED, Heads, Kind, Verdict, Way, heads, logits_of

CCE: Kind = "categorical_crossentropy"
BCE: Kind = "binary_crossentropy"
DTYPES = (np.float32, np.float64)
BOTH_HEADS = [(CCE, 2, [1, 0, 0]), (CCE, 2, [0, 1, 0]), (BCE, 0, [1]), (BCE, 0, [0]), (BCE, 1, [1, 0])]


def moving(
    kind: Kind, standing: int, target: list[int], z: npt.ArrayLike, dtype: npt.DTypeLike = np.float64
) -> Heads:
    moved = np.asarray(z, dtype=np.float64)
    return heads(kind, np.column_stack([moved, *[np.zeros_like(moved)] * standing]), target, dtype)


def spans(verdicts: list[Verdict], z: npt.NDArray[np.float64]) -> list[tuple[float, Verdict]]:
    """Where each verdict begins."""
    return [
        (float(z[k]), verdict) for k, verdict in enumerate(verdicts) if k == 0 or verdicts[k - 1] != verdict
    ]


@pytest.mark.parametrize(("kind", "standing", "target"), BOTH_HEADS)
def test_the_truth_is_what_automatic_differentiation_finds(
    kind: Kind, standing: int, target: list[int]
) -> None:
    torch = pytest.importorskip("torch")
    z = np.linspace(-50, 15, 66)
    found = moving(kind, standing, target, z)
    logits = torch.tensor(found.logits, requires_grad=True)
    y = torch.tensor(found.target).expand(len(z), -1)
    functional = torch.nn.functional
    if kind == CCE:
        losses = functional.cross_entropy(logits, y, reduction="none")
    else:
        losses = functional.binary_cross_entropy_with_logits(logits, y, reduction="none").sum(dim=1)
    losses.sum().backward()
    # It too subtracts from 1, so that digits below its rounding are not there to compare.
    np.testing.assert_allclose(found.exact.loss, losses.detach().numpy(), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found.exact.dinput, logits.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_the_truth_keeps_every_digit_where_differences_lose_them() -> None:
    found = moving(BCE, 0, [1], [-50, 50])
    # 1 − σ(50) = e^−50 / (1 + e^−50), and ln(1 + e^−50) is e^−50 to 22 digits.
    assert found.exact.loss[1] == pytest.approx(exp(-50), rel=1e-15)
    assert found.exact.dinput[1, 0] == pytest.approx(-exp(-50), rel=1e-15)
    assert found.exact.loss[0] == pytest.approx(50, rel=1e-15)
    assert moving(BCE, 0, [1], [300]).exact.loss[0] == pytest.approx(exp(-300), rel=1e-14, abs=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kind", "standing", "target"), BOTH_HEADS)
def test_in_the_middle_all_ways_agree(
    kind: Kind, standing: int, target: list[int], dtype: npt.DTypeLike
) -> None:
    found = moving(kind, standing, target, np.linspace(-9, 9, 37), dtype)
    for way in found.ways:
        assert {*found.verdict(way, "loss"), *found.verdict(way, "dinput")} == {"agrees"}
    assert found.prediction.dtype == dtype


def test_confidently_wrong_the_clipped_loss_stands_still_and_its_gradient_is_lost() -> None:
    found = moving(CCE, 2, [1, 0, 0], [-40.0])
    clipped, unclipped, fused = (found.ways[way] for way in ("clipped", "unclipped", "fused"))
    assert clipped.loss[0] == pytest.approx(-log(1e-7))
    assert unclipped.loss[0] == fused.loss[0] == pytest.approx(40 + log(2))
    probability = exp(-40) / 2
    # dvalue = −1/1e-7, J's cell = ŷ: their product is ŷ · 1e7 in place of 1.
    assert clipped.dinput[0, 0] == pytest.approx(-1e7 * probability)
    assert fused.dinput[0, 0] == pytest.approx(-1)
    assert clipped.dvalue is not None
    assert clipped.dvalue[0, 0] == -1e7
    assert fused.dvalue is None
    assert found.verdict("clipped", "dinput") == ["clipped"]
    assert found.verdict("unclipped", "dinput") == ["agrees"]


def test_where_each_way_stops() -> None:
    z = np.linspace(-50, 50, 201)
    double, single = (moving(CCE, 2, [1, 0, 0], z, dtype) for dtype in (np.float64, np.float32))
    assert spans(double.verdict("clipped", "loss"), z) == [
        (-50, "clipped"), (-15, "agrees"), (17, "clipped"),
    ]  # fmt: skip
    # 1 − ŷ has no three digits left beyond 30, or in float32 beyond 12, and nothing subtracts otherwise.
    ways: tuple[Way, ...] = ("clipped", "unclipped", "fused")
    for way in ways:
        assert spans(double.verdict(way, "dinput"), z)[-1][1] == "rounded"
        assert (30.0, "rounded") in spans(double.verdict(way, "dinput"), z)
        assert spans(single.verdict(way, "dinput"), z)[-1] == (12.0, "rounded")
    fused = moving(BCE, 0, [1], z)
    assert set(fused.verdict("fused", "loss")) == {"agrees"}


def test_a_sigmoid_that_rounds_to_one_is_infinitely_wrong_without_a_clip() -> None:
    z = np.linspace(-50, 50, 201)
    for dtype, at in ((np.float32, 17.0), (np.float64, 37.0)):
        found = moving(BCE, 0, [0], z, dtype)
        assert spans(found.verdict("unclipped", "dinput"), z) == [(-50, "agrees"), (at, "not_finite")]
        first = int(np.searchsorted(z, at))
        assert found.prediction[first, 0] == 1
        assert found.ways["unclipped"].loss[first] == np.inf
        assert np.isnan(found.ways["unclipped"].dinput[first, 0])
        assert set(found.verdict("fused", "dinput")) == {"agrees"}


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_probability_of_exactly_zero_and_one(dtype: npt.DTypeLike) -> None:
    found = moving(CCE, 2, [1, 0, 0], logits_of(np.array([-np.inf, 0, np.inf])), dtype)
    assert found.logits[:, 0].tolist() == [-SATURATED, 0, SATURATED]
    assert found.prediction[0, 0] == 0
    assert found.prediction[2, 0] == 1
    assert found.ways["clipped"].dinput[0, 0] == 0
    assert np.isnan(found.ways["unclipped"].dinput[0, 0])
    assert found.ways["unclipped"].loss[0] == np.inf
    assert found.ways["fused"].loss[0] == pytest.approx(SATURATED + log(2))
    assert found.ways["fused"].dinput[0, 0] == -1
    assert found.verdict("unclipped", "dinput") == ["not_finite", "agrees", "agrees"]
    assert found.error("unclipped", "loss").tolist() == [np.inf, pytest.approx(0, abs=1e-6), 0]


def test_odds_of_ten() -> None:
    found = moving(BCE, 0, [1], logits_of(np.array([-1.0, 1.0])))
    np.testing.assert_allclose(found.prediction[:, 0], [float(Fraction(1, 11)), float(Fraction(10, 11))])


@pytest.mark.parametrize(
    ("kind", "logits", "target", "words"),
    [
        (CCE, [[np.inf, 0]], [1, 0], "logits: expected finite numbers"),
        (CCE, [1.0, 0.0], [1, 0], "logits: expected finite numbers"),
        (CCE, [[1.0, 0.0]], [1, 1], "target: expected one 1"),
        (BCE, [[1.0]], [0.5], "target: expected 1 zeros and ones"),
        (BCE, [[1.0]], [1, 0], "target: expected 1 zeros and ones"),
    ],
)
def test_what_is_refused(kind: Kind, logits: list[list[float]], target: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        heads(kind, logits, target)
