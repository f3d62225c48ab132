"""What the service answers: the promised fields of every response, for its description."""

from typing import Any, Literal

from pydantic import Field

from app.schemas.base import Answer
from engine.grade import Mistake

JsonNumber = float | Literal["NaN", "Infinity", "-Infinity"]
"""A number, in words where it is not finite."""

Matrix = list[list[JsonNumber]]

Structure = Literal["weight", "diagonal", "full", "row"]
"""A Jacobian's: Wᵀ, zero off the diagonal, full, or the single row of the loss."""


class Health(Answer):
    """The service answers."""

    status: Literal["ok"]


class Ready(Answer):
    """The service can take work."""

    status: Literal["ready"]


class CellName(Answer):
    """A cell: a tensor, an index and a position."""

    tensor: str
    index: list[int]
    position: int


class RunTensor(Answer):
    """A tensor of a run, its shape that of iteration 0."""

    shape: list[int]
    dtype: str
    aliases: list[str]


class NamesAnswer(Answer):
    """What the columns of input stand for, and the classes of the target."""

    features: list[str]
    classes: list[str]


class RunAnswer(Answer):
    """A run: its normalised spec and the names in it."""

    id: str
    parent: str | None
    spec: dict[str, Any]
    layers: list[str]
    steps: list[str]
    steps_per_iteration: int
    tensors: dict[str, RunTensor]
    parameters: list[str]
    data: NamesAnswer | None = Field(description="null for data given with the run")
    page: str


class FrameTensor(Answer):
    """A tensor as it stood: its figures, and its values where it is small."""

    shape: list[int]
    dtype: str
    computed_at: int | None
    min: float | None
    max: float | None
    norm: JsonNumber | None
    nan: int | None
    inf: int | None
    values: Matrix | None = Field(None, description="left out above 4,096 cells, and with values=none")


class FrameAnswer(Answer):
    """All tensors right after a step."""

    run: str
    position: int
    iteration: int
    step: str | None
    loss: JsonNumber | None
    accuracy: float | None
    tensors: dict[str, FrameTensor]
    page: str


class Typed(Answer):
    """The typed form, which Plotly reads."""

    dtype: str
    bdata: str
    shape: str


class TensorAnswer(Answer):
    """A tensor, or a slice of it; null where it is not computed."""

    name: str
    shape: list[int]
    rows: list[int]
    columns: list[int]
    values: Matrix | Typed | None


class RegionsAnswer(Answer):
    """Which class each point of the data's plane has, row 0 at the top, and how sure the network is of it."""

    run: str
    position: int
    resolution: int
    x: list[float]
    y: list[float]
    classes: Typed = Field(
        description="uint8; of several binary outputs the combination, the first its lowest bit; 255: none"
    )
    share: Typed = Field(description="float32, what the network gives to that class")
    samples: Typed = Field(description="uint8, the class that it gives to each sample of the data")


class SharesAnswer(Answer):
    """Each sample's share of a parameter's gradient, or a slice of each."""

    name: str
    shape: list[int]
    rows: list[int]
    columns: list[int]
    values: list[Matrix]


class ShareTensor(Answer):
    """One sample's share of one gradient, and its figures."""

    min: float | None
    max: float | None
    norm: JsonNumber | None
    nan: int | None
    inf: int | None
    values: Matrix | None


class SampleAnswer(Answer):
    """One sample's share of the gradient of every weight and bias; null where that is not computed."""

    run: str
    position: int
    sample: int
    samples: int
    tensors: dict[str, ShareTensor]


class DifferenceAnswer(Answer):
    """How one tensor of two runs differs: null where one of them is not computed."""

    parted_at: int | None
    norm: JsonNumber | None
    largest: JsonNumber | None
    difference: Matrix | None


class CompareAnswer(Answer):
    """Run b less run a."""

    a: str
    b: str
    position: int
    searched: int = Field(description="the position up to which partings were looked for")
    loss: list[JsonNumber | None]
    tensors: dict[str, DifferenceAnswer]


class RuleAnswer(Answer):
    """A rule of the conventions, and what switching it by itself changes."""

    now: JsonNumber | str
    then: JsonNumber | str
    switched: bool
    changed: int = Field(description="cells of all tensors that differ by more than rounding")
    rounding: int = Field(description="cells that differ, but only by rounding")
    reason: str | None = Field(description="why it changes nothing")
    params: dict[str, JsonNumber] = Field(description="the figures of the reason")


class SwitchedBy(Answer):
    """What one rule by itself changes of a tensor."""

    changed: int
    largest: JsonNumber


class SwitchedTensor(Answer):
    """How one tensor changes; null where it is not computed under both conventions."""

    shape: list[int]
    changed: int | None
    rounding: int | None
    together: int | None = Field(
        description="cells whose change is not the sum of what each rule changes by itself"
    )
    largest: JsonNumber | None
    rules: dict[str, SwitchedBy]


class ConventionsAnswer(Answer):
    """A run under a preset of conventions: what changes, by how much, and by which rule."""

    run: str
    position: int
    then_position: int
    preset: str
    loss: list[JsonNumber | None]
    rules: dict[str, RuleAnswer]
    changes: dict[str, Any] = Field(description="what a fork is asked for, to use these conventions")
    dropped: int = Field(description="edits of a gradient that the fused head never forms")
    tensors: dict[str, SwitchedTensor]


class SwitchedAnswer(Answer):
    """One tensor under both conventions, or a slice of it."""

    name: str
    shape: list[int]
    rows: list[int]
    columns: list[int]
    now: Matrix
    then: Matrix
    difference: Matrix
    alone: dict[str, Matrix] = Field(description="the difference that each rule makes by itself")
    by: list[list[list[str]]] = Field(
        description="a cell's rules; `together`: not their sum; `rounding`: it differs by no more than that"
    )


class RecordAnswer(Answer):
    """One iteration: with the weights before its update."""

    iteration: int
    loss: JsonNumber
    accuracy: float
    test_loss: JsonNumber | None
    test_accuracy: float | None
    layers: dict[str, dict[str, JsonNumber]]


class HistoryAnswer(Answer):
    """The records of a history."""

    run: str
    start: int
    stop: int
    every: int
    records: list[RecordAnswer]


class FactorAnswer(Answer):
    """A number in a product, and the cells that it was read from."""

    label: str
    value: JsonNumber
    derived: bool
    cells: list[CellName]


class TermAnswer(Answer):
    """A summand: a product of factors."""

    value: JsonNumber
    factors: list[FactorAnswer]


class Formula(Answer):
    """MathML: in symbols, and with the numbers in it."""

    symbolic: str
    numeric: str


class ExplanationAnswer(Answer):
    """What a cell was made of, and what was made of it."""

    cell: CellName
    value: JsonNumber
    origin: Literal["initial", "given", "data", "edited"] | None
    formula: Formula
    terms: list[TermAnswer]
    terms_total: int
    next: str | None = Field(description="the next page of terms")
    used_by: list[CellName]


class ShownFault(Answer):
    """Where a fault shows first: the step, the cell that it spoils most, and what that should be."""

    step: str
    cell: CellName
    value: JsonNumber
    meant: JsonNumber


class FaultsAnswer(Answer):
    """The faults that a run can have, and where in an iteration each would show first."""

    run: str
    position: int
    carries: list[str] = Field(description="The run's own")
    faults: dict[str, ShownFault | None] = Field(description="null: it would not show in this iteration")


class VerdictAnswer(Answer):
    """Whether a cell is where a fault is."""

    cell: CellName = Field(description="At the position that wrote it")
    verdict: Literal["fault", "consequence", "right", "leaf"] = Field(
        description="Computed wrong; made of a wrong number; right; computed by no step"
    )
    value: JsonNumber
    meant: JsonNumber = Field(description="What the right step makes of the same numbers")
    expected: JsonNumber = Field(description="What a right pass makes of the iteration's beginning")
    faults: list[str] = Field(
        description="Of a cell that was computed wrong: which of the run's faults did it"
    )


class JacobianAnswer(Answer):
    """One sample's Jacobian, the gradient that multiplies it, and the product."""

    run: str
    position: int
    layer: str
    sample: int
    samples: int
    shape: list[int] = Field(description="of the whole; `rows` and `columns` say which part of it this is")
    rows: list[int]
    columns: list[int]
    structure: Structure
    jacobian: Matrix
    dvalue: list[JsonNumber] | None
    dinput: list[JsonNumber] | None


class ExactHeadAnswer(Answer):
    """What the logits truly give, a number or a row a point."""

    loss: list[JsonNumber]
    dinput: Matrix = Field(description="by the logits")


class HeadAnswer(ExactHeadAnswer):
    """What one way gives, and how far that is from the truth."""

    dvalue: Matrix | None = Field(description="by the predictions; null where the loss is fused")
    error: dict[str, list[JsonNumber]] = Field(
        description="of the loss and of dinput's moved cell: the difference, as a share of the larger"
    )
    verdict: dict[str, list[Literal["agrees", "clipped", "rounded", "not_finite"]]]


class HeadsAnswer(Answer):
    """A head each way, at every point of the moved output."""

    loss: str
    dtype: Literal["float64", "float32"]
    by: Literal["logit", "probability"]
    clip: float
    tolerance: float = Field(description="the largest error with which a number still agrees")
    target: list[int] = Field(description="the same at every point")
    axis: list[JsonNumber] = Field(description="the moved logit, or the power of ten of its odds")
    logits: Matrix
    prediction: Matrix
    jacobian: list[Matrix]
    ways: dict[Literal["fused", "unclipped", "clipped"], HeadAnswer]
    exact: ExactHeadAnswer


class GradedLine(Answer):
    """A row, a column or, where both are given, a cell that is wrong in a known way."""

    row: int | None
    column: int | None
    mistakes: list[Mistake]


class GradeAnswer(Answer):
    """What somebody worked out, cell by cell, in the tensor's shape."""

    run: str
    position: int
    tensor: str
    shape: list[int]
    samples: int = Field(description="n, of the batch")
    tolerance: float
    absolute: float
    verdict: Literal["right", "wrong"]
    wrong: int = Field(description="how many cells are")
    given: Matrix = Field(description="turned back or summed where a mistake says so")
    expected: Matrix
    right: list[list[bool]]
    error: Matrix = Field(description="|given − expected| / the larger of the two")
    mistakes: list[Mistake] = Field(description="what explains every cell, where something does")
    lines: list[GradedLine] = Field(description="else, what explains a row, a column or a cell")
    factor: JsonNumber | None = Field(description="of the mistake of that name")
    same_as: str | None = Field(description="another tensor that has these very values")


class LinkAnswer(Answer):
    """One layer's Jacobian in a chain."""

    layer: str
    shape: list[int]
    structure: Structure
    zeros: int | None = Field(description="slopes that are exactly 0; null where J is not diagonal")
    rank: int | None
    largest: float | None = Field(description="its largest singular value")


class SingularAnswer(Answer):
    """Singular values, the largest first."""

    values: list[float]
    rank: int
    condition: JsonNumber = Field(description="the largest over the smallest; Infinity below full rank")
    tolerance: float = Field(description="what is not above it counts as zero")


class ChainAnswer(Answer):
    """The Jacobian between two places of the network, for one sample."""

    run: str
    position: int
    from_: str = Field(alias="from")
    to: str
    sample: int
    samples: int
    shape: list[int] = Field(description="of the whole; `rows` and `columns` say which part of it this is")
    rows: list[int]
    columns: list[int]
    jacobian: Matrix | None = Field(description="null with values=none")
    layers: list[LinkAnswer] = Field(description="in the order of the forward pass; the last may be `loss`")
    dvalue: list[JsonNumber] | None = Field(description="null where not computed, or passed by a fused head")
    product: list[JsonNumber] | None = Field(description="dvalue · J, of all rows")
    dinput: list[JsonNumber] | None
    agrees: bool | None = Field(
        description="whether the product is dinput, to rounding, Inf and NaN where it has them; null where "
        "one of them is null, or both are all NaN, which compares with nothing"
    )
    singular: SingularAnswer | None
    without: Literal["not_finite", "too_large"] | None = Field(description="why there are none")


class BackpropAnswer(Answer):
    """All tensors of one forward and backward pass, under canonical names."""

    loss: JsonNumber | None
    sample_losses: list[JsonNumber] | None
    accuracy: float | None
    tensors: dict[str, Matrix]


class LayerAnswer(Answer):
    """What one layer computed."""

    output: Matrix
    dinput: Matrix | None = None
    dweight: Matrix | None = None
    dbias: Matrix | None = None
    jacobians: list[Matrix] | None = None


class OptionAnswer(Answer):
    """An option of a data set."""

    name: str
    type: Literal["integer", "number", "boolean"]
    default: bool | int | float | None
    minimum: float | None
    maximum: float | None
    nullable: bool


class DatasetAnswer(Answer):
    """A data set of the catalogue."""

    name: str
    target: Literal["index", "flags"]
    samples: int
    features: list[str]
    classes: list[str]
    options: list[OptionAnswer]


class UploadAnswer(Answer):
    """Data that were uploaded, as a spec may name them."""

    upload: str
    label: str
    target: Literal["index"]
    samples: int
    features: list[str]
    classes: list[str]
    options: list[OptionAnswer]


class ColumnAnswer(Answer):
    """A column of a file, before it is known what it is for."""

    name: str
    different: int = Field(
        description="how many different values; one more than the most classes is: or more"
    )
    line: int | None = Field(description="the first line on which it is no number")
    got: str | None = Field(description="what stands there")


class PreviewAnswer(Answer):
    """What is in a file."""

    delimiter: Literal[",", ";", "\t", ""]
    header: bool
    samples: int
    label: str = Field(description="the column that is likely to be the label")
    columns: list[ColumnAnswer]
    rows: list[list[str]] = Field(description="the first ones, as text")


class DatasetsAnswer(Answer):
    """The catalogue."""

    datasets: list[DatasetAnswer]


class FigureAnswer(Answer):
    """A Plotly figure: `plotly.io.from_json` reads it in Python, `Plotly.newPlot` draws it in a browser."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class Finding(Answer):
    """One field that was refused."""

    field: str
    code: str
    expected: str
    got: str


class ProblemAnswer(Answer):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any]
    field: str | None = None
    errors: list[Finding] | None = None


class CheckedTensor(Answer):
    """A gradient, found twice."""

    shape: list[int]
    worst: JsonNumber = Field(description="the largest error of what was compared; 0 where nothing was")
    worst_cell: list[int] | None
    compared: int
    wrong: int = Field(description="how many of them differ by more than the tolerance")
    not_comparable: int
    reasons: dict[Literal["kink", "clipped", "rounding", "edited", "not_finite"], int]
    numeric: Matrix | None = Field(None, description="by differences; left out above 4,096 cells")
    analytic: Matrix | None = Field(None, description="by the backward pass")
    error: list[list[JsonNumber | None]] | None = Field(
        None, description="|numeric − analytic| / the larger of the two; null where they cannot be compared"
    )
    reason: list[list[str | None]] | None = Field(None, description="why a cell is not compared")


class DifferencePoint(Answer):
    """A place that a cell was moved to."""

    shift: float = Field(description="in steps")
    value: JsonNumber = Field(description="what the cell was then")
    change: JsonNumber = Field(description="what the loss was then, less what it is")
    weight: float = Field(description="what this counts")


class CellCheckAnswer(Answer):
    """A cell's gradient by differences: Σ weight · change / step."""

    run: str = Field(description="what was checked: of a run of float32 the same run of float64")
    position: int
    tensor: str
    index: list[int]
    moved: str = Field(description="the tensor whose cell of the same index was moved")
    loss: JsonNumber = Field(description="with nothing moved, penalties included")
    step: float
    points: list[DifferencePoint]
    numeric: JsonNumber
    analytic: JsonNumber
    error: JsonNumber | None
    reason: Literal["kink", "clipped", "rounding", "edited", "not_finite"] | None


class WrongAnswer(Answer):
    """The first step that does not compute what it should, and the worst cell of what it wrote."""

    step: str
    cell: CellName
    numeric: JsonNumber
    analytic: JsonNumber
    error: JsonNumber


class CheckAnswer(Answer):
    """Every gradient that is there, held against differences of the loss."""

    run: str = Field(description="what was checked: of a run of float32 the same run of float64")
    position: int
    dtype: Literal["float32", "float64"] = Field(description="of the run that was asked for")
    tolerance: float
    worst: JsonNumber | None = Field(description="null where no gradient is computed yet")
    compared: int
    not_comparable: int
    first: WrongAnswer | None
    tensors: dict[str, CheckedTensor]
