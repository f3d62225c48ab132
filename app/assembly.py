"""The parts of a network from their parts of a spec: layers, losses, optimisers, data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.problems import Problem
from app.schemas.optimizers import Optimizer as OptimizerSpec
from app.schemas.spec import (
    Conventions,
    Dense,
    DType,
    GivenData,
    Initializer,
    Layer,
    Normal,
    ReLU,
    Sigmoid,
    Spec,
    Uploading,
)
from engine import initializers
from engine.arrays import Array
from engine.conventions import Averaging
from engine.datasets import Dataset, OptionError, load, select
from engine.faults import can_have
from engine.layers import Dense as DenseLayer
from engine.layers import Layer as EngineLayer
from engine.layers import ReLU as ReLULayer
from engine.layers import Sigmoid as SigmoidLayer
from engine.layers import Softmax as SoftmaxLayer
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop
from engine.penalties import Penalty
from engine.streams import WEIGHT, stream

OPTIMIZERS: dict[str, type[Optimizer]] = {kind.kind: kind for kind in (SGD, AdaGrad, RMSprop, Adam, AdamW)}

STARTS: dict[str, initializers.Initializer] = {
    "he": initializers.He(),
    "glorot": initializers.Glorot(),
    "zeros": initializers.Zeros(),
}


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a run.

    Attributes:
        input: As values of the spec's dtype.
        target: As it was given.
        test: Input and target of what is held back for testing.
        names: Of the features and of the classes, where they have some.
    """

    input: Array
    target: Array
    test: tuple[Array, Array] | None = None
    names: dict[str, tuple[str, ...]] | None = None


def network_of(
    layers: Sequence[Layer], inputs: int, seed: int, rules: Conventions, dtype: DType, loss: Loss | None
) -> Network:
    """The network, its weights given or drawn by the seed, a stream a layer."""
    built: list[EngineLayer] = []
    for number, layer in enumerate(layers):
        built.append(layer_of(layer, inputs, stream(seed, WEIGHT, number), rules, dtype))
        inputs = built[-1].outputs(inputs)
    try:
        return Network(built, loss)
    except ValueError as error:  # a head that does not fuse with the last layer
        raise Problem("conflict", f"body.{error}.", field="body.head") from None


def layer_of(
    layer: Layer, inputs: int, rng: np.random.Generator, rules: Conventions, dtype: DType
) -> EngineLayer:
    """The engine's layer of a normalised spec's."""
    if isinstance(layer, Dense):
        assert layer.units is not None, "a normalised dense layer has its units"
        return DenseLayer(
            inputs,
            layer.units,
            weight=None if layer.weight is None else layer.weight.array,
            bias=None if layer.bias is None else layer.bias.array,
            initializer=initializer_of(layer.initializer),
            penalty=Penalty(layer.l1, layer.l2),
            rng=rng,
            dtype=dtype,
        )
    if isinstance(layer, ReLU):
        return ReLULayer(rules.relu_at_zero)
    return SigmoidLayer() if isinstance(layer, Sigmoid) else SoftmaxLayer()


def initializer_of(initializer: Initializer) -> initializers.Initializer:
    """The engine's initialiser."""
    if isinstance(initializer, Normal):
        return initializers.Normal(initializer.scale)
    return STARTS[initializer.type]


def loss_of(loss: str, head: str | None, rules: Conventions) -> Loss:
    """The engine's loss: separate, or fused with the last layer."""
    outputs: Averaging = rules.bce_outputs
    if loss == "categorical_crossentropy":
        return SoftmaxCategoricalCrossentropy() if head == "fused" else CategoricalCrossentropy(rules.clip)
    return SigmoidBinaryCrossentropy(outputs) if head == "fused" else BinaryCrossentropy(rules.clip, outputs)


def optimizer_of(optimizer: OptimizerSpec) -> Optimizer:
    """The engine's optimiser."""
    return OPTIMIZERS[optimizer.type](**optimizer.model_dump(exclude={"type"}))


def expect_fitting(network: Network, faults: Sequence[str]) -> None:
    """Refuse a fault that no part of the network can have.

    Raises:
        Problem: With its name.
    """
    for fault in faults:
        if not can_have(network, fault):
            said = f"body.faults: expected faults that some part of this network can have, got {fault}."
            raise Problem("fault_unfit", said, field="body.faults", fault=fault)


def data_of(spec: Spec, uploaded: Dataset | None) -> Data:
    """The data of a normalised spec.

    Args:
        spec: The spec.
        uploaded: The data that it names by their hash, if it does.

    Raises:
        Problem: Nothing is left to train with, or a number is beyond the dtype.
    """
    if isinstance(spec.dataset, GivenData):
        return Data(spec.dataset.input.array, spec.dataset.target.array)
    options: dict[str, Any] = spec.dataset.model_dump(exclude={"upload"})
    try:
        data = load(**options) if uploaded is None else select(uploaded, **options)
    except OptionError as error:
        field = f"body.dataset.{error.option}"
        raise Problem("out_of_range", f"body.dataset.{error}.", field=field) from None
    held = data.test if data.test is not None and len(data.test.input) else None
    return Data(
        _finite(data.input, spec),
        data.target,
        None if held is None else (_finite(held.input, spec), held.target),
        {"features": data.features, "classes": data.classes},
    )


def _finite(input: Array, spec: Spec) -> Array:
    with np.errstate(over="ignore"):
        values = input.astype(spec.dtype)
    # Those of the catalogue are as they should be.
    if isinstance(spec.dataset, Uploading) and not np.isfinite(values).all():
        field = "body.dataset"
        said = f"{field}: expected numbers that {spec.dtype} holds, standardised where that was asked for."
        raise Problem("not_finite", said, field=field, dtype=spec.dtype)
    return values


def target_of(loss: Loss, target: Array, outputs: int, dtype: DType, field: str) -> Array:
    """The target as the loss keeps it.

    Raises:
        Problem: It is none, in the loss's own sentence.
    """
    try:
        return loss.targets(target, outputs, dtype)
    except ValueError as error:
        code = "wrong_shape" if "expected shape" in str(error) else "out_of_range"
        raise Problem(code, f"{field}: {error}.", field=field) from None
