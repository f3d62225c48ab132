"""One layer alone, forward and backward, nothing stored."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from app.api.dependencies import IN_TURN, JSON, SettingsDep, problems
from app.api.strict import StrictRoute
from app.calls import one_layer
from app.encoding import json_bytes, respond
from app.examples import BACKWARD, FORWARD, shown
from app.schemas.answers import LayerAnswer
from app.schemas.calls import LayerBackward, LayerForward, LayerType

router = APIRouter(
    prefix="/layers/{type}", tags=["one shot"], route_class=StrictRoute, dependencies=[IN_TURN]
)

Type = Annotated[
    LayerType, Path(alias="type", description="The layer's type.", openapi_examples=shown("softmax"))
]
REFUSALS = problems(400, 413, 415, 422)


@router.post("/forward", response_model=LayerAnswer, responses=REFUSALS, dependencies=JSON)
def forward(
    request: Request,
    kind: Type,
    asked: Annotated[LayerForward, Body(openapi_examples=shown(FORWARD))],
    settings: SettingsDep,
) -> Response:
    """output, and each sample's Jacobian where asked for."""
    return respond(request, json_bytes(one_layer(kind, asked, settings)))


@router.post("/backward", response_model=LayerAnswer, responses=REFUSALS, dependencies=JSON)
def backward(
    request: Request,
    kind: Type,
    asked: Annotated[LayerBackward, Body(openapi_examples=shown(BACKWARD))],
    settings: SettingsDep,
) -> Response:
    """output, dinput and the parameters' gradients, and each sample's Jacobian where asked for."""
    return respond(request, json_bytes(one_layer(kind, asked, settings)))
