"""A mistake of a known shape is named, and only that."""

import numpy as np
import pytest

from engine.grade import Line, Tolerance, grade

RIGHT = np.random.default_rng(4).standard_normal((4, 3))
UNCLIPPED = np.where(RIGHT > 1, 3 * RIGHT, RIGHT)
CLOSE = Tolerance(1e-6)


@pytest.mark.parametrize(
    ("given", "mistakes"),
    [
        (RIGHT, ()),
        (RIGHT * (1 + 1e-9), ()),
        (-RIGHT, ("sign",)),
        (RIGHT * 8, ("factor_n",)),
        (RIGHT / 8, ("factor_1_n",)),
        (RIGHT.T, ("transpose",)),
        (-8 * RIGHT.T, ("factor_n", "sign", "transpose")),
        (UNCLIPPED, ("unclipped",)),
        (8 * UNCLIPPED, ("unclipped", "factor_n")),
        (UNCLIPPED.T, ("unclipped", "transpose")),
        (RIGHT + 0.1, ()),
        (RIGHT * 7, ("factor",)),
        (RIGHT.T * -0.1, ("factor", "transpose")),
    ],
)
def test_mistakes(given: np.ndarray, mistakes: tuple[str, ...]) -> None:
    found = grade(given, RIGHT, 8, CLOSE, [("unclipped", UNCLIPPED)])
    assert found.mistakes == mistakes
    turned = given if given.shape == RIGHT.shape else given.T
    assert found.right.tolist() == np.isclose(turned, RIGHT, rtol=1e-6, atol=0).tolist()


def test_one_wrong_cell_is_pointed_at() -> None:
    given = RIGHT.copy()
    given[2, 1] += 0.01
    found = grade(given, RIGHT, 8, CLOSE)
    assert np.argwhere(~found.right).tolist() == [[2, 1]]
    assert found.mistakes == ()


def test_a_square_transpose_is_seen_by_its_values() -> None:
    right = RIGHT[:3]
    assert grade(right.T, right, 5, CLOSE).mistakes == ("transpose",)


def test_nan_is_right_where_nan_is() -> None:
    right = np.array([[np.nan, np.inf, 0.0]])
    assert grade(right, right, 2, CLOSE).right.all()
    assert grade(np.array([[0.0, -np.inf, 0.0]]), right, 2, CLOSE).right.tolist() == [[False, False, True]]


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected shape \(4, 3\), got \(2, 6\)"):
        grade(RIGHT.reshape(2, 6), RIGHT, 8, CLOSE)


def test_what_was_not_summed_over_the_samples() -> None:
    given = np.random.default_rng(5).standard_normal((6, 3))
    right = given.sum(axis=0, keepdims=True)
    found = grade(given, right, 6, CLOSE)
    assert found.mistakes == ("not_summed",)
    assert not found.right.any()
    assert grade(-given, right, 6, CLOSE).mistakes == ("not_summed", "sign")
    with pytest.raises(ValueError, match=r"got \(6, 3\)"):
        grade(given + 1, right, 6, CLOSE)


def test_a_row_a_column_and_a_cell_that_are_wrong_alone() -> None:
    given = RIGHT.copy()
    given[2] *= -1
    assert grade(given, RIGHT, 8, CLOSE).lines == (Line(2, None, ("sign",)),)
    given = RIGHT.copy()
    given[:, 1] *= 8
    assert grade(given, RIGHT, 8, CLOSE).lines == (Line(None, 1, ("factor_n",)),)
    given[0, 0] *= -1 / 8
    given[3, 2] = 17
    found = grade(given, RIGHT, 8, CLOSE)
    assert set(found.lines) == {Line(None, 1, ("factor_n",)), Line(0, 0, ("factor_1_n", "sign"))}
    assert found.mistakes == ()


def test_decimals_that_were_rounded_off_are_forgiven() -> None:
    right = np.array([[0.123456789, 1.5e-4, 0.0]])
    given = right.round(6)
    assert grade(given, right, 4, CLOSE).right.tolist() == [[False, True, True]]
    given = right.round(8)
    assert grade(given, right, 4, Tolerance(1e-9, 5e-9)).right.all()
    assert not grade(given + 1e-8, right, 4, Tolerance(1e-9, 5e-9)).right.any()


def test_any_other_factor_is_measured() -> None:
    assert grade(RIGHT * 7, RIGHT, 8, CLOSE).factor == pytest.approx(7)
    assert grade(RIGHT * 8, RIGHT, 8, CLOSE).factor is None
    assert grade(RIGHT * 0, RIGHT, 8, CLOSE).mistakes == ()
    assert grade(np.array([[3.0]]), np.array([[2.0]]), 8, CLOSE).mistakes == ()
