"""A gradient by differences, by the backward pass, and how far they are apart: three heatmaps."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from app.figure_rules import axes_of
from app.figures import layout_of, ticks
from app.heatmaps import MOST_COLUMNS, MOST_ROWS, NUMBERS, gaps, matrix_traces, short
from app.locales import Language, catalogue
from app.scales import Theme, colour_scale, nice_range, palette, range_text
from engine.arrays import Array
from engine.check import REASONS, WRONG, Check

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Arrangement = Literal["row", "column"]

SMALLEST = 1e-16
"""Errors are drawn from here on: below it there is only rounding."""

FAINT = 0.2
"""The share of the colours that is for errors of what agrees."""

CLOSE = 8
"""Columns up to which each has its number under it, where three matrices stand beside each other."""

LARGEST_MARK, SMALLEST_MARK = 14, 5
PICTURE = (320, 160)
"""Pixels that a matrix has on a common screen: a mark is no larger than its cell, if that can be seen."""

UNCOMPARED = "?"
WRONG_MARK = "✗"


def check_figure(
    name: str,
    found: Check,
    *,
    arrange: Arrangement = "row",
    lang: Language = "en",
    theme: Theme = "light",
) -> "Figure":
    """Three heatmaps of one shape; a cell that cannot be compared has a `?`, a wrong one a `✗`.

    Args:
        name: The gradient's canonical name, which says what its axes are.
        found: Its check.
        arrange: Beside each other, or one below the other.
        lang: The language of the words.
        theme: The colours.
    """
    from plotly.subplots import make_subplots

    said = catalogue(lang)
    beside = arrange == "row"
    rows, columns = (1, 3) if beside else (3, 1)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.05,
        vertical_spacing=0.09,
    )
    figure.update_layout(layout_of(f"{name} ({found.error.shape[0]}, {found.error.shape[1]})", theme))
    both = np.concatenate([found.numeric, found.analytic])
    pictures = {
        "numeric": _gradient(found.numeric, both, said["proof.check.numeric"], theme),
        "analytic": _gradient(found.analytic, both, said["proof.check.analytic"], theme),
        "error": _error(found, said, theme),
    }
    for number, (key, traces) in enumerate(pictures.items()):
        place = {"row": 1, "col": number + 1} if beside else {"row": number + 1, "col": 1}
        for trace in traces:
            figure.add_trace(trace | {"name": key}, **place)
        placed = figure.data[-1]
        text = said[f"proof.check.{key}"]
        if key == "numeric":
            text = f"{text}  {range_text(nice_range(both))}"
        figure.add_annotation(
            text=text,
            xref=f"{placed.xaxis} domain",
            yref=f"{placed.yaxis} domain",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"family": NUMBERS, "size": 13, "color": palette(theme)["muted"]},
        )
    figure.update_yaxes(autorange="reversed", **ticks(found.error.shape[0]))
    figure.update_xaxes(tickangle=0, **ticks(found.error.shape[1]))
    if found.error.shape[1] > CLOSE:
        figure.update_xaxes(tickmode="auto", nticks=5, tickformat="d")
    down, across = (said[key] if key else None for key in axes_of(name))
    figure.update_yaxes(title_text=down, row=1, col=1)
    figure.update_xaxes(title_text=across, row=rows, col=1)
    low, high = figure.data[-1].yaxis and figure.layout[_axis(figure.data[-1].yaxis)].domain
    figure.update_traces(
        colorbar={"y": high, "yanchor": "top", "len": high - low},
        selector={"name": "error", "type": "heatmap"},
    )
    return figure


def _axis(name: str) -> str:
    """`yaxis3` of `y3`."""
    return f"{name[0]}axis{name[1:]}"


def _gradient(values: Array, both: Array, title: str, theme: Theme) -> list[dict[str, Any]]:
    """One of the two, in colours that are the same for both."""
    traces = matrix_traces(values, theme, f"<b>{title}[%{{y}}, %{{x}}] = %{{z}}</b>")
    end = nice_range(both)
    traces[0] |= {"zmin": -end, "zmax": end, "showscale": False}
    return traces


def _error(found: Check, said: dict[str, str], theme: Theme) -> list[dict[str, Any]]:
    """log₁₀ of the error, and over it what is wrong and what cannot be compared."""
    title = said["proof.check.error"]
    exponent = np.log10(np.clip(found.error, SMALLEST, 1.0))
    right = palette(theme)
    rows, columns = found.error.shape
    wrong = found.error > WRONG
    cells: dict[str, Any] = {
        "type": "heatmap",
        "x": np.arange(columns),
        "y": np.arange(rows),
        "z": exponent,
        "customdata": found.error,
        "hovertemplate": f"<b>{title}[%{{y}}, %{{x}}] = %{{customdata:.1e}}</b><extra></extra>",
        "hoverongaps": False,
        **gaps(found.error.shape),
        "colorscale": _colours(theme),
        "zmin": np.log10(SMALLEST),
        "zmax": 0.0,
        "colorbar": {
            "thickness": 12,
            "outlinewidth": 0,
            "tickvals": [-16, -12, -7, -4, 0],
            "ticktext": ["1e−16", "1e−12", "1e−7", "1e−4", "1"],
            "tickfont": {"family": NUMBERS, "size": 12},
        },
    }
    if rows <= MOST_ROWS and columns <= MOST_COLUMNS:
        cells["text"] = [
            [short(error) for error in row] for row in np.where(wrong, np.nan, found.error).tolist()
        ]
        cells["texttemplate"] = "%{text}"
        cells["textfont"] = {"family": NUMBERS, "size": 13, "color": right["ink"]}
    marks = [cells]
    if wrong.any():
        hover = f"<b>{said['proof.check.wrong']}</b>: %{{customdata:.1e}}<extra></extra>"
        marks.append(_marks(wrong, WRONG_MARK, hover, found.error[wrong], right["ink"]))
    if (uncompared := found.reason > 0).any():
        words = [said[f"proof.check.because.{REASONS[code]}"] for code in found.reason[uncompared]]
        marks.append(_marks(uncompared, UNCOMPARED, "%{customdata}<extra></extra>", words, right["ink"]))
    return marks


def _colours(theme: Theme) -> list[tuple[float, str]]:
    """Faint where the two agree, and the stronger the more they do not."""
    least = np.log10(SMALLEST)
    right = 1 - float(np.log10(WRONG) / least)
    return [
        (
            right * place / FAINT if place <= FAINT else right + (1 - right) * (place - FAINT) / (1 - FAINT),
            colour,
        )
        for place, colour in colour_scale(theme, half=True)
    ]


def _marks(where: Array, text: str, hover: str, data: Any, colour: str) -> dict[str, Any]:
    rows, columns = np.nonzero(where)
    cell = min(pixels // count for pixels, count in zip(PICTURE, where.shape, strict=True))
    size = max(SMALLEST_MARK, min(LARGEST_MARK, cell))
    return {
        "type": "scatter",
        "mode": "text",
        "x": columns,
        "y": rows,
        "text": [text] * len(rows),
        "customdata": data,
        "textfont": {"family": NUMBERS, "size": size, "color": colour},
        "hovertemplate": hover,
        "showlegend": False,
    }
