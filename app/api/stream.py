"""A training as a stream of frames, for a page that moves while the network learns."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from app.api.dependencies import IterationsDep, RunDep, SettingsDep, TrainerDep, Whole, problems
from app.api.regions import expect_drawable
from app.build import Live
from app.limits import SECONDS_A_PICTURE, check_regions, check_training
from app.problems import Problem
from app.schemas.base import SAFE_INTEGER
from app.streaming import messages, until_stopped
from app.training import Asked
from engine.regions import MOST_RESOLUTION

router = APIRouter(prefix="/runs/{id}/frames", tags=["history"])

BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "Messages: u32 length of the rest, u32 length of the header, the header as JSON, and"
        " its arrays, each at its `at` after the header; all little-endian, padded to 8 bytes",
    }
}


@router.get("", response_class=StreamingResponse, responses={**BINARY, **problems(404, 410, 422)})
async def frames(
    run: RunDep,
    trainer: TrainerDep,
    settings: SettingsDep,
    iterations: IterationsDep,
    every: Annotated[Whole, Query(ge=1, le=SAFE_INTEGER)] = 1,
    regions: Annotated[
        Whole,
        Query(
            ge=0, le=MOST_RESOLUTION, description="Cells a side of the decision regions beside each frame."
        ),
    ] = 0,
) -> Response:
    """Train iterations start to before stop: the newest frame, up to 20 times a second, and every record.

    A message's header is the frame of an iteration's last position, its `records` all those since the message
    before; the last has `end`. Who reads slowly misses frames, but no record; leaving stops the work.
    """
    # What is watched can be asked for again, and so goes no further than a replay.
    seconds = min(settings.max_training_seconds, settings.max_replay_seconds)
    check_training(run.plan, iterations.stop, seconds, "query.stop")
    if regions:
        _expect_regions(run, regions)
    asked = Asked(iterations.start, iterations.stop, every, frames=True, resolution=regions)
    stream = until_stopped(messages(trainer.parts(run, asked), asked.stop))
    return StreamingResponse(
        stream, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


def _expect_regions(run: Live, resolution: int) -> None:
    field = "query.regions"
    if resolution < 2:
        raise Problem("out_of_range", f"{field}: expected 0, or 2 and more, got {resolution}.", field=field)
    expect_drawable(run)
    check_regions(run.plan, resolution, SECONDS_A_PICTURE, field)
