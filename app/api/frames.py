"""Frames: every tensor as it was right after a step."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import IMMUTABLE, FrameDep, RunDep, Whole, problems
from app.build import Live
from app.encoding import json_bytes, nested, npz, number, respond, summary
from app.links import page_link
from app.schemas.answers import FrameAnswer
from app.schemas.base import SAFE_INTEGER
from engine.run import Frame

router = APIRouter(prefix="/runs/{id}/frames/{position}", tags=["frames"])

SMALL = 4096
"""Cells up to which a tensor's values stand in the frame."""

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


def describe(
    run: Live, frame: Frame, kept: set[str] | None = None, *, with_values: bool = True
) -> dict[str, Any]:
    """A frame as the wire has it.

    Args:
        run: Its run.
        frame: The frame.
        kept: The tensors to tell of; all of them unless given.
        with_values: Whether small tensors carry theirs.
    """
    return {
        "run": run.id,
        "position": frame.position,
        "iteration": frame.iteration,
        "step": frame.step,
        "loss": number(frame.loss),
        "accuracy": frame.accuracy,
        "tensors": {
            name: _tensor(run, frame, name, with_values)
            for name in run.run.shapes()
            if kept is None or name in kept
        },
        "page": page_link(run.id, run.portable_spec, frame.position),
    }


def _tensor(run: Live, frame: Frame, name: str, with_values: bool) -> dict[str, Any]:
    array = frame.tensors[name]
    shape = run.run.shape_at(name, frame.position)
    members: dict[str, Any] = {
        "shape": list(shape),
        "dtype": run.run.dtypes()[name].name,
        "computed_at": frame.computed_at[name],
    }
    if array is None:
        members |= dict.fromkeys(("min", "max", "norm", "nan", "inf"))
    else:
        members |= summary(array)
    if with_values and shape[0] * shape[1] <= SMALL:
        members["values"] = None if array is None else nested(array)
    return members
