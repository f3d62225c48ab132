"""How a run trains: a record an iteration, all at once or as they are computed."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.sse import format_sse_event

from app.api.dependencies import (
    IMMUTABLE,
    RunDep,
    StreamedDep,
    TrainedDep,
    TrainerDep,
    Whole,
    problems,
)
from app.build import Live
from app.encoding import json_bytes, respond
from app.limits import MOST_RECORDS
from app.problems import Problem
from app.schemas.answers import HistoryAnswer
from app.schemas.base import SAFE_INTEGER
from app.streaming import sent
from app.training import Asked, Trainer

router = APIRouter(prefix="/runs/{id}/history", tags=["history"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": HistoryAnswer,
        "content": {"text/event-stream": {}},
        "description": "The records; as events, one each, its iteration as id, and `end` after the last",
    }
}


@router.get("", responses={**STREAM, **problems(404, 410, 422)}, dependencies=IMMUTABLE)
async def history(
    request: Request,
    run: RunDep,
    trainer: TrainerDep,
    iterations: TrainedDep,
    streamed: StreamedDep,
    every: Annotated[Whole, Query(ge=1, le=SAFE_INTEGER)] = 1,
    last_event_id: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Loss, accuracy and each layer's norms of iterations start, start + every, … below stop.

    With `Accept: text/event-stream` they come as they are computed; leaving stops the work, and a
    `Last-Event-ID` goes on after that iteration.
    """
    start, stop = iterations.start, iterations.stop
    if streamed:
        first = _after(last_event_id, start, every)
        return sent(_events(trainer, run, first, stop, every))
    if (stop - start) // every > MOST_RECORDS:
        field = "query.every"
        raise Problem("too_many_cells", f"{field}: expected at most {MOST_RECORDS} records.", field=field)
    records: list[bytes] = []
    async with aclosing(trainer.parts(run, Asked(start, stop, every))) as parts:
        async for part in parts:
            if await request.is_disconnected():
                return Response(status_code=499)  # which nobody reads
            records += [record for _, record in part.records]
    members = json_bytes({"run": run.id, "start": start, "stop": stop, "every": every})
    return respond(request, members[:-1] + b',"records":[' + b",".join(records) + b"]}")


async def _events(trainer: Trainer, run: Live, first: int, stop: int, every: int) -> AsyncIterator[bytes]:
    async for part in trainer.parts(run, Asked(first, stop, every)):
        events = [format_sse_event(data_str=found.decode(), id=str(number)) for number, found in part.records]
        if events:
            yield b"".join(events)  # to send each by itself takes longer than to train it
    yield format_sse_event(event="end", data_str="{}")


def _after(event: str, start: int, every: int) -> int:
    """The iteration to go on with, for who has seen the events up to one."""
    seen = event.isascii() and event.isdigit() and len(event) < 16
    return max(start, int(event) + every) if seen else start
