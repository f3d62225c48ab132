"""Every request, as it is seen from outside: one line in the log, and the figures for Prometheus."""

import logging
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from app.docs import API
from app.identity import is_id
from app.log import REQUEST_ID, request_id
from app.metrics import Metrics
from app.middleware import App, Message, Receive, Scope, Send

LONGEST_PATH = 200
"""Characters of a path in the log: the rest of a longer one says no more."""

GAUGES_SECONDS = 1.0
"""Between two times that things are measured which no single request changes much."""

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

_log = logging.getLogger("app.requests")


class Observed:
    """Logs and counts each request, whatever becomes of it: to be the outermost layer.

    Args:
        app: What answers.
        metrics: Where it is counted.
        gauges: Sets what else is measured there, from time to time.
    """

    def __init__(self, app: App, metrics: Metrics, gauges: Callable[[], None]) -> None:
        self.app = app
        self.metrics = metrics
        self.gauges = gauges
        self._measured = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(scope, send, self.metrics)
        token = request_id.set(seen.id)
        self.metrics.open.inc()
        try:
            await self.app(scope, receive, seen.send)
        except Exception:
            seen.status = 500  # answered further out
            raise
        finally:
            self.metrics.open.dec()
            seen.close()
            if time.monotonic() - self._measured > GAUGES_SECONDS:
                self._measured = time.monotonic()
                self.gauges()
            if seen.status != 500:  # what was raised is logged further out, with the id
                request_id.reset(token)


class _Seen:
    """One request and what is seen of its answer."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics) -> None:
        self.id = token_hex(8)
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._metrics = metrics
        self._bytes = 0
        self._streams = False
        self._began = time.perf_counter()
        scope["request_id"] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID] = self.id
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self._streams = kind.startswith("text/event-stream")
            if self._streams:
                self._metrics.streams.inc()
        else:
            self._bytes += len(message.get("body", b""))
        await self._send(message)

    def close(self) -> None:
        seconds = time.perf_counter() - self._began
        method, route = self._scope["method"], self._route()
        known = method if method in METHODS else "other"
        self._metrics.requests.labels(known, route, str(self.status or "none")).inc()
        if self._streams:
            self._metrics.streams.dec()
        else:
            self._metrics.seconds.labels(known, route).observe(seconds)
        members: dict[str, Any] = {
            "method": method[:LONGEST_PATH],
            "route": route,
            "path": self._scope["path"][:LONGEST_PATH],
            "status": self.status,
            "milliseconds": round(1000 * seconds, 3),
            "bytes": self._bytes,
            "request": self.id,
        }
        run = self._scope.get("path_params", {}).get("id", "")
        if is_id(run):
            members["run"] = run
        _log.info("request", extra={"members": members})

    def _route(self) -> str:
        """The path's template: of a bounded number, whatever is asked for."""
        path = self._scope["path"]
        if "route" not in self._scope:
            return "/static" if path.startswith("/static/") else "none"
        prefix = API if path.startswith(f"{API}/") else ""
        return prefix + str(self._scope["route"].path)
