"""The parts of a network from their parts of a spec: layers, losses, optimisers, data."""

from collections.abc import Sequence
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
)
from engine import initializers
from engine.arrays import Array
from engine.conventions import Averaging
from engine.datasets import OptionError, load
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


def data_of(spec: Spec) -> tuple[Array, Array]:
    """The input as values of the spec's dtype, and the target as it was given.

    Raises:
        Problem: Nothing is left to train with.
    """
    if isinstance(spec.dataset, GivenData):
        return spec.dataset.input.array, spec.dataset.target.array
    options: dict[str, Any] = spec.dataset.model_dump()
    try:
        data = load(**options)
    except OptionError as error:
        field = f"body.dataset.{error.option}"
        raise Problem("out_of_range", f"body.dataset.{error}.", field=field) from None
    return data.input.astype(spec.dtype), data.target


def held_back(spec: Spec, network: Network) -> tuple[Array, Array] | None:
    """Input and target of what a named data set holds back for testing."""
    if isinstance(spec.dataset, GivenData):
        return None
    options: dict[str, Any] = spec.dataset.model_dump()
    test = load(**options).test
    if test is None or not len(test.input):
        return None
    assert network.loss is not None, "a run has a loss"
    outputs = network.shapes(1, test.input.shape[1], 1)["loss.dinput"][1]
    return test.input.astype(spec.dtype), target_of(
        network.loss, test.target, outputs, spec.dtype, "body.dataset"
    )


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
