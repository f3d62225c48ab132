"""The stateless calls: one pass through layers, or through one layer alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.assembly import layer_of, loss_of, network_of, target_of
from app.encoding import nested, number
from app.limits import check_cells
from app.normalise import cast, expect_inputs, head_of, rules_of
from app.normalise import layer_of as normalised
from app.problems import Problem
from app.schemas.arrays import GivenArray
from app.schemas.calls import Backprop, LayerBackward, LayerForward, LayerType
from app.schemas.spec import Dense, DType, Layer, ReLU, Sigmoid, Softmax
from app.settings import Settings
from engine.arrays import Array
from engine.losses import FusedHead, Loss
from engine.network import Network
from engine.streams import WEIGHT, stream


def backprop(asked: Backprop, settings: Settings) -> dict[str, Any]:
    """One forward and backward pass.

    Raises:
        Problem: Shapes that do not fit, both or neither of loss and dvalue, too many cells.
    """
    _expect_one_end(asked)
    rules = rules_of(asked.conventions, asked.dtype)
    fields = [f"body.layers[{n}]" for n in range(len(asked.layers))]
    layers = [
        normalised(layer, asked.dtype, field) for layer, field in zip(asked.layers, fields, strict=True)
    ]
    input = matrix(asked.input, asked.dtype, "body.input")
    outputs = _expect_sizes(layers, fields, input, settings)
    loss: Loss | None = None
    if asked.loss is not None:
        loss = loss_of(asked.loss, asked.head or head_of(asked.conventions, asked.loss, layers), rules)
    network = network_of(layers, input.shape[1], asked.seed, rules, asked.dtype, loss)
    # An overflow is something to look at, not an error.
    with np.errstate(all="ignore"):
        prediction = network.forward(input)
        if loss is None:
            assert asked.dvalue is not None
            network.backward(_like(asked.dvalue, (len(input), outputs), asked.dtype, "body.dvalue"))
            return {"loss": None, "sample_losses": None, "accuracy": None, **_tensors(network)}
        assert asked.target is not None
        target = target_of(loss, asked.target.array, outputs, asked.dtype, "body.target")
        _expect_rows(target, len(input), "body.target")
        fused = isinstance(loss, FusedHead)
        samples = loss.forward(network.layers[-1].input if fused else prediction, target)
        network.backward(loss.backward(prediction, target))
        loss.value = network.settled(loss.value)
    return {
        "loss": number(float(loss.value[0, 0])),
        "sample_losses": nested(samples[:, 0]),
        "accuracy": loss.accuracy(prediction, target),
        **_tensors(network),
    }


def one_layer(kind: LayerType, asked: LayerForward, settings: Settings) -> dict[str, Any]:
    """One layer's output, and its gradients where a dvalue is there.

    Raises:
        Problem: Arrays that do not fit, or that this layer does not have.
    """
    layer = _alone(kind, asked)
    input = matrix(asked.input, asked.dtype, "body.input")
    outputs = _expect_sizes([layer], ["body"], input, settings)
    rules = rules_of(asked.conventions, asked.dtype)
    built = layer_of(layer, input.shape[1], stream(0, WEIGHT), rules, asked.dtype)
    with np.errstate(all="ignore"):
        answer = {"output": nested(built.forward(input))}
        if isinstance(asked, LayerBackward):
            dvalue = _like(asked.dvalue, (len(input), outputs), asked.dtype, "body.dvalue")
            built.backward(dvalue)
            names = ("dinput", *(f"d{parameter}" for parameter in built.parameters))
            answer |= {name: nested(vars(built)[name]) for name in names}
        if asked.jacobians:
            cells = len(input) * input.shape[1] * outputs
            check_cells(cells, settings, "The Jacobians have samples × outputs × inputs cells.")
            answer["jacobians"] = [nested(built.jacobian(sample)) for sample in range(len(input))]
    return answer


def matrix(given: GivenArray, dtype: DType, field: str) -> Array:
    """A two-dimensional array of the dtype."""
    if given.array.ndim != 2:
        raise Problem("wrong_shape", f"{field}: expected rows, one a sample.", field=field)
    return cast(given, dtype, field).array


def _alone(kind: LayerType, asked: LayerForward) -> Layer:
    if kind == "dense":
        if asked.weight is None:
            raise Problem("missing", "body.weight: expected a dense layer's weight.", field="body.weight")
        dense = Dense(type="dense", weight=asked.weight, bias=asked.bias)
        return normalised(dense, asked.dtype, "body")
    for name in ("weight", "bias"):
        if getattr(asked, name) is not None:
            field = f"body.{name}"
            raise Problem("unknown_field", f"{field}: only a dense layer has one, not {kind}.", field=field)
    kinds: dict[str, Layer] = {
        "relu": ReLU(type="relu"),
        "sigmoid": Sigmoid(type="sigmoid"),
        "softmax": Softmax(type="softmax"),
    }
    return kinds[kind]


def _like(given: GivenArray, shape: tuple[int, int], dtype: DType, field: str) -> Array:
    if given.array.shape != shape:
        raise Problem(
            "wrong_shape",
            f"{field}: expected the output's shape {shape}, got {given.array.shape}.",
            field=field,
            expected=list(shape),
            got=list(given.array.shape),
        )
    return cast(given, dtype, field).array


def _expect_one_end(asked: Backprop) -> None:
    with_loss = asked.loss is not None or asked.target is not None
    if asked.dvalue is not None and (with_loss or asked.head is not None):
        raise Problem("conflict", "body.dvalue: expected a dvalue or a loss, got both.", field="body.dvalue")
    if asked.dvalue is None:
        for name in ("loss", "target"):
            if getattr(asked, name) is None:
                field = f"body.{name}"
                raise Problem("missing", f"{field}: expected a target and a loss, or a dvalue.", field=field)


def _expect_rows(array: Array, rows: int, field: str) -> None:
    if len(array) != rows:
        raise Problem(
            "wrong_shape", f"{field}: expected {rows} rows, one a sample, got {len(array)}.", field=field,
            expected=rows, got=len(array),
        )  # fmt: skip


def _expect_sizes(layers: Sequence[Layer], fields: Sequence[str], input: Array, settings: Settings) -> int:
    """The last layer's outputs, after checking that weights fit and the answer's cells are few enough."""
    samples, width = (int(length) for length in input.shape)
    cells = 0
    for layer, field in zip(layers, fields, strict=True):
        units = width
        if isinstance(layer, Dense):
            assert layer.units is not None, "a normalised dense layer has its units"
            units = layer.units
            expect_inputs(layer, width, field)
            cells += 2 * (width + 1) * units
        cells += samples * (width + units)
        width = units
    check_cells(cells, settings, "Send fewer samples, or fewer units.")
    return width


def _tensors(network: Network) -> dict[str, Any]:
    return {"tensors": {name: nested(array) for name, array in network.tensors().items()}}
