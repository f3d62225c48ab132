"""The page's own files: few and short on the way, never mixed between two builds."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Literal

import brotli
import minify
from fastapi import Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from app.encoding import cache_control, respond
from app.packing import pack, pack_styles

Coding = Literal["br", "gzip", "identity"]

TEXT = {".css": "text/css", ".js": "text/javascript", ".json": "", ".mjs": "", ".svg": ""}
"""What is worth compressing, and what of it is also minified where it is ours."""

LARGE = 500_000
"""Bytes of which the best compression would take seconds."""


class PageFiles(StaticFiles):
    """Asked again each time, so that an upgrade is seen at once; kept for ever where the build is named.

    Text travels compressed, our styles and modules without what only readers of the sources need.
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
    coding = _coding(request.headers.get("accept-encoding", ""))
    body = await run_in_threadpool(shortened, path, _changed(path), coding)
    response = respond(request, body, media_type or "text/plain")
    response.headers["Vary"] = "Accept-Encoding"
    if coding != "identity" and response.status_code == 200:
        response.headers["Content-Encoding"] = coding
    return response


@lru_cache(maxsize=512)
def shortened(path: Path, changed: int, coding: Coding) -> bytes:
    """A text file as it travels; made once for each time that it, or one beside it, changed."""
    if coding == "br":
        plain = shortened(path, changed, "identity")
        return bytes(brotli.compress(plain, quality=11 if len(plain) < LARGE else 5))
    if coding == "gzip":
        return gzip.compress(shortened(path, changed, "identity"), 9, mtime=0)
    kind = TEXT[path.suffix]
    if not kind or "vendor" in path.parts:
        return path.read_bytes()
    packed = _packs(path.parent, changed).get(path.name) if path.suffix == ".js" else None
    return (packed or str(minify.string(kind, pack_styles(path)))).encode()


@lru_cache(maxsize=4)
def _packs(folder: Path, _changed: int) -> dict[str, str]:
    return pack(folder)


def _changed(path: Path) -> int:
    """When the file, or any that may be packed with it, was written last."""
    files = path.parent.glob(f"*{path.suffix}") if path.suffix in (".css", ".js") else [path]
    return max(file.stat().st_mtime_ns for file in files)


def _coding(accepted: str) -> Coding:
    parts = accepted.replace(" ", "").split(",")
    offered = {part.partition(";")[0] for part in parts if not part.endswith(";q=0")}
    return "br" if "br" in offered else "gzip" if "gzip" in offered else "identity"
