"""The protocol of a connection that waits for nobody: who sends or reads too slowly, or too much, is cut.

uvicorn's own waits for ever for the rest of a request, and takes headers of any length. This one looks at
each connection once a second. What is being computed or streamed is left alone, however long it takes.
"""

import asyncio
from typing import NoReturn

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.connections import Reader, most_connections, written
from app.problems import Problem

RECEIVE_SECONDS = 5.0
"""How long a request may take to come, and how long a connection may be silent."""

SLOWEST_SENDER = 64 * 1024
"""Bytes of a body that earn its sender another second."""

MOST_HEADER_BYTES = 32 * 1024
FRAMING = 8
"""Bytes that may stand beside each byte of a body: one alone in its chunk has six."""

MOST_PIPELINED = 16
"""Requests that may wait behind another on one connection; browsers send none so."""

LOOK_SECONDS = 1.0
LINGER_SECONDS = 2.0
"""How long a refused sender may go on, unheard: closed at once, it would not get to read why."""


LONG = ("headers_too_large", f"The headers are longer than {MOST_HEADER_BYTES} bytes.")


class GuardedProtocol(HttpToolsProtocol):
    """One connection, with its deadlines."""

    _due: float | None = None  # when the client must have sent what it owes; None while it owes nothing
    _receiving = False  # a request has begun and is not complete
    _named = 0  # bytes of its address, headers and trailers
    _beside = 0  # bytes that came with it and were no body, as far as is known
    _refusal: Problem | None = None  # why a callback of the parser stopped
    _over = False  # refused: what still comes is thrown away
    _watch: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Watch it from its beginning, or turn it away."""
        super().connection_made(transport)
        self.ws_protocol_class = None
        self._reader = Reader(transport)
        self._due = self.loop.time() + RECEIVE_SECONDS
        self._look_again()
        if len(self.connections) > most_connections():
            said = "The server has as many connections as it can hold."
            self._refuse(Problem("too_many_connections", said, headers={"Retry-After": "5"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching, and whatever is being answered: uvicorn tells only the last of several requests."""
        if self._watch is not None:
            self._watch.cancel()
        self._tell_gone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, within the bounds."""
        if self._over:
            return
        self._unset_keepalive_if_required()
        if self._receiving:
            self._beside += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # answered as if nothing else had been asked for
        except httptools.HttpParserError:
            self._refuse(self._refusal or Problem("bad_request", "This is no request of HTTP."))
        if self._receiving and self._beside > MOST_HEADER_BYTES:
            self._refuse(Problem(*LONG))

    def on_message_begin(self) -> None:
        """A request begins to come."""
        super().on_message_begin()
        self._receiving, self._named, self._beside = True, 0, 0
        self._due = self.loop.time() + RECEIVE_SECONDS

    def on_url(self, url: bytes) -> None:
        """A piece of its address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; a trailer, which would be taken for one, is left out."""
        self._count(len(name) + len(value) + 4)  # with ": " and the line's end
        if self.cycle is None or self.cycle.scope is not self.scope:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer, or let it wait behind another."""
        if len(self.pipeline) >= MOST_PIPELINED:
            self._stop("bad_request", "Too many requests wait on this connection.")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body: time is given by what has come."""
        self._beside -= (1 + FRAMING) * len(body)
        if self._due is not None:
            self._due += len(body) / SLOWEST_SENDER
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is there: now the server owes an answer."""
        self._receiving, self._due = False, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The client may ask again, soon, or rest of its request is still to come."""
        waiting = bool(self.pipeline)
        super().on_response_complete()
        if not waiting and not self._receiving:
            # A second later than uvicorn's own timer, which any byte stops, even one that begins nothing.
            self._due = self.loop.time() + self.timeout_keep_alive + 1

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _count(self, length: int) -> None:
        self._named += length
        if self._named > MOST_HEADER_BYTES:
            self._stop(*LONG)

    def _stop(self, code: str, detail: str) -> NoReturn:
        """Out of a callback: the parser ends, and `data_received` refuses."""
        self._refusal = Problem(code, detail)
        raise self._refusal

    def _look_again(self) -> None:
        self._watch = self.loop.call_later(LOOK_SECONDS, self._look, self.loop.time() + LOOK_SECONDS)

    def _look(self, at: float) -> None:
        """Cut who is too slow; `at` is when this look was meant to be."""
        now = self.loop.time()
        late = now - at
        if late > LOOK_SECONDS or self.flow.read_paused:
            # The server was busy, or asked to wait: what came meanwhile is still unread.
            self._due = self._due and max(self._due, now + RECEIVE_SECONDS)
        elif self._due is not None and now > self._due:
            if self._receiving:
                self._refuse(Problem("too_slow", "The request took too long to come."))
            else:
                self.transport.close()
        if self._reader.is_stuck(now, self.flow.write_paused or self.transport.is_closing()):
            self.transport.abort()
        self._look_again()

    def _refuse(self, problem: Problem) -> None:
        """Say why, where no other answer is on its way, and hear no more."""
        if self._over or self.transport.is_closing():
            return
        self._over = True
        running = self._running
        answering = running is not None and running.response_started and not running.response_complete
        self._tell_gone()
        if answering or self.pipeline:
            self.transport.close()
            return
        self.transport.write(written(problem, self.server_state.default_headers))
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _tell_gone(self) -> None:
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
