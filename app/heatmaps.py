"""A matrix as Plotly traces: its colours, its numbers, and words where a value is not finite."""

from typing import Any

import numpy as np

from app.scales import Theme, colour_scale, nice_range, palette
from engine.arrays import Array

NUMBERS = "'Backglass Numbers', 'DejaVu Sans Mono', Menlo, Consolas, monospace"

MOST_ROWS, MOST_COLUMNS = 16, 12
"""Up to here each cell shows its number, as on the stage."""

MOST_APART = 64
"""Rows or columns that stand apart: more are but a pixel or two each, and the gap would be all there is."""


def matrix_traces(values: Array, theme: Theme, hover: str, half: bool = False) -> list[dict[str, Any]]:
    """A heatmap, and over it the words for what is not finite.

    Args:
        values: (rows, columns).
        theme: The colours.
        hover: Plotly's hover text, in which `%{z}` is the number.
        half: Whether the values run from 0 to 1.
    """
    finite = np.isfinite(values)
    cells: dict[str, Any] = {
        "type": "heatmap",
        "x": np.arange(values.shape[1]),
        "y": np.arange(values.shape[0]),
        "z": np.where(finite, values, np.nan),
        "hovertemplate": f"{hover}<extra></extra>",
        "hoverongaps": False,
        **gaps(values.shape),
        "colorscale": colour_scale(theme, half),
        **limits(values, half),
        "colorbar": {"thickness": 12, "outlinewidth": 0, "tickfont": {"family": NUMBERS, "size": 12}},
    }
    if values.shape[0] <= MOST_ROWS and values.shape[1] <= MOST_COLUMNS:
        cells["text"] = [[short(value) for value in row] for row in values.tolist()]
        cells["texttemplate"] = "%{text}"
        cells["textfont"] = {"family": NUMBERS, "size": 13, "color": palette(theme)["ink"]}
    return [cells] if finite.all() else [cells, _words(values, ~finite, theme, hover)]


def gaps(shape: tuple[int, ...]) -> dict[str, int]:
    """Between columns and between rows."""
    rows, columns = shape
    return {"xgap": int(columns <= MOST_APART), "ygap": int(rows <= MOST_APART)}


def limits(values: Array, half: bool) -> dict[str, float]:
    """From 0 to 1, or evenly around zero."""
    if half:
        return {"zmin": 0.0, "zmax": 1.0}
    end = nice_range(values)
    return {"zmin": -end, "zmax": end}


def short(value: float) -> str:
    """A cell's number: three decimals, and an exact zero as `0`; nothing for what `_words` says."""
    if not np.isfinite(value):
        return ""
    if value == 0 or isinstance(value, int):
        return str(int(value))
    if abs(value) < 0.0005 or abs(value) >= 1e5:
        mantissa, _, exponent = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{value:.3f}".replace("-", "−")


def sum_text(values: Array) -> str:
    """A sum as a cell's number; zero where nothing but rounding is left of it."""
    total = float(values.sum())
    rounding = 8 * values.size * float(np.finfo(values.dtype).eps) * float(np.abs(values).sum())
    if not np.isfinite(total):
        return "NaN"
    return short(0.0 if abs(total) <= rounding else total)


def _words(values: Array, where: Array, theme: Theme, hover: str) -> dict[str, Any]:
    rows, columns = np.nonzero(where)
    said = ["NaN" if np.isnan(value) else "∞" if value > 0 else "−∞" for value in values[where].tolist()]
    return {
        "type": "scatter",
        "mode": "text",
        "x": columns,
        "y": rows,
        "text": said,
        "textfont": {"family": NUMBERS, "size": 13, "color": palette(theme)["warn"]},
        "hovertemplate": f"{hover.replace('%{z}', '%{text}')}<extra></extra>",
        "showlegend": False,
    }
