"""`rows=0:64`: a range of rows or columns in a query."""

import re
from typing import Annotated

from fastapi import Query

from app.problems import Problem

SLICE = re.compile(r"([0-9]{0,16}):([0-9]{0,16})", re.ASCII)

Slice = Annotated[
    str | None,
    Query(
        max_length=40,
        pattern=r"^[0-9]{0,16}:[0-9]{0,16}$",
        description="First, and one past the last: 0:64. Either may be left out.",
        examples=["0:64"],
    ),
]


def span(asked: str | None, length: int, name: str) -> tuple[int, int]:
    """The range asked for, no longer than there is.

    Raises:
        Problem: It is empty.
    """
    match = SLICE.fullmatch(asked) if asked else None
    if match is None:
        return 0, length
    first, last = match.groups()
    start, stop = int(first or 0), min(int(last or length), length)
    if start >= stop:
        raise Problem(
            "out_of_range",
            f"query.{name}: expected a range that begins before it ends, within 0:{length}, got {asked}.",
            field=f"query.{name}",
            expected=f"0:{length}",
            got=asked,
        )
    return start, stop
