"""The page's own files, never mixed between two builds."""

from fastapi import Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from app.encoding import cache_control


class PageFiles(StaticFiles):
    """Asked again each time, so that an upgrade is seen at once; kept for ever where the build is named."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its cache header."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = cache_control(Request(scope))
        return response
