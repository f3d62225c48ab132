"""Arrays in requests: nested lists, or the typed form that Plotly reads; finite numbers but where said."""

import base64
import binascii
import math
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from pydantic import GetPydanticSchema
from pydantic_core import PydanticCustomError, core_schema

from engine.arrays import Array

DTYPES = {code: np.dtype(f"<{code}") for code in ("f8", "f4", "i8", "i4", "i2", "i1", "u4", "u2", "u1")}
"""The typed form's names of element types, all little-endian."""

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""What JSON has no number for."""


def schema_of(number: dict[str, Any], numbers: str) -> dict[str, Any]:
    """An array's schema, its cells' being this one."""
    row = {"type": "array", "minItems": 1, "items": number}
    return {
        "title": "Array",
        "description": f"Nested lists of {numbers}, or the typed form.",
        "anyOf": [
            row,
            {"type": "array", "minItems": 1, "items": row},
            {
                "type": "object",
                "properties": {
                    "dtype": {"enum": list(DTYPES)},
                    "bdata": {"type": "string", "format": "byte"},
                    "shape": {
                        "anyOf": [
                            {"type": "string"},
                            {"type": "array", "items": {"type": "integer", "minimum": 1}},
                        ]
                    },
                },
                "required": ["dtype", "bdata"],
                "additionalProperties": False,
            },
        ],
    }


SCHEMA = schema_of({"type": "number"}, "finite numbers")
ANY_SCHEMA = schema_of({"anyOf": [{"type": "number"}, {"enum": [*WORDS]}]}, "numbers")


class GivenArray:
    """A one- or two-dimensional array of finite float64 or int64 numbers that a request brought.

    Two are equal when they are the same object: an array's identity is its hash, not its `==`.
    """

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array

    @classmethod
    def parse(cls, value: Any) -> "GivenArray":
        """Read either form.

        Raises:
            PydanticCustomError: Ragged, empty, not numbers, not finite.
        """
        if isinstance(value, GivenArray):
            return value
        array = _read(value)
        if not np.isfinite(array).all():
            raise PydanticCustomError("not_finite", "finite numbers only")
        return cls(array)

    @classmethod
    def parse_any(cls, value: Any) -> "GivenArray":
        """The same with NaN and infinities; in lists they are the words that answers have for them.

        Raises:
            PydanticCustomError: Ragged, empty, not numbers.
        """
        return value if isinstance(value, GivenArray) else cls(_read(_unworded(value)))


def _read(value: Any) -> Array:
    array = _typed(value) if isinstance(value, dict) else _listed(value)
    if array.ndim not in (1, 2) or array.size == 0:
        raise _shape(f"one or two dimensions, none empty, not {array.shape}")
    return array


def _unworded(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        [WORDS.get(item, item) if isinstance(item, str) else item for item in row]
        if isinstance(row, list)
        else WORDS.get(row, row)
        if isinstance(row, str)
        else row
        for row in value
    ]


def _listed(value: Any) -> Array:
    if not isinstance(value, list) or not value:
        raise PydanticCustomError("wrong_type", "a list of numbers, a list of such rows, or the typed form")
    if not isinstance(value[0], list):
        return _numbers(value)
    width = len(value[0])
    for number, row in enumerate(value):
        if not isinstance(row, list):
            raise PydanticCustomError("wrong_type", f"rows only; row {number} is no list")
        if len(row) != width:
            raise _shape(f"rows of equal length; row {number} has {len(row)} numbers, row 0 has {width}")
    if width == 0:
        raise _shape("at least one number a row")
    return _numbers([item for row in value for item in row]).reshape(len(value), width)


def _numbers(items: list[Any]) -> Array:
    """Integers as int64 where they fit, else all as float64."""
    types = {type(item) for item in items}
    if not types <= {int, float}:
        raise PydanticCustomError("wrong_type", "numbers only")
    try:
        return np.array(items, dtype=np.int64 if types == {int} else np.float64)
    except OverflowError:
        pass
    try:
        return np.array([float(item) for item in items])
    except OverflowError:
        raise PydanticCustomError("not_finite", "finite numbers only") from None


def _typed(value: dict[str, Any]) -> Array:
    unknown = set(value) - {"dtype", "bdata", "shape"}
    if unknown or not {"dtype", "bdata"} <= set(value):
        raise PydanticCustomError("wrong_type", "the fields dtype, bdata and shape, and no other")
    dtype = DTYPES.get(value["dtype"]) if isinstance(value["dtype"], str) else None
    if dtype is None:
        raise PydanticCustomError("unknown_value", f"a dtype among {', '.join(DTYPES)}")
    if not isinstance(value["bdata"], str):
        raise PydanticCustomError("wrong_type", "bdata as base64")
    try:
        data = base64.b64decode(value["bdata"].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise PydanticCustomError("wrong_type", "bdata as base64") from None
    if len(data) % dtype.itemsize:
        raise _shape(f"bdata of a whole number of elements of {dtype.itemsize} bytes")
    flat = np.frombuffer(data, dtype)
    shape = _typed_shape(value.get("shape", [flat.size]))
    if np.prod(shape, dtype=object) != flat.size:
        raise _shape(f"a shape of {flat.size} cells, as bdata has")
    kind = np.float64 if dtype.kind == "f" else np.int64
    return flat.reshape(shape).astype(kind)


def _typed_shape(value: Any) -> list[int]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not 1 <= len(parts) <= 2:
        raise _shape("a shape of one or two lengths")
    lengths = [str(part).strip() for part in parts if not isinstance(part, bool | float | list | dict)]
    if len(lengths) != len(parts) or not all(text.isascii() and text.isdigit() for text in lengths):
        raise _shape("a shape of whole numbers")
    return [int(text[:20]) for text in lengths]


def _shape(expected: str) -> PydanticCustomError:
    return PydanticCustomError("wrong_shape", expected)


def _field(parse: Callable[[Any], GivenArray], schema: dict[str, Any]) -> GetPydanticSchema:
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(
            parse, serialization=core_schema.plain_serializer_function_ser_schema(lambda given: given)
        ),
        lambda _schema, _handler: schema,
    )


ArrayField = Annotated[GivenArray, _field(GivenArray.parse, SCHEMA)]
"""An array field of a request."""

AnyArrayField = Annotated[GivenArray, _field(GivenArray.parse_any, ANY_SCHEMA)]
"""One that may hold NaN and infinities."""
