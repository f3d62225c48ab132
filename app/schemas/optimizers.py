"""The optimisers of a spec. Their fields are those of the engine's, by the same names."""

from typing import Annotated, Literal

from pydantic import Field

from app.schemas.base import NonNegative, Request

Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Beta = Annotated[float, Field(strict=True, ge=0, le=0.999999)]
Epsilon = Annotated[float, Field(strict=True, ge=1e-30, le=1)]


class Sgd(Request):
    """w = w − lr_t·v with v = momentum·v + dweight and lr_t = learning_rate / (1 + decay·t).

    With ``nesterov``, which needs momentum, w = w − lr_t·(dweight + momentum·v).
    """

    type: Literal["sgd"]
    learning_rate: NonNegative = 0.1
    decay: NonNegative = 0.0
    momentum: Share = 0.0
    nesterov: Annotated[bool, Field(strict=True)] = False


class AdaGrad(Request):
    """w = w − lr_t·dweight / (√cache + epsilon) with cache = cache + dweight²."""

    type: Literal["adagrad"]
    learning_rate: NonNegative = 0.01
    decay: NonNegative = 0.0
    epsilon: Epsilon = 1e-10


class RmsProp(Request):
    """w = w − lr_t·dweight / (√cache + epsilon) with cache = rho·cache + (1 − rho)·dweight²."""

    type: Literal["rmsprop"]
    learning_rate: NonNegative = 0.01
    decay: NonNegative = 0.0
    rho: Share = 0.99
    epsilon: Epsilon = 1e-8


class Adam(Request):
    """w = w − lr_t·m̂ / (√ĉ + epsilon), of the running means of dweight and of its square."""

    type: Literal["adam"]
    learning_rate: NonNegative = 0.001
    decay: NonNegative = 0.0
    beta1: Beta = 0.9
    beta2: Beta = 0.999
    epsilon: Epsilon = 1e-8


class AdamW(Request):
    """Adam, and w shrinks by lr_t·weight_decay·w beside it."""

    type: Literal["adamw"]
    learning_rate: NonNegative = 0.001
    decay: NonNegative = 0.0
    beta1: Beta = 0.9
    beta2: Beta = 0.999
    epsilon: Epsilon = 1e-8
    weight_decay: NonNegative = 0.01


Optimizer = Annotated[Sgd | AdaGrad | RmsProp | Adam | AdamW, Field(discriminator="type")]

KINDS: dict[str, type[Request]] = {
    "sgd": Sgd,
    "adagrad": AdaGrad,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
}
"""By the name in a spec."""
