"""What the service answers of what first went wrong in a run."""

from typing import Literal

from pydantic import Field

from app.schemas.answers import CellName, FactorAnswer, JsonNumber
from app.schemas.base import Answer


class NumberedTerm(Answer):
    """A term of a cell's sum, and which of them it is."""

    number: int
    value: JsonNumber
    factors: list[FactorAnswer]


class WireNorm(Answer):
    """The norm of a gradient on its way back."""

    tensor: str
    norm: JsonNumber


class FindingAnswer(Answer):
    """What was found first of its kind, and the operands that made it so."""

    kind: Literal["nan", "inf", "dead", "vanished"]
    cell: CellName = Field(description="where, at the position of the step that made it so")
    iteration: int
    step: str
    cells: int = Field(description="how many cells of the tensor were so; of a dead ReLU its units")
    share: float | None = Field(
        description="of a vanished gradient: its norm by that of the last dense layer's dvalue"
    )
    until: int | None = Field(
        description="of a dead unit: the iteration in which it let a gradient pass again"
    )
    reason: Literal[
        "edited",
        "nan_operand",
        "inf_operand",
        "zero_times_inf",
        "inf_minus_inf",
        "log_of_zero",
        "division",
        "product_overflow",
        "sum_overflow",
        "never_positive",
        "small_factors",
    ]
    explained: CellName = Field(description="the cell whose terms these are; of a dead unit its input")
    value: JsonNumber
    operands: list[FactorAnswer] = Field(description="the factors that decide, at most 6")
    terms: list[NumberedTerm] = Field(description="the terms that decide, at most 6")
    terms_total: int
    limit: float = Field(description="the largest number of the run's dtype")
    course: list[WireNorm] = Field(description="of a vanished gradient: every wire's on the way back to it")


class AutopsyAnswer(Answer):
    """The first NaN, Inf, dead ReLU unit and vanished gradient, in the order in which they appeared."""

    run: str
    stop: int
    searched: int = Field(description="iterations that were looked at")
    vanished: float
    findings: list[FindingAnswer]
