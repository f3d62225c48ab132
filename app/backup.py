"""A copy of an SQLite store while it is in use: whole, as at one moment, and itself a store."""

import os
import sqlite3
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy.engine import make_url

from app.database import DatabaseError, file_of


def backup(url: str, target: Path) -> int:
    """Copy the store into a new file, which is there either whole or not at all; its bytes.

    Args:
        url: Of the store.
        target: The file; restoring is copying it back to where the store is.

    Raises:
        DatabaseError: There is such a file already, or it cannot be written, or the store is no SQLite file.
    """
    source = file_of(make_url(url))
    if source is None:
        raise DatabaseError("Only an SQLite file is copied; for PostgreSQL there is pg_dump.")
    if not source.exists():
        raise DatabaseError(f"There is no database at {source}.")
    if target.exists():
        raise DatabaseError(f"{target} is there already; it stays as it is.")
    try:
        handle, name = mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
        os.close(handle)
        try:
            _copy(source, name)
            os.link(name, target)  # unlike a rename, it never replaces what is there
        finally:
            os.unlink(name)
        _sync(target.absolute().parent)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{target} could not be written: {error}.") from None
    return target.stat().st_size


def _copy(source: Path, name: str) -> None:
    origin, copy = sqlite3.connect(source), sqlite3.connect(name)
    try:
        # All in one step: what is written between two would have it begin again, under load without an end.
        # In WAL it keeps no writer waiting.
        origin.backup(copy)
        # One file is all of it: without this, who opens the copy finds a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        origin.close()
    _sync(Path(name))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
