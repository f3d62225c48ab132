"""What first went wrong in a run: the step, the cell and the operands."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from app.api.dependencies import (
    IMMUTABLE,
    RunDep,
    SettingsDep,
    StreamedDep,
    TrainerDep,
    Whole,
    problems,
)
from app.autopsies import Seen, described, examined
from app.build import Live
from app.encoding import json_bytes, respond
from app.examples import shown
from app.limits import check_terms, check_training
from app.schemas.autopsies import AutopsyAnswer
from app.schemas.base import SAFE_INTEGER
from app.streaming import sent
from app.training import Trainer
from engine.autopsy import VANISHED

router = APIRouter(prefix="/runs/{id}/autopsy", tags=["history"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": AutopsyAnswer,
        "content": {"text/event-stream": {}},
        "description": "What was found; as events, `found` whenever there is more and `progress` while there"
        " is not, `end` with all of it",
    }
}


async def searched_of(
    run: RunDep,
    settings: SettingsDep,
    stop: Annotated[
        Whole,
        Query(ge=1, le=SAFE_INTEGER, description="The iteration to end before.", openapi_examples=shown(20)),
    ] = 100,
) -> int:
    """The iteration to end before.

    Raises:
        Problem: What is found could not be looked at, or not be explained.
    """
    seconds = min(settings.max_training_seconds, settings.max_replay_seconds)
    check_training(run.plan, stop, seconds, "query.stop")
    check_terms(run.plan)
    return stop


@router.get("", responses={**STREAM, **problems(404, 410, 422)}, dependencies=IMMUTABLE)
async def autopsy(
    request: Request,
    run: RunDep,
    trainer: TrainerDep,
    stop: Annotated[int, Depends(searched_of)],
    streamed: StreamedDep,
    vanished: Annotated[
        float,
        Query(
            gt=0,
            lt=1,
            allow_inf_nan=False,
            description="A dense layer's gradient counts as vanished where its norm is below this share of "
            "the last dense layer's; the gradient is the one that comes to the layer, its dvalue.",
        ),
    ] = VANISHED,
) -> Response:
    """The first NaN, Inf, dead ReLU unit and vanished gradient in iterations below stop, with its operands.

    A unit is dead where it lets no gradient pass for the whole batch, by the run's own slope at 0; one
    that stayed so to the end goes before one that came back. With `Accept: text/event-stream` they come as
    they are found; leaving stops the work.
    """
    if streamed:
        return sent(_events(trainer, run, stop, vanished))
    last: Seen | None = None
    async with aclosing(examined(trainer, run, stop, vanished)) as parts:
        async for seen in parts:
            last = seen
            if await request.is_disconnected():
                return Response(status_code=499)  # which nobody reads
    assert last is not None, "there is at least one iteration"
    return respond(request, await run_in_threadpool(_body, run, last, stop))


async def _events(trainer: Trainer, run: Live, stop: int, vanished: float) -> AsyncIterator[bytes]:
    kinds: set[str] = set()
    async with aclosing(examined(trainer, run, stop, vanished)) as parts:
        async for seen in parts:
            more = seen.watch.firsts.keys() - kinds
            kinds |= more
            if more or seen.after.iteration >= stop:
                body = await run_in_threadpool(_body, run, seen, stop)
                name = "found" if seen.after.iteration < stop else "end"
                yield format_sse_event(event=name, data_str=body.decode())
            else:
                reached = json_bytes({"searched": seen.after.iteration})
                yield format_sse_event(event="progress", data_str=reached.decode())


def _body(run: Live, seen: Seen, stop: int) -> bytes:
    return json_bytes(described(run, seen, stop))
