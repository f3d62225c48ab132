"""A tensor that somebody worked out, held against the right one."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from app.api.dependencies import IN_TURN, JSON, FrameDep, RunDep, SettingsDep, TensorDep, problems
from app.api.strict import StrictRoute
from app.api.tensors import computed
from app.encoding import json_bytes, nested, respond
from app.examples import HOMEWORK, shown
from app.homework import TOLERANCE, graded, same_as
from app.limits import check_cells
from app.schemas.answers import GradeAnswer
from app.schemas.calls import Homework
from engine.grade import Tolerance

router = APIRouter(
    prefix="/runs/{id}/frames/{position}/tensors/{tensor}",
    tags=["proof"],
    route_class=StrictRoute,
    dependencies=[IN_TURN],
)


@router.post(
    "/grade",
    response_model=GradeAnswer,
    responses=problems(400, 404, 409, 410, 413, 415, 422),
    dependencies=JSON,
)
def grade(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    name: TensorDep,
    homework: Annotated[Homework, Body(openapi_examples=shown(HOMEWORK))],
    settings: SettingsDep,
) -> Response:
    """Cell by cell right or wrong, and what mistake of a known shape would explain it."""
    check_cells(4 * computed(frame, name).size, settings, "A grade has four numbers a cell.")
    share = TOLERANCE[run.spec.dtype] if homework.tolerance is None else homework.tolerance
    tolerance = Tolerance(share, homework.absolute)
    found, expected = graded(run, frame, name, homework.values, tolerance)
    wrong = int((~found.right).sum())
    unexplained = wrong > 0 and not found.mistakes
    members = {
        "run": run.id,
        "position": frame.position,
        "tensor": name,
        "shape": list(expected.shape),
        "samples": run.run.shape_at("batch.input", frame.position)[0],
        "tolerance": tolerance.relative,
        "absolute": tolerance.absolute,
        "verdict": "wrong" if wrong or found.mistakes else "right",
        "wrong": wrong,
        "given": nested(found.given),
        "expected": nested(expected),
        "right": found.right.tolist(),
        "error": nested(found.error),
        "mistakes": found.mistakes,
        "lines": [
            {"row": line.row, "column": line.column, "mistakes": line.mistakes} for line in found.lines
        ],
        "factor": found.factor,
        "same_as": same_as(frame, name, found.given, tolerance) if unexplained else None,
    }
    return respond(request, json_bytes(members))
