"""One sample's share of every gradient of a weight or a bias."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.api.dependencies import IMMUTABLE, IN_TURN, FrameDep, RunDep, SettingsDep, Whole, problems
from app.build import Live
from app.encoding import json_bytes, nested, respond, summary
from app.examples import shown
from app.limits import check_cells
from app.problems import Problem
from app.schemas.answers import SampleAnswer
from app.schemas.base import SAFE_INTEGER
from engine.run import Frame
from engine.steps import gradient_of

router = APIRouter(prefix="/runs/{id}/frames/{position}/samples", tags=["samples"], dependencies=[IN_TURN])

Row = Annotated[
    Whole, Path(ge=0, le=SAFE_INTEGER, description="A row of the batch.", openapi_examples=shown(3))
]


@router.get(
    "/{sample}", response_model=SampleAnswer, responses=problems(404, 410, 422), dependencies=IMMUTABLE
)
def sample(request: Request, run: RunDep, frame: FrameDep, sample: Row, settings: SettingsDep) -> Response:
    """What one sample of the batch adds to the gradient of every weight and bias; a penalty is none's."""
    check_cells(run.plan.parameters, settings, "Ask for one tensor's samples, a slice at a time.")
    samples = run.run.shape_at("batch.input", frame.position)[0]
    if sample >= samples:
        raise Problem(
            "out_of_range",
            f"path.sample: expected 0 to {samples - 1}, got {sample}.",
            field="path.sample",
            expected=f"0 to {samples - 1}",
            got=sample,
        )
    members: dict[str, Any] = {
        "run": run.id,
        "position": frame.position,
        "sample": sample,
        "samples": samples,
        "tensors": {name: share(run, frame, name, sample) for name in gradients(run)},
    }
    return respond(request, json_bytes(members))


def gradients(run: Live) -> list[str]:
    """The names of the gradients of weights and biases."""
    return [gradient_of(name) for name in run.run.network.parameters]


def share(run: Live, frame: Frame, name: str, sample: int) -> dict[str, Any]:
    """A sample's share of one gradient, and its figures."""
    if frame.tensors[name] is None:
        return dict.fromkeys(("min", "max", "norm", "nan", "inf", "values"))
    (values,) = run.run.shares(frame.position, name, samples=slice(sample, sample + 1))
    return summary(values) | {"values": nested(values)}
