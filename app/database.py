"""Opening the database of an SQLAlchemy URL: how each kind is set up, and its schema brought up to date."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from app import postgresql
from app.migrations import HEAD
from app.resources import APP

WRITE = {"backglass_write": True}
"""Execution options of a transaction that writes."""

WAIT_SECONDS = 5
"""How long one who writes waits for another, and a request for a connection or for the database."""

SQLITE_NEEDS = 64 << 10
"""Bytes on the disk with which it can open a file."""

DATABASE_URL = "BACKGLASS_DATABASE_URL"

EXAMPLES = "sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"


class DatabaseError(Exception):
    """The database cannot be used at all: one sentence for whoever starts the service."""


def connect(url: str) -> sa.Engine:
    """The database, its schema the newest.

    Raises:
        DatabaseError: It cannot be opened, or is of a newer version.
    """
    parsed = _parsed(url)
    # A password may stand among the options too.
    shown = parsed.difference_update_query(["password"]).render_as_string(hide_password=True)
    try:
        sqlite = parsed.get_backend_name() == "sqlite"
        engine = _sqlite(parsed) if sqlite else postgresql.open_engine(parsed, WAIT_SECONDS)
        _upgrade(engine, shown)
    except (sa.exc.DBAPIError, OSError) as error:
        cause = " ".join(str(getattr(error, "orig", error)).split())
        full = " Its disk is full." if _disk_is_full(parsed) else ""
        raise DatabaseError(f"The database {shown} cannot be opened: {cause}.{full}") from None
    return engine


def file_of(url: URL) -> Path | None:
    """The file of an SQLite URL that names one."""
    name = url.database
    sqlite = url.get_backend_name() == "sqlite"
    return Path(name) if sqlite and name and name != ":memory:" and not name.startswith("file:") else None


def _disk_is_full(url: URL) -> bool:
    """Whether there is no room beside a file for what SQLite itself needs."""
    path = file_of(url)
    return path is not None and path.exists() and disk_usage(path).free < SQLITE_NEEDS


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # never what it says: it may quote the password
        raise DatabaseError(f"{DATABASE_URL}: expected an SQLAlchemy URL, as {EXAMPLES}.") from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise DatabaseError(f"{DATABASE_URL}: expected {EXAMPLES}, got {parsed.drivername}.")
    try:
        parsed.get_dialect().import_dbapi()
    except ImportError as error:
        hint = 'pip install "psycopg[binary]"'
        raise DatabaseError(f"For PostgreSQL there must be psycopg ({error}): {hint}.") from None
    return parsed


def _sqlite(url: URL) -> sa.Engine:
    if (path := file_of(url)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            url = url.set(database=f"file:{quote(str(path))}", query={"uri": "true", **_only_read(path)})
    engine = sa.create_engine(url)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _only_read(path: Path) -> dict[str, str]:
    """How a file is opened that cannot be written here.

    Called immutable, it is read alone; otherwise SQLite would want to make its own files beside it. Where
    there is a log, the newest rows are in that, and somebody else may be writing them.
    """
    log = path.with_name(f"{path.name}-wal")
    return {"mode": "ro"} if log.exists() and log.stat().st_size else {"immutable": "1"}


def _configure_sqlite(connection: Any, _record: object) -> None:
    # Transactions begin where `_begin_sqlite` says, not where the driver guesses.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * WAIT_SECONDS}")
    with suppress(sqlite3.OperationalError):  # a file that may only be read stays as it is
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take their lock at once: a reader that turns writer fails when another one was faster."""
    write = connection.get_execution_options().get("backglass_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _upgrade(engine: sa.Engine, shown: str) -> None:
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with engine.execution_options(**WRITE).begin() as connection:
        if connection.dialect.name == "postgresql":
            postgresql.take_turn_to_migrate(connection)
        revision = _revision(connection)  # another may have been faster
        if revision == HEAD:
            return
        if revision is not None and revision > HEAD:
            raise DatabaseError(
                f"The database {shown} was written by a newer version of Backglass (its schema is {revision},"
                f" this version knows those up to {HEAD}). Install that version, or name another database"
                f" in {DATABASE_URL}."
            )
        _migrate(connection)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def _migrate(connection: sa.Connection) -> None:
    # Only where there is something to do: it takes a quarter of a second to import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(APP / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
