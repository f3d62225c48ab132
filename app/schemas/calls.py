"""Requests other than the run spec."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.schemas.arrays import AnyArrayField, ArrayField
from app.schemas.base import Natural, NonNegative, Request
from app.schemas.spec import MOST_EDITS, MOST_LAYERS, DType, Edit, Head, Layer, Loss, Rules

LayerType = Literal["dense", "relu", "sigmoid", "softmax"]


class Fork(Request):
    """A run made from another: edits appended, and fields of the spec replaced whole."""

    edits: list[Edit] = Field([], max_length=MOST_EDITS)
    changes: dict[str, Any] = Field({})


class Backprop(Request):
    """One pass, nothing kept: a target and a loss, or a dvalue in their place."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    layers: Annotated[list[Layer], Field(max_length=MOST_LAYERS)]
    input: ArrayField
    target: ArrayField | None = None
    loss: Loss | None = None
    head: Head | None = None
    dvalue: ArrayField | None = None
    conventions: Rules = "document"
    dtype: DType = "float64"
    seed: Natural = 0


class LayerForward(Request):
    """One layer's forward pass; weight and bias are a dense layer's."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    input: ArrayField
    weight: ArrayField | None = None
    bias: ArrayField | None = None
    conventions: Rules = "document"
    dtype: DType = "float64"
    jacobians: Annotated[bool, Field(strict=True)] = False


class LayerBackward(LayerForward):
    """One layer's forward and backward pass."""

    dvalue: ArrayField


class Homework(Request):
    """A tensor that somebody worked out, and how far off it may be."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    values: AnyArrayField
    tolerance: NonNegative | None = Field(
        None, le=1, description="A share of the larger number; 1e-6 unless given, 1e-4 in a run of float32."
    )
    absolute: NonNegative = Field(
        0, description="Right whatever the share: half a unit of the last decimal that was written."
    )
