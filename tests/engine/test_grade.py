"""A mistake of a known shape is named, and only that."""

import numpy as np
import pytest

from engine.grade import grade

RIGHT = np.random.default_rng(4).standard_normal((4, 3))
UNCLIPPED = np.where(RIGHT > 1, 3 * RIGHT, RIGHT)


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
        (RIGHT + 0.1, ()),
        (RIGHT * 7, ()),
    ],
)
def test_mistakes(given: np.ndarray, mistakes: tuple[str, ...]) -> None:
    found = grade(given, RIGHT, 8, 1e-6, UNCLIPPED)
    assert found.mistakes == mistakes
    turned = given if given.shape == RIGHT.shape else given.T
    assert found.right.tolist() == np.isclose(turned, RIGHT, rtol=1e-6, atol=0).tolist()


def test_one_wrong_cell_is_pointed_at() -> None:
    given = RIGHT.copy()
    given[2, 1] += 0.01
    found = grade(given, RIGHT, 8, 1e-6)
    assert np.argwhere(~found.right).tolist() == [[2, 1]]
    assert found.mistakes == ()


def test_a_square_transpose_is_seen_by_its_values() -> None:
    right = RIGHT[:3]
    assert grade(right.T, right, 5, 1e-6).mistakes == ("transpose",)


def test_nan_is_right_where_nan_is() -> None:
    right = np.array([[np.nan, np.inf, 0.0]])
    assert grade(right, right, 2, 1e-6).right.all()
    assert grade(np.array([[0.0, -np.inf, 0.0]]), right, 2, 1e-6).right.tolist() == [[False, False, True]]


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected shape \(4, 3\), got \(2, 6\)"):
        grade(RIGHT.reshape(2, 6), RIGHT, 8, 1e-6)
