"""What wraps every request: the limit on bodies, and the headers that bind the browser."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from app.problems import Problem

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The hash of an empty style element, which Plotly puts in the page and then fills by rule."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        f"style-src-elem 'self' {EMPTY_STYLE}",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

SECURITY = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


CLOSE = {"Connection": "close"}

MOST_UNREAD = 16 * 1024 * 1024
"""Bytes of a refused body that are still taken, and thrown away."""


class SecurityHeaders:
    """Adds the security headers to every response."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses a body longer than the limit, by its stated length or as soon as more has come.

    One that is compressed is refused too: what it would become is known only when it has become it.

    The body is read here, whole, and handed on in one piece: no route streams what it reads, and so nothing
    of a body that turns out too long ever reaches one.
    """

    def __init__(self, app: App, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if any(one.strip().lower() != "identity" for one in headers.getlist("content-encoding")):
            said = "Expected a body that is not compressed."
            await _refuse(Problem("content_encoding", said, headers=CLOSE), scope, receive, send)
            return
        stated = headers.get("content-length", "0")
        if stated.isdecimal() and int(stated[:20]) > self.limit:
            await _refuse(self._too_long(), scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.limit:
                await _refuse(self._too_long(), scope, receive, send, more)
                return
        await self.app(scope, _replay(bytes(body), receive), send)

    def _too_long(self) -> Problem:
        said = f"The body is longer than {self.limit} bytes."
        return Problem("body_too_large", said, headers=CLOSE, limit=self.limit)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send, more: bool = True) -> None:
    """Answer, and while there is more let the sender go on: cut off, it would not get to read why."""
    spare = MOST_UNREAD

    async def send_then_drain(message: Message) -> None:
        nonlocal spare, more
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        while more and spare > 0:
            piece = await receive()
            more = piece["type"] == "http.request" and piece.get("more_body", False)
            spare -= len(piece.get("body", b""))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    await problem.response()(scope, receive, send_then_drain)


def _replay(body: bytes, receive: Receive) -> Receive:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
