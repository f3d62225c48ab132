"""The page's own files: short on the way, never mixed between two builds."""

import gzip
from functools import lru_cache
from pathlib import Path

import rjsmin
from fastapi import Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from app.encoding import cache_control, respond

TEXT = {".css", ".js", ".json", ".mjs", ".svg"}


class PageFiles(StaticFiles):
    """Asked again each time, so that an upgrade is seen at once; kept for ever where the build is named.

    Text travels compressed, and our modules without their comments: those are for who reads the sources.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its cache header."""
        request = Request(scope)
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and Path(response.path).suffix in TEXT:
            return await _shortened(request, Path(response.path), response.media_type)
        response.headers["Cache-Control"] = cache_control(request)
        return response


async def _shortened(request: Request, path: Path, media_type: str | None) -> Response:
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    body = await run_in_threadpool(shortened, path, path.stat().st_mtime_ns, compressed)
    response = respond(request, body, media_type or "text/plain")
    response.headers["Vary"] = "Accept-Encoding"
    if compressed and response.status_code == 200:
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=256)
def shortened(path: Path, _changed: int, compressed: bool) -> bytes:
    """A text file as it travels; made once for each time that the file changed."""
    body = path.read_bytes()
    if path.suffix == ".js" and "vendor" not in path.parts:
        body = rjsmin.jsmin(body)
    return gzip.compress(body, 9, mtime=0) if compressed else body
