"""Known faults: which of them show in a run, and whether a cell is where one is."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.dependencies import (
    IMMUTABLE,
    IN_TURN,
    PositionDep,
    RunDep,
    RunsDep,
    SettingsDep,
    TensorDep,
    Whole,
    problems,
)
from app.api.tensors import not_computed
from app.build import Live
from app.encoding import json_bytes, number, respond
from app.examples import shown as example
from app.explanations import cell_name
from app.limits import check_terms, check_trials
from app.problems import Problem
from app.runs import Runs
from app.schemas.answers import FaultsAnswer, VerdictAnswer
from app.schemas.base import SAFE_INTEGER
from app.schemas.spec import Fault
from engine.explain import Cell
from engine.faults import FAULTS, can_have
from engine.frame import Frame
from engine.hunt import Judged, judge, shown, start_of
from engine.run import NotComputedError

router = APIRouter(prefix="/runs/{id}/frames/{position}", tags=["faults"], dependencies=[IN_TURN])


@router.get("/faults", response_model=FaultsAnswer, responses=problems(404, 410, 422), dependencies=IMMUTABLE)
def faults(
    request: Request,
    run: RunDep,
    runs: RunsDep,
    position: PositionDep,
    settings: SettingsDep,
    fault: Annotated[Fault | None, Query(description="The only one that is asked about.")] = None,
) -> Response:
    """Where each fault that the run can have would show first in this iteration, from its beginning on."""
    asked = (fault,) if fault else FAULTS
    check_trials(run.plan, len(asked), settings, "path.position")
    right = runs.with_faults(run, ())
    start = run.run.frame(start_of(run.run, position))
    members = {
        "run": run.id,
        "position": position,
        "carries": run.spec.faults,
        "faults": {
            one: _first(start, right, runs.with_faults(run, (one,)))
            for one in asked
            if can_have(right.run.network, one)
        },
    }
    return respond(request, json_bytes(members))


@router.get(
    "/tensors/{tensor}/cells/{row},{column}/verdict",
    response_model=VerdictAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
def verdict(
    request: Request,
    run: RunDep,
    runs: RunsDep,
    position: PositionDep,
    name: TensorDep,
    row: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=example(2))],
    column: Annotated[Whole, Path(ge=0, le=SAFE_INTEGER, openapi_examples=example(1))],
) -> Response:
    """Whether a cell was computed wrong, was made of a wrong number, or is right."""
    check_terms(run.plan)
    cell = Cell(name, (row, column), position)
    try:
        found = judge(run.run, runs.with_faults(run, ()).run, cell)
    except IndexError:
        shape = list(run.run.shape_at(name, position))
        raise Problem("cell_unknown", f"{name} has the shape {shape} here.", shape=shape) from None
    except NotComputedError:
        raise not_computed(name, position) from None
    members = {
        "cell": cell_name(found.cell),
        "verdict": found.verdict,
        "value": number(found.value),
        "meant": number(found.meant),
        "expected": number(found.expected),
        "faults": _guilty(run, runs, found),
    }
    return respond(request, json_bytes(members))


def _first(start: Frame, right: Live, faulty: Live) -> dict[str, Any] | None:
    found = shown(start, right.run, faulty.run)
    if found is None:
        return None
    return {
        "step": found.step,
        "cell": cell_name(found.cell),
        "value": number(found.value),
        "meant": number(found.meant),
    }


def _guilty(run: Live, runs: Runs, found: Judged) -> Sequence[str]:
    """Those of the run's faults that spoil the cell: one by itself, or with the others."""
    if found.verdict != "fault":
        return []
    if len(run.spec.faults) == 1:
        return run.spec.faults
    right = runs.with_faults(run, ()).run
    before = run.run.frame((found.cell.position or 1) - 1)
    name, index = found.cell.tensor, found.cell.index
    value = right.after(before).tensors[name]
    guilty = []
    for fault in run.spec.faults:
        spoiled = runs.with_faults(run, (fault,)).run.after(before).tensors[name]
        if value is not None and spoiled is not None and value[index] != spoiled[index]:
            guilty.append(fault)
    return guilty
