"""Errors as RFC 9457 problem details: a stable code with its figures, and never a raw input.

Every refusal of the service is a `Problem`. Words for people come from the page's catalogues, by ``code`` and
``params``; ``detail`` is a short English sentence for whoever reads the API itself.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, HTTPStatus] = {
    "not_json": HTTPStatus.BAD_REQUEST,
    "bad_request": HTTPStatus.BAD_REQUEST,
    "host_invalid": HTTPStatus.BAD_REQUEST,
    "host_unknown": HTTPStatus.MISDIRECTED_REQUEST,
    "cross_origin": HTTPStatus.FORBIDDEN,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "not_found": HTTPStatus.NOT_FOUND,
    "run_unknown": HTTPStatus.NOT_FOUND,
    "tensor_unknown": HTTPStatus.NOT_FOUND,
    "layer_unknown": HTTPStatus.NOT_FOUND,
    "cell_unknown": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "no_regions": HTTPStatus.NOT_FOUND,
    "no_shares": HTTPStatus.NOT_FOUND,
    "no_jacobian": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_computed": HTTPStatus.CONFLICT,
    "run_gone": HTTPStatus.GONE,
    "too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "headers_too_large": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "too_many_connections": HTTPStatus.SERVICE_UNAVAILABLE,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "bodies_full": HTTPStatus.SERVICE_UNAVAILABLE,
    "content_encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_field": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_value": HTTPStatus.UNPROCESSABLE_ENTITY,
    "wrong_type": HTTPStatus.UNPROCESSABLE_ENTITY,
    "wrong_shape": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_finite": HTTPStatus.UNPROCESSABLE_ENTITY,
    "out_of_range": HTTPStatus.UNPROCESSABLE_ENTITY,
    "conflict": HTTPStatus.UNPROCESSABLE_ENTITY,
    "fault_unfit": HTTPStatus.UNPROCESSABLE_ENTITY,
    "upload_unknown": HTTPStatus.UNPROCESSABLE_ENTITY,
    "npy_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "npy_members": HTTPStatus.UNPROCESSABLE_ENTITY,
    "npy_dtype": HTTPStatus.UNPROCESSABLE_ENTITY,
    "npy_shape": HTTPStatus.UNPROCESSABLE_ENTITY,
    "npy_large": HTTPStatus.UNPROCESSABLE_ENTITY,
    "csv_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_much_memory": HTTPStatus.UNPROCESSABLE_ENTITY,
    "check_too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_cells": HTTPStatus.UNPROCESSABLE_ENTITY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "store_over_budget": HTTPStatus.INSUFFICIENT_STORAGE,
    "store_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "store_read_only": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_damaged": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_away": HTTPStatus.SERVICE_UNAVAILABLE,
    "stopping": HTTPStatus.SERVICE_UNAVAILABLE,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every code that the service answers with, and its status."""

RETRY_SECONDS = 1
"""When to come again: about what has been let in is done by then."""

OF_STATUS: Mapping[int, str] = {
    400: "not_json",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_type",
}
"""The code of an error that a library below raised with nothing but a status."""


class Problem(Exception):
    """A refusal.

    Args:
        code: A key of `STATUS`.
        detail: One English sentence: what was expected and what came.
        field: The request's field, as ``body.layers[0].units``.
        headers: Headers beside the body.
        params: The figures of the sentence, by name, for the catalogues.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.errors = list(errors)
        self.headers = headers
        self.params = params

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status of the code."""
        return STATUS[self.code]

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": clean(self.detail),
            "code": self.code,
            "params": {name: _plain(value) for name, value in self.params.items()},
        }
        if self.field is not None:
            members["field"] = clean(self.field)
        if self.errors:
            members["errors"] = self.errors
        return members

    def response(self) -> Response:
        """The problem as a response, which no cache may keep."""
        return Response(
            orjson.dumps(self.body()),
            status_code=self.status,
            headers={"Cache-Control": "no-store", **(self.headers or {})},
            media_type=MEDIA_TYPE,
        )


def busy(limit: int) -> Problem:
    """The refusal of what there is no room for at the moment.

    Args:
        limit: How much there is room for.
    """
    headers = {"Retry-After": str(RETRY_SECONDS)}
    said = f"The service has more to do than it can at once; the limit is {limit}. Ask again in a moment."
    return Problem("busy", said, headers=headers, limit=limit)


async def answer(_: Request, problem: Exception) -> Response:
    """Answer a `Problem`: the handler to register."""
    assert isinstance(problem, Problem)
    return problem.response()


def clean(text: str) -> str:
    """The text with what UTF-8 cannot carry (a lone surrogate) written as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def brief(value: object, longest: int = 80) -> str:
    """What came, short enough to print: containers by their kind only, so that nothing nested is walked."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    return clean(text if len(text) <= longest else f"{text[: longest - 1]}…")


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float) and abs(value) < 2**63:
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return brief(value)
