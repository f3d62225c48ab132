"""Is the gradient right? Every cell's, held against what differences of the loss say."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from app.api.dependencies import (
    IMMUTABLE,
    PositionDep,
    RunDep,
    RunsDep,
    SettingsDep,
    StreamedDep,
    TensorDep,
    TrainerDep,
    Whole,
    problems,
)
from app.api.figures import Colours, Lang
from app.check_figure import Arrangement, check_figure
from app.checking import Checker, concluded, described, explained
from app.encoding import json_bytes, respond
from app.examples import shown
from app.frames import SMALL
from app.limits import check_cells
from app.problems import Problem
from app.schemas.answers import CellCheckAnswer, CheckAnswer, FigureAnswer
from app.schemas.base import SAFE_INTEGER
from app.streaming import sent

router = APIRouter(prefix="/runs/{id}/frames/{position}/check", tags=["check"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": CheckAnswer,
        "content": {"text/event-stream": {}},
        "description": "The check; as events, `begin` with the tensors' names, `part` with the share that is"
        " done of one that takes long, `tensor` for each, and `end` with what all come to",
    }
}


def checker_of(
    run: RunDep, position: PositionDep, runs: RunsDep, trainer: TrainerDep, settings: SettingsDep
) -> Checker:
    """The check of the path's run at its position."""
    return Checker(run, position, runs, trainer, settings)


CheckerDep = Annotated[Checker, Depends(checker_of)]


@router.get("", responses={**STREAM, **problems(404, 410, 422)}, dependencies=IMMUTABLE)
async def check(
    request: Request,
    checker: CheckerDep,
    settings: SettingsDep,
    streamed: StreamedDep,
    tensor: Annotated[str | None, Query(description="The only gradient that is wanted.")] = None,
    values: Annotated[
        Literal["small", "none"], Query(description="Numbers of small tensors and of one alone, or none.")
    ] = "small",
) -> Response:
    """Every gradient that is there, found by central differences too: of parameters, input and all between.

    A run of float32 is checked as the same run of float64, which the answer names. With
    `Accept: text/event-stream` each tensor comes as soon as it is checked, and the share that is done of one
    that takes long; leaving stops the work.
    """
    name = None if tensor is None else _gradient(checker, tensor, "query.tensor")
    checker.expect_affordable(
        settings.max_training_seconds if streamed else settings.max_replay_seconds, name
    )
    names = [one for one in await checker.names() if name in (None, one)]
    most = 0 if values == "none" else settings.max_response_cells // 4 if name else SMALL
    if streamed:
        return sent(_events(checker, names, most))
    found = {}
    async with aclosing(checker.tensors(names)) as tensors:
        async for one, its in tensors:
            if await request.is_disconnected():
                return Response(status_code=499)  # which nobody reads
            found[one] = its
    if most and name and found:
        check_cells(4 * found[name].error.size, settings, "Ask with values=none, or for the figure.")
    shown = {one: described(its, most) for one, its in found.items()}
    end = concluded(checker, found, await checker.first(found))
    return respond(request, json_bytes({**end, "tensors": shown}))


@router.get(
    "/{tensor}/figure",
    response_model=FigureAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
async def figure_of_check(
    request: Request,
    checker: CheckerDep,
    tensor: TensorDep,
    settings: SettingsDep,
    lang: Lang = "en",
    theme: Colours = "light",
    arrange: Annotated[Arrangement, Query(description="Beside each other, or one below the other.")] = "row",
) -> Response:
    """The gradient by differences, by the backward pass, and how far they are apart, as heatmaps."""
    name = _gradient(checker, tensor, "path.tensor")
    checker.expect_affordable(settings.max_replay_seconds, name)
    await _computed(checker, name)
    found = await checker.tensor(name)
    check_cells(3 * found.error.size, settings, "A figure has three matrices of this size.")
    figure = await run_in_threadpool(check_figure, name, found, arrange=arrange, lang=lang, theme=theme)
    return respond(request, json_bytes(figure.to_plotly_json()))


@router.get(
    "/{tensor}/cells/{row},{column}",
    response_model=CellCheckAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
async def cell_of_check(
    request: Request,
    checker: CheckerDep,
    tensor: TensorDep,
    row: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=shown(2))],
    column: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=shown(1))],
) -> Response:
    """How a cell is found by differences: the h, what the loss is at each point, and what each counts.

    `numeric` is Σ `weight` · `change` / `step`.
    """
    name = _gradient(checker, tensor, "path.tensor")
    await _computed(checker, name)
    shape = list(checker.run.run.shape_at(name, checker.position))
    if row >= shape[0] or column >= shape[1]:
        raise Problem("cell_unknown", f"{name} has the shape {shape} here.", shape=shape)
    found = await checker.difference(name, (row, column))
    return respond(request, json_bytes(explained(checker, name, (row, column), found)))


async def _computed(checker: Checker, name: str) -> None:
    if name not in await checker.names():
        position = checker.position
        said = f"{name} is not computed at position {position}."
        raise Problem("not_computed", said, tensor=name, position=position)


def _gradient(checker: Checker, tensor: str, field: str) -> str:
    """Its canonical name.

    Raises:
        Problem: It is no gradient of the run.
    """
    try:
        name = checker.run.run.canonical(tensor)
    except KeyError:
        raise Problem("tensor_unknown", "This run has no tensor of this name.", tensor=tensor) from None
    if name not in checker.gradients:
        said = f"{field}: expected a gradient, one of {', '.join(checker.gradients)}."
        raise Problem("unknown_value", said, field=field)
    return name


async def _events(checker: Checker, names: list[str], most: int) -> AsyncIterator[bytes]:
    yield _event("begin", {"run": checker.run.id, "position": checker.position, "tensors": names})
    found = {}
    async with aclosing(checker.parts(names)) as parts:
        async for name, share, its in parts:
            if its is None:
                yield _event("part", {"name": name, "done": share})
                continue
            found[name] = its
            yield _event("tensor", {"name": name, **described(its, most)})
    yield _event("end", concluded(checker, found, await checker.first(found)))


def _event(name: str, members: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json_bytes(members).decode())
