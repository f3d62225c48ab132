"""A stream of frames says what the frames and the history say, loses no record, and runs ahead of nobody."""

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest

from app.frames import Picture, message
from app.streaming import MOST_AHEAD, messages
from app.training import Part
from engine.arrays import Array
from engine.run import Frame
from tests.api.conftest import SMALL, expect_problem, served

SPIRAL: dict[str, Any] = {
    "dataset": {"name": "spiral", "samples": 60},
    "batch": {"size": 25, "order": "shuffled"},
    "layers": [
        {"type": "dense", "units": 8},
        {"type": "relu"},
        {"type": "dense", "units": 3},
        {"type": "softmax"},
    ],
    "optimizer": {"type": "adam", "learning_rate": 0.01},
}
WIDE: dict[str, Any] = {"layers": [{"type": "dense", "units": 1200}, *SPIRAL["layers"][2:]], "seed": 3}


@dataclass
class Message:
    header: dict[str, Any]
    body: bytes

    def array(self, described: dict[str, Any], dtype: str, shape: tuple[int, ...]) -> Array:
        kind = np.dtype(dtype).newbyteorder("<")
        assert described["at"] % 8 == 0
        return np.frombuffer(self.body, kind, int(np.prod(shape)), described["at"]).reshape(shape)


def parsed(stream: bytes) -> list[Message]:
    """The messages, as a reader with typed arrays takes them apart."""
    found = []
    while stream:
        length, head = struct.unpack("<II", stream[:8])
        assert head % 8 == 0
        assert length % 8 == 4
        found.append(Message(json.loads(stream[8 : 8 + head]), stream[8 + head : 4 + length]))
        assert len(stream) >= 4 + length
        stream = stream[4 + length :]
    return found


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        served(
            tmp_path_factory.mktemp("stream") / "backglass.db",
            # Longer than any test waits.
            BACKGLASS_MAX_REPLAY_SECONDS="600",
        ) as (url, _),
        httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
    ):
        yield client


def made(api: httpx.Client, spec: dict[str, Any]) -> dict[str, Any]:
    run: dict[str, Any] = api.post("/runs", json=spec).raise_for_status().json()
    return run


def streamed(api: httpx.Client, run: dict[str, Any], query: str) -> list[Message]:
    answer = api.get(f"/runs/{run['id']}/frames?{query}").raise_for_status()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    return parsed(answer.content)


def records(found: list[Message]) -> list[dict[str, Any]]:
    return [record for one in found for record in one.header["records"]]


@pytest.mark.parametrize("spec", [SPIRAL, SPIRAL | WIDE], ids=["small", "wide"])
def test_every_frame_is_the_frame(api: httpx.Client, spec: dict[str, Any]) -> None:
    run = made(api, spec)
    for one in streamed(api, run, "start=2&stop=90"):
        frame = api.get(f"/runs/{run['id']}/frames/{one.header['position']}").json()
        assert frame["position"] % run["steps_per_iteration"] == run["steps_per_iteration"] - 1
        del frame["page"]
        for name, tensor in frame["tensors"].items():
            values, streams = tensor.pop("values", None), one.header["tensors"][name]
            assert ("at" in streams) == (values is not None and not name.startswith("data.")), name
            if "at" in streams:
                array = one.array(streams, tensor["dtype"], tuple(tensor["shape"]))
                assert np.array_equal(array, np.array(values)), name
                del streams["at"]
        assert {name: one.header[name] for name in frame} == frame


def test_all_records_come_and_only_the_last_message_ends(api: httpx.Client) -> None:
    run = made(api, SPIRAL | {"seed": 1})
    for query in ("stop=700", "start=3&stop=700&every=4"):
        found = streamed(api, run, query)
        assert records(found) == api.get(f"/runs/{run['id']}/history?{query}").json()["records"]
        assert [one.header.get("end") for one in found] == [None] * (len(found) - 1) + [True]
        assert found[-1].header["iteration"] == 699
        positions = [one.header["position"] for one in found]
        assert positions == sorted(set(positions))


def test_a_stream_cut_and_resumed_is_the_uncut_one(api: httpx.Client) -> None:
    run = made(api, SPIRAL | {"seed": 2})
    whole = streamed(api, run, "stop=300")
    cut = [*streamed(api, run, "stop=111"), *streamed(api, run, "start=111&stop=300")]
    assert records(cut) == records(whole)
    del whole[-1].header["records"], cut[-1].header["records"]
    assert cut[-1] == whole[-1]


def test_regions_come_beside_the_frames(api: httpx.Client) -> None:
    run = made(api, SPIRAL)
    one = streamed(api, run, "stop=20&regions=9")[-1]
    found = one.header["regions"]
    asked = api.get(f"/runs/{run['id']}/frames/{one.header['position']}/regions?resolution=9").json()
    assert (found["resolution"], found["x"], found["y"]) == (9, asked["x"], asked["y"])
    for name, dtype, shape in (("classes", "u1", (9, 9)), ("share", "f4", (9, 9)), ("samples", "u1", (60,))):
        assert one.array(found[name], dtype, shape).tobytes() == _bytes(asked[name]), name


def _bytes(typed: dict[str, Any]) -> bytes:
    return base64.b64decode(typed["bdata"])


def test_what_cannot_be_streamed_is_refused(api: httpx.Client) -> None:
    flat, iris = made(api, SPIRAL), made(api, SMALL)
    for run, query, status, code in (
        (flat, "start=5&stop=5", 422, "out_of_range"),
        (flat, "stop=0", 422, "out_of_range"),
        (flat, "stop=9007199254740991", 422, "too_long"),
        (flat, "regions=1", 422, "out_of_range"),
        (flat, "regions=129", 422, "out_of_range"),
        (iris, "regions=8", 404, "no_regions"),
    ):
        expect_problem(api.get(f"/runs/{run['id']}/frames?{query}"), status, code)
    expect_problem(api.get("/runs/raaaaaaaaaaaaaaaaaaaa/frames"), 404, "run_unknown")


def test_leaving_stops_the_work(api: httpx.Client) -> None:
    """As many streams are left as would keep every worker busy for minutes; then a history is answered."""
    run = made(api, SPIRAL | {"seed": 9})
    for start in range(6):
        with api.stream("GET", f"/runs/{run['id']}/frames?start={start}&stop=200000") as answer:
            assert next(answer.raise_for_status().iter_raw())
    other = made(api, SPIRAL | {"seed": 10})
    answer = api.get(f"/runs/{other['id']}/history?stop=10", timeout=20)
    assert len(answer.json()["records"]) == 10


PICTURE = Picture(b'{"position":1', b"12345678")


async def trained(count: int, made: list[int]) -> AsyncIterator[Part]:
    """Parts as fast as they are taken; what has been made is noted."""
    for number in range(count):
        made.append(number)
        after = Frame(0, None, number + 1, {}, {}, None)
        yield Part([(number, b'{"iteration":%d}' % number)], after, None, PICTURE)


@pytest.mark.anyio
async def test_who_reads_slowly_misses_frames_and_no_record() -> None:
    count = 5 * MOST_AHEAD
    done: list[int] = []
    found: list[Message] = []
    async for one in messages(trained(count, done), count):
        for _ in range(count):
            await asyncio.sleep(0)  # everything that wants to run may
        found += parsed(one)
        # One message ahead, and the part that waits to be let in.
        assert len(done) <= len(records(found)) + MOST_AHEAD + 1
    assert [record["iteration"] for record in records(found)] == list(range(count))
    assert len(found) <= 7
    assert found[-1].header["end"] is True


@pytest.mark.anyio
async def test_who_is_gone_is_not_worked_for() -> None:
    done: list[int] = []
    stream = messages(trained(10_000, done), 10_000)
    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined]
    reached = len(done)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(done) == reached


@pytest.mark.anyio
async def test_what_goes_wrong_is_told() -> None:
    async def broken() -> AsyncIterator[Part]:
        async for part in trained(1, []):
            yield part
        raise OSError("gone")

    stream = messages(broken(), 5)
    assert await anext(stream) == message(PICTURE, [b'{"iteration":0}'], end=False)
    with pytest.raises(OSError, match="gone"):
        await anext(stream)
