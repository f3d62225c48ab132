"""Signing in with the token, in a browser: by a link that has it, or on a page that asks for it.

Either gives the browser a session and leads on to an address without the token, which is then not passed on.
What stands behind the # of a link (a whole run) never reaches the server, and the browser keeps it by itself.
"""

from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.hosts import Authority
from app.locales import catalogue, negotiate
from app.pages import ENVIRONMENT, ICON
from app.sessions import Sessions

PATH = "/sign-in"
OPENED_BY_LINK = ("/", "/docs")
"""What `?token=` opens."""

LONGEST_FORM = 4096

router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def sign_in(request: Request) -> Response:
    """On to the page for whoever is in: a link from elsewhere brings no strict cookie, one from here does."""
    sessions: Sessions = request.app.state.sessions
    asked = _asked(request)
    if sessions.shown("", request.headers.get("cookie", ""), asked.port).allowed:
        return RedirectResponse(_cleaned("/", request), 303, {"Cache-Control": "no-store"})
    return page(request)


@router.post(PATH)
async def signed_in(request: Request) -> Response:
    """A session for whoever sends the token."""
    sessions: Sessions = request.app.state.sessions
    if sessions.token is None:
        return RedirectResponse(_cleaned("/", request), 303, {"Cache-Control": "no-store"})
    form = (await request.body())[:LONGEST_FORM]
    fields = dict(parse_qsl(form.decode("utf-8", "replace")))
    if not sessions.is_token(fields.get("token", "").strip()):
        return page(request, wrong=True)
    made = sessions.made(_asked(request).port, secure=request.url.scheme == "https")
    return _led("/", request, made)


def by_link(request: Request, session: str) -> Response:
    """On to the same address without the token."""
    return _led(request.url.path, request, session)


def page(request: Request, *, wrong: bool = False) -> Response:
    """The page that asks for the token."""
    lang = negotiate(request)
    text = ENVIRONMENT.get_template("sign-in.html").render(
        lang=lang, t=catalogue(lang), favicon=ICON, wrong=wrong, query=_query(request)
    )
    headers = {
        "Cache-Control": "no-store",
        # Under no-referrer a browser's form would say that it comes from nowhere.
        "Referrer-Policy": "same-origin",
        "Vary": "Accept, Accept-Language, Cookie",
        "WWW-Authenticate": 'Bearer realm="Backglass"',
    }
    return HTMLResponse(text, 401, headers)


def _led(path: str, request: Request, session: str) -> Response:
    headers = {"Cache-Control": "no-store", "Set-Cookie": session}
    return RedirectResponse(_cleaned(path, request), 303, headers)


def _cleaned(path: str, request: Request) -> str:
    query = _query(request)
    return f"{path}?{query}" if query else path


def _query(request: Request) -> str:
    """The query without the token."""
    return urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "token"])


def _asked(request: Request) -> Authority:
    asked = Authority.read(request.headers.get("host", ""))
    assert asked is not None, "the gate has read it"
    return asked
