"""The words of the page and of the figures, in each language that there is."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Literal, cast

from starlette.requests import Request

from app.resources import STATIC

Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def catalogue(lang: Language) -> dict[str, str]:
    """Key -> text with ``{placeholders}``."""
    text = (STATIC / "locales" / f"{lang}.json").read_text(encoding="utf-8")
    return cast(dict[str, str], json.loads(text))


def negotiate(request: Request) -> Language:
    """The language asked for: by ``?lang=``, else by the cookie, else by Accept-Language, else English."""
    chosen = (request.query_params.get("lang"), request.cookies.get("lang"))
    for wanted in (*chosen, *_accepted(request.headers.get("accept-language", ""))):
        for lang in LANGUAGES:
            if wanted is not None and wanted.split("-")[0].lower() == lang:
                return lang
    return "en"


def _accepted(header: str) -> Iterator[str]:
    """The header's tags, best first; one whose quality is 0 or no number is not accepted."""
    weighed: list[tuple[float, int, str]] = []
    for part in header[:1000].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((-weight, len(weighed), tag))
    yield from (tag for _, _, tag in sorted(weighed))
