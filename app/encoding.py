"""Arrays on the wire: nested lists, the typed form, npy and npz; and bodies with their ETags.

float64 round-trips exactly in all of them. NaN and infinities are the strings "NaN", "Infinity", "-Infinity"
in JSON, whose numbers have no such values.
"""

import base64
import hashlib
import io
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import orjson
from fastapi import Request, Response

from app.resources import BUILD
from engine.arrays import Array

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

Format = Literal["json", "typed", "npy"]


def number(value: float | None) -> float | str | None:
    """A number for JSON, in words where it is not finite."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def nested(array: Array) -> Any:
    """Nested lists; an array without NaN and infinities stays one, which orjson writes as lists by itself."""
    if array.dtype.kind == "f":
        array = np.ascontiguousarray(
            array, dtype=np.float64
        )  # a float32's exact value, not its shortest digits
        finite = np.isfinite(array)
        if not finite.all():
            words = array.astype(object)
            for index in zip(*np.nonzero(~finite), strict=True):
                words[index] = number(float(array[index]))
            return words.tolist()
    return np.ascontiguousarray(array)


def typed(array: Array) -> dict[str, Any]:
    """`{dtype, bdata, shape}` as Plotly reads it; int64, which it does not know, as int32 (labels fit)."""
    kind = np.dtype("<i4") if array.dtype.kind == "i" else array.dtype.newbyteorder("<")
    data = np.ascontiguousarray(array, kind).tobytes()
    return {
        "dtype": kind.str[1:],
        "bdata": base64.b64encode(data).decode("ascii"),
        "shape": ", ".join(str(length) for length in array.shape),
    }


def npy(array: Array) -> bytes:
    """A file that `numpy.load` reads."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def npz(arrays: Mapping[str, Array]) -> bytes:
    """A file of several arrays by name."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def summary(array: Array) -> dict[str, Any]:
    """A tensor's figures: extremes and Euclidean norm of its finite cells, and how many are not finite."""
    if array.dtype.kind == "f":
        finite = array[np.isfinite(array)]
        nan = int(np.isnan(array).sum())
    else:
        finite, nan = array.ravel(), 0
    counts = {"nan": nan, "inf": array.size - finite.size - nan}
    if finite.size == 0:
        return {"min": None, "max": None, "norm": None, **counts}
    return {"min": finite.min().item(), "max": finite.max().item(), "norm": number(_norm(finite)), **counts}


def _norm(values: Array) -> float:
    """√Σx², scaled by the largest so that squares neither overflow nor vanish."""
    values = values.astype(np.float64)
    largest = float(np.abs(values).max())
    if largest == 0:
        return 0.0
    return largest * math.sqrt(float(np.square(values / largest).sum()))


def json_bytes(members: Any) -> bytes:
    """JSON in UTF-8; arrays are nested lists."""
    return orjson.dumps(members, option=orjson.OPT_SERIALIZE_NUMPY)


def etag_of(body: bytes) -> str:
    """The strong ETag of these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def respond(
    request: Request,
    body: bytes,
    media_type: str = "application/json",
    status: int = 200,
    name: str | None = None,
) -> Response:
    """An answer about what never changes: 304 where the asker has it, cached for ever where it asks by build.

    Args:
        request: Whose `If-None-Match` and `?v=` decide.
        body: The bytes to send.
        media_type: Their kind.
        status: 200, or 201 for what was made.
        name: The file's name where the answer is one.
    """
    tag = etag_of(body)
    headers = {"ETag": tag, "Cache-Control": cache_control(request)}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.method == "GET" and _matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, headers=headers, media_type=media_type)


def cache_control(request: Request) -> str:
    """To keep for ever what is asked for with this build's `?v=`, and to ask again for all else."""
    asked_by_build = request.query_params.get("v") == BUILD and request.method == "GET"
    return IMMUTABLE if asked_by_build else REVALIDATE


def _matches(wanted: str, tag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in wanted.split(","))
