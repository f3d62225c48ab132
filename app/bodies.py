"""What a request brings: bounded in length, alone and together with what others bring at the same time."""

from starlette.datastructures import Headers

from app.middleware import App, Message, Receive, Scope, Send
from app.problems import Problem

CLOSE = {"Connection": "close"}

SHORT = 64 * 1024
"""Bytes of a body that are not counted towards what all requests may hold."""

MOST_HELD = 2
"""Bodies of full length that may be held at once; as numbers they take several times as much."""

MOST_UNREAD = 16 * 1024 * 1024
"""Bytes of a refused body that are still taken, and thrown away."""


class BodyLimit:
    """Refuses a body longer than the limit, by its stated length or as soon as more has come.

    One that is compressed is refused too: what it would become is known only when it has become it.

    The body is read here, whole, and handed on in one piece: no route streams what it reads, and so nothing
    of a body that turns out too long ever reaches one. What all requests hold at once is bounded as well; a
    short body is always taken, whoever else sends long ones.
    """

    def __init__(self, app: App, limit: int) -> None:
        self.app = app
        self.limit = limit
        self._held = 0

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
        body, more = bytearray(), True
        held = 0
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > self.limit:
                    await _refuse(self._too_long(), scope, receive, send, more)
                    return
                longer = max(0, len(body) - SHORT) - held
                if self._held + longer > MOST_HELD * self.limit:
                    await _refuse(_full(), scope, receive, send, more)
                    return
                self._held += longer
                held += longer
            await self.app(scope, _replay(bytes(body), receive), send)
        finally:
            self._held -= held

    def _too_long(self) -> Problem:
        said = f"The body is longer than {self.limit} bytes."
        return Problem("body_too_large", said, headers=CLOSE, limit=self.limit)


def _full() -> Problem:
    said = "The server is taking in as much as it can hold."
    return Problem("bodies_full", said, headers={**CLOSE, "Retry-After": "2"})


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
