"""Separate and fused heads -> a Plotly figure: what each way gives, and how far it is from the truth."""

from typing import TYPE_CHECKING, Any

import numpy as np

from app.figures import layout_of
from app.heads import FARTHEST, WAYS, Moving, Quantity
from app.history_figures import axis_style, legend_style
from app.locales import Language, catalogue
from app.scales import Theme, palette
from engine.arrays import Array
from engine.heads import DECADES, TOLERANCE, Way

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DASHES: dict[Way, str] = {"fused": "solid", "unclipped": "dash", "clipped": "dashdot"}

COLOURS: dict[Way, int] = {"fused": 2, "unclipped": 0, "clipped": 4}
"""Which of the classes' colours, which differ for every eye."""

LEAST, MOST = -17, 0
"""Powers of ten of an error: below float64's rounding, and wholly wrong."""

LOST = MOST + 3
"""Where what is not finite stands, beyond all errors."""


def heads_figure(moving: Moving, of: Quantity, *, lang: Language = "en", theme: Theme = "light") -> "Figure":
    """The loss, or its gradient by the moved logit, above its error.

    Args:
        moving: What is asked.
        of: Which of the two.
        lang: The language of its words.
        theme: The colours.
    """
    from plotly.subplots import make_subplots

    said, colours = catalogue(lang), palette(theme)
    found = moving.heads
    x = _places(moving)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    figure.update_layout(layout_of(said[f"proof.heads.{of}"], theme))
    exact = found.exact.loss if of == "loss" else found.exact.dinput[:, 0]
    line = {"color": colours["line"], "width": 7}
    figure.add_trace(_curve(said["proof.heads.exact"], x, exact, exact, line), row=1, col=1)
    for way in WAYS:
        name = said[f"proof.heads.way.{way}"]
        one = found.ways[way]
        values = (one.loss if of == "loss" else one.dinput[:, 0]).astype(np.float64)
        colour = colours["classes"][COLOURS[way]]
        line = {"color": colour, "width": 2, "dash": DASHES[way]}
        figure.add_trace(_curve(name, x, values, values, line), row=1, col=1)
        error = found.error(way, of)
        with np.errstate(divide="ignore"):
            power = np.clip(np.log10(error), LEAST, MOST)
        below = _curve(name, x, np.where(np.isfinite(error), power, np.nan), error, line)
        figure.add_trace(below | {"showlegend": False}, row=2, col=1)
        broken = ~np.isfinite(values)
        if broken.any():
            lost = _lost(name, x[broken], values[broken], colour)
            figure.add_trace(lost, row=2, col=1)
    threshold = {"color": colours["muted"], "dash": "dot", "width": 1}
    figure.add_hline(float(np.log10(TOLERANCE)), line=threshold, row=2, col=1)
    figure.update_layout(showlegend=True, legend=legend_style() | {"x": 0, "xanchor": "left"})
    figure.update_layout(hovermode="x unified", margin={"l": 64, "r": 16, "t": 80, "b": 56})
    figure.update_xaxes(range=[x[0] - 1, x[-1] + 1], **axis_style(theme))
    figure.update_xaxes(title_text=said[f"proof.heads.axis.{moving.by}"], row=2)
    figure.update_yaxes(**axis_style(theme, grid=True))
    if moving.by == "probability":
        figure.update_xaxes(tickmode="array", **_probabilities())
        if of == "loss":  # that of exactly 0 is as good as infinite, and would press all others flat
            figure.update_yaxes(range=[-2, FARTHEST + 5], row=1)
    figure.update_yaxes(title_text=said[f"proof.heads.{of}"], row=1)
    figure.update_yaxes(title_text=said["proof.heads.error"], row=2, **_powers())
    return figure


def _places(moving: Moving) -> Array:
    """Where points stand along: exactly 0 and 1 one decade beyond the last."""
    places: Array = np.nan_to_num(moving.axis, posinf=DECADES + 1, neginf=-DECADES - 1)
    return places


def _curve(name: str, x: Array, y: Array, said: Array, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": np.where(np.isfinite(y), y, np.nan),
        "customdata": said,
        "line": line,
        "hovertemplate": f"%{{customdata:.4~g}}<extra>{name}</extra>",
    }


def _lost(name: str, x: Array, values: Array, colour: str) -> dict[str, Any]:
    """Crosses where a way gives NaN or Inf, above all errors."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": np.full(len(x), LOST),
        "text": ["NaN" if np.isnan(one) else "∞" if one > 0 else "−∞" for one in values],
        "marker": {"symbol": "x-thin", "size": 7, "line": {"color": colour, "width": 2}},
        "showlegend": False,
        "hovertemplate": f"%{{text}}<extra>{name}</extra>",
    }


def _powers() -> dict[str, Any]:
    places = [-16, -12, -8, -4, 0, LOST]
    texts = [f"10<sup>−{-place}</sup>" for place in places[:-2]] + ["1", "NaN, ∞"]
    return {"range": [LEAST - 0.5, LOST + 1], "tickmode": "array", "tickvals": places, "ticktext": texts}


def _probabilities() -> dict[str, Any]:
    low = {-DECADES - 1: "0", -14: "10<sup>−14</sup>", -7: "10<sup>−7</sup>", 0: "½"}
    high = {7: "1 − 10<sup>−7</sup>", 14: "1 − 10<sup>−14</sup>", DECADES + 1: "1"}
    ticks = low | high
    return {"tickvals": list(ticks), "ticktext": list(ticks.values())}
