"""The run spec: everything that determines every number."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, ConfigDict, Field, Tag, create_model
from pydantic import Discriminator as By

from app.schemas.arrays import ArrayField
from app.schemas.base import Natural, NonNegative, Number, Positive, Request, whole
from app.schemas.optimizers import Optimizer, Sgd
from engine.datasets import DATASETS, TEST_FRACTION, DatasetInfo, Option, selecting
from engine.faults import FAULTS

MOST_LAYERS = 64
MOST_EDITS = 1_000
MOST_SAMPLES = 100_000
"""Of one's own data."""

Preset = Literal["document", "book", "pytorch"]
Loss = Literal["categorical_crossentropy", "binary_crossentropy"]
Head = Literal["separate", "fused"]
DType = Literal["float64", "float32"]
Fault = Literal[
    "missing_mean",
    "relu_at_zero",
    "softmax_scalar",
    "bias_not_summed",
    "input_overwritten",
    "missing_transpose",
    "unsigned_label",
    "wrong_sign",
]


class Named(Request):
    """A data set of the catalogue, with its options."""

    name: str


class GivenData(Request):
    """Data of one's own: a row a sample, and its target."""

    input: ArrayField
    target: ArrayField


def _field(option: Option) -> tuple[Any, Any]:
    limits = Field(strict=True, ge=option.minimum, le=option.maximum)
    kinds: dict[str, Any] = {
        "integer": Annotated[int, limits, BeforeValidator(whole)],
        "number": Annotated[float, limits],
        "boolean": Annotated[bool, Field(strict=True)],
    }
    kind = kinds[option.type]
    return (kind | None if option.nullable else kind), option.default


def _fields(options: Iterable[Option]) -> dict[str, tuple[Any, Any]]:
    return {option.name: _field(option) for option in (*options, TEST_FRACTION)}


class Uploading(Request):
    """Data that were uploaded, by their hash, and what is taken of them."""

    upload: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


UploadedData: type[Uploading] = create_model(  # type: ignore[call-overload]
    "UploadedData", __base__=Uploading, __doc__=Uploading.__doc__, **_fields(selecting(MOST_SAMPLES))
)


def _named(info: DatasetInfo) -> type[Named]:
    model: type[Named] = create_model(  # type: ignore[call-overload]
        f"{info.name.capitalize()}Data",
        __base__=Named,
        __doc__=f"The data set {info.name}.",
        name=(Literal[info.name], ...),
        **_fields(info.options),
    )
    return model


NAMED: dict[str, type[Named]] = {name: _named(info) for name, info in DATASETS.items()}
"""The model of each data set of the catalogue."""


def _which_data(value: Any) -> str:
    if isinstance(value, Uploading) or (isinstance(value, dict) and "upload" in value):
        return "uploaded"
    if isinstance(value, GivenData) or (isinstance(value, dict) and "name" not in value):
        return "given"
    name = value.get("name") if isinstance(value, dict) else getattr(value, "name", None)
    return name if isinstance(name, str) else ""


_members: Any = Annotated[GivenData, Tag("given")]
for _name, _model in NAMED.items():
    _members |= Annotated[_model, Tag(_name)]
_members |= Annotated[UploadedData, Tag("uploaded")]

Dataset = Annotated[_members, By(_which_data)]


class Batch(Request):
    """How samples are taken: ``size`` at once (null: all), in order or shuffled anew every epoch."""

    size: Positive | None = None
    order: Literal["sequential", "shuffled"] = "sequential"


class Normal(Request):
    """scale · N(0, 1)."""

    type: Literal["normal"]
    scale: NonNegative = 0.1


class He(Request):
    """√(2 / inputs) · N(0, 1)."""

    type: Literal["he"]


class Glorot(Request):
    """√(2 / (inputs + units)) · N(0, 1)."""

    type: Literal["glorot"]


class Zeros(Request):
    """All alike, so that nothing tells one unit from another."""

    type: Literal["zeros"]


Initializer = Annotated[Normal | He | Glorot | Zeros, Field(discriminator="type")]


class Dense(Request):
    """y = xW + b; ``units``, or the weight itself. l1·Σ|W| + l2·Σ(W²) is added to the loss."""

    type: Literal["dense"]
    units: Positive | None = None
    initializer: Initializer = Normal(type="normal")
    weight: ArrayField | None = None
    bias: ArrayField | None = None
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0


class ReLU(Request):
    """max(0, x)."""

    type: Literal["relu"]


class Sigmoid(Request):
    """1 / (1 + e^−x)."""

    type: Literal["sigmoid"]


class Softmax(Request):
    """e^z / Σe^z, a row a sample."""

    type: Literal["softmax"]


Layer = Annotated[Dense | ReLU | Sigmoid | Softmax, Field(discriminator="type")]


class Conventions(Request):
    """The rules on which the note, the book and PyTorch differ."""

    relu_at_zero: Annotated[int, Field(strict=True, ge=0, le=1), BeforeValidator(whole)] = 1
    bce_outputs: Literal["sum", "mean"] = "sum"
    clip: Annotated[float, Field(strict=True, ge=0, le=0.4)] = 1e-7


class Edit(Request):
    """One cell overwritten, right after the step that leads to the position."""

    position: Natural
    tensor: Annotated[str, Field(max_length=100)]
    index: Annotated[list[Natural], Field(min_length=2, max_length=2)]
    value: Number


Rules = Annotated[
    Annotated[Preset, Tag("preset")] | Annotated[Conventions, Tag("rules")],
    By(lambda value: "preset" if isinstance(value, str) else "rules"),
]
"""A preset of conventions by name, or its rules one by one."""


class Spec(Request):
    """Everything that determines every number of a run; only data set and layers must be given."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    dataset: Dataset
    batch: Batch = Batch()
    layers: Annotated[list[Layer], Field(min_length=1, max_length=MOST_LAYERS)]
    loss: Loss = "categorical_crossentropy"
    head: Head | None = Field(None, description="null: as the conventions have it")
    conventions: Rules = "document"
    optimizer: Optimizer = Sgd(type="sgd")
    dtype: DType = "float64"
    seed: Natural = 0
    faults: list[Fault] = Field([], max_length=len(FAULTS), description="Known mistakes, to be found.")
    edits: list[Edit] = Field([], max_length=MOST_EDITS)


assert get_args(Fault) == FAULTS
