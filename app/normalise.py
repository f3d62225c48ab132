"""A spec as it was asked for -> the one spec that says the same, with everything written out.

What two askers may say differently, and mean alike, is settled here: a preset of conventions becomes its
rules, a head left open becomes the one that the conventions use, numbers become values of the spec's dtype,
units come from an explicit weight. A normalised spec normalises to itself.
"""

from typing import Any, get_args

import numpy as np

from app.problems import Problem
from app.schemas.arrays import GivenArray
from app.schemas.optimizers import Optimizer, Sgd
from app.schemas.spec import (
    Conventions,
    Dense,
    DType,
    Edit,
    GivenData,
    Initializer,
    Layer,
    Normal,
    Preset,
    Spec,
)
from engine.conventions import PRESETS

_NORMAL = Normal(type="normal")
FUSED_WITH = {"categorical_crossentropy": "softmax", "binary_crossentropy": "sigmoid"}
"""The last layer that each loss's fused head stands for."""


def normalise(spec: Spec) -> Spec:
    """Everything but the edits' tensor names and the data's target, which need the network.

    Raises:
        Problem: A number beyond the dtype, or two fields that contradict each other.
    """
    return spec.model_copy(
        update={
            "dataset": _data(spec),
            "layers": [
                layer_of(layer, spec.dtype, f"body.layers[{number}]")
                for number, layer in enumerate(spec.layers)
            ],
            "conventions": rules_of(spec.conventions, spec.dtype),
            "head": spec.head or head_of(spec.conventions, spec.loss, spec.layers),
            "optimizer": _optimizer(spec.optimizer, spec.dtype),
            "faults": sorted(set(spec.faults)),
            "edits": [_edit(edit, spec.dtype, number) for number, edit in enumerate(spec.edits)],
        }
    )


def rules_of(conventions: Preset | Conventions, dtype: DType) -> Conventions:
    """A preset's rules, or the rules given, with their numbers as values of the dtype."""
    if isinstance(conventions, Conventions):
        clip = rounded(conventions.clip, dtype, "body.conventions.clip")
        return conventions.model_copy(update={"clip": clip + 0.0})
    preset = PRESETS[conventions]
    return Conventions(relu_at_zero=preset.relu_at_zero, bce_outputs=preset.bce_outputs, clip=preset.clip)


def head_of(conventions: Preset | Conventions, loss: str, layers: list[Any]) -> str:
    """The head where none is named: fused under `pytorch` where the last layer allows it, else separate."""
    fusible = bool(layers) and layers[-1].type == FUSED_WITH[loss]
    return "fused" if conventions == "pytorch" and fusible else "separate"


def layer_of(layer: Layer, dtype: DType, field: str) -> Layer:
    """A dense layer with its units written out and its arrays as values of the dtype; others as they are."""
    if not isinstance(layer, Dense):
        return layer
    units = layer.units
    if layer.weight is not None:
        if layer.weight.array.ndim != 2:
            raise Problem(
                "wrong_shape", f"{field}.weight: expected rows (inputs, units).", field=f"{field}.weight"
            )
        if layer.initializer != _NORMAL:
            raise Problem("conflict", f"{field}: a weight is given, so nothing initialises it.", field=field)
        columns = layer.weight.array.shape[1]
        if units is not None and units != columns:
            raise Problem(
                "wrong_shape",
                f"{field}.weight: expected {units} columns, one a unit, got {columns}.",
                field=f"{field}.weight",
                expected=units,
                got=columns,
            )
        units = columns
    if units is None:
        raise Problem(
            "missing", f"{field}.units: expected units or a weight, got neither.", field=f"{field}.units"
        )
    return layer.model_copy(
        update={
            "units": units,
            "initializer": _initializer(layer.initializer, dtype, field),
            "weight": layer.weight and cast(layer.weight, dtype, f"{field}.weight"),
            "l1": rounded(layer.l1, dtype, f"{field}.l1") + 0.0,
            "l2": rounded(layer.l2, dtype, f"{field}.l2") + 0.0,
            "bias": layer.bias and _bias(layer.bias, units, dtype, f"{field}.bias"),
        }
    )


def expect_inputs(layer: Dense, inputs: int, field: str) -> None:
    """Refuse a given weight that takes another number of inputs.

    Raises:
        Problem: With both numbers.
    """
    if layer.weight is not None and len(layer.weight.array) != inputs:
        got = len(layer.weight.array)
        raise Problem(
            "wrong_shape",
            f"{field}.weight: expected {inputs} rows, one an input, got {got}.",
            field=f"{field}.weight",
            expected=inputs,
            got=got,
        )


def cast(given: GivenArray, dtype: DType, field: str) -> GivenArray:
    """The array as values of the dtype.

    Raises:
        Problem: One of them is beyond it.
    """
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(given.array, dtype=dtype)
    if not np.isfinite(array).all():
        raise Problem("not_finite", f"{field}: expected finite numbers of {dtype}.", field=field, dtype=dtype)
    return GivenArray(array)


def rounded(value: float, dtype: DType, field: str) -> float:
    """The shortest decimal that is the same value of the dtype: 0.1 is 0.1 in float32 too, and a default."""
    if dtype == "float64":
        return value
    with np.errstate(over="ignore"):
        single = np.float32(value)
    if not np.isfinite(single):
        raise Problem(
            "not_finite", f"{field}: expected a finite number of {dtype}.", field=field, dtype=dtype
        )
    return float(str(single))


def _bias(given: GivenArray, units: int, dtype: DType, field: str) -> GivenArray:
    row = given.array.reshape(1, -1) if given.array.ndim == 1 else given.array
    if row.shape != (1, units):
        got = tuple(given.array.shape)
        raise Problem(
            "wrong_shape", f"{field}: expected shape (1, {units}), got {got}.", field=field,
            expected=[1, units], got=list(got),
        )  # fmt: skip
    return cast(GivenArray(row), dtype, field)


def _initializer(initializer: Initializer, dtype: DType, field: str) -> Initializer:
    if not isinstance(initializer, Normal):
        return initializer
    scale = rounded(initializer.scale, dtype, f"{field}.initializer.scale") + 0.0
    return initializer.model_copy(update={"scale": scale})


def _data(spec: Spec) -> Any:
    field = "body.dataset"
    if isinstance(spec.dataset, GivenData):
        if spec.dataset.input.array.ndim != 2:
            raise Problem(
                "wrong_shape", f"{field}.input: expected rows (samples, inputs).", field=f"{field}.input"
            )
        return spec.dataset.model_copy(
            update={"input": cast(spec.dataset.input, spec.dtype, f"{field}.input")}
        )
    numbers = {
        name: rounded(value, spec.dtype, f"{field}.{name}") + 0.0
        for name, value in spec.dataset
        if isinstance(value, float)
    }
    return spec.dataset.model_copy(update=numbers)


def _optimizer(optimizer: Optimizer, dtype: DType) -> Optimizer:
    if isinstance(optimizer, Sgd) and optimizer.nesterov and not optimizer.momentum:
        field = "body.optimizer.nesterov"
        raise Problem("conflict", f"{field}: expected a momentum above 0 with it, got 0.", field=field)
    numbers = {
        name: rounded(value, dtype, f"body.optimizer.{name}") + 0.0
        for name, value in optimizer
        if isinstance(value, float)
    }
    return optimizer.model_copy(update=numbers)


def _edit(edit: Edit, dtype: DType, number: int) -> Edit:
    return edit.model_copy(update={"value": rounded(edit.value, dtype, f"body.edits[{number}].value")})


assert set(get_args(Preset)) == set(PRESETS)
