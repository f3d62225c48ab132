"""`python -m app` and the console script `backglass`."""

import argparse
import gc
import signal
import socket
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn

from app import listening
from app.docs import VERSION

GRACE_SECONDS = 5
"""How long open answers may take to end once the service is told to stop."""

COLLECTED_AFTER = (20_000, 20, 100)
"""New objects until cyclic garbage is looked for, and how often among the older ones.

What is kept for a class is a million objects, and nearly none of the garbage is cyclic: with Python's own
numbers all of them were walked through every few seconds, for 0.2 s in which nobody was answered.
"""


class Server(uvicorn.Server):
    """A server that says where it is, and opens a browser there, once it listens; told to stop, it does so.

    Args:
        config: uvicorn's.
        open_browser: Whether to.
        stopping: What to call first: answers that would never end by themselves end then.
    """

    def __init__(self, config: uvicorn.Config, *, open_browser: bool, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self.open_browser = open_browser
        self.stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(*listening.said(host, port), sep="\n", flush=True)
        if self.open_browser:
            webbrowser.open(listening.here(host, port))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self.stopping()
        await super().shutdown(sockets)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stopped.

    Args:
        arguments: Of the command line unless given.
    """
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.command == "backup":
        _backup(asked.file)
        return
    # Here, not above: a worker imports this module again, and has no use for the application.
    from app.database import DatabaseError
    from app.guarded import GuardedProtocol
    from app.log import configure
    from app.main import create_app

    listening.settle(parser, asked)
    configure()
    try:
        app = create_app()
    except DatabaseError as error:
        raise SystemExit(str(error)) from None
    gc.freeze()  # what is there now stays
    gc.set_threshold(*COLLECTED_AFTER)
    config = uvicorn.Config(
        app,
        host=asked.host,
        port=asked.port,
        http=GuardedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # uvicorn raises the signal again in the end: who dies of it clears nothing away behind the workers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is told to stop
        Server(config, open_browser=asked.open, stopping=app.state.trainer.close).run()


def _backup(file: Path) -> None:
    from app.backup import backup
    from app.database import DatabaseError
    from app.settings import Settings

    try:
        size = backup(Settings().database_url, file)
    except DatabaseError as error:
        raise SystemExit(str(error)) from None
    print(
        f"{file}: {size:,} bytes. To restore it: stop the service, copy it over the database, and remove"
        " the files -wal and -shm beside that, if there are any."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("backglass", description="A window onto the backward pass.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    parser.add_argument("--port", default=8000, type=_port, help="the port to listen at (%(default)s)")
    listening.add_arguments(parser)
    parser.add_argument("--open", action="store_true", help="open a browser there")
    commands = parser.add_subparsers(dest="command", metavar="backup FILE")
    copy = commands.add_parser("backup", help="copy the database, also while it is in use")
    copy.add_argument("file", type=Path, help="the new file")
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {port}")
    return port


if __name__ == "__main__":
    main()
