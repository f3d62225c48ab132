"""What routes ask for by annotation.

Who builds a run or computes a frame hops into a thread for it; what is ready is not worth the hop.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BeforeValidator

from app.build import Live
from app.desk import Desk
from app.examples import RUN_ID, shown
from app.identity import PATTERN
from app.limits import check_training
from app.problems import Problem
from app.runs import Runs
from app.schemas.answers import ProblemAnswer
from app.schemas.base import SAFE_INTEGER
from app.settings import Settings
from app.training import Trainer
from app.uploads import Uploads
from engine.run import Frame

BINARY = "application/octet-stream"


async def settings_of(request: Request) -> Settings:
    """The application's settings."""
    settings: Settings = request.app.state.settings
    return settings


async def runs_of(request: Request) -> Runs:
    """The application's runs."""
    runs: Runs = request.app.state.runs
    return runs


async def trainer_of(request: Request) -> Trainer:
    """The application's trainer.

    Raises:
        Problem: Too many are waiting for it.
    """
    trainer: Trainer = request.app.state.trainer
    trainer.expect_room()
    return trainer


async def in_turn(request: Request) -> AsyncIterator[None]:
    """A place at the desk for what may take long, until it is done."""
    desk: Desk = request.app.state.desk
    async with desk.place():
        request.state.in_turn = True
        yield


async def uploads_of(request: Request) -> Uploads:
    """The data that people brought."""
    runs: Runs = request.app.state.runs
    return runs.uploads


async def expect_table(request: Request) -> None:
    """Refuse a body that says neither that it is comma-separated text nor that it is a file of another kind.

    Raises:
        Problem: 415.
    """
    if _kind(request) not in ("text/csv", BINARY):
        raise Problem("media_type", "Expected a body of text/csv.", expected="text/csv")


async def expect_json(request: Request) -> None:
    """Refuse a body that does not say it is JSON.

    Raises:
        Problem: 415.
    """
    kind = _kind(request)
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem("media_type", "Expected a body of application/json.", expected="application/json")


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def digits(value: Any) -> Any:
    """Only ASCII digits: Python's own reading of integers takes more than URLs should."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 400):
        raise ValueError("a whole number, in digits")
    return value


Whole = Annotated[int, BeforeValidator(digits)]

SettingsDep = Annotated[Settings, Depends(settings_of)]
RunsDep = Annotated[Runs, Depends(runs_of)]
TrainerDep = Annotated[Trainer, Depends(trainer_of)]
UploadsDep = Annotated[Uploads, Depends(uploads_of)]
IN_TURN = Depends(in_turn, scope="function")
JSON = [Depends(expect_json)]
TABULAR = [Depends(expect_table)]

RunId = Annotated[
    str,
    Path(
        alias="id",
        description="The run's id.",
        json_schema_extra={"pattern": PATTERN},
        openapi_examples=shown(RUN_ID),
    ),
]


async def live_of(run_id: RunId, runs: RunsDep) -> Live:
    """The run of the path.

    Raises:
        Problem: 404, or 410 for a run of another version.
    """
    live = runs.ready(run_id)
    return await run_in_threadpool(runs.get, run_id) if live is None else live


RunDep = Annotated[Live, Depends(live_of)]


AT_ONCE = 0.1
"""Seconds of replay, as estimated, that nobody need wait in turn for."""

Position = Annotated[
    Whole, Path(ge=0, le=SAFE_INTEGER, description="Finished steps.", openapi_examples=shown(9))
]


async def position_of(request: Request, run: RunDep, position: Position) -> int:
    """The position of the path; one that may take a while to be reached is reached in turn.

    Raises:
        Problem: Its replay would take too long.
    """
    run.expect_position(position, "path.position")
    frame = run.run.kept(position)
    iterations = position // run.run.steps_per_iteration
    if frame is None and iterations * run.plan.seconds > AT_ONCE and not hasattr(request.state, "in_turn"):
        desk: Desk = request.app.state.desk
        async with desk.place():
            frame = await run_in_threadpool(run.run.frame, position)
    request.state.frame = frame
    return position


PositionDep = Annotated[int, Depends(position_of)]


async def frame_of(request: Request, run: RunDep, position: PositionDep) -> Frame:
    """The frame of the path."""
    frame: Frame | None = request.state.frame
    return await run_in_threadpool(run.run.frame, position) if frame is None else frame


FrameDep = Annotated[Frame, Depends(frame_of)]


async def tensor_of(
    run: RunDep,
    tensor: Annotated[
        str, Path(description="A tensor, under any of its names.", openapi_examples=shown("dense_2.dweight"))
    ],
) -> str:
    """The canonical name of the path's tensor.

    Raises:
        Problem: 404.
    """
    try:
        return run.run.canonical(tensor)
    except KeyError:
        raise Problem("tensor_unknown", "This run has no tensor of this name.", tensor=tensor) from None


TensorDep = Annotated[str, Depends(tensor_of)]


async def layer_of(
    run: RunDep,
    layer: Annotated[str, Path(description="A layer's name.", openapi_examples=shown("softmax_1"))],
) -> str:
    """The path's layer.

    Raises:
        Problem: 404.
    """
    if layer not in run.run.network.names:
        raise Problem("layer_unknown", "This run has no layer of this name.", layer=layer)
    return layer


LayerDep = Annotated[str, Depends(layer_of)]


async def iterations_of(
    start: Annotated[Whole, Query(ge=0, le=SAFE_INTEGER, description="The first iteration.")] = 0,
    stop: Annotated[
        Whole,
        Query(ge=1, le=SAFE_INTEGER, description="The iteration to end before.", openapi_examples=shown(20)),
    ] = 100,
) -> range:
    """The iterations of the query.

    Raises:
        Problem: There are none.
    """
    if stop <= start:
        field = "query.stop"
        raise Problem("out_of_range", f"{field}: expected more than {start}, got {stop}.", field=field)
    return range(start, stop)


IterationsDep = Annotated[range, Depends(iterations_of)]


async def asks_for_events(accept: Annotated[str, Header(include_in_schema=False)] = "") -> bool:
    """Whether the answer is wanted as server-sent events."""
    return "text/event-stream" in accept


StreamedDep = Annotated[bool, Depends(asks_for_events)]


async def trained_of(
    run: RunDep, iterations: IterationsDep, streamed: StreamedDep, settings: SettingsDep
) -> range:
    """The iterations of the query, which a training may take: it may last longer where somebody watches.

    Raises:
        Problem: It would take too long.
    """
    seconds = settings.max_training_seconds if streamed else settings.max_replay_seconds
    check_training(run.plan, iterations.stop, seconds, "query.stop")
    return iterations


TrainedDep = Annotated[range, Depends(trained_of)]

Sample = Annotated[Whole, Query(ge=0, le=SAFE_INTEGER, description="A row of the batch.")]


async def build_asked(
    v: Annotated[str | None, Query(description="The build asked for; of this one, kept for ever.")] = None,
) -> None:
    """Declares `?v=`, which `app.encoding.respond` reads."""


IMMUTABLE = [Depends(build_asked)]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of these refusals; any may be asked for again where the service is busy."""
    content = {"application/problem+json": {}}  # type: dict[str, Any]
    return {
        status: {"model": ProblemAnswer, "content": content, "description": "Problem details"}
        for status in (*statuses, 503)
    }
