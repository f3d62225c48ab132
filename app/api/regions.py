"""The data's plane as the network divides it, with the weights of a frame."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.api.dependencies import IMMUTABLE, IN_TURN, Position, RunsDep, SettingsDep, Whole, problems
from app.build import Live
from app.encoding import json_bytes, respond, typed
from app.examples import PLANE_ID, shown
from app.identity import PATTERN
from app.limits import check_regions
from app.problems import Problem
from app.schemas.answers import RegionsAnswer
from engine.regions import MOST_RESOLUTION, drawable, regions, winners

router = APIRouter(prefix="/runs/{id}/frames/{position}", tags=["frames"], dependencies=[IN_TURN])


def expect_drawable(run: Live) -> None:
    """Refuse a run whose data are in no plane."""
    if not drawable(run.run):
        raise Problem("no_regions", "Expected data of two features, and classes that a byte can tell apart.")


def planar_of(
    runs: RunsDep,
    run_id: Annotated[
        str,
        Path(
            alias="id",
            description="The id of a run whose data have two features.",
            json_schema_extra={"pattern": PATTERN},
            openapi_examples=shown(PLANE_ID),
        ),
    ],
) -> Live:
    """The run of the path, whose data are in a plane.

    Raises:
        Problem: There is none, or they are not.
    """
    run = runs.get(run_id)
    expect_drawable(run)
    return run


@router.get(
    "/regions", response_model=RegionsAnswer, responses=problems(404, 410, 422), dependencies=IMMUTABLE
)
def of_plane(
    request: Request,
    run: Annotated[Live, Depends(planar_of)],
    position: Position,
    settings: SettingsDep,
    resolution: Annotated[Whole, Query(ge=2, le=MOST_RESOLUTION, description="Points along each side.")] = 64,
) -> Response:
    """Decision regions: the class of each point around the data and of each sample."""
    run.expect_position(position, "path.position")
    check_regions(run.plan, resolution, settings.max_replay_seconds, "query.resolution")
    frame = run.run.frame(position)
    found = regions(run.run, frame, resolution)
    members = {
        "run": run.id,
        "position": position,
        "resolution": resolution,
        "x": found.x,
        "y": found.y,
        "classes": typed(found.classes),
        "share": typed(found.share),
        "samples": typed(winners(run.run, frame)),
    }
    return respond(request, json_bytes(members))
