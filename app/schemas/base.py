"""What all requests have in common: exact fields, exact numbers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SAFE_INTEGER = 2**53 - 1
"""The largest integer that JSON carries exactly everywhere."""


class Request(BaseModel):
    """A part of a request: unknown fields, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """A part of a response. The service encodes its answers itself; these models describe them."""

    model_config = ConfigDict(extra="allow")


def whole(value: Any) -> Any:
    """1.0 as the integer 1, as JSON Schema has it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


Number = Annotated[float, Field(strict=True)]
Natural = Annotated[int, Field(strict=True, ge=0, le=SAFE_INTEGER), BeforeValidator(whole)]
Positive = Annotated[int, Field(strict=True, ge=1, le=SAFE_INTEGER), BeforeValidator(whole)]
NonNegative = Annotated[float, Field(strict=True, ge=0)]
"""Numbers as requests bring them: no strings, no booleans, whole where whole is meant."""
