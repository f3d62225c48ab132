"""The one array type that the parts pass to each other, and what may be said against one."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def expect_shape(name: str, array: Array, shape: tuple[int | None, ...]) -> None:
    """Refuse an array of another shape; `None` stands for any length.

    Raises:
        ValueError: `weight: expected shape (4, 3), got (3, 4)`.
    """
    fits = array.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if want is None else str(want) for want in shape)
        raise ValueError(f"{name}: expected shape ({wanted}), got {array.shape}")


def matrix(name: str, values: npt.ArrayLike) -> Array:
    """A two-dimensional array of float32 or float64; what else is a number becomes float64.

    Raises:
        ValueError: Other dimensions, or no numbers.
    """
    array = np.asarray(values)
    if array.dtype not in (np.float32, np.float64):
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{name}: expected numbers, got {array.dtype}")
        array = array.astype(np.float64)
    if array.ndim != 2:
        raise ValueError(f"{name}: expected two dimensions, a row a sample, got shape {array.shape}")
    return array


def frozen(array: Array) -> Array:
    """The same array, never to be written again."""
    array.flags.writeable = False
    return array


def finite_float(name: str, value: float, least: float = -np.inf, most: float = np.inf) -> float:
    """A finite number within its bounds.

    Raises:
        ValueError: `learning_rate: expected a number of at least 0, got -1.0`.
    """
    if not (np.isfinite(value) and least <= value <= most):
        bounds = "".join(
            text
            for text, said in (
                (f" of at least {least:g}", least > -np.inf),
                (f" up to {most:g}", most < np.inf),
            )
            if said
        )
        raise ValueError(f"{name}: expected a finite number{bounds}, got {value}")
    return float(value)
