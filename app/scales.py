"""Value -> colour, by the scales that the stage reads too."""

import json
import math
from functools import cache
from typing import Any, Literal, cast

import numpy as np

from app.resources import STATIC
from engine.arrays import Array

Theme = Literal["light", "dark"]


@cache
def palette(theme: Theme) -> dict[str, Any]:
    """The theme's colours; `signed` is the scale from the most negative to the most positive value."""
    text = (STATIC / "scales.json").read_text(encoding="utf-8")
    return cast(dict[str, Any], json.loads(text)[theme])


def colour_scale(theme: Theme, half: bool = False) -> list[tuple[float, str]]:
    """Stops from 0 to 1 for Plotly.

    Args:
        theme: Light or dark.
        half: Only the positive half, from the colour of zero up.
    """
    colours = palette(theme)["signed"]
    stops = colours[len(colours) // 2 :] if half else colours
    return [(place / (len(stops) - 1), colour) for place, colour in enumerate(stops)]


def nice_range(values: Array) -> float:
    """The smallest 1, 2 or 5 times a power of ten that holds every finite value; 1 where all are zero."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0))
    if largest == 0:
        return 1.0
    power = math.floor(math.log10(largest))
    # Powers are read from their decimal form: 10.0 ** -5 is not exactly 1e-5.
    candidates = (float(f"{factor}e{power + shift}") for factor, shift in ((1, 0), (2, 0), (5, 0), (1, 1)))
    return next((candidate for candidate in candidates if largest <= candidate), largest)


def range_text(limit: float) -> str:
    """`±0.2`; powers of ten beyond reading as `±1e−7`."""
    if 1e-4 <= limit < 1e5:
        return f"±{limit:g}"
    factor, _, power = f"{limit:.0e}".partition("e")
    return f"±{factor}e{int(power)}".replace("-", "−")
