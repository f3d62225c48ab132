"""Bodies of JSON that say one thing: of a key that stands twice, readers elsewhere take another one."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.problems import brief


class StrictRequest(Request):
    """A request whose JSON has each key once."""

    async def json(self) -> Any:
        """The body.

        Raises:
            json.JSONDecodeError: It is no JSON, or has a key twice.
        """
        return json.loads(await self.body(), object_pairs_hook=_once)


class StrictRoute(APIRoute):
    """A route that reads such a request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's function."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = Counter(name for name, _ in pairs)
        raise json.JSONDecodeError(f"the key {brief(names.most_common(1)[0][0])} stands twice", "", 0)
    return found
