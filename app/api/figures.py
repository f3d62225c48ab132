"""Tensors as Plotly figures, `{data, layout}`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.dependencies import (
    IMMUTABLE,
    IN_TURN,
    FrameDep,
    RunDep,
    SettingsDep,
    TensorDep,
    problems,
)
from app.api.tensors import computed
from app.encoding import json_bytes, respond
from app.figures import tensor_figure
from app.limits import check_cells
from app.locales import Language
from app.scales import Theme
from app.schemas.answers import FigureAnswer

router = APIRouter(prefix="/runs/{id}/frames/{position}", tags=["figures"], dependencies=[IN_TURN])

REFUSALS = problems(404, 409, 410, 422)

Lang = Annotated[Language, Query(description="The language of the axes.")]
Colours = Annotated[Theme, Query(description="The colours.")]


@router.get(
    "/tensors/{tensor}/figure", response_model=FigureAnswer, responses=REFUSALS, dependencies=IMMUTABLE
)
def figure_of_tensor(
    request: Request,
    run: RunDep,
    frame: FrameDep,
    name: TensorDep,
    settings: SettingsDep,
    lang: Lang = "en",
    theme: Colours = "light",
) -> Response:
    """The tensor as a heatmap."""
    array = computed(frame, name)
    check_cells(array.size, settings, "Ask for rows and columns of the tensor itself.")
    figure = tensor_figure(name, array, network=run.run.network, lang=lang, theme=theme)
    return respond(request, json_bytes(figure.to_plotly_json()))  # to_json would escape every / of base64
