"""One shot: a whole pass, nothing stored."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from app import calls
from app.api.dependencies import IN_TURN, JSON, SettingsDep, problems
from app.api.strict import StrictRoute
from app.encoding import json_bytes, respond
from app.examples import BACKPROP, shown
from app.schemas.answers import BackpropAnswer
from app.schemas.calls import Backprop

router = APIRouter(tags=["one shot"], route_class=StrictRoute, dependencies=[IN_TURN])


@router.post(
    "/backprop", response_model=BackpropAnswer, responses=problems(400, 413, 415, 422), dependencies=JSON
)
def backprop(
    request: Request,
    asked: Annotated[Backprop, Body(openapi_examples=shown(BACKPROP))],
    settings: SettingsDep,
) -> Response:
    """All tensors of one forward and backward pass through these layers; `layers: []` is the loss alone."""
    return respond(request, json_bytes(calls.backprop(asked, settings)))
