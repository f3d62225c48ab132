"""Who comes in: asked before anything of a request is read but its head.

Host     is it ours?                   421, or 400 where there is none, or two
Origin   does one of our pages ask?    403; of what changes nothing it is not asked
token    may this one come in?         401, or the page to sign in at
rate     not too often?                429 with Retry-After
"""

from http import HTTPMethod

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from app.hosts import Authority, Hosts
from app.middleware import App, Message, Receive, Scope, Send
from app.problems import Problem
from app.rates import address_key
from app.sessions import Sessions, Shown
from app.settings import Settings
from app.shares import Shares
from app.sign_in import OPENED_BY_LINK, PATH, by_link, page

ALIVE = ("/healthz", "/readyz")
"""What whoever keeps the service running asks, which knows no token: it says nothing of anybody."""

OPEN = (*ALIVE, PATH, "/static/css/sign-in.css", "/static/js/sign-in.js")
"""What is answered without a token: is it alive, and what signing in needs."""

REFUSALS = (401, 403, 421, 429)
"""What any call may be answered with by the gate."""

SAFE = (HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS)


class Gate:
    """Refuses those who do not belong, and those who ask too often.

    Args:
        app: What is behind it.
        settings: The hosts, the token and the rate.
        sessions: The token's.
    """

    def __init__(self, app: App, settings: Settings, sessions: Sessions) -> None:
        self.app = app
        self.hosts = Hosts(settings.allowed_hosts)
        self.sessions = sessions
        self.shares = Shares(settings.client_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            asked = self._host(headers)
            self._expect_own_page(scope, headers, asked)
            shown = self._shown(headers, asked)
            if scope["path"] not in ALIVE:
                self.shares.take(address_key(scope), shown.client)
            refusal = self._by_link(scope, asked)
            if refusal is None and not shown.allowed and scope["path"] not in OPEN:
                refusal = self._unknown(scope, headers)
        except Problem as problem:
            refusal = problem.response()
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, self._marked(scope, send, asked, shown))

    def _host(self, headers: Headers) -> Authority:
        """The host that the request is for.

        Raises:
            Problem: It names none, several, or another than ours.
        """
        named = headers.getlist("host")
        asked = Authority.read(named[0]) if len(named) == 1 else None
        if asked is None:
            raise Problem("host_invalid", "Expected one Host header with a name and perhaps a port.")
        if not self.hosts.knows(asked):
            raise Problem(
                "host_unknown",
                f"This server is not {asked.host}. Who runs it may name it so: BACKGLASS_ALLOWED_HOSTS.",
                host=asked.host,
            )
        return asked

    def _expect_own_page(self, scope: Scope, headers: Headers, asked: Authority) -> None:
        """Refuse what a page of another origin has its visitor's browser do; a program sends no such headers.

        Raises:
            Problem: It is from elsewhere.
        """
        sites = headers.getlist("sec-fetch-site")
        elsewhere = any(site not in ("same-origin", "none") for site in sites)
        if scope.get("method") in SAFE:
            # A link from elsewhere may lead here; being embedded elsewhere only costs us work.
            wrong = elsewhere and headers.get("sec-fetch-mode", "navigate") != "navigate"
        else:
            wrong = elsewhere or any(
                not self.hosts.is_same(origin, asked) for origin in headers.getlist("origin")
            )
        if wrong:
            raise Problem("cross_origin", "A page of another origin may not ask this.")

    def _shown(self, headers: Headers, asked: Authority) -> Shown:
        # HTTP/2 may split cookies over several headers.
        cookies = "; ".join(headers.getlist("cookie"))
        return self.sessions.shown(headers.get("authorization", ""), cookies, asked.port)

    def _by_link(self, scope: Scope, asked: Authority) -> Response | None:
        """A session for the token in a link, whoever follows it."""
        if scope.get("method") != "GET" or scope["path"] not in OPENED_BY_LINK:
            return None
        request = Request(scope)
        if not self.sessions.is_token(request.query_params.get("token", "")):
            return None
        return by_link(request, self.sessions.made(asked.port, secure=scope["scheme"] == "https"))

    def _unknown(self, scope: Scope, headers: Headers) -> Response:
        """What somebody gets who showed nothing: a person the page to sign in at, a program what is missing.

        Raises:
            Problem: What is missing.
        """
        opened = scope.get("method") == "GET" and scope["path"] in OPENED_BY_LINK
        if opened and "text/html" in headers.get("accept", ""):
            request = Request(scope)
            return page(request, wrong="token" in request.query_params)
        raise Problem(
            "unauthorized",
            "Expected the token: Authorization: Bearer TOKEN.",
            headers={"WWW-Authenticate": 'Bearer realm="Backglass"'},
        )

    def _marked(self, scope: Scope, send: Send, asked: Authority, shown: Shown) -> Send:
        """The same, but under a token nobody between keeps the answer; and a browser gets its session."""
        private = self.sessions.token is not None
        fresh = not private and not shown.client and (scope["path"], scope.get("method")) == ("/", "GET")

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if private and scope["path"] not in ALIVE:
                    headers["Cache-Control"] = _private(headers.get("cache-control", "no-cache"))
                if fresh and message["status"] == 200 and self.shares.may_begin(address_key(scope)):
                    made = self.sessions.made(asked.port, secure=scope["scheme"] == "https")
                    headers.append("Set-Cookie", made)
            await send(message)

        return marked if private or fresh else send


def _private(control: str) -> str:
    """The same for the asker's own cache alone."""
    kept = [part.strip() for part in control.split(",") if part.strip() not in ("public", "private")]
    return ", ".join(kept if "no-store" in kept else ["private", *kept])
