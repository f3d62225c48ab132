"""A layer's Jacobian at one sample, with the gradient that multiplies it and the product."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.api.chain_parts import Part, chain_of, part_of
from app.api.dependencies import (
    IMMUTABLE,
    IN_TURN,
    LayerDep,
    PositionDep,
    RunDep,
    Sample,
    SettingsDep,
    problems,
)
from app.api.figures import Colours, Lang
from app.api.slices import Slice
from app.encoding import json_bytes, nested, respond
from app.figures import jacobian_figure
from app.schemas.answers import FigureAnswer, JacobianAnswer
from engine.arrays import Array
from engine.chain import Chain

router = APIRouter(
    prefix="/runs/{id}/frames/{position}/jacobians/{layer}", tags=["jacobians"], dependencies=[IN_TURN]
)

REFUSALS = problems(404, 409, 410, 422)


class Asked:
    """A layer's Jacobian, or a part of it."""

    def __init__(
        self,
        run: RunDep,
        position: PositionDep,
        layer: LayerDep,
        settings: SettingsDep,
        sample: Sample = 0,
        rows: Slice = None,
        columns: Slice = None,
    ) -> None:
        self.chain: Chain = chain_of(run, position, f"{layer}.input", f"{layer}.output", sample)
        self.part: Part = part_of(self.chain, rows, columns, settings)
        self.dvalue = _cut(self.chain.dvalue, self.part.rows)
        self.dinput = _cut(self.chain.dinput, self.part.columns)


AskedDep = Annotated[Asked, Depends(Asked)]


@router.get("", response_model=JacobianAnswer, responses=REFUSALS, dependencies=IMMUTABLE)
def jacobian(
    request: Request, run: RunDep, position: PositionDep, layer: LayerDep, asked: AskedDep, sample: Sample = 0
) -> Response:
    """J[j, k] = ∂output_j / ∂input_k of one sample; dinput = dvalue · J."""
    chain, part = asked.chain, asked.part
    members: dict[str, Any] = {
        "run": run.id,
        "position": position,
        "layer": layer,
        "sample": sample,
        "samples": chain.samples,
        "shape": list(chain.shape),
        "rows": list(part.rows),
        "columns": list(part.columns),
        "structure": chain.links[0].structure,
        "jacobian": nested(part.values),
        "dvalue": None if asked.dvalue is None else nested(asked.dvalue),
        "dinput": None if asked.dinput is None else nested(asked.dinput),
    }
    return respond(request, json_bytes(members))


@router.get("/figure", response_model=FigureAnswer, responses=REFUSALS, dependencies=IMMUTABLE)
def figure_of_jacobian(
    request: Request,
    run: RunDep,
    layer: LayerDep,
    asked: AskedDep,
    sample: Sample = 0,
    lang: Lang = "en",
    theme: Colours = "light",
) -> Response:
    """One sample's Jacobian as a heatmap, dvalue beside its rows, the product under its columns."""
    figure = jacobian_figure(
        layer,
        sample,
        asked.part.values,
        asked.dvalue,
        asked.dinput,
        first=asked.part.first(asked.chain.shape),
        agrees=asked.chain.agrees is not False,
        part=dict(run.run.network.named())[layer],
        lang=lang,
        theme=theme,
    )
    return respond(request, json_bytes(figure.to_plotly_json()))


def _cut(array: Array | None, span: tuple[int, int]) -> Array | None:
    return None if array is None else array[slice(*span)]
