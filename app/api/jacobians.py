"""A layer's Jacobian at one sample, with the gradient that multiplies it and the product."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.dependencies import IMMUTABLE, FrameDep, LayerDep, RunDep, Sample, SettingsDep, problems
from app.build import Live
from app.encoding import json_bytes, nested, respond
from app.limits import check_cells
from app.problems import Problem
from app.schemas.answers import JacobianAnswer
from app.settings import Settings
from engine.arrays import Array
from engine.losses import FusedHead
from engine.run import Frame, NotComputedError

router = APIRouter(prefix="/runs/{id}/frames/{position}/jacobians/{layer}", tags=["jacobians"])


@router.get("", response_model=JacobianAnswer, responses=problems(404, 409, 410, 422), dependencies=IMMUTABLE)
def jacobian(
    request: Request, run: RunDep, frame: FrameDep, layer: LayerDep, settings: SettingsDep, sample: Sample = 0
) -> Response:
    """J[j, k] = ∂output_j / ∂input_k of one sample; dinput = dvalue · J."""
    dvalue, dinput = gradients(run, frame, layer, sample)
    members: dict[str, Any] = {
        "run": run.id,
        "position": frame.position,
        "layer": layer,
        "sample": sample,
        "samples": run.run.shape_at(f"{layer}.output", frame.position)[0],
        "jacobian": nested(matrix(run, frame, layer, sample, settings)),
        "dvalue": None if dvalue is None else nested(dvalue),
        "dinput": None if dinput is None else nested(dinput),
    }
    return respond(request, json_bytes(members))


def matrix(run: Live, frame: Frame, layer: str, sample: int, settings: Settings) -> Array:
    """J of one sample.

    Raises:
        Problem: It is too large, the layer has not run, or there is no such sample.
    """
    outputs = run.run.shape_at(f"{layer}.output", frame.position)[1]
    inputs = run.run.shape_at(f"{layer}.dinput", frame.position)[1]
    check_cells(outputs * inputs, settings, "A Jacobian has outputs × inputs cells.")
    try:
        return run.run.jacobian(frame.position, layer, sample)
    except NotComputedError:
        raise Problem(
            "not_computed",
            f"{layer} has not run forward at position {frame.position}.",
            tensor=f"{layer}.output",
            position=frame.position,
        ) from None
    except IndexError as error:
        raise Problem("out_of_range", f"query.{error}.", field="query.sample", got=sample) from None


def gradients(run: Live, frame: Frame, layer: str, sample: int) -> tuple[Array | None, Array | None]:
    """The sample's rows of dvalue and dinput, where they are computed; a fused layer has no dvalue."""
    network = run.run.network
    fused = isinstance(network.loss, FusedHead) and layer == network.names[-1]
    dvalue = None if fused else frame.tensors[network.wire(f"{layer}.dvalue")]
    dinput = frame.tensors[f"{layer}.dinput"]
    rows = slice(sample, sample + 1)
    return tuple(
        None if array is None or sample >= len(array) else array[rows][0] for array in (dvalue, dinput)
    )  # type: ignore[return-value]
