"""A history as a Plotly figure, whole or while it grows."""

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from app.api.dependencies import (
    IMMUTABLE,
    RunDep,
    RunsDep,
    StreamedDep,
    TrainedDep,
    TrainerDep,
    Whole,
    problems,
)
from app.api.figures import Colours, Lang
from app.build import Live
from app.encoding import json_bytes, respond
from app.history_figures import NEEDS, Span, What, curves_figure, flow_figure
from app.locales import Language
from app.problems import Problem
from app.scales import Theme
from app.schemas.answers import FigureAnswer
from app.schemas.base import SAFE_INTEGER
from app.streaming import sent
from app.training import Trainer
from engine.cache import Cache
from engine.layers import Dense, Layer, ReLU, Sigmoid

router = APIRouter(prefix="/runs/{id}/history", tags=["figures"])

COLUMNS = 500
"""As many records as a screen can tell apart; `every` is chosen for them."""

MOST_COLUMNS = 2000
"""More than these are no picture."""

BETWEEN = 0.2
"""Seconds from one event of progress to the next."""

DRAWN_ANEW = 1.0
"""Seconds from one figure to the next, while it grows."""

MADE_OF: dict[str, type[Layer]] = {"gradient": Dense, "ratio": Dense, "dead": ReLU, "saturated": Sigmoid}
"""Whose layers a picture of gradient flow has rows for."""

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": FigureAnswer,
        "content": {"text/event-stream": {}},
        "description": "The figure; as events, `progress` and `figure` while it is computed, `end` at last",
    }
}


@router.get("/figure", responses={**STREAM, **problems(404, 410, 422)}, dependencies=IMMUTABLE)
async def figure_of_history(
    request: Request,
    run: RunDep,
    runs: RunsDep,
    trainer: TrainerDep,
    iterations: TrainedDep,
    streamed: StreamedDep,
    kind: Annotated[Literal["curves", "flow"], Query(description="Curves, or layer by iteration.")] = "flow",
    what: Annotated[
        What, Query(description="Norms of gradients, of updates against weights, or shares.")
    ] = "gradient",
    every: Annotated[
        Whole | None, Query(ge=1, le=SAFE_INTEGER, description="Chosen for about 500 columns if not given.")
    ] = None,
    lang: Lang = "en",
    theme: Colours = "light",
) -> Response:
    """Loss and accuracy as curves, or each layer's gradients, updates, dead units or saturated cells.

    With `Accept: text/event-stream` the figure grows while it is computed; leaving stops the work.
    """
    span = Span(iterations.start, iterations.stop, every or -(-len(iterations) // COLUMNS))
    if span.count > MOST_COLUMNS:
        field = "query.every"
        raise Problem("too_many_cells", f"{field}: expected at most {MOST_COLUMNS} columns.", field=field)
    if kind == "flow" and not any(isinstance(layer, MADE_OF[what]) for layer in run.run.network.layers):
        field = "query.what"
        said = f"{field}: this run has no layer of which there is {NEEDS[what]}."
        raise Problem("unknown_value", said, field=field)
    draw = partial(_drawn, kind, what, span, lang, theme)
    if streamed:
        return sent(_events(_records(runs.cache, trainer, run, span), span, draw))
    records = [record async for record in _records(runs.cache, trainer, run, span)]
    return respond(request, await run_in_threadpool(draw, records))


async def _events(
    found: AsyncIterator[dict[str, Any]], span: Span, draw: "partial[bytes]"
) -> AsyncIterator[bytes]:
    """How far it is, and now and then the figure of what there is."""
    records: list[dict[str, Any]] = []
    told = drawn = time.monotonic()
    async for record in found:
        records.append(record)
        now = time.monotonic()
        if now - told > BETWEEN:
            told = now
            yield _event("progress", orjson.dumps({"reached": record["iteration"] + span.every}))
        if now - drawn > DRAWN_ANEW:
            yield _event("figure", await run_in_threadpool(draw, list(records)))
            drawn = time.monotonic()
    yield _event("figure", await run_in_threadpool(draw, records))
    yield _event("end", b"{}")


async def _records(kept: Cache, trainer: Trainer, run: Live, span: Span) -> AsyncIterator[dict[str, Any]]:
    """The records of the span; as far as they came, they are kept for the next who asks."""
    key = ("history", run.id, span.start, span.every)
    records: list[dict[str, Any]] = orjson.loads(kept.get(key) or b"[]")
    known = len(records)
    for record in records[: span.count]:
        yield record
    try:
        first = span.start + known * span.every
        async for record in trainer.records(run, first, span.stop, span.every):
            records.append(record)
            yield record
    finally:
        if len(records) > known:
            encoded = orjson.dumps(records)
            kept.put(key, encoded, len(encoded))


def _drawn(
    kind: str, what: What, span: Span, lang: Language, theme: Theme, records: list[dict[str, Any]]
) -> bytes:
    if kind == "curves":
        figure = curves_figure(records, span, lang=lang, theme=theme)
    else:
        figure = flow_figure(records, what, span, lang=lang, theme=theme)
    return json_bytes(figure.to_plotly_json())


def _event(name: str, data: bytes) -> bytes:
    return format_sse_event(event=name, data_str=data.decode())
