"""Two runs at one position, a tensor at a time."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.dependencies import IMMUTABLE, RunDep, RunsDep, Whole, problems
from app.api.frames import SMALL
from app.encoding import json_bytes, nested, number, respond, summary
from app.examples import RUN_ID, shown
from app.identity import PATTERN
from app.problems import Problem
from app.schemas.answers import CompareAnswer
from app.schemas.base import SAFE_INTEGER
from engine.compare import difference, partings

router = APIRouter(prefix="/runs/{id}/compare", tags=["compare"])

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
    other: OtherId,
    position: Annotated[Whole, Query(ge=0, le=SAFE_INTEGER, openapi_examples=shown(11))] = 0,
) -> Response:
    """The other run less this one, and for each tensor the first position at which the two part."""
    against = runs.get(other)
    for one in (run, against):
        one.expect_position(position, "query.position")
    if run.run.steps != against.run.steps:
        raise Problem("conflict", "The two runs have different steps, and so no position in common.")
    parted = partings(run.run, against.run, position)
    frames = run.run.frame(position), against.run.frame(position)
    tensors = {name: _described(difference(*frames, name), first) for name, first in parted.items()}
    losses = [frame.loss for frame in frames]
    members = {
        "a": run.id,
        "b": against.id,
        "position": position,
        "loss": [number(loss) for loss in losses],
        "tensors": tensors,
    }
    return respond(request, json_bytes(members))


def _described(found: Any, first: int | None) -> dict[str, Any]:
    if found is None:
        return {"parted_at": first, "norm": None, "largest": None, "difference": None}
    figures = summary(found)
    ends = [abs(figures[end]) for end in ("min", "max") if figures[end] is not None]
    small = found.size <= SMALL
    return {
        "parted_at": first,
        "norm": figures["norm"],
        "largest": number(max(ends)) if ends else None,
        "difference": nested(found) if small else None,
    }
