"""One tensor at one position: its values, its picture, and what each of its cells was made of."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.dependencies import (
    IMMUTABLE,
    FrameDep,
    PositionDep,
    RunDep,
    SettingsDep,
    TensorDep,
    Whole,
    problems,
)
from app.api.samples import gradients
from app.api.slices import Slice, span
from app.encoding import Format, json_bytes, nested, npy, respond, typed
from app.examples import shown
from app.explanations import describe
from app.limits import check_cells, check_terms
from app.problems import Problem
from app.schemas.answers import ExplanationAnswer, SharesAnswer, TensorAnswer
from app.schemas.base import SAFE_INTEGER
from engine.arrays import Array
from engine.explain import Cell
from engine.run import Frame, NotComputedError

router = APIRouter(prefix="/runs/{id}/frames/{position}/tensors/{tensor}", tags=["tensors"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"model": TensorAnswer, "content": {"application/octet-stream": {}}, "description": "The tensor"}
}


@router.get("", responses={**FILE, **problems(404, 409, 410, 422)}, dependencies=IMMUTABLE)
def tensor(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    name: TensorDep,
    settings: SettingsDep,
    form: Annotated[
        Format, Query(alias="format", description="Nested lists, the typed form, or an npy file.")
    ] = "json",
    rows: Slice = None,
    columns: Slice = None,
) -> Response:
    """A tensor, or a slice of it; `values` is null where it is not computed."""
    shape = run.run.shape_at(name, frame.position)
    (top, bottom), (left, right) = span(rows, shape[0], "rows"), span(columns, shape[1], "columns")
    if form == "npy":
        part = computed(frame, name)[top:bottom, left:right]
        return respond(request, npy(part), "application/octet-stream", name=f"{name}-{frame.position}.npy")
    check_cells((bottom - top) * (right - left), settings, "Ask for rows and columns, or for npy.")
    array = frame.tensors[name]
    encode = nested if form == "json" else typed
    members = {
        "name": name,
        "shape": list(shape),
        "rows": [top, bottom],
        "columns": [left, right],
        "values": None if array is None else encode(array[top:bottom, left:right]),
    }
    return respond(request, json_bytes(members))


@router.get(
    "/cells/{row},{column}",
    response_model=ExplanationAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
def cell(
    request: Request,
    run: RunDep,
    position: PositionDep,
    name: TensorDep,
    row: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=shown(2))],
    column: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=shown(1))],
    start: Annotated[Whole, Query(ge=0, le=SAFE_INTEGER, description="The first term of the page.")] = 0,
) -> Response:
    """What a cell was made of, and what was made of it."""
    check_terms(run.plan)
    cell = Cell(name, (row, column), position)
    try:
        explanation, used_by = run.run.explain(cell), run.run.used_by(cell)
    except IndexError:
        shape = list(run.run.shape_at(name, position))
        raise Problem("cell_unknown", f"{name} has the shape {shape} here.", shape=shape) from None
    except NotComputedError:
        raise not_computed(name, position) from None
    path = f"{request.url.path}?start="
    return respond(request, json_bytes(describe(run, explanation, used_by, start, path)))


@router.get(
    "/samples",
    responses={
        200: {
            "model": SharesAnswer,
            "content": {"application/octet-stream": {}},
            "description": "The shares",
        },
        **problems(404, 409, 410, 422),
    },
    dependencies=IMMUTABLE,
)
def samples(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    name: TensorDep,
    settings: SettingsDep,
    form: Annotated[
        Literal["json", "npy"], Query(alias="format", description="Lists, or an npy file.")
    ] = "json",
    rows: Slice = None,
    columns: Slice = None,
) -> Response:
    """Each sample's share of the gradient of a weight or a bias; they sum to it, penalties aside."""
    if name not in gradients(run):
        raise Problem("no_shares", f"{name} is no gradient of a weight or a bias.", tensor=name)
    computed(frame, name)
    shape = run.run.shape_at(name, frame.position)
    (top, bottom), (left, right) = span(rows, shape[0], "rows"), span(columns, shape[1], "columns")
    count = run.run.shape_at("batch.input", frame.position)[0]
    check_cells(count * (bottom - top) * (right - left), settings, "Ask for rows and columns.")
    shares = run.run.shares(frame.position, name, slice(top, bottom), slice(left, right))
    if form == "npy":
        file = f"{name}-{frame.position}-samples.npy"
        return respond(request, npy(shares), "application/octet-stream", name=file)
    members = {
        "name": name,
        "shape": [count, *shape],
        "rows": [top, bottom],
        "columns": [left, right],
        "values": [nested(share) for share in shares],
    }
    return respond(request, json_bytes(members))


def computed(frame: Frame, name: str) -> Array:
    """The tensor's values.

    Raises:
        Problem: 409, where there are none.
    """
    array = frame.tensors[name]
    if array is None:
        raise not_computed(name, frame.position)
    return array


def not_computed(name: str, position: int) -> Problem:
    """The refusal to show what is not there: null is never zero."""
    return Problem(
        "not_computed", f"{name} is not computed at position {position}.", tensor=name, position=position
    )
