"""Options of data sets as a table, and the check of given values against it."""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Value: TypeAlias = bool | int | float | None


class OptionError(ValueError):
    """An option that cannot be used: which one, what was expected, what came."""

    def __init__(self, option: str, expected: str, value: object) -> None:
        self.option = option
        self.expected = expected
        self.got = _shown(value)
        super().__init__(f"{option}: expected {expected}, got {self.got}")


@dataclass(frozen=True)
class Option:
    """One option of a data set.

    Attributes:
        name: as `load` takes it.
        type: whole numbers, numbers, or True and False.
        default: the value where none is given.
        minimum: the least value allowed; None for a boolean.
        maximum: the largest value allowed; None for a boolean.
        nullable: whether None is a value too.
    """

    name: str
    type: Literal["integer", "number", "boolean"]
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    nullable: bool = False

    @property
    def expected(self) -> str:
        """What values are allowed, in words."""
        if self.type == "boolean":
            return "True or False"
        kind = {"integer": "a whole number", "number": "a number"}[self.type]
        return f"{kind} from {self.minimum} to {self.maximum}" + (" or None" if self.nullable else "")

    def check(self, value: object) -> Value:
        """The value as a plain bool, int, float or None.

        Raises:
            OptionError: it is of another type or out of bounds. True is no number, 8.0 no whole number.
        """
        if value is None and self.nullable:
            return None
        match self.type, value:
            case "boolean", bool() | np.bool():
                return bool(value)
            case (("integer" | "number"), bool()):
                pass
            case "integer", int() | np.integer() if self._within(value):
                return int(value)
            case "number", int() | float() | np.integer() | np.floating() if self._within(value):
                return float(value)
        raise OptionError(self.name, self.expected, value)

    def _within(self, value: int | float | np.integer | np.floating) -> bool:
        """Whether it is in bounds, which NaN and infinities never are."""
        return (
            self.minimum is not None
            and self.maximum is not None
            and bool(self.minimum <= value <= self.maximum)
        )


def checked(owner: str, options: Iterable[Option], given: Mapping[str, object]) -> dict[str, Value]:
    """Every option's value: the one given, checked, or else the default.

    Raises:
        OptionError: a value is not allowed, or `owner` has no option of a given name.
    """
    known = {option.name: option for option in options}
    for name, value in given.items():
        if name not in known:
            raise OptionError(name, f"no such option ({owner} has {', '.join(known) or 'none'})", value)
    return {name: option.check(given.get(name, option.default)) for name, option in known.items()}


def _shown(value: object) -> str:
    """The value in a few characters, however long it is."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not print integers of more than 4,300 digits
        return f"a very long {type(value).__name__}"
