"""How a run trains: a record an iteration, of its loss and of what happens in each layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.layers import Dense, ReLU, Sigmoid
from engine.losses import FusedHead
from engine.run import Frame, Run

SATURATED = 0.01
"""A sigmoid this close to 0 or 1 lets less than a hundredth of its dvalue through."""


@dataclass(frozen=True, slots=True)
class Record:
    """One iteration.

    Attributes:
        iteration: t: how many updates came before.
        loss: The mean over the batch, penalties included, with the weights before the update.
        accuracy: On the batch.
        test_loss: On what was held back, with the same weights; None where nothing was.
        test_accuracy: The same.
        layers: A dense layer's Euclidean norms of `weight`, `gradient` and `update`; of a ReLU the share of
            units that are `dead`, through which no gradient passes for the whole batch; of a sigmoid the
            share of `saturated` cells.
    """

    iteration: int
    loss: float
    accuracy: float
    test_loss: float | None
    test_accuracy: float | None
    layers: Mapping[str, Mapping[str, float]]


def history(
    run: Run, start: int, stop: int, every: int = 1, test: tuple[Array, Array] | None = None
) -> Iterator[Record]:
    """The records of iterations start, start + every, … below stop, each as soon as it is computed.

    Args:
        run: Which run.
        start: The first iteration.
        stop: The iteration to end before.
        every: Iterations from one record to the next.
        test: Samples and targets that were held back.

    Raises:
        ValueError: A negative start, or every below 1.
    """
    if start < 0 or every < 1:
        raise ValueError(f"start, every: expected at least 0 and 1, got {start} and {every}")
    for iteration, before, after in run.iterations(start, stop):
        if (iteration - start) % every == 0:
            yield record(run, iteration, before, after, test)


def record(run: Run, iteration: int, before: Frame, after: Frame, test: tuple[Array, Array] | None) -> Record:
    """One iteration's record, from its last frame and the one after its update."""
    assert before.loss is not None
    assert before.accuracy is not None
    with np.errstate(all="ignore"):
        test_loss, test_accuracy = (None, None) if test is None else evaluate(run, before, *test)
        layers = {name: _figures(run, name, before, after) for name in run.network.names}
    told = {name: figures for name, figures in layers.items() if figures}
    return Record(iteration, before.loss, before.accuracy, test_loss, test_accuracy, told)


def evaluate(run: Run, frame: Frame, input: Array, target: Array) -> tuple[float, float]:
    """Loss and accuracy on other samples, with a frame's weights."""
    network, loss = run.network, run.network.loss
    assert loss is not None
    logits, prediction = network.predicted(input, frame.tensors)
    ours = loss.holding({})
    ours.forward(logits if isinstance(ours, FusedHead) else prediction, target)
    costs = [float(p.value(_there(frame, w))[0, 0]) for w, p in network.penalties.items()]
    return float(ours.value[0, 0]) + sum(costs), ours.accuracy(prediction, target)


def _figures(run: Run, name: str, before: Frame, after: Frame) -> dict[str, float]:
    layer = dict(run.network.named())[name]
    if isinstance(layer, Dense):
        weight = _there(before, f"{name}.weight")
        return {
            "weight": _norm(weight),
            "gradient": _norm(_there(before, f"{name}.dweight")),
            "update": _norm(_there(after, f"{name}.weight") - weight),
        }
    if isinstance(layer, ReLU):
        input = _there(before, run.network.wire(f"{name}.input"))
        return {"dead": float(layer.silent(input).mean())}
    if isinstance(layer, Sigmoid):
        output = _there(before, f"{name}.output")
        return {"saturated": float((np.minimum(output, 1 - output) < SATURATED).mean())}
    return {}


def _there(frame: Frame, name: str) -> Array:
    array = frame.tensors[name]
    assert array is not None, "the last frame of an iteration has everything"
    return array


def _norm(array: Array) -> float:
    """√Σx², scaled by the largest so that squares neither overflow nor vanish."""
    values = array.astype(np.float64)
    largest = float(np.abs(values).max())
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(values / largest))
