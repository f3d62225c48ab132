"""What is refused is what is over its limit, and nothing below it."""

from collections.abc import Callable

import pytest

from app.limits import Plan, check_cells, check_position, check_terms, check_training
from app.problems import Problem
from app.settings import Settings

SETTINGS = Settings(max_replay_seconds=1.0, max_response_cells=100)
PLAN = Plan(8, 4, 1, (4, 3), 15, 6, 8, 1000, 2.0**-10)
"""1,024 iterations of 6 steps in a second."""


def deep(terms: int) -> Plan:
    return Plan(terms, 4, 1, (4, 3), 15, 6, terms, 1000, 1.0)


@pytest.mark.parametrize(
    ("check", "most"),
    [
        (lambda figure: check_cells(figure, SETTINGS, ""), 100),
        (lambda figure: check_position(figure, PLAN, SETTINGS, "path.position"), 6 * 1024),
        (lambda figure: check_training(PLAN, figure, 2.0, "query.stop"), 2048),
        (lambda figure: check_terms(deep(figure)), 100_000),
    ],
)
def test_the_limit_itself_is_allowed_and_no_more(check: Callable[[int], None], most: int) -> None:
    check(most)
    with pytest.raises(Problem) as refused:
        check(most + 1)
    assert refused.value.params["figure"] == most + 1
    assert refused.value.params["limit"] == most
