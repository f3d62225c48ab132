"""Where specs are kept, by the hash of their content: nothing in it is ever updated.

A run is its canonical spec and the run that it was first made from; the arrays that specs name by hash stand
in a table of their own, so that forks share them, and so do the data that people brought.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(21), primary_key=True),
    sa.Column("canonical", sa.Text, nullable=False),
    sa.Column("parent", sa.String(21)),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
)

arrays = sa.Table(
    "arrays",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

WRITE = {"backglass_write": True}


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A row: the canonical spec, and the parent of its first creation."""

    id: str
    canonical: str
    parent: str | None


class Store:
    """Specs and arrays by content hash, in any database that SQLAlchemy opens.

    Args:
        url: An SQLAlchemy URL; the folder of an SQLite file is made where it is missing.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        _make_folder(parsed)
        self._engine = sa.create_engine(parsed)
        if parsed.get_backend_name() == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self._engine.execution_options(**WRITE).begin() as connection:
            metadata.create_all(connection)

    def put(self, run: StoredRun, blobs: Mapping[str, bytes]) -> bool:
        """Keep a run and its arrays; True where it was not known. A known one keeps its parent."""
        with self._engine.execution_options(**WRITE).begin() as connection:
            if connection.scalar(sa.select(runs.c.id).where(runs.c.id == run.id)):
                return False
            wanted = sa.select(arrays.c.sha256).where(arrays.c.sha256.in_(blobs))
            known = set(connection.scalars(wanted))
            fresh = [
                {"sha256": digest, "data": data} for digest, data in blobs.items() if digest not in known
            ]
            if fresh:
                connection.execute(sa.insert(arrays), fresh)
            row = {
                "id": run.id,
                "canonical": run.canonical,
                "parent": run.parent,
                "created": datetime.now(UTC),
            }
            connection.execute(sa.insert(runs), row)
            return True

    def get(self, run_id: str) -> StoredRun | None:
        """The run of this id, if it is known."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).first()
        return StoredRun(row.id, row.canonical, row.parent) if row else None

    def get_arrays(self, digests: Iterable[str]) -> dict[str, bytes]:
        """The arrays of these hashes."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(arrays).where(arrays.c.sha256.in_(list(digests))))
            return {row.sha256: row.data for row in rows}

    def put_upload(self, digest: str, data: bytes) -> bool:
        """Keep an upload; True where it was not known."""
        with self._engine.execution_options(**WRITE).begin() as connection:
            if connection.scalar(sa.select(uploads.c.sha256).where(uploads.c.sha256 == digest)):
                return False
            connection.execute(sa.insert(uploads), {"sha256": digest, "data": data})
            return True

    def get_upload(self, digest: str) -> bytes | None:
        """The upload of this hash, if it is known."""
        with self._engine.connect() as connection:
            data: bytes | None = connection.scalar(
                sa.select(uploads.c.data).where(uploads.c.sha256 == digest)
            )
        return data

    def expect_there(self) -> None:
        """Ask the database for nothing: whether it answers."""
        with self._engine.connect() as connection:
            connection.execute(sa.select(sa.literal(1)))

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def _make_folder(url: URL) -> None:
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = (
        None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    )
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take their lock at once: a reader that turns writer fails when another one was faster."""
    write = connection.get_execution_options().get("backglass_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
