"""The Jacobian between any two places of a network, for one sample.

A place is a row of a wire: `batch.input`, a layer's `output`, and at the end the sample's own `loss.output`.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.chain import Chain, Link
from engine.losses import FusedHead
from engine.run import Frame, NotComputedError, Run

LOSS = "loss.output"


class PlaceError(ValueError):
    """There is no Jacobian between these two."""


def places_of(run: Run) -> list[str]:
    """The canonical names of all places, from the input to the loss."""
    return ["batch.input", *(f"{name}.output" for name in run.network.names), LOSS]


def chain(run: Run, position: int, start: str, end: str, sample: int) -> Chain:
    """What leads from one place to another behind it, as the pass that stands at a position has it.

    Args:
        run: Whose network it is.
        position: Right after an update the pass is that of the old parameters, and so are the Jacobians.
        start: A place, under any of its names.
        end: A place behind it.
        sample: The row of the batch.

    Raises:
        KeyError: There is no such tensor.
        PlaceError: It is no place, or the end is not behind the start, or the fused head goes past the last
            layer's output.
        NotComputedError: The forward pass has not come to the end yet.
        IndexError: There is no such sample.
    """
    places = places_of(run)
    first, last = _place(run, "from", start, places), _place(run, "to", end, places)
    if last <= first:
        raise PlaceError(f"to: expected a place behind {places[first]}, got {places[last]}")
    frame = run.frame(settled(run, position))
    samples = len(_there(frame, places[last]))
    if not 0 <= sample < samples:
        raise IndexError(f"sample: expected 0 to {samples - 1}, got {sample}")
    gradients = _gradients(run, frame)
    dvalue, dinput = (
        None if array is None else array[sample] for array in (gradients[last], gradients[first])
    )
    return Chain(tuple(_links(run, frame, first, last, sample)), samples, dvalue, dinput)


def settled(run: Run, position: int) -> int:
    """The position at which the parameters are still those that the pass was made with."""
    return position - 1 if position and position % run.steps_per_iteration == 0 else position


def _place(run: Run, end: str, name: str, places: list[str]) -> int:
    canonical = run.canonical(name)
    if canonical not in places:
        raise PlaceError(f"{end}: expected one of {', '.join(places)}, got {canonical}")
    return places.index(canonical)


def _links(run: Run, frame: Frame, first: int, last: int, sample: int) -> Iterator[Link]:
    names, places = run.network.names, places_of(run)
    fused, loss = isinstance(run.network.loss, FusedHead), last == len(names) + 1
    end = last - 1 - fused if loss else last
    if end < first:
        raise PlaceError(f"from: the fused head goes past {places[first]}, expected a place before it")
    for number in range(first, end):
        layer = run.network.layers[number]
        kept = {p: _there(frame, f"{names[number]}.{p}") for p in layer.parameters}
        input, output = (_there(frame, places[place]) for place in (number, number + 1))
        held = layer.holding({"input": input, "output": output, **kept})
        yield Link(names[number], held, None, sample, (output.shape[1], input.shape[1]))
    if loss:
        slope = _slope(run, frame, sample)
        yield Link("loss", None, slope, sample, (1, slope.shape[1]))


def _slope(run: Run, frame: Frame, sample: int) -> Array:
    """The sample's own loss by what the loss reads: its gradient as in a batch of this one sample."""
    network = run.network
    assert network.loss is not None, "a run has a loss"
    row = slice(sample, sample + 1)
    with np.errstate(all="ignore"):
        return network.loss.holding({}).backward(
            _there(frame, network.prediction)[row], _there(frame, "batch.target")[row]
        )


def _gradients(run: Run, frame: Frame) -> list[Array | None]:
    """The gradient at each place; of a sample's own loss it is 1/n. The fused head goes past one of them."""
    network = run.network
    found = [frame.tensors[f"{name}.dinput"] for name in network.names]
    before = None if isinstance(network.loss, FusedHead) else frame.tensors["loss.dinput"]
    outputs = frame.tensors[LOSS]
    return [*found, before, None if outputs is None else np.full_like(outputs, 1 / len(outputs))]


def _there(frame: Frame, name: str) -> Array:
    array = frame.tensors[name]
    if array is None:
        raise NotComputedError(f"{name} has no value at position {frame.position}")
    return array
