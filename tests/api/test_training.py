"""Askers of the same share the work, none is starved, a death costs nothing, and no worker stays behind."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from app.build import Live
from app.problems import Problem
from app.runs import Runs
from app.schemas.spec import Spec
from app.settings import Settings, sqlite_url
from app.store import Store
from app.streaming import messages, until_stopped
from app.training import Asked, Part, Trainer
from app.workers import Closed, Workers
from tests.api.conftest import SMALL

pytestmark = pytest.mark.anyio

LONG = 400


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=sqlite_url(tmp_path / "backglass.db"))


@pytest.fixture
def live(settings: Settings) -> Live:
    live, _ = Runs(settings, Store(settings.database_url)).create(Spec.model_validate(SMALL))
    return live


class Here:
    """Workers that are none: the work is done at once, and counted."""

    def __init__(self, fail: int = 0) -> None:
        self.calls = 0
        self.fail = fail

    def close(self) -> None:
        pass

    async def run(self, work: Callable[..., Part], *arguments: Any) -> Part:
        self.calls += 1
        await asyncio.sleep(0)
        if self.calls <= self.fail:
            raise BrokenProcessPool
        # Iterations, not seconds, decide how far it gets: as many as it takes to notice that time is up.
        return work(*arguments[:-1], 0.0)


@pytest.fixture
def trainer(settings: Settings) -> Trainer:
    trainer = Trainer(settings)
    trainer._workers = Here()  # type: ignore[assignment]
    return trainer


async def told(parts: AsyncIterator[Part]) -> list[bytes]:
    return [record async for part in parts for _, record in part.records]


def calls(trainer: Trainer) -> int:
    found: int = trainer._workers.calls  # type: ignore[attr-defined]
    return found


async def test_askers_of_the_same_share_the_work(trainer: Trainer, live: Live) -> None:
    asked = Asked(0, LONG)
    first, second = await asyncio.gather(*(told(trainer.parts(live, asked)) for _ in range(2)))
    assert first == second
    assert len(first) == calls(trainer) == LONG
    assert not trainer._flying


async def test_one_of_them_may_leave(trainer: Trainer, live: Live) -> None:
    asked = Asked(0, LONG)
    staying = asyncio.create_task(told(trainer.parts(live, asked)))
    leaving = asyncio.create_task(told(trainer.parts(live, asked)))
    while calls(trainer) < 50:
        await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == LONG
    assert calls(trainer) == LONG
    assert leaving.cancelled()


async def test_when_all_have_left_nothing_is_done(trainer: Trainer, live: Live) -> None:
    leaving = [asyncio.create_task(told(trainer.parts(live, Asked(0, LONG)))) for _ in range(2)]
    while calls(trainer) < 5:
        await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    reached = calls(trainer)
    for _ in range(20):
        await asyncio.sleep(0)
    assert calls(trainer) == reached
    assert not trainer._flying
    # Who comes back finds the work where it was left.
    assert any(live.run.checkpoint(iteration).iteration for iteration in range(1, reached + 1))


async def test_a_chunk_whose_worker_dies_is_done_again(trainer: Trainer, live: Live) -> None:
    wanted = await told(trainer.parts(live, Asked(0, 9)))
    trainer._workers = Here(fail=2)  # type: ignore[assignment]
    assert await told(trainer.parts(live, Asked(0, 9))) == wanted
    trainer._workers = Here(fail=3)  # type: ignore[assignment]
    with pytest.raises(BrokenProcessPool):
        await told(trainer.parts(live, Asked(1, 9)))
    assert not trainer._flying


async def test_a_service_that_is_stopped_refuses_to_go_on(trainer: Trainer, live: Live) -> None:
    asking = asyncio.create_task(told(trainer.parts(live, Asked(0, LONG))))
    while calls(trainer) < 5:
        await asyncio.sleep(0)
    trainer.close()
    with pytest.raises(Problem) as refused:
        await asking
    assert (refused.value.code, calls(trainer)) == ("stopping", 5)


class Unbegun:
    """A pool on a busy machine: it has taken the work, and not yet looked at it."""

    def __init__(self) -> None:
        self.taken: Future[Part] = Future()

    def submit(self, *_: Any) -> "Future[Part]":
        return self.taken

    def shutdown(self, **_: Any) -> None:
        self.taken.cancel()  # as a real one does with what it has not begun


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_service_that_is_stopped_tells_who_waits_for_what_was_not_begun(
    settings: Settings, live: Live, processes: int
) -> None:
    """Were they only cancelled, what is being streamed to them would break off without its end."""
    trainer = Trainer(settings.model_copy(update={"training_workers": processes}))
    for worker in trainer._workers._all:
        worker._pool = Unbegun()  # type: ignore[assignment]
    ways = [Asked(0, LONG, every, frames=True) for every in (1, 2, 3)]  # more than processes: one only waits
    streams = [until_stopped(messages(trainer.parts(live, asked), LONG)) for asked in ways]

    async def read(stream: AsyncIterator[bytes]) -> list[bytes]:
        return [piece async for piece in stream]

    reading = [asyncio.create_task(read(stream)) for stream in streams]
    while trainer.busy < processes or trainer.waiting < len(ways) - processes:
        await asyncio.sleep(0)
    trainer.close()
    async with asyncio.timeout(60):
        assert await asyncio.gather(*reading) == [[]] * len(ways)
    with pytest.raises(Problem, match="stopped"):
        await trainer.work(os.getpid)


async def test_who_leaves_while_the_service_is_stopped_just_leaves() -> None:
    workers = Workers(1)
    workers._all[0]._pool = Unbegun()  # type: ignore[assignment]
    leaving = asyncio.create_task(workers.run(os.getpid))
    while not workers.busy:
        await asyncio.sleep(0)
    leaving.cancel()
    workers.close()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    with pytest.raises(Closed):
        await workers.run(os.getpid)


async def test_a_worker_dies_alone() -> None:
    workers = Workers(2)
    try:
        dying = asyncio.create_task(workers.run(os._exit, 1))
        alive = await workers.run(os.getpid)
        with pytest.raises(BrokenProcessPool):
            await dying
        found = await asyncio.gather(*(workers.run(os.getpid) for _ in range(4)))
        assert alive in found
        assert os.getpid() not in found
    finally:
        workers.close()


async def test_workers_have_one_thread_and_give_way() -> None:
    workers = Workers(1)
    try:
        threads = await workers.run(os.getenv, "OPENBLAS_NUM_THREADS")
        assert threads == "1"
        assert await workers.run(os.nice, 0) >= os.nice(0) + 1
    finally:
        workers.close()


async def test_who_asks_once_is_not_starved_by_who_asks_always() -> None:
    workers = Workers(1)
    served: list[str] = []

    async def ask(name: str, times: int) -> None:
        for _ in range(times):
            await workers.run(os.getpid)
            served.append(name)

    try:
        await asyncio.gather(ask("always", 20), ask("once", 1))
        assert served.index("once") <= 1
    finally:
        workers.close()


async def test_work_that_is_called_off_before_it_began_is_never_done(tmp_path: Path) -> None:
    workers = Workers(1)
    try:
        busy = asyncio.create_task(workers.run(os.getpid))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(workers.run(os.mkdir, tmp_path / "never"))
        await asyncio.sleep(0)
        waiting.cancel()
        await busy
        await workers.run(os.getpid)
        assert not (tmp_path / "never").exists()
    finally:
        workers.close()


KILLED = """
import asyncio, os, signal
from app.workers import Closed, Workers
if __name__ == "__main__":
    print(asyncio.run(Workers(1).run(os.getpid)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_no_worker_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    # It ends when nobody is left who could write to its output: a worker left behind would keep it open.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=60, env=environment)
    assert int(done.stdout) > 0
