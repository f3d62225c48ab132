"""What a database says when it cannot, as problems: what it is, and whether to try again."""

import logging

import sqlalchemy as sa
from fastapi import Request, Response

from app import postgresql
from app.problems import Problem

RETRY_SECONDS = 2

SQLITE = {
    "SQLITE_FULL": "store_full",
    "SQLITE_READONLY": "store_read_only",
    "SQLITE_BUSY": "store_busy",
    "SQLITE_LOCKED": "store_busy",
    "SQLITE_CORRUPT": "store_damaged",
    "SQLITE_NOTADB": "store_damaged",
}
"""By the first two words of SQLite's own name of the error."""

SAID = {
    "store_full": "There is no room left where runs are kept: what is there stays, nothing new is kept.",
    "store_read_only": "What is kept may only be read here.",
    "store_busy": "Somebody else holds the database; try again.",
    "store_damaged": "The database is damaged where this is kept; other runs may be whole.",
    "store_away": "The database does not answer; try again.",
}

RETRY = frozenset(("store_busy", "store_away"))

_log = logging.getLogger(__name__)


def problem_of(error: BaseException) -> Problem:
    """The problem that an error of the database makes."""
    if isinstance(error, sa.exc.TimeoutError):  # all connections are in use
        return problem("store_busy")
    cause = getattr(error, "orig", None)
    name = "_".join(getattr(cause, "sqlite_errorname", "").split("_")[:2])
    return problem(SQLITE.get(name) or postgresql.code_of(cause) or "store_away")


def problem(code: str) -> Problem:
    """The problem of a code."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if code in RETRY else None
    return Problem(code, SAID[code], headers=headers)


async def answer(_: Request, error: Exception) -> Response:
    """Answer an error of the database: the handler to register."""
    assert isinstance(error, sa.exc.SQLAlchemyError)
    # Never the statement: it carries what people wrote.
    _log.warning("database", extra={"members": {"cause": str(getattr(error, "orig", None) or error)[:200]}})
    return problem_of(error).response()
