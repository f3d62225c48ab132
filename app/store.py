"""Where specs are kept, by the hash of their content: nothing in it is ever updated.

A run is its canonical spec and the run that it was first made from; the arrays that specs name by hash stand
in a table of their own, so that forks share them, and so do the data that people brought.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite

from app import postgresql
from app.database import WRITE, connect
from app.problems import Problem
from app.writing import Turns

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

GIB = 1 << 30

ROW_BYTES = 200
"""What a row takes beside its text and its bytes."""


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
        most_bytes: What it may hold: past that it keeps nothing new, and forgets nothing.

    Raises:
        DatabaseError: It cannot be opened.
    """

    def __init__(self, url: str, most_bytes: int = GIB) -> None:
        self._engine = connect(url)
        self._most_bytes = most_bytes
        self._turns = Turns()

    def put(self, run: StoredRun, blobs: Mapping[str, bytes]) -> bool:
        """Keep a run and its arrays; True where it was not known. A known one keeps its parent.

        Raises:
            Problem: There is no room, or too many write.
        """
        # Most of what comes is known already, and whoever only reads waits for nobody.
        if self.get(run.id) is not None:
            return False
        with self._writing() as connection:
            known = set(connection.scalars(sa.select(arrays.c.sha256).where(arrays.c.sha256.in_(blobs))))
            # Sorted: two that insert the same rows in another order would wait for one another.
            fresh = [{"sha256": digest, "data": blobs[digest]} for digest in sorted(blobs.keys() - known)]
            size = len(run.canonical) + sum(len(row["data"]) for row in fresh)
            self._expect_room(connection, size + ROW_BYTES * (1 + len(fresh)))
            row = {
                "id": run.id,
                "canonical": run.canonical,
                "parent": run.parent,
                "created": datetime.now(UTC),
            }
            new = _keep(connection, runs, [row])
            if new:
                _keep(connection, arrays, fresh)
            return bool(new)

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
        """Keep an upload; True where it was not known.

        Raises:
            Problem: There is no room, or too many write.
        """
        if self.get_upload(digest) is not None:
            return False
        with self._writing() as connection:
            self._expect_room(connection, len(data) + ROW_BYTES)
            return bool(_keep(connection, uploads, [{"sha256": digest, "data": data}]))

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

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._turns.take(), self._engine.execution_options(**WRITE).begin() as connection:
            if connection.dialect.name == "postgresql":
                postgresql.take_turn_to_write(connection)
            yield connection

    def _expect_room(self, connection: sa.Connection, size: int) -> None:
        held = _held(connection)
        if held + size > self._most_bytes:
            raise Problem(
                "store_over_budget",
                f"What is kept takes {held} bytes and this {size} more; the limit is {self._most_bytes}."
                " What is there stays.",
                figure=held + size,
                limit=self._most_bytes,
            )


def _keep(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Insert what nobody else has inserted since; how many rows that was."""
    if not rows:
        return 0
    insert = insert_in_postgresql if connection.dialect.name == "postgresql" else insert_in_sqlite
    # Counted by what comes back: not every driver tells how many rows an insert made.
    statement = insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    return sum(len(connection.execute(statement, row).all()) for row in rows)


def _held(connection: sa.Connection) -> int:
    """The bytes that the database takes, without what is free in its file."""
    if connection.dialect.name == "sqlite":
        pages, free, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)
    return int(connection.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database()))) or 0)
