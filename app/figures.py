"""Arrays -> Plotly figures: what a person opens to study, the same on the page and in a notebook."""

from typing import TYPE_CHECKING, Any

import numpy as np

from app.figure_rules import (
    DINPUT_RULE,
    JACOBIAN_RULES,
    axes_of,
    holds_probabilities,
    jacobian_axes,
    jacobian_rules,
    kind_of,
    rule,
)
from app.heatmaps import MOST_COLUMNS, MOST_ROWS, NUMBERS, matrix_traces, sum_text
from app.locales import Language, catalogue
from app.scales import Theme, palette, range_text
from engine.arrays import Array
from engine.layers import Layer
from engine.network import Network

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PROSE = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"

NARROWEST = 0.18
"""The least share of the Jacobian's figure for dvalue beside it, and for the product below it."""


def tensor_figure(
    name: str,
    values: Array,
    *,
    network: Network | None = None,
    lang: Language = "en",
    theme: Theme = "light",
) -> "Figure":
    """A tensor as a heatmap.

    Args:
        name: Its canonical name, which says what its axes are and whether it holds probabilities.
        values: (rows, columns).
        network: Whose tensor it is: what the loss computes follows the loss.
        lang: The language of the axes.
        theme: The colours.
    """
    from plotly.graph_objects import Figure  # half a second, which no start of the service needs

    said = catalogue(lang)
    rows, columns = (said[key] if key else None for key in axes_of(name))
    hover = f"<b>{name}[%{{y}}, %{{x}}] = %{{z}}</b><br>{rule(name, network)}"
    traces = matrix_traces(values, theme, hover, holds_probabilities(name))
    figure = Figure(traces, layout_of(f"{name} ({values.shape[0]}, {values.shape[1]})", theme))
    figure.update_xaxes(title_text=columns, **ticks(values.shape[1]))
    figure.update_yaxes(title_text=rows, autorange="reversed", **ticks(values.shape[0]))
    return figure


def jacobian_figure(
    layer: str,
    sample: int,
    jacobian: Array,
    dvalue: Array | None,
    dinput: Array | None,
    *,
    ends: tuple[str, str] | None = None,
    first: tuple[int, int] | None = None,
    agrees: bool = True,
    part: Layer | None = None,
    lang: Language = "en",
    theme: Theme = "light",
) -> "Figure":
    """J of one sample; dvalue, turned upright, beside its rows; the product dvalue · J under its columns.

    So dvalue[j] stands beside the row of J that it multiplies, and dinput[k] under the column that it sums.

    Args:
        layer: The layer's name; of several layers' together none.
        sample: Which row of the batch.
        jacobian: (outputs, inputs), J[j, k] = ∂output_j / ∂input_k.
        dvalue: (outputs,), or None where it is not computed yet, or the layer is fused with the loss.
        dinput: (inputs,), or None likewise.
        ends: The places that it leads from and to, where these are not one layer's input and output.
        first: The first row and column, of a part; None of a whole.
        agrees: Whether dvalue · J is dinput.
        part: The layer, whose J a known fault may have spoiled.
        lang: The language of the axes.
        theme: The colours.
    """
    from plotly.subplots import make_subplots

    said = catalogue(lang)
    wide, tall = (max(NARROWEST, 1 / (length + 1)) for length in reversed(jacobian.shape))
    figure = make_subplots(
        rows=2,
        cols=2,
        specs=[[{}, {}], [None, {}]],
        shared_xaxes="columns",
        shared_yaxes="rows",
        column_widths=[wide, 1 - wide],
        row_heights=[1 - tall, tall],
        horizontal_spacing=0.04,
        vertical_spacing=0.18,
    )
    name = layer if ends is None else f"∂{ends[1]} / ∂{ends[0]}"
    figure.update_layout(layout_of(f"{name}: {said['figure.jacobian'].format(sample=sample)}", theme))
    hover = "<b>J[%{y}, %{x}] = %{z}</b><br>" + (
        "%{customdata}" if kind_of(layer) in JACOBIAN_RULES else name
    )
    cells, *words = matrix_traces(jacobian, theme, hover)
    # One bar of colours serves three matrices, each of which says its own range.
    cells["colorbar"] |= {"tickvals": [cells["zmin"], 0, cells["zmax"]], "ticktext": ["−", "0", "+"]}
    down, right = first or (0, 0)
    if kind_of(layer) in JACOBIAN_RULES:
        cells["customdata"] = jacobian_rules(kind_of(layer), jacobian.shape, (down, right), part)
    _place(figure, (1, 2), "J", [cells, *words], theme, (down, right))
    if dvalue is not None:
        upright = matrix_traces(dvalue[:, None], theme, "<b>dvalue[%{y}] = %{z}</b>")
        _place(figure, (1, 1), "dvalue", upright, theme, (down, 0))
    if dinput is not None:
        product = matrix_traces(dinput[None, :], theme, f"<b>dinput[%{{x}}] = %{{z}}</b><br>{DINPUT_RULE}")
        _place(figure, (2, 2), f"dinput {'=' if agrees else '≠'} dvalue · J", product, theme, (0, right))
    figure.update_xaxes(showgrid=False, zeroline=False)
    figure.update_yaxes(showgrid=False, zeroline=False)
    figure.update_yaxes(autorange="reversed", row=1, **ticks(jacobian.shape[0]))
    figure.update_xaxes(col=2, **ticks(jacobian.shape[1]))
    figure.update_xaxes(showticklabels=False, ticks="", row=1)
    figure.update_yaxes(showticklabels=False, ticks="", row=2)
    low, high = figure.layout.yaxis.domain
    figure.update_traces(colorbar={"y": high, "yanchor": "top", "len": high - low}, selector={"name": "J"})
    if kind_of(layer) == "softmax" and first is None:
        _sums(figure, jacobian, theme)
    output, input = (said[key] for key in jacobian_axes(kind_of(layer))) if ends is None else reversed(ends)
    figure.update_yaxes(title_text=output, row=1, col=1)
    figure.update_xaxes(title_text=input, row=2, col=2)
    return figure


def _place(
    figure: "Figure",
    place: tuple[int, int],
    title: str,
    traces: list[dict[str, Any]],
    theme: Theme,
    first: tuple[int, int],
) -> None:
    """Draw one matrix of the three in its place, its cells counted from the first, under its name."""
    row, column = place
    for trace in traces:
        trace |= {"x": np.asarray(trace["x"]) + first[1], "y": np.asarray(trace["y"]) + first[0]}
    cells = traces[0] | {"name": title.partition(" ")[0], "showscale": title == "J"}
    for trace in (cells, *traces[1:]):
        figure.add_trace(trace, row=row, col=column)
    placed = figure.data[-1]
    figure.add_annotation(
        text=f"{title}{'<br>' if row == 1 else '  '}{range_text(cells['zmax'])}",
        xref=f"{placed.xaxis} domain",
        yref=f"{placed.yaxis} domain",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        align="left",
        showarrow=False,
        font={"family": NUMBERS, "size": 13, "color": palette(theme)["muted"]},
    )


def _sums(figure: "Figure", jacobian: Array, theme: Theme) -> None:
    """Beside each row of a softmax's Jacobian its sum, and under each column: all are zero, to rounding.

    Where cells are too many for their numbers, so are the sums.
    """
    rows, columns = jacobian.shape
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        return
    (placed,) = figure.select_traces({"name": "J"})
    x, y = placed.xaxis, placed.yaxis
    beside = {"xref": f"{x} domain", "x": 1, "xanchor": "left", "xshift": 6}
    below = {"yref": f"{y} domain", "y": 0, "yanchor": "top"}
    texts = [beside | {"yref": y, "y": j, "text": sum_text(row)} for j, row in enumerate(jacobian)]
    texts += [below | {"xref": x, "x": k, "text": sum_text(column)} for k, column in enumerate(jacobian.T)]
    texts.append(beside | {"yref": f"{y} domain", "y": 1, "yanchor": "bottom", "text": "Σ"})
    texts.append(below | {"xref": f"{x} domain", "x": 0, "xanchor": "right", "xshift": -4, "text": "Σ"})
    font = {"family": NUMBERS, "size": 13, "color": palette(theme)["muted"]}
    for text in texts:
        figure.add_annotation(**text, showarrow=False, font=font)
    figure.update_traces(colorbar_xpad=44, selector={"name": "J"})


def layout_of(title: str, theme: Theme) -> dict[str, Any]:
    """What all figures share; colours are spelled out, so that a notebook's template changes none."""
    colours = palette(theme)
    return {
        "template": "none",
        "title": {"text": title, "font": {"family": NUMBERS, "size": 16}, "x": 0, "xref": "paper"},
        "font": {"family": PROSE, "size": 13, "color": colours["ink"]},
        "paper_bgcolor": colours["paper"],
        "plot_bgcolor": colours["paper"],
        "hoverlabel": {
            "bgcolor": colours["paper"],
            "bordercolor": colours["ink"],
            "font": {"family": NUMBERS, "size": 13, "color": colours["ink"]},
            "align": "left",
        },
        "margin": {"l": 56, "r": 16, "t": 80, "b": 56},
        "showlegend": False,
    }


def ticks(count: int) -> dict[str, Any]:
    """Whole numbers, every one where there is room; no lines, for the cells are the picture."""
    every = {"tickmode": "linear", "tick0": 0, "dtick": 1} if count <= 16 else {"tickformat": "d"}
    return {
        **every,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickfont_family": NUMBERS,
        "title_font_size": 13,
    }
