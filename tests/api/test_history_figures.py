"""A history as figures: what they show, what they tell apart, and that they grow while they are computed."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from app.history_figures import Span, curves_figure, flow_figure
from app.presets import PRESETS
from app.scales import palette
from engine.arrays import Array
from tests.api.conftest import SMALL, close, expect_problem, served

STREAM = {"Accept": "text/event-stream"}
LAYERS = (("dense_1", "relu_1"), ("dense_2", "sigmoid_1"))


def record(iteration: int, *gradients: float | str, **members: Any) -> dict[str, Any]:
    """A record of a network with as many pairs of layers as there are gradients."""
    layers: dict[str, Any] = {}
    for (dense, after), gradient in zip(LAYERS, gradients, strict=False):
        layers[dense] = {"weight": 2.0, "gradient": gradient, "update": gradient}
        layers[after] = {"dead": 0.25} if after == "relu_1" else {"saturated": 0.5}
    told = {"loss": 1.0, "accuracy": 0.5, "test_loss": None, "test_accuracy": None}
    return {"iteration": iteration, **told, "layers": layers} | members


def decoded(values: Any) -> Array:
    """An array of a figure, which on the wire is typed."""
    if not isinstance(values, dict):
        return np.array(values, dtype=np.float64)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return flat.reshape([int(length) for length in values.get("shape", str(flat.size)).split(",")])


def test_a_norm_is_coloured_by_its_power_of_ten_and_carried_as_it_is() -> None:
    records = [record(0, 1e-4, 0.1), record(5, 1e-2, 1.0)]
    (cells,) = flow_figure(records, "gradient", Span(0, 10, 5)).data
    close(cells.z, [[-4, -2], [-1, 0]])
    close(cells.customdata, [[1e-4, 1e-2], [0.1, 1.0]])
    assert list(cells.x) == [0, 5]
    assert (cells.zmin, cells.zmax) == (-4, 0)
    assert list(cells.colorbar.ticktext) == [
        f"10<sup>{power}</sup>" for power in ("−4", "−3", "−2", "−1", "0")
    ]


def test_rows_are_the_layers_that_have_the_figure_from_the_first_down() -> None:
    records = [record(0, 0.1, 0.2)]
    for what, layers in {
        "gradient": ("dense_1", "dense_2"),
        "dead": ("relu_1",),
        "saturated": ("sigmoid_1",),
    }.items():
        figure = flow_figure(records, what, Span(0, 1, 1))  # type: ignore[arg-type]
        assert figure.layout.yaxis.ticktext == layers
        assert figure.layout.yaxis.range == (len(layers) - 0.5, -0.5)


def test_shares_run_from_none_to_all_and_none_is_no_mark() -> None:
    one = record(0, 0.1)
    one["layers"]["relu_1"] = {"dead": 0.0}
    (cells,) = flow_figure([one], "dead", Span(0, 1, 1)).data
    assert (cells.zmin, cells.zmax, float(cells.z[0][0])) == (0, 1, 0)


def test_the_middle_of_the_ratios_is_a_healthy_one() -> None:
    (cells,) = flow_figure([record(0, 2e-6, 2.0)], "ratio", Span(0, 1, 1)).data
    close(cells.z, [[-6], [0]])
    assert (cells.zmin, cells.zmax) == (-6, 0)
    assert dict(cells.colorscale)[0.5] == palette("light")["signed"][5]


def test_zero_nan_and_infinity_are_told_apart_and_from_every_colour() -> None:
    seconds: tuple[str | float, ...] = ("NaN", "Infinity", 0.1)
    records = [record(t, 0.0, second) for t, second in enumerate(seconds)]
    cells, *marks = flow_figure(records, "gradient", Span(0, 3, 1)).data
    assert np.isnan(cells.z).tolist() == [[True] * 3, [True, True, False]]
    signs = {trace.name: trace for trace in marks if trace.type == "heatmap"}
    assert list(signs) == ["0", "NaN", "∞"]
    assert [np.argwhere(np.isfinite(trace.z)).tolist() for trace in signs.values()] == [
        [[0, 0], [0, 1], [0, 2]],
        [[1, 0]],
        [[1, 1]],
    ]
    colours = {trace.colorscale[0][1] for trace in signs.values()}
    assert len(colours) == 3
    assert not colours & {colour for _, colour in cells.colorscale}
    words = [
        (trace.text[0], trace.y[0], trace.x[0])
        for trace in marks
        if trace.type == "scatter" and trace.mode == "text"
    ]
    assert words == [("0", 0, 1), ("NaN", 1, 0), ("∞", 1, 1)]
    assert [trace.name for trace in marks if trace.showlegend] == ["exactly zero", "NaN", "infinite"]


def test_no_update_of_a_weight_of_zero_is_zero() -> None:
    one = record(0, 0.0, 0.5)
    for layer in ("dense_1", "dense_2"):
        one["layers"][layer]["weight"] = 0.0
    values = flow_figure([one], "ratio", Span(0, 1, 1)).data[0].customdata
    assert values.tolist() == [[0.0], [np.inf]]


def test_the_axis_is_as_wide_as_what_is_to_come() -> None:
    assert flow_figure([record(0, 1.0)], "gradient", Span(0, 100, 10)).layout.xaxis.range == (-5, 95)


def test_curves_of_what_was_held_back_only_where_something_was() -> None:
    alone = curves_figure([record(t, 0.1) for t in range(3)], Span(0, 3, 1))
    assert [trace.name for trace in alone.data] == ["train", "train"]
    both = [record(t, 0.1, test_loss=2.0, test_accuracy=0.25) for t in range(3)]
    figure = curves_figure(both, Span(0, 3, 1), lang="zh", theme="dark")
    assert [(trace.name, trace.line.dash, trace.y[0]) for trace in figure.data] == [
        ("训练", None, 1.0),
        ("训练", None, 0.5),
        ("测试", "dash", 2.0),
        ("测试", "dash", 0.25),
    ]


def test_a_curve_that_ends_says_where() -> None:
    figure = curves_figure([record(0, 0.1), record(7, 0.1, loss="NaN")], Span(0, 14, 7))
    assert figure.layout.annotations[0].text == "not finite from iteration 7"
    assert figure.layout.annotations[0].x == 7


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        served(tmp_path_factory.mktemp("figures") / "backglass.db") as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


def path_of(api: httpx.Client, spec: dict[str, Any]) -> str:
    run: dict[str, Any] = api.post("/runs", json=spec).raise_for_status().json()
    return f"/runs/{run['id']}/history"


def test_the_picture_is_of_the_historys_numbers(api: httpx.Client) -> None:
    path = path_of(api, PRESETS["vanishing"])
    records = api.get(f"{path}?stop=40&every=8").json()["records"]
    figure = api.get(f"{path}/figure?stop=40&every=8&lang=zh").json()
    cells = figure["data"][0]
    norms = decoded(cells["customdata"])
    for row in range(6):
        close(norms[row], [one["layers"][f"dense_{row + 1}"]["gradient"] for one in records])
    close(10 ** decoded(cells["z"]), norms, rtol=1e-13)
    assert decoded(cells["x"]).tolist() == [0, 8, 16, 24, 32]
    assert norms[0, 0] < norms[5, 0] / 10, "it vanishes"
    assert figure["layout"]["xaxis"]["title"]["text"] == "迭代"
    ratio = api.get(f"{path}/figure?stop=40&every=8&what=ratio").json()["data"][0]
    ratios = decoded(ratio["customdata"])
    close(ratios[2, 1], records[1]["layers"]["dense_3"]["update"] / records[1]["layers"]["dense_3"]["weight"])


def test_a_long_history_has_no_more_columns_than_can_be_seen(api: httpx.Client) -> None:
    path = path_of(api, SMALL)
    (cells,) = api.get(f"{path}/figure?stop=1501").json()["data"]
    assert decoded(cells["x"])[:3].tolist() == [0, 4, 8]
    assert decoded(cells["customdata"]).shape == (1, 376)


def events(answer: httpx.Response) -> list[dict[str, str]]:
    blocks = [block for block in answer.text.split("\n\n") if block.strip()]
    return [
        dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        for block in blocks
    ]


def test_a_figure_grows_while_it_is_computed_and_ends_as_the_whole(
    api: httpx.Client,
) -> None:
    path = path_of(api, PRESETS["spiral"] | {"seed": 3})
    found = events(api.get(f"{path}/figure?stop=3000", headers=STREAM))
    assert {one["event"] for one in found} == {"progress", "figure", "end"}
    assert found[-1]["event"] == "end"
    reached = [json.loads(one["data"])["reached"] for one in found if one["event"] == "progress"]
    assert reached == sorted(reached)
    assert reached[0] > 0
    assert reached[-1] <= 3000
    figures = [json.loads(one["data"]) for one in found if one["event"] == "figure"]
    assert figures[-1] == api.get(f"{path}/figure?stop=3000").json()
    widths = [decoded(one["data"][0]["x"]).size for one in figures]
    assert widths == sorted(widths)
    assert widths[-1] == 500
    assert {tuple(one["layout"]["xaxis"]["range"]) for one in figures} == {(-3, 2997)}
    curves = events(api.get(f"{path}/figure?stop=3000&kind=curves", headers=STREAM))
    assert len(curves[-2]["data"]) > 1000


def test_leaving_a_figure_stops_the_work(api: httpx.Client) -> None:
    for seed in (5, 6, 7):
        path = path_of(api, SMALL | {"seed": seed})
        with api.stream("GET", f"{path}/figure?stop=200000", headers=STREAM) as answer:
            assert next(line for line in answer.iter_lines() if line) == "event: progress"
    # Two workers, and three trainings left: the next one is not kept waiting.
    assert events(api.get(f"{path_of(api, SMALL)}/figure?stop=20", headers=STREAM))[-1]["event"] == "end"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("start=5&stop=5", "out_of_range"),
        ("stop=9007199254740991", "too_long"),
        ("stop=4000&every=1", "too_many_cells"),
        ("every=0", "out_of_range"),
        ("what=dead", "unknown_value"),
        ("what=saturated", "unknown_value"),
        ("what=other", "unknown_value"),
        ("kind=other", "unknown_value"),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(api: httpx.Client, query: str, code: str) -> None:
    path = path_of(api, SMALL)
    for headers in ({}, STREAM):
        expect_problem(api.get(f"{path}/figure?{query}", headers=headers), 422, code)
