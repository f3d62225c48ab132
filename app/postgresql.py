"""PostgreSQL as the database: few connections, tried before use, and given up in time."""

import sqlalchemy as sa
from sqlalchemy.engine import URL

MIGRATION_LOCK = 0x4261636B
"""The number under which processes that start at once take turns."""

WRITING_LOCK = 0x676C6173
"""That under which they write: what one finds free another one must not fill meanwhile."""

SQLSTATE = {
    "08": "store_away",
    "25006": "store_read_only",
    "53100": "store_full",
    "53": "store_busy",
    "55": "store_busy",
    "57014": "store_busy",
    "57": "store_away",
    "58": "store_damaged",
    "XX": "store_damaged",
}
"""The problem of an error, by its SQLSTATE or by the class of that."""


def open_engine(url: URL, wait_seconds: int) -> sa.Engine:
    """One for this URL.

    Args:
        url: Where it is.
        wait_seconds: The longest wait for a connection, a lock or a statement.
    """
    milliseconds = 1000 * wait_seconds
    options = {
        "lock_timeout": milliseconds,
        "statement_timeout": 2 * milliseconds,  # a large array takes its time
        # Who was cut off in the middle of a transaction must not hold what others wait for.
        "idle_in_transaction_session_timeout": 4 * milliseconds,
    }
    given = url.query.get("options", "")
    theirs = given if isinstance(given, str) else " ".join(given)
    return sa.create_engine(
        url,
        pool_size=4,
        max_overflow=4,
        pool_timeout=wait_seconds,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": wait_seconds,
            "tcp_user_timeout": 2 * milliseconds,
            "application_name": "backglass",
            # What the URL says comes last, and so holds.
            "options": " ".join([*(f"-c {name}={value}" for name, value in options.items()), theirs]).strip(),
        },
    )


def take_turn_to_migrate(connection: sa.Connection) -> None:
    """Be the only one who migrates, until the transaction ends; however long another one takes."""
    for name in ("lock_timeout", "statement_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")
    _lock(connection, MIGRATION_LOCK)


def take_turn_to_write(connection: sa.Connection) -> None:
    """Be the only one who writes, until the transaction ends."""
    _lock(connection, WRITING_LOCK)


def _lock(connection: sa.Connection, number: int) -> None:
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def code_of(error: object) -> str | None:
    """The code of the problem that an error of it makes, if it is one of its own."""
    state = getattr(error, "sqlstate", None)
    return SQLSTATE.get(state) or SQLSTATE.get(state[:2]) if isinstance(state, str) else None
