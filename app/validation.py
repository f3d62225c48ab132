"""pydantic's findings, and those of the libraries below, as problems.

The stock handler echoes the input it refused, and a NaN among it cannot be serialised; here what came is
described (`app.problems.brief`), never repeated.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app import store_errors
from app.log import REQUEST_ID
from app.middleware import SECURITY
from app.problems import OF_STATUS, STATUS, Problem, answer, brief

LONGEST_LIST = 20
"""How many findings one answer carries."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_value",
    "enum": "unknown_value",
    "union_tag_invalid": "unknown_value",
    "union_tag_not_found": "missing",
    "finite_number": "not_finite",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "too_long": "out_of_range",
    "too_short": "out_of_range",
    "string_too_long": "out_of_range",
    "int_parsing_size": "out_of_range",
}
"""The code of a pydantic error type. A code of our own stays; ``*_type`` is wrong_type, the rest invalid."""


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, answer)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(sa.exc.DBAPIError, store_errors.answer)
    app.add_exception_handler(sa.exc.TimeoutError, store_errors.answer)
    app.add_exception_handler(Exception, _unexpected)


def field_name(location: Sequence[str | int], body: Any) -> str:
    """Write a pydantic location as ``body.layers[0].units``.

    pydantic puts the tags of unions into its locations; a step that does not exist in the body, and is not
    the last one (a missing or unknown field), is such a tag.
    """
    path = str(location[0]) if location else "body"
    if path != "body":  # a parameter, and of a repeated one, which
        return path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location[1:])
    here, steps = body, list(location[1:])
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if isinstance(step, int) and isinstance(here, list):
            path += f"[{step}]"
            here = here[step] if step < len(here) else None
        elif isinstance(here, dict) and step in here:
            path += f".{step}"
            here = here[step]
        elif last and (here is None or isinstance(here, dict)):
            path += f".{step}"
    return path


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found[0]["type"] == "json_invalid":
        return Problem("not_json", f"The body is not JSON: {found[0]['ctx']['error']}.").response()
    return problem_of(found, error.body).response()


def problem_of(found: Sequence[Any], body: Any) -> Problem:
    """The problem that a list of pydantic errors makes: the first speaks, all are listed."""
    errors = [_finding(one, body) for one in found[:LONGEST_LIST]]
    first = errors[0]
    return Problem(
        first["code"],
        f"{first['field']}: expected {first['expected']}, got {first['got']}.",
        field=first["field"],
        errors=errors,
        expected=first["expected"],
        got=first["got"],
        **first["params"],
    )


def _finding(error: Any, body: Any) -> dict[str, Any]:
    kind = error["type"]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Problem):
        code, expected, params = cause.code, cause.detail, cause.params
    else:
        wrong = "wrong_type" if kind.endswith(("_type", "_parsing", "_attributes_type")) else "invalid"
        code = CODES.get(kind, kind if kind in STATUS else wrong)
        expected, params = _expected(error), {}
    return {
        "field": field_name(error["loc"], body if error["loc"][:1] == ("body",) else None),
        "code": code,
        "expected": expected,
        "got": "nothing" if kind == "missing" else brief(error.get("input")),
        "params": params,
    }


def _expected(error: Any) -> str:
    if error["type"] == "union_tag_invalid":
        return f"one of {error['ctx']['expected_tags']}"
    if error["type"] == "too_short":
        return f"a list of at least {error['ctx']['min_length']}"
    if error["type"] == "too_long":
        return f"a list of at most {error['ctx']['max_length']}"
    message = error["msg"]
    for prefix in ("Input should be ", "Value error, "):
        message = message.removeprefix(prefix)
    special = {
        "missing": "a value",
        "extra_forbidden": "no such field",
        "union_tag_not_found": "a field that says which kind it is",
    }
    return special.get(error["type"], brief(message, 200))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == 405:
        headers = {"Allow": ", ".join(sorted(_allowed(request)))}
    code = OF_STATUS.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    return Problem(code, str(error.detail), headers=headers).response()


def _allowed(request: Request) -> set[str]:
    """The methods of all the routes at a path: the first that does not fit names only its own."""
    scope = {name: request.scope[name] for name in ("type", "path", "headers")}
    return {
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    }


async def _unexpected(request: Request, error: Exception) -> Response:
    del error  # the server's log has it; the answer must not
    # Answered outside all middleware, so it brings the headers itself.
    headers = {**SECURITY, REQUEST_ID: request.scope["request_id"]}
    return Problem("internal", "The server failed; the request was not at fault.", headers=headers).response()
