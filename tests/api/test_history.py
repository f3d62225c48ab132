"""A history is the frames' own figures, however it is asked for, and stops when nobody listens."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.build import build
from app.encoding import npz
from app.schemas.spec import Spec
from app.settings import Settings, sqlite_url
from engine.cache import Cache
from tests.api.conftest import SMALL, served

SPLIT = SMALL | {
    "dataset": {"name": "iris", "test_fraction": 0.2},
    "batch": {"size": 16, "order": "shuffled"},
    "optimizer": {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9},
}
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        served(tmp_path_factory.mktemp("history") / "backglass.db") as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


@contextmanager
def elsewhere(folder: Path) -> Iterator[httpx.Client]:
    """A server that has never heard of any run."""
    with (
        served(folder / "other.db") as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


def made(api: httpx.Client, spec: dict[str, Any]) -> dict[str, Any]:
    run: dict[str, Any] = api.post("/runs", json=spec).raise_for_status().json()
    return run


def events(api: httpx.Client, path: str, **headers: str) -> list[dict[str, str]]:
    answer = api.get(path, headers=STREAM | headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if block.strip()]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_a_record_is_what_the_frames_say(api: httpx.Client) -> None:
    run = made(api, SPLIT)
    history = api.get(f"/runs/{run['id']}/history?start=2&stop=40&every=9").json()
    assert [record["iteration"] for record in history["records"]] == [2, 11, 20, 29, 38]
    steps = run["steps_per_iteration"]
    for record in history["records"]:
        frame = api.get(f"/runs/{run['id']}/frames/{(record['iteration'] + 1) * steps - 1}").json()
        assert (record["loss"], record["accuracy"]) == (frame["loss"], frame["accuracy"])
        assert record["layers"]["dense_1"]["weight"] == pytest.approx(
            frame["tensors"]["dense_1.weight"]["norm"], rel=1e-14
        )
        assert 0 < record["test_loss"] < 5
        assert record["test_accuracy"] * 30 == pytest.approx(round(record["test_accuracy"] * 30))


def test_events_are_the_same_records_and_end(api: httpx.Client) -> None:
    run = made(api, SPLIT)
    path = f"/runs/{run['id']}/history?stop=30"
    found = events(api, path)
    assert found[-1]["event"] == "end"
    assert [json.loads(one["data"]) for one in found[:-1]] == api.get(path).json()["records"]
    assert [one["id"] for one in found[:-1]] == [str(n) for n in range(30)]


def test_a_history_resumed_anywhere_is_the_uncut_one_byte_for_byte(api: httpx.Client, tmp_path: Path) -> None:
    run = made(api, SPLIT)
    path = f"/runs/{run['id']}/history?stop=300&every=7"
    whole = events(api, path)
    assert events(api, path, **{"Last-Event-ID": "140"}) == whole[21:]
    with elsewhere(tmp_path) as other:
        made(other, SPLIT)
        assert events(other, path, **{"Last-Event-ID": "203"}) == whole[30:]


@pytest.mark.parametrize("cut", [1, 64, 100])
def test_the_json_of_two_parts_is_that_of_the_whole(api: httpx.Client, cut: int) -> None:
    run = made(api, SPLIT | {"seed": cut})
    first, second, whole = (
        api.get(f"/runs/{run['id']}/history?{query}").content.partition(b'"records":[')[2]
        for query in (f"stop={cut}", f"start={cut}&stop=150", "stop=150")
    )
    assert first.removesuffix(b"]}") + b"," + second == whole


def test_a_frame_far_on_has_the_same_bits_stepped_trained_and_on_a_fresh_server(
    api: httpx.Client, tmp_path: Path
) -> None:
    run = made(api, SPLIT)
    steps = run["steps_per_iteration"]
    # The last frame of an iteration, the frame after its update, and one of the next.
    positions = [5000 * steps - 1, 5000 * steps, 5000 * steps + 3]
    paths = [f"/runs/{run['id']}/frames/{position}?format=npz" for position in positions]
    api.get(f"/runs/{run['id']}/history?start=4999&stop=5000").raise_for_status()
    trained = [api.get(path).content for path in paths]
    with elsewhere(tmp_path) as other:
        made(other, SPLIT)
        assert [other.get(path).content for path in paths] == trained
    settings = Settings(database_url=sqlite_url(tmp_path / "none.db"))
    stepped = build(Spec.model_validate(SPLIT), settings, Cache()).run
    for position in range(positions[-1] + 1):
        frame = stepped.frame(position)
        if position in positions:
            arrays = {name: array for name, array in frame.tensors.items() if array is not None}
            assert npz(arrays) == trained[positions.index(position)]


def test_records_come_while_they_are_computed_and_leaving_stops_the_work(api: httpx.Client) -> None:
    run = made(api, SPLIT | {"seed": 5})
    begun = time.monotonic()
    with api.stream("GET", f"/runs/{run['id']}/history?stop=200000&every=1", headers=STREAM) as answer:
        lines = answer.iter_lines()
        first = next(line for line in lines if line.startswith("data: "))
        assert json.loads(first.removeprefix("data: "))["iteration"] == 0
    # Two workers, and yet a third training is answered: the one that was left has let go.
    for seed in (6, 7):
        other = made(api, SPLIT | {"seed": seed})
        assert len(events(api, f"/runs/{other['id']}/history?stop=20")) == 21
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("start=5&stop=5", "out_of_range"),
        ("stop=0", "out_of_range"),
        ("every=0", "out_of_range"),
        ("start=-1", "invalid"),
        ("stop=9007199254740991", "too_long"),
        ("stop=a", "invalid"),
    ],
)
def test_a_history_that_makes_no_sense_is_refused(api: httpx.Client, query: str, code: str) -> None:
    run = made(api, SPLIT)
    for headers in ({}, STREAM):
        answer = api.get(f"/runs/{run['id']}/history?{query}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_what_cannot_be_an_event_is_no_event(api: httpx.Client) -> None:
    run = made(api, SPLIT)
    path = f"/runs/{run['id']}/history?stop=3"
    for event in ("x", "-1", "1" * 40):
        assert len(events(api, path, **{"Last-Event-ID": event})) == 4


def test_a_split_that_leaves_nothing_to_train_with_is_refused(api: httpx.Client) -> None:
    data = {"name": "blobs", "samples": 3, "classes": 3, "test_fraction": 0.9}
    answer = api.post("/runs", json=SPLIT | {"dataset": data})
    assert (answer.status_code, answer.json()["field"]) == (422, "body.dataset.test_fraction"), answer.text
