"""How often somebody may ask: enough for a class, and one who asks for more takes nothing from the others."""

import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.main import create_app
from app.rates import Buckets, address_key
from app.settings import Settings, sqlite_url
from app.shares import Shares
from tests.api.conftest import expect_problem, served

pytestmark = pytest.mark.anyio


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_full_at_first_and_filled_steadily() -> None:
    clock = Clock()
    buckets = Buckets(10, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 0.1, 0.1]
    clock.now = 0.1
    assert buckets.take("b") == 0, "each has its own"
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(0.1)
    clock.now = 1e9
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True], "never fuller than full"


def test_a_scrub_at_sixty_frames_a_second_passes_for_ever() -> None:
    clock, rate = Clock(), Settings().client_rate
    buckets = Buckets(rate, rate * 3, clock=clock)
    for _ in range(60 * 600):
        clock.now += 1 / 60
        assert buckets.take("a") == 0


def test_memory_is_bounded_and_only_the_longest_unused_is_forgotten() -> None:
    clock = Clock()
    buckets = Buckets(1, burst=1, most=100, clock=clock)
    assert buckets.take("flood") == 0
    for number in range(10_000):
        clock.now += 1e-6
        assert buckets.take(f"other {number}") == 0
        assert buckets.take("flood") > 0
    assert len(buckets) == 100


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:0db8:0000:0000"),
        ("2001:db8:0:0:ffff::2", "2001:0db8:0000:0000"),
        ("2001:db8:0:1::1", "2001:0db8:0000:0001"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_of_ipv6_the_network_counts(host: str, key: str) -> None:
    assert address_key({"client": (host, 4000)}) == key
    assert address_key({"client": None}) == address_key({}) == ""


TOKEN = "k7qmd-3xtpa-w9rae"


@pytest.fixture
def slow(tmp_path: Path) -> FastAPI:
    """An application that gives each client little."""
    database = sqlite_url(tmp_path / "backglass.db")
    return create_app(Settings(database_url=database, token=SecretStr(TOKEN), client_rate=1))


@pytest.fixture
async def guest(slow: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(slow, client=("192.0.2.9", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1") as client:
        yield client


async def test_who_asks_too_often_is_told_when_to_come_again(guest: httpx.AsyncClient) -> None:
    guest.headers["Authorization"] = f"Bearer {TOKEN}"
    answers = [await guest.get("/datasets") for _ in range(6)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    problem = expect_problem(answers[-1], 429, "too_many_requests")
    assert answers[-1].headers["retry-after"] == str(problem["params"]["seconds"]) == "1"


async def test_each_session_has_its_own_share_and_none_can_be_made_up(
    slow: FastAPI, guest: httpx.AsyncClient
) -> None:
    sessions = slow.state.sessions
    mine, theirs = (sessions.made(None, secure=False).partition(";")[0] for _ in range(2))
    for _ in range(6):
        last = await guest.get("/datasets", headers={"Cookie": mine})
    expect_problem(last, 429)
    assert (await guest.get("/datasets", headers={"Cookie": theirs})).status_code == 200
    forged = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    expect_problem(await guest.get("/datasets", headers={"Cookie": forged}), 401)
    # Who looks after the service is not counted.
    alive = [await guest.get("http://localhost/healthz") for _ in range(50)]
    assert {answer.status_code for answer in alive} == {200}


async def test_trying_tokens_is_counted_too(guest: httpx.AsyncClient) -> None:
    tries = [await guest.get("/datasets", headers={"Authorization": f"Bearer {n}"}) for n in range(40)]
    assert [answer.status_code for answer in tries[:30]] == [401] * 30
    expect_problem(tries[-1], 429, "too_many_requests")


def test_a_flood_takes_nothing_from_the_others(tmp_path: Path) -> None:
    """A real server: two clients ask in turn while a third asks as fast as it can."""
    with served(tmp_path / "backglass.db", BACKGLASS_CLIENT_RATE="20") as (url, _):
        clients = [httpx.Client(base_url=url, timeout=60) for _ in range(3)]
        for client in clients:
            assert client.get("/").status_code == 200
            assert [cookie.name for cookie in client.cookies.jar] == [f"backglass-{httpx.URL(url).port}"]
        flooder, *others = clients
        flooded: list[int] = []
        stop = threading.Event()

        def flood() -> None:
            while not stop.is_set():
                flooded.append(flooder.get("/api/v1/datasets").status_code)

        thread = threading.Thread(target=flood)
        thread.start()
        seen: list[int] = []
        until = time.monotonic() + 60
        while (429 not in flooded or len(seen) < 20) and time.monotonic() < until:
            seen += [other.get("/api/v1/datasets").status_code for other in others]
            time.sleep(0.2)
        stop.set()
        thread.join()
        for client in clients:
            client.close()
    assert 429 in flooded
    assert set(flooded) == {200, 429}
    assert set(seen) == {200}


def test_an_address_begins_no_more_sessions_than_a_school_needs() -> None:
    shares = Shares(100)
    assert sum(shares.may_begin("192.0.2.9") for _ in range(5000)) in range(500, 600)
    assert shares.may_begin("192.0.2.10")
