"""Runs and their store: known for ever, made once, of one version."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app import identity, limits
from app.build import build
from app.normalise import normalise
from app.problems import Problem
from app.runs import Runs
from app.schemas.spec import Spec
from app.settings import Settings, sqlite_url
from app.store import Store, StoredRun
from engine.cache import Cache
from tests.api.conftest import SMALL, expect_problem, made

pytestmark = pytest.mark.anyio


async def test_a_run_of_another_version_names_its_successor(app: FastAPI, client: httpx.AsyncClient) -> None:
    current = await made(client, SMALL | {"seed": 77})
    row = app.state.store.get(current["id"])
    older = row.canonical.replace(f'"version":{identity.VERSION}', '"version":0')
    app.state.store.put(StoredRun(identity.id_of(older), older, None), {})
    for path in ("", "/frames/3", "/frames/3/tensors/data.input"):
        answer = await client.get(f"/runs/{identity.id_of(older)}{path}")
        problem = expect_problem(answer, 410, "run_gone")
        assert problem["params"]["successor"] == current["id"]


def test_one_of_many_makes_the_run(tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url(tmp_path / "backglass.db"))
    spec = Spec.model_validate(SMALL)
    stores = [Store(settings.database_url) for _ in range(4)]
    runs = [Runs(settings, store) for store in stores]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda n: runs[n % 4].create(spec), range(64)))
    for store in stores:
        store.close()
    assert sum(new for _, new in made) == 1
    assert len({live.id for live, _ in made}) == 1


def test_what_is_forgotten_is_made_again(tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url(tmp_path / "backglass.db"), cache_bytes=1)
    store = Store(settings.database_url)
    runs = Runs(settings, store)
    first, _ = runs.create(Spec.model_validate(SMALL))
    other, _ = runs.create(Spec.model_validate(SMALL | {"seed": 1}), parent=first.id)
    again = runs.get(first.id)
    assert again is not first
    assert again.run.frame(30).loss == first.run.frame(30).loss
    assert runs.get(other.id).parent == first.id
    store.close()


def test_a_run_that_weighs_too_much_is_let_go(tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url(tmp_path / "backglass.db"), cache_bytes=1)
    store = Store(settings.database_url)
    runs = Runs(settings, store)
    first, _ = runs.create(Spec.model_validate(SMALL))
    assert runs.get(first.id) is runs.get(first.id), "the latest stays, whatever it weighs"
    runs.create(Spec.model_validate(SMALL | {"seed": 1}))
    assert runs.get(first.id) is not first
    store.close()


def test_the_limits_are_arithmetic() -> None:
    spec = Spec.model_validate(SMALL)
    figures = {"max_run_bytes": 100, "max_replay_seconds": 1e-6}
    for name, limit in figures.items():
        settings = Settings().model_copy(update={name: limit})
        with pytest.raises(Problem) as refusal:
            limits.check(normalise(spec), settings)
        assert refusal.value.params["limit"] == limit
        assert refusal.value.params["figure"] > limit


def test_a_plan_counts_every_cell() -> None:
    spec = Spec.model_validate(SMALL | {"batch": {"size": 5}})
    live = build(spec, Settings(), Cache())
    frame = live.run.frame(live.run.steps_per_iteration)
    cells = sum(array.size for array in frame.tensors.values() if array is not None)
    assert (live.plan.batch, live.plan.parameters, live.plan.steps) == (5, 15, 8)
    assert live.plan.bytes >= 8 * cells


def test_explicit_arrays_come_back_from_the_store(tmp_path: Path) -> None:
    settings = Settings(database_url=sqlite_url(tmp_path / "backglass.db"), cache_bytes=1)
    store = Store(settings.database_url)
    runs = Runs(settings, store)
    data = {"input": [[0.1, 0.2], [0.3, 0.4]], "target": [1, 0]}
    given, _ = runs.create(Spec.model_validate(SMALL | {"dataset": data, "layers": [{"type": "softmax"}]}))
    runs.create(Spec.model_validate(SMALL))
    assert runs.get(given.id).wire_spec["dataset"]["input"].tolist() == data["input"]
    store.close()


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("0/tensors/data.input", "data"),
        ("0/tensors/dense_1.weight", "given"),
        ("0/tensors/dense_2.weight", "initial"),
        ("0/tensors/dense_1.bias", "edited"),
        ("30/tensors/dense_2.weight", None),
    ],
)
async def test_a_leaf_says_where_it_came_from(
    client: httpx.AsyncClient, path: str, origin: str | None
) -> None:
    spec = {
        "dataset": {"input": [[1, 2]], "target": [0]},
        "layers": [
            {"type": "dense", "weight": [[1, 2], [3, 4]]},
            {"type": "dense", "units": 2},
            {"type": "softmax"},
        ],
        "edits": [{"position": 0, "tensor": "dense_1.bias", "index": [0, 0], "value": 9}],
    }
    run = await made(client, spec)
    answer = (await client.get(f"/runs/{run['id']}/frames/{path}/cells/0,0")).json()
    assert answer["origin"] == origin
    assert bool(answer["terms"]) == (origin is None)


def test_the_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKGLASS_DATABASE_URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("BACKGLASS_TRAINING_WORKERS", "3")
    settings = Settings()
    assert (settings.database_url, settings.training_workers) == ("sqlite:///elsewhere.db", 3)


def test_the_default_store_is_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKGLASS_DATABASE_URL", raising=False)
    url = Settings().database_url
    assert url.startswith("sqlite:///")
    assert url.endswith("backglass.db")
