"""Figures: what they show, that a notebook reads them, and that the service serves the same."""

import base64
import subprocess
import sys
from typing import Any

import httpx
import numpy as np
import plotly.io
import pytest
from plotly.graph_objects import Figure

from app.encoding import json_bytes
from app.figure_rules import axes_of, holds_probabilities
from app.figures import jacobian_figure, tensor_figure
from app.heatmaps import matrix_traces, short, sum_text
from app.locales import LANGUAGES, catalogue
from app.scales import Theme, colour_scale, nice_range, palette, range_text
from tests.api.conftest import SMALL, close, expect_problem, made

OUTPUT = np.array([0.7, 0.1, 0.2])
JACOBIAN = np.diag(OUTPUT) - np.outer(OUTPUT, OUTPUT)
DVALUE = np.array([-0.5, 0.0, 0.0])


def named(figure: Figure) -> dict[str, Any]:
    """The matrices of a Jacobian's figure."""
    return {trace.name: trace for trace in figure.data if trace.type == "heatmap"}


def decoded(values: Any) -> Any:
    """An array of a figure, which after JSON is in the typed form."""
    if not isinstance(values, dict):
        return np.array(values)
    shape = [int(length) for length in values.get("shape", "-1").split(",")]
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).reshape(shape)


def test_a_tensors_figure_holds_its_numbers_and_says_whose_they_are() -> None:
    values = np.array([[0.5, -1.5, 0.0], [2.0, 1e-5, -0.25]])
    figure = tensor_figure("dense_2.dweight", values)
    (cells,) = figure.data
    close(cells.z, values)
    assert (cells.zmin, cells.zmax) == (-2, 2)
    assert figure.layout.title.text == "dense_2.dweight (2, 3)"
    assert (figure.layout.yaxis.title.text, figure.layout.xaxis.title.text) == ("input", "unit")
    assert figure.layout.yaxis.autorange == "reversed"
    assert "Σ<sub>n</sub> input[n, i] · dvalue[n, k]" in cells.hovertemplate
    assert list(cells.text[0]) == ["0.500", "−1.500", "0"]
    assert list(cells.text[1]) == ["2.000", "1e−5", "−0.250"]


def test_probabilities_run_from_0_to_1_in_the_positive_colours() -> None:
    (cells,) = tensor_figure("softmax_1.output", OUTPUT[None, :]).data
    assert (cells.zmin, cells.zmax) == (0, 1)
    signed = palette("light")["signed"]
    assert [colour for _, colour in cells.colorscale] == signed[5:]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_has_the_middle_colour(theme: Theme) -> None:
    places = dict(colour_scale(theme))
    assert places[0.5] == palette(theme)["signed"][5]
    assert tensor_figure("loss.dinput", JACOBIAN, theme=theme).layout.paper_bgcolor == palette(theme)["paper"]


def test_what_is_not_finite_is_said_and_not_coloured() -> None:
    cells, words = tensor_figure("relu_1.output", np.array([[np.nan, 1.0], [np.inf, -np.inf]])).data
    assert np.isnan(np.array(cells.z)).tolist() == [[True, False], [True, True]]
    assert (cells.zmin, cells.zmax) == (-1, 1)
    assert list(zip(words.y, words.x, words.text, strict=True)) == [(0, 0, "NaN"), (1, 0, "∞"), (1, 1, "−∞")]


def test_cells_stand_apart_where_there_is_room_between_them() -> None:
    few, rows, columns = (
        matrix_traces(np.ones(shape), "light", "")[0] for shape in [(9, 9), (128, 9), (9, 128)]
    )
    assert (few["xgap"], few["ygap"]) == (1, 1)
    assert (rows["xgap"], rows["ygap"]) == (1, 0), "cells of a pixel would be all gap"
    assert (columns["xgap"], columns["ygap"]) == (0, 1)


def test_the_jacobian_stands_between_dvalue_and_their_product() -> None:
    figure = jacobian_figure("softmax_1", 2, JACOBIAN, DVALUE, DVALUE @ JACOBIAN)
    parts = named(figure)
    close(parts["J"].z, JACOBIAN)
    close(np.array(parts["dvalue"].z)[:, 0] @ np.array(parts["J"].z), np.array(parts["dinput"].z)[0])
    assert parts["J"].customdata[0][0] == "S<sub>0</sub> · (1 − S<sub>0</sub>)"
    assert parts["J"].customdata[1][2] == "−S<sub>1</sub> · S<sub>2</sub>"
    layout = figure.layout
    assert layout.yaxis2.matches == "y", "dvalue[j] stands beside row j"
    assert layout.xaxis2.matches == "x3", "dinput[k] stands under column k"


def test_without_a_gradient_the_jacobian_stands_alone() -> None:
    assert list(named(jacobian_figure("softmax_1", 0, JACOBIAN, None, None))) == ["J"]


@pytest.mark.parametrize(
    ("largest", "limit", "text"),
    [(0, 1, "±1"), (0.3, 0.5, "±0.5"), (0.5, 0.5, "±0.5"), (7, 10, "±10"), (1e-7, 1e-7, "±1e−7")],
)
def test_ranges_are_1_2_or_5_times_a_power_of_ten(largest: float, limit: float, text: str) -> None:
    assert nice_range(np.array([[-largest, 0.0, np.nan]])) == limit
    assert range_text(limit) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.0, "0"), (3, "3"), (-5e-5, "−5e−5"), (1e9, "1e9"), (0.1235, "0.123")]
)
def test_numbers_in_cells(value: float, text: str) -> None:
    assert short(value) == text


def test_large_tensors_travel_as_typed_arrays() -> None:
    values = np.random.default_rng([0, 0, 0]).normal(size=(200, 300))
    figure = tensor_figure("batch.input", values)
    assert figure.data[0].text is None
    assert "bdata" in figure.to_plotly_json()["data"][0]["z"]
    assert len(json_bytes(figure.to_plotly_json())) < values.nbytes * 4 / 3 + 10_000


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("dense_1.weight", "input", "unit"),
        ("dense_1.weight.momentum", "input", "unit"),
        ("dense_1.dbias", None, "unit"),
        ("dense_1.dinput", "sample", "input"),
        ("softmax_1.dinput", "sample", "unit"),
        ("batch.input", "sample", "feature"),
        ("data.target", "sample", None),
        ("loss.output", "sample", None),
        ("loss.value", None, None),
    ],
)
def test_axes_say_what_they_count(name: str, rows: str | None, columns: str | None) -> None:
    wanted = tuple(axis and f"figure.axis.{axis}" for axis in (rows, columns))
    assert axes_of(name) == wanted
    for lang in LANGUAGES:
        assert all(key in catalogue(lang) for key in wanted if key)
    assert not holds_probabilities(name)


def test_starting_the_service_does_not_load_plotly() -> None:
    code = "import sys, app.main; assert not any(name.split('.')[0] == 'plotly' for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_the_service_serves_what_a_notebook_reads(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    at = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}"
    tensor = (await client.get(f"{at}/tensors/dense_1.dweight")).json()
    answer = await client.get(f"{at}/tensors/dense_1.dweight/figure?lang=zh&theme=dark")
    assert set(answer.json()) == {"data", "layout"}
    figure = plotly.io.from_json(answer.text)
    close(decoded(figure.data[0].z), tensor["values"])
    assert figure.layout.xaxis.title.text == catalogue("zh")["figure.axis.unit"]


async def test_the_service_serves_jacobians_of_every_sample(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    at = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/jacobians/softmax_1"
    for sample in range(8):
        numbers = (await client.get(f"{at}?sample={sample}")).json()
        parts = named(plotly.io.from_json((await client.get(f"{at}/figure?sample={sample}")).text))
        jacobian = decoded(parts["J"].z)
        close(jacobian, numbers["jacobian"])
        close(decoded(parts["dinput"].z)[0], numbers["dinput"])
        close(np.array(numbers["dvalue"]) @ jacobian, numbers["dinput"], rtol=1e-12)


async def test_what_is_not_computed_has_no_figure(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    at = f"/runs/{run['id']}/frames/1"
    expect_problem(await client.get(f"{at}/tensors/dense_1.dweight/figure"), 409, "not_computed")
    expect_problem(await client.get(f"{at}/jacobians/softmax_1/figure"), 409, "not_computed")
    expect_problem(await client.get(f"{at}/tensors/dense_1.weight/figure?lang=xx"), 422)


def test_a_softmaxs_sums_stand_beside_its_jacobian() -> None:
    def texts(figure: Figure) -> list[str]:
        return [note.text for note in figure.layout.annotations]

    assert texts(jacobian_figure("softmax_1", 0, JACOBIAN, None, None)) == ["J<br>±0.5", *"000000ΣΣ"]
    assert texts(jacobian_figure("sigmoid_1", 0, JACOBIAN, None, None)) == ["J<br>±0.5"]
    many = np.full((20, 20), 0.05)
    wide = jacobian_figure("softmax_1", 0, np.diag(many[0]) - many * many, None, None)
    assert len(texts(wide)) == 1, "where there is no room for numbers there is none for sums"


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.1, 0.2, -0.3], "0"), ([0.1, 0.2, 0.3], "0.600"), ([np.inf, 1], "NaN"), ([0.0, 0.0], "0")],
)
def test_a_sum_of_rounding_alone_is_zero(values: list[float], text: str) -> None:
    assert sum_text(np.array(values)) == text


LOSSES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "output[n, 0] = −Σ<sub>j</sub> y[n, j] · ln ŷ[n, j]", "dinput[n, k] = −y[n, k] / ŷ[n, k] / n"),
    (
        {"head": "fused"},
        "output[n, 0] = −Σ<sub>j</sub> y[n, j] · (z[n, j] − ln Σ<sub>l</sub> e<sup>z[n, l]</sup>)",
        "dinput[n, k] = (ŷ[n, k] · Σ<sub>j</sub> y[n, j] − y[n, k]) / n",
    ),
    (
        {"loss": "binary_crossentropy"},
        "output[n, 0] = −Σ<sub>j</sub> (y ln ŷ + (1 − y) ln(1 − ŷ))",
        "dinput[n, k] = (−y / ŷ + (1 − y) / (1 − ŷ)) / n",
    ),
    (
        {"loss": "binary_crossentropy", "conventions": "pytorch"},
        "output[n, 0] = −Σ<sub>j</sub> (y ln σ(z) + (1 − y) ln σ(−z)) / J",
        "dinput[n, k] = (ŷ[n, k] − y[n, k]) / (n·J)",
    ),
]


@pytest.mark.parametrize(("changes", "output", "dinput"), LOSSES)
async def test_what_a_loss_computes_says_its_rule(
    client: httpx.AsyncClient, changes: dict[str, Any], output: str, dinput: str
) -> None:
    binary = "loss" in changes
    last = "sigmoid" if binary else "softmax"
    spec = {
        "dataset": {"name": "quadrants" if binary else "golden"},
        "layers": [{"type": last}],
        "loss": "categorical_crossentropy",
        **changes,
    }
    run = await made(client, spec)
    position = run["steps_per_iteration"] - 1
    fused = "fused_backward" in " ".join(run["steps"])
    for tensor, rule in (("loss.output", output), (f"{last}_1" if fused else "loss", dinput)):
        name = tensor if "." in tensor else f"{tensor}.dinput"
        answer = await client.get(f"/runs/{run['id']}/frames/{position}/tensors/{name}/figure")
        assert f"<br>{rule}<extra>" in answer.json()["data"][0]["hovertemplate"]


async def test_a_penalty_is_part_of_the_rules(client: httpx.AsyncClient) -> None:
    dense = {"type": "dense", "units": 3, "l1": 0.1, "l2": 0.2}
    run = await made(client, {"dataset": {"name": "golden"}, "layers": [dense, {"type": "softmax"}]})
    for tensor, rule in (
        ("dense_1.dweight", "dvalue[n, k] + 0.1 · sign weight[i, k] + 0.4 · weight[i, k]"),
        ("loss.value", "/ n + penalty"),
    ):
        answer = await client.get(f"/runs/{run['id']}/frames/7/tensors/{tensor}/figure")
        assert f"{rule}<extra>" in answer.json()["data"][0]["hovertemplate"]
