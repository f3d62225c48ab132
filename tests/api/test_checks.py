"""The check over the wire: numbers, reasons, the first wrong step, its limits, and its stream."""

import json
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from plotly.graph_objects import Figure

from app import checking, limits
from app.build import Live
from app.check_figure import check_figure
from app.main import create_app
from app.presets import PRESETS
from app.settings import Settings
from engine.cache import Cache
from engine.check import Check
from engine.faults import FAULTS
from tests.api.conftest import SMALL, close, expect_problem, frame_of, made, value
from tests.api.test_figures import decoded, named

pytestmark = pytest.mark.anyio

DEFAULT = PRESETS["default"]


async def check_of(client: httpx.AsyncClient, run: dict[str, Any], position: int, query: str = "") -> Any:
    answer = await client.get(f"/runs/{run['id']}/frames/{position}/check{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def events_of(text: str) -> list[tuple[str, Any]]:
    blocks = [
        dict(line.split(": ", 1) for line in block.split("\n")) for block in text.split("\n\n") if block
    ]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "data" in block]


async def test_every_gradient_of_an_iteration_is_right(client: httpx.AsyncClient) -> None:
    run = await made(client, DEFAULT)
    steps = run["steps_per_iteration"]
    found = await check_of(client, run, steps)
    wanted = {name for name in run["tensors"] if name.rpartition(".")[2] in ("dweight", "dbias", "dinput")}
    assert set(found["tensors"]) == wanted
    assert found["worst"] < found["tolerance"] == 1e-7
    assert (found["run"], found["position"], found["dtype"]) == (run["id"], steps, "float64")
    assert found["first"] is None
    frame = await frame_of(client, run, steps)
    for name, one in found["tensors"].items():
        close(one["analytic"], value(frame, name))
        error, reason = np.array(one["error"], object), np.array(one["reason"], object)
        assert one["shape"] == list(error.shape) == frame["tensors"][name]["shape"]
        assert (error == None).tolist() == (reason != None).tolist()  # noqa: E711
        assert one["compared"] + one["not_comparable"] == error.size == np.array(one["numeric"]).size
    assert found["compared"] == sum(one["compared"] for one in found["tensors"].values())


async def test_numbers_are_those_of_the_loss(client: httpx.AsyncClient) -> None:
    """Two forks whose one weight is moved by hand."""
    run = await made(client, DEFAULT)
    steps, (row, column), h = run["steps_per_iteration"], (2, 3), 1e-4
    weight = value(await frame_of(client, run, 0), "dense_1.weight")[row, column]
    losses = []
    for moved in (weight - h, weight + h):
        edit = {"position": 0, "tensor": "dense_1.weight", "index": [row, column], "value": moved}
        fork = (await client.post(f"/runs/{run['id']}/forks", json={"edits": [edit]})).json()
        losses.append((await frame_of(client, fork, steps - 1))["loss"])
    found = await check_of(client, run, steps - 1, "?tensor=dense_1.dweight")
    assert list(found["tensors"]) == ["dense_1.dweight"]
    numeric = found["tensors"]["dense_1.dweight"]["numeric"][row][column]
    assert numeric == pytest.approx((losses[1] - losses[0]) / (2 * h), rel=1e-6)


async def test_only_what_is_computed_is_checked(client: httpx.AsyncClient) -> None:
    run = await made(client, DEFAULT)
    before = await check_of(client, run, 5)
    assert (before["tensors"], before["worst"], before["compared"], before["first"]) == ({}, None, 0, None)
    first = run["steps"].index("loss_backward") + 1
    assert list((await check_of(client, run, first))["tensors"]) == ["loss.dinput"]
    problem = await client.get(f"/runs/{run['id']}/frames/{first}/check/dense_1.dweight/figure")
    expect_problem(problem, 409, "not_computed")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_found_where_it_is(client: httpx.AsyncClient, fault: str) -> None:
    # A unit whose weights are all 0 has an input of exactly 0.
    zeros = [{"position": 0, "tensor": "dense_1.weight", "index": [row, 1], "value": 0.0} for row in range(4)]
    right = await made(client, {**DEFAULT, "edits": zeros if fault == "relu_at_zero" else []})
    assert (await check_of(client, right, right["steps_per_iteration"], "?values=none"))["first"] is None
    forked = await client.post(f"/runs/{right['id']}/forks", json={"changes": {"faults": [fault]}})
    run = forked.raise_for_status().json()
    assert run["spec"]["faults"] == [fault]
    found = await check_of(client, run, run["steps_per_iteration"], "?values=none")
    step, cell = found["first"]["step"], found["first"]["cell"]
    assert (
        {
            "missing_mean": "loss_backward",
            "unsigned_label": "loss_backward",
            "softmax_scalar": "backward:softmax_1",
            "missing_transpose": "backward:dense_2",
            "bias_not_summed": "backward:dense_2",
            "input_overwritten": "backward:dense_2",
            "relu_at_zero": "backward:relu_1",
            "wrong_sign": "update",
        }[fault]
        == step
        == run["steps"][cell["position"] - 1]
    )
    frame = await frame_of(client, run, cell["position"])
    assert frame["tensors"][cell["tensor"]]["computed_at"] == cell["position"]
    assert found["first"]["error"] > found["tolerance"]
    assert all("numeric" not in one for one in found["tensors"].values())


async def test_each_tensor_comes_as_it_is_checked(client: httpx.AsyncClient) -> None:
    run = await made(client, DEFAULT)
    whole = await check_of(client, run, run["steps_per_iteration"])
    path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/check"
    answer = await client.get(path, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    (begin, head), *tensors, (end, tail) = events_of(answer.text)
    assert (begin, end) == ("begin", "end")
    assert head["tensors"] == [one["name"] for _, one in tensors] == list(whole["tensors"])
    assert {one.pop("name"): one for _, one in tensors} == whole.pop("tensors")
    assert tail == whole


async def test_a_run_of_float32_is_checked_as_one_of_float64(client: httpx.AsyncClient) -> None:
    run = await made(client, {**DEFAULT, "dtype": "float32"})
    found = await check_of(client, run, 12, "?values=none")
    assert found["dtype"] == "float32"
    assert found["worst"] < 1e-7
    checked = (await client.get(f"/runs/{found['run']}")).json()
    assert checked["spec"] == {**run["spec"], "dtype": "float64"} | {
        name: checked["spec"][name] for name in ("optimizer", "conventions")
    }
    assert (await check_of(client, checked, 12, "?values=none"))["worst"] == found["worst"]


async def test_what_takes_long_is_done_elsewhere_with_the_same_bits(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await made(client, SMALL)
    here = await check_of(client, run, 7)
    monkeypatch.setattr(checking, "AT_ONCE", 0.0)
    monkeypatch.setattr(app.state.runs, "cache", Cache(1 << 20))
    elsewhere = await check_of(client, run, 7)
    assert elsewhere == here


async def test_what_takes_long_comes_in_parts(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await made(client, SMALL)
    here = await check_of(client, run, 7)
    monkeypatch.setattr(checking, "A_PART", 1e-9)
    monkeypatch.setattr(app.state.runs, "cache", Cache(1 << 20))
    path = f"/runs/{run['id']}/frames/7/check"
    answer = await client.get(path, headers={"Accept": "text/event-stream"})
    events = events_of(answer.text)
    for name, one in here["tensors"].items():
        columns = one["shape"][1]
        shares = [event["done"] for kind, event in events if kind == "part" and event["name"] == name]
        assert shares == [part / columns for part in range(1, columns)]
        found = next(event for kind, event in events if kind == "tensor" and event["name"] == name)
        assert found["shape"] == one["shape"]
        assert found["reason"] == one["reason"]
        close(found["numeric"], one["numeric"])
    assert events[-1][0] == "end"


async def test_who_comes_back_goes_on_within_a_tensor(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "A_PART", 1e-9)
    begun: list[slice] = []
    checked = checking._checked

    def breaks_off(run: Live, position: int, name: str, columns: slice) -> Check:
        begun.append(columns)
        if len(begun) == 3:
            raise RuntimeError("somebody left")
        return checked(run, position, name, columns)

    monkeypatch.setattr(checking, "_checked", breaks_off)
    transport = httpx.ASGITransport(create_app(settings), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        run = await made(client, DEFAULT)
        path = f"/runs/{run['id']}/frames/12/check?tensor=dense_1.dweight"
        assert (await client.get(path)).status_code == 500
        assert (await client.get(path)).status_code == 200
    assert [columns.start for columns in begun] == [0, 1, 2, 2, 3, 4]


async def test_a_difference_is_made_of_losses(client: httpx.AsyncClient) -> None:
    """Each point is a fork of its own whose weight stands there."""
    penalised = [{**layer, "l2": 0.01} if "units" in layer else layer for layer in DEFAULT["layers"]]
    run = await made(client, {**DEFAULT, "layers": penalised})
    steps, index = run["steps_per_iteration"], [2, 1]
    path = f"/runs/{run['id']}/frames/{steps}/check"
    found = (await client.get(f"{path}/dense_1.dweight/cells/2,1")).json()
    assert (found["moved"], found["index"], found["reason"]) == ("dense_1.weight", index, None)
    frame = await frame_of(client, run, steps - 1)
    assert found["loss"] == pytest.approx(frame["loss"], rel=1e-12)
    weight = value(frame, "dense_1.weight")[2, 1]
    for point in found["points"]:
        assert point["value"] == pytest.approx(weight + point["shift"] * found["step"], rel=1e-12)
        edit = {"position": 0, "tensor": "dense_1.weight", "index": index, "value": point["value"]}
        fork = (await client.post(f"/runs/{run['id']}/forks", json={"edits": [edit]})).json()
        loss = (await frame_of(client, fork, steps - 1))["loss"]
        assert point["change"] == pytest.approx(loss - frame["loss"], abs=1e-13)
    summed = sum(point["weight"] * point["change"] for point in found["points"])
    assert found["numeric"] == pytest.approx(summed / found["step"], rel=1e-9)
    assert found["analytic"] == value(await frame_of(client, run, steps), "dense_1.dweight")[2, 1]
    whole = (await check_of(client, run, steps))["tensors"]["dense_1.dweight"]
    assert found["numeric"] == pytest.approx(whole["numeric"][2][1], rel=1e-9)
    assert found["error"] < 1e-7


async def test_a_difference_of_any_gradient_can_be_opened(client: httpx.AsyncClient) -> None:
    zeros = [{"position": 0, "tensor": "dense_1.weight", "index": [row, 1], "value": 0.0} for row in range(4)]
    run = await made(client, {**DEFAULT, "edits": zeros, "dtype": "float32"})
    whole = await check_of(client, run, 12)
    for name, one in whole["tensors"].items():
        path = f"/runs/{run['id']}/frames/12/check/{name}/cells"
        answer = await client.get(f"{path}/0,1")
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["numeric"] == pytest.approx(one["numeric"][0][1], rel=1e-7, abs=1e-15)
        assert found["reason"] == one["reason"][0][1]
        assert found["run"] == whole["run"]
        problem = expect_problem(await client.get(f"{path}/0,99"), 404, "cell_unknown")
        assert problem["params"]["shape"] == one["shape"]
    corner = (await client.get(f"/runs/{run['id']}/frames/12/check/relu_1.dinput/cells/0,1")).json()
    assert [point["shift"] for point in corner["points"]] == [0, 1, 2, 3, 4]
    assert corner["points"][0]["change"] == 0
    assert corner["moved"] == "dense_1.output"


async def test_a_check_that_takes_too_long_is_refused_before_it_starts(settings: Settings) -> None:
    short = settings.model_copy(update={"max_replay_seconds": 0.5})
    transport = httpx.ASGITransport(create_app(short), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        run = await made(
            client,
            {
                "dataset": {"name": "digits", "samples": 500},
                "layers": [
                    {"type": "dense", "units": 64},
                    {"type": "relu"},
                    {"type": "dense", "units": 10},
                    {"type": "softmax"},
                ],
            },
        )
        path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/check"
        problem = expect_problem(await client.get(path), 422, "check_too_long")
        assert problem["params"]["figure"] > problem["params"]["limit"]
        expect_problem(await client.get(f"{path}/dense_1.dweight/figure"), 422, "check_too_long")
        await check_of(client, run, run["steps_per_iteration"], "?tensor=dense_2.dbias")


async def test_a_tensor_that_takes_long_comes_as_events_and_its_figure_then(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 1e9)
    short = settings.model_copy(update={"max_replay_seconds": 1})
    transport = httpx.ASGITransport(create_app(short), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backglass/api/v1") as client:
        run = await made(client, DEFAULT)
        monkeypatch.setattr(limits, "SECONDS_A_CELL", 1e-3)
        path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/check"
        expect_problem(await client.get(f"{path}/dense_1.dweight/figure"), 422, "check_too_long")
        answer = await client.get(path, headers={"Accept": "text/event-stream"})
        assert events_of(answer.text)[-1][0] == "end"
        figure = await client.get(f"{path}/dense_1.dweight/figure")
        assert figure.status_code == 200, figure.text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/check?tensor=nothing", 404, "tensor_unknown"),
        ("/check?tensor=dense_1.weight", 422, "unknown_value"),
        ("/check?values=all", 422, "unknown_value"),
        ("/check/dense_1.output/figure", 422, "unknown_value"),
        ("/check/dense_1.output/cells/0,0", 422, "unknown_value"),
        ("/check/dense_1.dweight/cells/0,-1", 422, "invalid"),
        ("/check/nothing/figure", 404, "tensor_unknown"),
    ],
)
async def test_what_is_no_gradient_is_refused(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    run = await made(client, DEFAULT)
    expect_problem(await client.get(f"/runs/{run['id']}/frames/12{path}"), status, code)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("arrange", ["row", "column"])
async def test_the_figure_has_both_gradients_and_how_far_they_are_apart(
    client: httpx.AsyncClient, lang: str, arrange: str
) -> None:
    edit = {"position": 10, "tensor": "relu_1.dinput", "index": [1, 2], "value": 0.25}
    run = await made(client, {**DEFAULT, "faults": ["bias_not_summed"], "edits": [edit]})
    found = await check_of(client, run, 12)
    for name in ("dense_2.dbias", "relu_1.dinput"):
        path = f"/runs/{run['id']}/frames/12/check/{name}/figure?lang={lang}&arrange={arrange}"
        figure = Figure((await client.get(path)).json())
        one = found["tensors"][name]
        maps = named(figure)
        close(decoded(maps["numeric"].z), one["numeric"])
        close(decoded(maps["analytic"].z), one["analytic"])
        assert maps["numeric"].zmax == maps["analytic"].zmax
        error = np.array(one["error"], float)
        np.testing.assert_allclose(decoded(maps["error"].z), np.log10(np.clip(error, 1e-16, 1)))
        marks = {trace.text[0]: trace for trace in figure.data if trace.type == "scatter"}
        assert ("✗" in marks) == (one["wrong"] > 0)
        assert ("?" in marks) == (one["not_comparable"] > 0)
    (row,), (column,) = decoded(marks["?"].y), decoded(marks["?"].x)
    assert (row, column) == (1, 2)
    assert one["reasons"] == {"edited": 1}


@pytest.mark.parametrize(("shape", "size"), [((8, 3), 14), ((16, 12), 13), ((32, 32), 5), ((64, 8), 5)])
def test_a_mark_is_no_larger_than_its_cell(shape: tuple[int, int], size: int) -> None:
    numeric = np.ones(shape)
    wrong = Check(numeric, -numeric, 2 * numeric, np.zeros(shape, np.int8))
    (marks,) = (trace for trace in check_figure("dense_1.dweight", wrong).data if trace.type == "scatter")
    assert marks.textfont.size == size
