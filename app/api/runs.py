"""Runs: made, looked up, forked."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from app.api.dependencies import IMMUTABLE, JSON, RunDep, RunsDep, problems
from app.api.strict import StrictRoute
from app.build import Live
from app.encoding import json_bytes, respond
from app.examples import FORK, SPEC, shown
from app.links import page_link
from app.schemas.answers import RunAnswer
from app.schemas.calls import Fork
from app.schemas.spec import Spec

router = APIRouter(prefix="/runs", tags=["runs"], route_class=StrictRoute)

MADE: dict[int | str, dict[str, Any]] = {
    200: {"model": RunAnswer, "description": "Known already"},
    201: {"model": RunAnswer, "description": "Made"},
}


@router.post("", status_code=201, responses={**MADE, **problems(400, 413, 415, 422)}, dependencies=JSON)
def create(
    request: Request, spec: Annotated[Spec, Body(openapi_examples=shown(SPEC))], runs: RunsDep
) -> Response:
    """Make the run of a spec, or find it: the same spec is the same run."""
    return _made(request, *runs.create(spec))


@router.get("/{id}", response_model=RunAnswer, responses=problems(404, 410, 422), dependencies=IMMUTABLE)
def look_up(request: Request, run: RunDep) -> Response:
    """The run of an id."""
    return respond(request, json_bytes(describe(run)))


@router.post(
    "/{id}/forks",
    status_code=201,
    responses={**MADE, **problems(400, 404, 410, 413, 415, 422)},
    dependencies=JSON,
)
def fork(
    request: Request, run: RunDep, asked: Annotated[Fork, Body(openapi_examples=shown(FORK))], runs: RunsDep
) -> Response:
    """Make a run from this one: fields of its spec replaced whole, edits appended."""
    return _made(request, *runs.fork(run, asked.edits, asked.changes))


def describe(live: Live) -> dict[str, Any]:
    """A run as the wire has it."""
    run = live.run
    dtypes = run.dtypes()
    tensors = {
        name: {"shape": list(shape), "dtype": dtypes[name].name, "aliases": run.network.aliases.get(name, [])}
        for name, shape in run.shapes().items()
    }
    return {
        "id": live.id,
        "parent": live.parent,
        "spec": live.wire_spec,
        "layers": run.network.names,
        "steps": run.steps,
        "steps_per_iteration": run.steps_per_iteration,
        "tensors": tensors,
        "parameters": run.network.parameters,
        "data": live.names,
        "page": page_link(live.id, live.portable_spec),
    }


def _made(request: Request, live: Live, new: bool) -> Response:
    response = respond(request, json_bytes(describe(live)), status=201 if new else 200)
    response.headers["Location"] = str(request.url_for("look_up", id=live.id).path)
    return response
