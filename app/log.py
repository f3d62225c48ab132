"""What the service says of itself: one JSON object a line, on standard error."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

REQUEST_ID = "X-Request-ID"
"""The header that names a request as the log does."""

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered."""


class Lines(logging.Formatter):
    r"""A record as one line of ASCII: whatever it carries, nothing in it can end the line or move a cursor.

    Line breaks, escape sequences and what is not ASCII stand as `\uXXXX`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        members: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "members", {}),
        }
        if request := request_id.get():
            members["request"] = request
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        return json.dumps(members, default=str).replace("\x7f", "\\u007f")


def configure() -> None:
    """Send what this process logs to standard error: each request, and else what somebody should see to."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("app").setLevel(logging.INFO)
