"""A run's records -> Plotly figures: its curves, and its gradient flow as a picture, layer by iteration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from app.figures import layout_of
from app.heatmaps import NUMBERS
from app.locales import Language, catalogue
from app.scales import Theme, colour_scale, palette
from engine.arrays import Array

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

What = Literal["gradient", "ratio", "dead", "saturated"]

Record = Mapping[str, Any]
"""One iteration's, as `app.training.described` writes it."""

NEEDS: Mapping[What, str] = {
    "gradient": "gradient",
    "ratio": "update",
    "dead": "dead",
    "saturated": "saturated",
}
"""Which of a layer's figures each picture is made of; a layer without it has no row."""

FEWEST_DECADES = 2
"""A logarithmic scale spans at least these, so that what hardly differs looks so."""

HEALTHY = -3
"""An update of about a thousandth of its weight is the rule of thumb: the middle of that scale."""

POINTS = 60
"""Up to here a curve shows its points."""


@dataclass(frozen=True, slots=True)
class Span:
    """Iterations start, start + every, … below stop: the figure's whole width, computed or not yet."""

    start: int
    stop: int
    every: int

    @property
    def count(self) -> int:
        """How many records there will be."""
        return -(-(self.stop - self.start) // self.every)

    @property
    def range(self) -> list[float]:
        """The axis, half a column wider at both ends."""
        return [self.start - self.every / 2, self.start + (self.count - 0.5) * self.every]


def flow_figure(
    records: Sequence[Record], what: What, span: Span, *, lang: Language = "en", theme: Theme = "light"
) -> "Figure":
    """Layers down, iterations along: vanishing and exploding gradients, and units that died, at a glance.

    `customdata` carries the numbers as they are, `z` what is coloured: their powers of ten, or shares.

    Args:
        records: At least one, of iterations that follow each other as the span says.
        what: Norms of the gradients, of the updates against the weights, or shares of units and cells.
        span: Which iterations the figure is of.
        lang: The language of its words.
        theme: The colours.
    """
    from plotly.graph_objects import Figure

    said = catalogue(lang)
    layers, values = table_of(records, what)
    power = what in ("gradient", "ratio")
    known = np.isfinite(values) & (values > 0) if power else np.isfinite(values)
    shown = np.where(known, values, np.nan)
    z = np.log10(shown) if power else shown
    x = np.array([record["iteration"] for record in records])
    hover = f"<b>%{{y}} · {said['figure.axis.iteration']} %{{x}}</b><br>{said[f'figure.flow.{what}']} "
    cells = {
        "type": "heatmap",
        "name": what,
        "x": x,
        "y": np.arange(len(layers)),
        "z": z,
        "customdata": values,
        "hovertemplate": f"{hover}%{{customdata:{'.3~e' if power else '.1~%'}}}<extra></extra>",
        "hoverongaps": False,
        "ygap": 2,
        **_colours(z[known], what, theme),
    }
    traces = [cells, *_marks(values, known, x, said, hover, theme)]
    figure = Figure(traces, layout_of(said[f"figure.flow.{what}"], theme))
    figure.update_layout(showlegend=len(traces) > 1, legend=legend_style(), hovermode="closest")
    figure.update_xaxes(title_text=said["figure.axis.iteration"], range=span.range, **axis_style(theme))
    rows = {"tickmode": "array", "tickvals": list(range(len(layers))), "ticktext": layers}
    figure.update_yaxes(range=[len(layers) - 0.5, -0.5], automargin=True, **rows, **axis_style(theme))
    return figure


def table_of(records: Sequence[Record], what: What) -> tuple[list[str], Array]:
    """The layers that the picture has rows for, and their numbers: (layers, records).

    An update of exactly zero is zero however small its weight.
    """
    layers = [name for name, figures in records[0]["layers"].items() if NEEDS[what] in figures]

    def column(figure: str) -> Array:
        rows = [[float(record["layers"][layer][figure]) for record in records] for layer in layers]
        return np.array(rows, dtype=np.float64).reshape(len(layers), len(records))

    values = column(NEEDS[what])
    if what == "ratio":
        with np.errstate(all="ignore"):
            values = np.where(values == 0, 0.0, values / column("weight"))
    return layers, values


def _colours(z: Array, what: What, theme: Theme) -> dict[str, Any]:
    """The scale of what has a colour: norms fade to nothing, ratios part around what is healthy."""
    bar = {"thickness": 12, "outlinewidth": 0, "tickfont": {"family": NUMBERS, "size": 12}}
    if what in ("dead", "saturated"):
        ticks = {"tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
        return {"colorscale": _rising(theme), "zmin": 0, "zmax": 1, "colorbar": bar | ticks}
    least, most = (z.min(), z.max()) if z.size else (-FEWEST_DECADES, 0)
    low, high = float(np.floor(2 * least) / 2), float(np.ceil(2 * most) / 2)
    low = min(low, high - FEWEST_DECADES)
    if what == "ratio":
        end = max(FEWEST_DECADES, high - HEALTHY, HEALTHY - low)
        low, high = HEALTHY - end, HEALTHY + end
    first, last = int(np.ceil(low)), int(np.floor(high))
    places = list(range(first, last + 1, -(-(last - first + 1) // 8)))
    texts = [f"10<sup>{place}</sup>".replace("-", "−") for place in places]
    return {
        "colorscale": colour_scale(theme) if what == "ratio" else _rising(theme),
        "zmin": low,
        "zmax": high,
        "colorbar": bar | {"tickvals": places, "ticktext": texts},
    }


def _rising(theme: Theme) -> list[tuple[float, str]]:
    """From next to nothing up to the most, with one step beyond the signed scale's positive half."""
    colours = [colour for _, colour in colour_scale(theme, half=True)] + [palette(theme)["warn"]]
    return [(place / (len(colours) - 1), colour) for place, colour in enumerate(colours)]


def _marks(
    values: Array, known: Array, x: Array, said: Mapping[str, str], hover: str, theme: Theme
) -> list[dict[str, Any]]:
    """What has no power of ten: exactly zero, NaN and ∞, each in a colour off the scale and by its sign."""
    colours = palette(theme)
    kinds = (
        ("0", said["figure.zero"], values == 0, colours["line"], colours["paper"]),
        ("NaN", "NaN", np.isnan(values), colours["signed"][0], colours["ink"]),
        ("∞", said["figure.infinite"], np.isinf(values), colours["ink"], colours["paper"]),
    )
    traces: list[dict[str, Any]] = []
    for sign, name, there, colour, ink in kinds:
        where = there & ~known
        if not where.any():
            continue
        cells = {
            "type": "heatmap",
            "name": sign,
            "x": x,
            "y": np.arange(len(values)),
            "z": np.where(where, 0.0, np.nan),
            "colorscale": [[0, colour], [1, colour]],
            "showscale": False,
            "hovertemplate": f"{hover}{sign}<extra></extra>",
            "hoverongaps": False,
            "ygap": 2,
        }
        rows, places = _middles(where)
        words = {
            "type": "scatter",
            "mode": "text",
            "x": x[places],
            "y": rows,
            "text": [sign] * len(rows),
            "textfont": {"family": NUMBERS, "size": 13, "color": ink},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        key = {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": name,
            "marker": {"symbol": "square", "size": 12, "color": colour},
            "showlegend": True,
        }
        traces += [cells, words, key]
    return traces


def _middles(where: Array) -> tuple[list[int], list[int]]:
    """The middle of each row's longest run of true cells: there is room for its sign there, if anywhere."""
    rows, places = [], []
    for row, cells in enumerate(where):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], cells.astype(np.int8), [0]))))
        if edges.size:
            starts, ends = edges[::2], edges[1::2]
            longest = int(np.argmax(ends - starts))
            rows.append(row)
            places.append(int(starts[longest] + ends[longest] - 1) // 2)
    return rows, places


def curves_figure(
    records: Sequence[Record], span: Span, *, lang: Language = "en", theme: Theme = "light"
) -> "Figure":
    """Loss above accuracy, on the batch and on what was held back.

    Args:
        records: At least one.
        span: Which iterations the figure is of.
        lang: The language of its words.
        theme: The colours.
    """
    from plotly.subplots import make_subplots

    said, colours = catalogue(lang), palette(theme)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    figure.update_layout(layout_of(said["figure.curves"], theme))
    x = np.array([record["iteration"] for record in records])
    drawn = (
        ("", "figure.train", {"color": colours["ink"], "width": 2}),
        ("test_", "figure.test", {"color": colours["signed"][0], "width": 2, "dash": "dash"}),
    )
    for prefix, key, line in drawn:
        if records[0][f"{prefix}loss"] is None:
            continue
        for row, measure in ((1, "loss"), (2, "accuracy")):
            values = np.array([float(record[prefix + measure]) for record in records])
            trace = {
                "type": "scatter",
                "mode": "lines+markers" if len(records) <= POINTS else "lines",
                "name": said[key],
                "x": x,
                "y": np.where(np.isfinite(values), values, np.nan),
                "line": line,
                "showlegend": row == 1,
                "hovertemplate": f"%{{y:{'.4~g' if row == 1 else '.1%'}}}<extra>{said[key]}</extra>",
            }
            figure.add_trace(trace, row=row, col=1)
            if not np.isfinite(values).all():
                _break(figure, int(x[np.argmax(~np.isfinite(values))]), said, theme)
    figure.update_layout(showlegend=True, legend=legend_style(), hovermode="x unified")
    figure.update_xaxes(range=span.range, **axis_style(theme))
    figure.update_xaxes(title_text=said["figure.axis.iteration"], row=2)
    figure.update_yaxes(
        title_text=said["figure.loss"], rangemode="tozero", row=1, **axis_style(theme, grid=True)
    )
    figure.update_yaxes(
        title_text=said["figure.accuracy"], range=[-0.02, 1.02], row=2, **axis_style(theme, grid=True)
    )
    figure.update_yaxes(tickformat=".0%", row=2)
    return figure


def _break(figure: "Figure", iteration: int, said: Mapping[str, str], theme: Theme) -> None:
    """Where a curve ends because its numbers do: a line, and words."""
    colour = palette(theme)["warn"]
    figure.add_vline(iteration, line={"color": colour, "dash": "dot", "width": 2})
    figure.add_annotation(
        text=said["figure.break"].format(iteration=iteration),
        x=iteration,
        y=1,
        yref="y domain",
        xanchor="auto",
        yanchor="top",
        showarrow=False,
        font={"color": colour},
    )


def legend_style() -> dict[str, Any]:
    """Above the figure, at its right; it says what is what and switches nothing."""
    place = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"}
    return {**place, "itemclick": False, "itemdoubleclick": False}


def axis_style(theme: Theme, grid: bool = False) -> dict[str, Any]:
    """A frame of thin lines around the curves."""
    line = palette(theme)["line"]
    return {
        "showgrid": grid,
        "gridcolor": line,
        "griddash": "dot",
        "gridwidth": 0.5,
        "zeroline": False,
        "ticks": "",
        "linecolor": line,
        "mirror": True,
        "showline": True,
        "tickfont_family": NUMBERS,
        "title_font_size": 13,
    }
