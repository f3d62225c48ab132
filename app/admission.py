"""How many requests of the API are answered at once, and what becomes of one whose asker has left."""

import asyncio
from contextlib import suppress

import anyio
from anyio.to_thread import current_default_thread_limiter

from app.middleware import App, Message, Receive, Scope, Send
from app.problems import busy

API = "/api/"


class Admission:
    """Lets in as many requests as are answered in time, and calls off those that nobody waits for any more.

    A request counts until its answer begins: so one that streams for minutes takes no other's place, and
    neither does one who reads slowly. What waits for a thread when its asker leaves is never begun.

    Args:
        app: What answers; the body has been read before it.
        most: How many may be inside at once.
        threads: How many threads there are to work for them.
    """

    def __init__(self, app: App, most: int, threads: int) -> None:
        self.app = app
        self.most = most
        self.threads = threads
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        current_default_thread_limiter().total_tokens = self.threads
        if not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        if self.inside >= self.most:
            await busy(self.most).response()(scope, receive, send)
            return
        await self._admitted(scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False
        left = asyncio.Event()
        body = await receive()
        pieces = [body]
        self.inside += 1

        async def watched() -> Message:
            if pieces:
                return pieces.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def sending(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                self.inside -= 1
            await send(message)

        with anyio.CancelScope() as work:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                left.set()
                if not begun:
                    work.cancel()

            watching = asyncio.create_task(watch())
            try:
                await self.app(scope, watched, sending)
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
                if not begun:
                    self.inside -= 1
