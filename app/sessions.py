"""Who asks: whoever has the token, or a browser that showed it once and has kept a signed session since.

Nothing is stored: a session is a random name and our signature under it, which any worker can check. It ends
with the browser, and with the token that it was signed by.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from app.settings import Settings

COOKIE = "backglass"
NAME_BYTES = 16

BY_TOKEN = "token"
"""What stands for those who show the token itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of its sender.

    Attributes:
        allowed: Whether it may come in.
        client: Its session, or what stands for the token; empty where it shows neither.
    """

    allowed: bool
    client: str = ""


class Sessions:
    """The token, and the sessions of those who have shown it.

    Where there is no token everybody is let in, and a session only tells one browser of a class from another.

    Args:
        settings: The token, and what sessions are signed with where there is none.
    """

    def __init__(self, settings: Settings) -> None:
        self.token = settings.token.get_secret_value() if settings.token else None
        secret = settings.secret.get_secret_value() if settings.secret else secrets.token_hex()
        self._key = sha256(f"backglass session {self.token or secret}".encode()).digest()

    def shown(self, authorization: str, cookies: str, port: int | None) -> Shown:
        """What these headers show.

        Args:
            authorization: A header's value.
            cookies: The same.
            port: Of the host that the request names.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer" and self.is_token(token.strip()):
            return Shown(True, BY_TOKEN)
        session = self._session(cookies, cookie_name(port))
        return Shown(bool(session) or self.token is None, session)

    def is_token(self, text: str) -> bool:
        """Whether this is the token; how long that takes tells nothing of it."""
        if self.token is None:
            return False
        mine, theirs = (sha256(one.encode("utf-8", "surrogatepass")).digest() for one in (self.token, text))
        return hmac.compare_digest(mine, theirs)

    def made(self, port: int | None, *, secure: bool) -> str:
        """A new session as the value of `Set-Cookie`."""
        name = secrets.token_hex(NAME_BYTES)
        safe = "; Secure" if secure else ""
        return f"{cookie_name(port)}={name}.{self._signature(name)}; Path=/; HttpOnly; SameSite=Strict{safe}"

    def _session(self, cookies: str, wanted: str) -> str:
        """The name of the session; one that we did not sign is none."""
        for cookie in cookies.split(";"):
            key, _, value = cookie.strip().partition("=")
            name, _, signature = value.partition(".")
            signed = key == wanted and len(name) == 2 * NAME_BYTES and name.isascii()
            if signed and hmac.compare_digest(self._signature(name).encode(), signature.encode()):
                return name
        return ""

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), sha256).hexdigest()


def cookie_name(port: int | None) -> str:
    """Cookies are shared by all the ports of a host; two servers on one machine each keep their own."""
    return COOKIE if port is None else f"{COOKIE}-{port}"
