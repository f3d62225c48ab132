"""A PostgreSQL of the tests' own: started by an ordinary user, reached by a socket in its folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import glob
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

MISSING = "there is no PostgreSQL here; on Debian: apt install postgresql"

ORDINARY = "nobody"
"""Who runs it where the tests run as root, whom it refuses."""


@dataclass
class PostgreSQL:
    """A server of any number of databases.

    Attributes:
        binaries: The folder of its programs.
        folder: Of its data, its log and its socket.
    """

    binaries: Path
    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def database(self) -> str:
        """The URL of a new one."""
        name = f"backglass_{next(self._numbers)}"
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url(name)

    def create(self) -> None:
        """Make the empty cluster."""
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "backglass", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop: whoever is connected is cut off."""
        self._control("stop", "-m", mode)

    def _control(self, what: str, *arguments: str) -> None:
        self._run("pg_ctl", what, "-D", str(self.folder / "data"), "-w", "-t", "120", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # Neither its output nor its error is a pipe: the server that it starts would keep it open.
        with (self.folder / "said").open("w+") as said:
            command = [str(self.binaries / program), *arguments]
            done = subprocess.run(command, stdout=said, stderr=said, cwd=self.folder, **_who())
            said.seek(0)
            assert done.returncode == 0, said.read()

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://backglass@/{name}?host={self.folder}"


@contextmanager
def running() -> Iterator[PostgreSQL]:
    """One that runs, until the end; skips where there is none, and fails so under CI=true."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Not pytest's own folder: only its user enters that, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="backglass-"))
    server = PostgreSQL(binaries, folder)
    try:
        if _who():
            shutil.chown(folder, ORDINARY)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path | None:
    """The folder of its programs: on the path, named by pg_config, or Debian's newest."""
    folders = [str(Path(found).parent)] if (found := shutil.which("pg_ctl")) else []
    if config := shutil.which("pg_config"):
        folders.append(subprocess.run([config, "--bindir"], capture_output=True, text=True).stdout.strip())
    folders += sorted(
        glob("/usr/lib/postgresql/*/bin"), key=lambda name: int(name.split("/")[4]), reverse=True
    )
    whole = (
        Path(name) for name in folders if all((Path(name) / one).exists() for one in ("initdb", "postgres"))
    )
    return next(whole, None)


def _who() -> dict[str, Any]:
    return {"user": ORDINARY, "extra_groups": []} if os.geteuid() == 0 else {}
