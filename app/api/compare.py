"""Two runs at one position, a tensor at a time."""

import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.dependencies import IMMUTABLE, IN_TURN, RunDep, RunsDep, SettingsDep, Whole, problems
from app.build import Live
from app.encoding import json_bytes, nested, number, respond, summary
from app.examples import RUN_ID, shown
from app.frames import SMALL
from app.identity import PATTERN
from app.problems import Problem
from app.schemas.answers import CompareAnswer
from app.schemas.base import SAFE_INTEGER
from app.settings import Settings
from engine.compare import blocks, difference, partings
from engine.run import Frame

router = APIRouter(prefix="/runs/{id}/compare", tags=["compare"], dependencies=[IN_TURN])

OtherId = Annotated[
    str,
    Path(
        description="The run to compare with.",
        json_schema_extra={"pattern": PATTERN},
        openapi_examples=shown(RUN_ID),
    ),
]


@router.get(
    "/{other}",
    response_model=CompareAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
def compare(
    request: Request,
    run: RunDep,
    runs: RunsDep,
    settings: SettingsDep,
    other: OtherId,
    position: Annotated[Whole, Query(ge=0, le=SAFE_INTEGER, openapi_examples=shown(11))] = 0,
    values: Annotated[
        Literal["small", "none"], Query(description="Differences of small tensors, or none.")
    ] = "small",
) -> Response:
    """The other run less this one, and for each tensor the first position at which the two part."""
    against = runs.get(other)
    for one in (run, against):
        one.expect_position(position, "query.position")
    if run.run.steps != against.run.steps:
        raise Problem("conflict", "The two runs have different steps, and so no position in common.")
    searched = _reach(run, against, position, settings)
    parted = partings(run.run, against.run, searched)
    frames = run.run.frame(position), against.run.frame(position)
    members = {
        "a": run.id,
        "b": against.id,
        "position": position,
        "searched": searched,
        "loss": [number(frame.loss) for frame in frames],
        "tensors": {
            name: _described(*frames, name, first, with_values=values == "small")
            for name, first in parted.items()
        },
    }
    return respond(request, json_bytes(members))


def _reach(a: Live, b: Live, position: int, settings: Settings) -> int:
    """How far both runs are looked through, from where they may part: for as long as one replay may take."""
    alike = a.run.alike_until(b.run)
    if alike is None:
        return position
    iterations = int(settings.max_replay_seconds / (a.plan.seconds + b.plan.seconds))
    steps = a.run.steps_per_iteration
    return min(position, (alike // steps + max(1, iterations)) * steps)


def _described(a: Frame, b: Frame, name: str, first: int | None, *, with_values: bool) -> dict[str, Any]:
    figures = [summary(block) for block in blocks(a, b, name)]
    norms = [float(one["norm"]) for one in figures if one["norm"] is not None]
    ends = [abs(one[end]) for one in figures for end in ("min", "max") if one[end] is not None]
    cells = a.tensors[name]
    small = with_values and cells is not None and cells.size <= SMALL
    found = difference(a, b, name) if small else None
    return {
        "parted_at": first,
        "norm": number(math.hypot(*norms)) if norms else None,
        "largest": number(max(ends)) if ends else None,
        "difference": None if found is None else nested(found),
    }
