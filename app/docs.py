"""What the service says about itself."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.resources import BUILD

DESCRIPTION = """\
Backpropagation on demand. A **run** is a value: its spec (layers, data, loss, optimiser, edits) determines
every number of every **frame**, and a frame is the state of all tensors after so many steps. Every **cell**
of every tensor explains itself as a sum of products of other cells.

Numbers are exact: float64 round-trips. NaN and infinities travel as the strings `"NaN"`, `"Infinity"` and
`"-Infinity"`. Errors are RFC 9457 problem details with a stable `code`. All answers about a run are the same
for ever; those asked for with `?v=` of this build say so.

A server that was started with a token answers only who shows it, `Authorization: Bearer TOKEN`; others get
401. Who asks too often gets 429, with `Retry-After`.
"""


def _version() -> str:
    try:
        return version("backglass")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"


VERSION = _version()

API = "/api/v1"

OPENAPI = f"{API}/openapi.json"

PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backglass: the API</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/vendor/swagger-ui.css?v={BUILD}">
</head>
<body>
<div id="docs" data-openapi="{OPENAPI}"></div>
<script src="/static/vendor/swagger-ui-bundle.js?v={BUILD}"></script>
<script src="/static/js/docs.js?v={BUILD}" type="module"></script>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
async def docs() -> HTMLResponse:
    """The description, to read and to try; FastAPI's own page has an inline script from another host."""
    return HTMLResponse(PAGE, headers={"Cache-Control": "no-cache"})
