"""Askers of the same share the work, none is starved, a death costs nothing, and no worker stays behind."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
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
from app.training import Asked, Part, Trainer
from app.workers import Workers
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
from app.workers import Workers
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
