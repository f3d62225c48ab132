"""A head, apart and fused, while one logit moves; nothing is stored."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from app.api.dependencies import IMMUTABLE, IN_TURN, problems
from app.api.figures import Colours, Lang
from app.encoding import json_bytes, respond
from app.heads import FARTHEST, By, Moving, Quantity
from app.heads_figures import heads_figure
from app.schemas.answers import FigureAnswer, HeadsAnswer
from app.schemas.spec import DType, Loss

router = APIRouter(prefix="/heads", tags=["one shot"], dependencies=[IN_TURN])

MOST_STANDING = 9

One = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]


async def moving_of(
    loss: Annotated[
        Loss, Query(description="Behind a softmax, or behind a sigmoid.")
    ] = "categorical_crossentropy",
    label: Annotated[Literal["0", "1"], Query(description="What the moved output should be.")] = "1",
    by: Annotated[By, Query(description="Steps of the logit, or of the probability from 0 to 1.")] = "logit",
    rest: Annotated[
        list[One],
        Query(max_length=MOST_STANDING, description="The logits that stand; where none, a softmax has 0, 0."),
    ] = [],  # noqa: B006
    dtype: Annotated[DType, Query(description="In which each way is computed.")] = "float64",
    clip: Annotated[
        float, Query(ge=0, le=0.4, allow_inf_nan=False, description="Of the way that clips.")
    ] = 1e-7,
) -> Moving:
    """What the query asks."""
    standing = rest if rest or loss == "binary_crossentropy" else [0.0, 0.0]
    return Moving(loss, label == "1", by, tuple(standing), dtype, clip)


MovingDep = Annotated[Moving, Depends(moving_of)]


@router.get("", response_model=HeadsAnswer, responses=problems(422), dependencies=IMMUTABLE)
def heads(request: Request, moving: MovingDep) -> Response:
    """Loss and gradients at every point: apart with and without a clip, fused, and as they truly are."""
    return respond(request, json_bytes(moving.members()))


@router.get("/figure", response_model=FigureAnswer, responses=problems(422), dependencies=IMMUTABLE)
def figure_of_heads(
    request: Request,
    moving: MovingDep,
    of: Annotated[Quantity, Query(description="The loss, or its gradient by the moved logit.")] = "loss",
    lang: Lang = "en",
    theme: Colours = "light",
) -> Response:
    """The loss or its gradient as curves, above how far each is from the truth."""
    figure: Any = heads_figure(moving, of, lang=lang, theme=theme)
    return respond(request, json_bytes(figure.to_plotly_json()))
