"""A tensor as text that runs elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from app.api.dependencies import IMMUTABLE, FrameDep, RunDep, TensorDep, problems
from app.api.tensors import computed
from app.encoding import respond
from app.snippets import Program, snippet

router = APIRouter(prefix="/runs/{id}/frames/{position}/tensors/{tensor}", tags=["tensors"])


@router.get(
    "/code",
    response_class=PlainTextResponse,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
def code(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    name: TensorDep,
    program: Annotated[
        Program, Query(alias="for", description="NumPy, curl in a shell, or Python's httpx.")
    ] = "numpy",
) -> Response:
    """The tensor as a program: its digits and its formula, or the calls that give it on any server."""
    computed(frame, name)
    host = str(request.base_url).rstrip("/")
    guarded = request.app.state.sessions.token is not None
    text = snippet(program, host, run, frame, name, guarded=guarded)
    return respond(request, text.encode(), "text/plain; charset=utf-8")
