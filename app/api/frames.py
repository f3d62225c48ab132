"""Frames: every tensor as it was right after a step."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import IMMUTABLE, FrameDep, RunDep, Whole, problems
from app.encoding import json_bytes, npz, respond
from app.frames import describe
from app.schemas.answers import FrameAnswer
from app.schemas.base import SAFE_INTEGER

router = APIRouter(prefix="/runs/{id}/frames/{position}", tags=["frames"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"model": FrameAnswer, "content": {"application/zip": {}}, "description": "The frame"}
}


@router.get("", responses={**FILE, **problems(404, 410, 422)}, dependencies=IMMUTABLE)
def frame(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    form: Annotated[
        Literal["json", "npz"], Query(alias="format", description="JSON, or all tensors as one npz.")
    ] = "json",
    values: Annotated[
        Literal["small", "none"], Query(description="Values of small tensors, or none.")
    ] = "small",
    since: Annotated[
        Whole | None,
        Query(ge=0, le=SAFE_INTEGER, description="Only tensors that another position wrote at that frame."),
    ] = None,
) -> Response:
    """All tensors right after the step that leads to the position."""
    kept = set(frame.tensors)
    if since is not None:
        run.expect_position(since, "query.since")
        then = run.run.frame(since).computed_at
        kept = {name for name in kept if then[name] != frame.computed_at[name]}
    if form == "npz":
        arrays = {name: array for name, array in frame.tensors.items() if name in kept and array is not None}
        return respond(request, npz(arrays), "application/zip", name=f"{run.id}-{frame.position}.npz")
    return respond(request, json_bytes(describe(run, frame, kept, with_values=values == "small")))
