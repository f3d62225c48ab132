"""The named data sets."""

from dataclasses import asdict
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.dependencies import IMMUTABLE, problems
from app.encoding import json_bytes, respond
from app.schemas.answers import DatasetsAnswer
from engine.datasets import DATASETS, TEST_FRACTION, DatasetInfo, load

router = APIRouter(tags=["data sets"])


@router.get("/datasets", response_model=DatasetsAnswer, responses=problems(422), dependencies=IMMUTABLE)
def datasets(request: Request) -> Response:
    """The data sets that a spec may name, with their options."""
    return respond(request, json_bytes(_catalogue()))


@cache
def _catalogue() -> dict[str, Any]:
    return {"datasets": [_described(info) for info in DATASETS.values()]}


def _described(info: DatasetInfo) -> dict[str, Any]:
    sample = load(info.name)
    return {
        "name": info.name,
        "target": info.target,
        "samples": len(sample.input),
        "features": sample.features,
        "classes": sample.classes,
        "options": [asdict(option) for option in (*info.options, TEST_FRACTION)],
    }
