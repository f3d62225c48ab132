"""The same spec is the same run, however it is written; another spec is another one."""

import base64
import hashlib
import json
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.build import build
from app.identity import identify, spec_of
from app.schemas.spec import Spec
from app.settings import Settings
from engine.cache import Cache
from tests.api.conftest import SMALL, made

pytestmark = pytest.mark.anyio

SETTINGS = Settings(database_url="sqlite://")
CACHE = Cache()


def identity(spec: dict[str, Any]) -> str:
    return build(Spec.model_validate(spec), SETTINGS, CACHE).id


FULL: dict[str, Any] = {
    "dataset": {"name": "iris", "samples": 8, "standardise": True, "seed": 0},
    "batch": {"size": None, "order": "sequential"},
    "layers": [
        {"type": "dense", "units": 3, "initializer": {"type": "normal", "scale": 0.1}},
        {"type": "softmax"},
    ],
    "loss": "categorical_crossentropy",
    "head": "separate",
    "conventions": {"relu_at_zero": 1, "bce_outputs": "sum", "clip": 1e-7},
    "optimizer": {"type": "sgd", "learning_rate": 0.1, "decay": 0, "momentum": 0, "nesterov": False},
    "dtype": "float64",
    "seed": 0,
    "faults": [],
    "edits": [],
}
"""SMALL with every default written out."""

OTHERS: list[dict[str, Any]] = [
    {"dataset": {"name": "iris", "samples": 9}},
    {"dataset": {"name": "iris"}},
    {"dataset": {"name": "iris", "samples": 8, "seed": 1}},
    {"batch": {"size": 4}},
    {"batch": {"order": "shuffled"}},
    {"layers": [{"type": "dense", "units": 4}, {"type": "softmax"}]},
    {"layers": [{"type": "dense", "units": 3, "initializer": {"type": "he"}}, {"type": "softmax"}]},
    {"layers": [{"type": "dense", "units": 3, "bias": [0, 0, 0]}, {"type": "softmax"}]},
    {"layers": [{"type": "dense", "units": 3}, {"type": "sigmoid"}]},
    {"layers": [{"type": "dense", "units": 3, "l1": 0.1}, {"type": "softmax"}]},
    {"layers": [{"type": "dense", "units": 3, "l2": 0.1}, {"type": "softmax"}]},
    {"head": "fused"},
    {"conventions": "book"},
    {"conventions": {"clip": 0}},
    {"optimizer": {"type": "sgd", "learning_rate": 0.2}},
    {"optimizer": {"type": "sgd", "momentum": 0.9}},
    {"optimizer": {"type": "sgd", "momentum": 0.9, "nesterov": True}},
    {"optimizer": {"type": "adagrad"}},
    {"optimizer": {"type": "rmsprop"}},
    {"optimizer": {"type": "adam"}},
    {"optimizer": {"type": "adam", "beta1": 0.8}},
    {"optimizer": {"type": "adamw"}},
    {"layers": [{"type": "dense", "units": 3, "initializer": {"type": "glorot"}}, {"type": "softmax"}]},
    {"layers": [{"type": "dense", "units": 3, "initializer": {"type": "zeros"}}, {"type": "softmax"}]},
    {"dtype": "float32"},
    {"seed": 1},
    {"faults": ["missing_mean"]},
    {"faults": ["missing_mean", "wrong_sign"]},
    {"edits": [{"position": 0, "tensor": "dense_1.weight", "index": [0, 0], "value": 1}]},
]


def test_the_id_is_the_hash_of_the_canonical_json() -> None:
    canonical = (
        '{"conventions":{"bce_outputs":"sum","clip":1e-07,"relu_at_zero":1},'
        '"dataset":{"name":"iris","samples":8},'
        '"layers":[{"type":"dense","units":3},{"type":"softmax"}],"version":1}'
    )
    live = build(Spec.model_validate(SMALL), SETTINGS, CACHE)
    assert live.identity.canonical == canonical
    digest = base64.b32encode(hashlib.sha256(canonical.encode()).digest()).decode()
    assert live.id == "r" + digest[:20].lower()


def test_every_field_counts() -> None:
    ids = [identity(SMALL), *(identity(SMALL | change) for change in OTHERS)]
    assert len(set(ids)) == len(ids)


@given(st.sets(st.sampled_from(sorted(set(FULL) - set(SMALL)))), st.permutations(sorted(FULL)))
def test_defaults_and_the_order_of_keys_change_nothing(left_out: set[str], order: list[str]) -> None:
    spec = {name: FULL[name] for name in order if name not in left_out}
    assert identity(spec) == identity(SMALL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"optimizer": {"type": "sgd", "decay": 0}}, {"optimizer": {"type": "sgd", "decay": 0.0}}),
        ({"optimizer": {"type": "sgd", "decay": -0.0}}, {}),
        ({"conventions": "document"}, {"conventions": {}}),
        (
            {"conventions": "pytorch"},
            {"conventions": {"relu_at_zero": 0, "bce_outputs": "mean", "clip": 0}, "head": "fused"},
        ),
        ({"seed": 1.0}, {"seed": 1}),
        ({"head": None}, {"head": "separate"}),
        (
            {"dtype": "float32", "optimizer": {"type": "sgd", "learning_rate": 0.1}},
            {"dtype": "float32", "optimizer": {"type": "sgd", "learning_rate": float(np.float32(0.1))}},
        ),
    ],
)
def test_two_ways_to_say_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert identity(SMALL | one) == identity(SMALL | other)


@given(st.floats(0, 1e30, allow_subnormal=False))
def test_a_float32_spec_has_float32_numbers(rate: float) -> None:
    single = float(np.float32(rate))
    ids = {
        identity(SMALL | {"dtype": "float32", "optimizer": {"type": "sgd", "learning_rate": lr}})
        for lr in (rate, single)
    }
    assert len(ids) == 1


def test_edits_are_sorted_and_the_last_of_a_cell_counts() -> None:
    def edit(position: int, tensor: str, value: float) -> dict[str, Any]:
        return {"position": position, "tensor": tensor, "index": [0, 0], "value": value}

    first = SMALL | {"edits": [edit(2, "softmax_1.input", 5), edit(0, "dense_1.weight", 1)]}
    other = SMALL | {
        "edits": [edit(0, "dense_1.weight", 7), edit(0, "dense_1.weight", 1), edit(2, "dense_1.output", 5)]
    }
    assert identity(first) == identity(other)


def test_arrays_count_by_their_values() -> None:
    weight = [[0.5, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    typed = {
        "dtype": "f4",
        "bdata": base64.b64encode(np.array(weight, "<f4").tobytes()).decode(),
        "shape": "4, 3",
    }

    def layers(**dense: Any) -> dict[str, Any]:
        return SMALL | {"layers": [{"type": "dense", **dense}, {"type": "softmax"}]}

    assert identity(layers(weight=weight)) == identity(layers(weight=typed, units=3))
    assert identity(layers(weight=weight)) != identity(layers(weight=[*weight[1:], weight[0]]))


def test_targets_count_by_what_they_mean() -> None:
    def spec(target: Any) -> dict[str, Any]:
        return {"dataset": {"input": [[1, 2], [3, 4]], "target": target}, "layers": [{"type": "softmax"}]}

    assert identity(spec([0, 1])) == identity(spec([[0], [1]])) == identity(spec([0.0, 1.0]))
    assert (
        identity(spec([[1, 0], [0, 1]])) == identity(spec([[1.0, 0.0], [0.0, 1.0]])) != identity(spec([0, 1]))
    )


@pytest.mark.parametrize("change", [{}, *OTHERS])
async def test_the_spec_of_an_answer_is_complete_and_is_the_run(
    client: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    run = await made(client, SMALL | change)
    assert set(run["spec"]) == set(FULL)
    assert run["spec"]["conventions"].keys() == FULL["conventions"].keys()
    again = await client.post("/runs", json=run["spec"])
    assert again.status_code == 200
    assert again.json() == run


def test_what_is_stored_is_the_spec() -> None:
    spec = {
        "dataset": {"input": [[0.1, 2], [3, 4]], "target": [0, 1]},
        "layers": [{"type": "dense", "weight": [[1, 2], [3, 0.1]], "bias": [1, 2]}, {"type": "softmax"}],
        "dtype": "float32",
    }
    live = build(Spec.model_validate(spec), SETTINGS, CACHE)
    members = json.loads(live.identity.canonical)
    restored = build(spec_of(members, live.identity.arrays), SETTINGS, CACHE)
    assert identify(restored.spec) == live.identity
    assert members["layers"][0]["weight"]["shape"] == [2, 2]
    assert set(live.identity.arrays) >= {members["layers"][0]["weight"]["sha256"]}
