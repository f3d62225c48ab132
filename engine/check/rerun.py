"""An iteration's forward pass, run on from any of its places by the layers' own operations."""

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.check.result import REASONS, Reasons
from engine.layers import Layer, ReLU
from engine.losses import FusedHead, Loss
from engine.losses.base import clipped
from engine.run import Frame, Run

KINK, CLIPPED = REASONS.index("kink"), REASONS.index("clipped")


class Rerun:
    """The forward pass as it ran, place by place: place k is the input of layer k, the last the loss's.

    Args:
        run: With the edits.
        frame: Right after step `loss`.

    Attributes:
        layers: Holding the iteration's parameters; without the one that a fused head brings with it.
        wires: What stood at each place.
        gradients: The name of the loss's gradient by what stands at each place.
        target: The batch's.
    """

    def __init__(self, run: Run, frame: Frame) -> None:
        network = run.network
        assert network.loss is not None, "a run has a loss"
        self._loss: Loss = network.loss
        self.layers = [
            layer.holding({p: there(frame, f"{name}.{p}") for p in layer.parameters})
            for name, layer in network.named()
        ]
        names = ["batch.input", *(f"{name}.output" for name in network.names)]
        self.gradients = [*(f"{name}.dinput" for name in network.names), "loss.dinput"]
        if isinstance(self._loss, FusedHead):
            # The loss runs on from the last layer's input.
            for popped in (self.layers, names, self.gradients):
                popped.pop()
        self.wires = [there(frame, name) for name in names]
        self.target = there(frame, "batch.target")
        start = frame.iteration * run.steps_per_iteration
        self._patches = [
            (names.index(edit.tensor), edit)
            for edit in run.edits
            if start < edit.position <= frame.position and edit.tensor in names
        ]

    def onward(self, place: int, wire: Array, samples: Array) -> tuple[Array, Reasons]:
        """The loss of each row of a wire, each the values of one of the samples, and why it may be none."""
        reason = np.zeros(len(wire), np.int8)
        for number in range(place, len(self.layers)):
            layer = self.layers[number]
            if isinstance(layer, ReLU):
                reason |= kinks(layer, wire, self.wires[number][samples]).any(axis=1)
            # Feature by feature: a sum over a few features is then one over many samples at once.
            wire = np.asfortranarray(layer.forward(wire))
            self._patch(number + 1, wire, samples)
        target = self.target[samples]
        if clip := getattr(self._loss, "clip", 0):
            beyond = clipped(wire, clip) != wire
            if beyond.any():
                beyond &= wire != self.wires[-1][samples]
                reason[self._counts(beyond, target, wire)] = CLIPPED
        loss = self._loss.holding({})
        return loss.forward(wire, target)[:, 0], reason

    def column_onward(self, place: int, unit: int, column: Array) -> tuple[Array, Reasons]:
        """The losses of all samples with one column of a wire replaced: (samples, variants) -> the same."""
        n, variants = column.shape
        reason = np.zeros((n, variants), np.int8)
        samples = np.arange(n)
        self._patch(place, column, samples, unit)
        while place < len(self.layers) and elementwise(self.layers[place]):
            layer = self.layers[place]
            if isinstance(layer, ReLU):
                reason |= kinks(layer, column, self.wires[place][:, unit, None])
            column = layer.forward(column)
            place += 1
            self._patch(place, column, samples, unit)
        base = self.wires[place]
        whole = np.empty((base.shape[1], variants, n))
        whole[:] = base.T[:, None, :]
        whole[unit] = column.T
        found, late = self.onward(place, whole.reshape(len(whole), -1).T, np.tile(samples, variants))
        return found.reshape(variants, n), np.maximum(late.reshape(variants, n), reason.T)

    def _counts(self, beyond: Array, target: Array, prediction: Array) -> Array:
        """Whether a row's loss reads a probability that moved beyond its clip."""
        rows = np.asarray(beyond.any(axis=1))
        if self._loss.kind == "categorical_crossentropy" and target.shape[1] == 1 != prediction.shape[1]:
            rows = np.take_along_axis(beyond, target, axis=1)[:, 0]
        return rows

    def _patch(self, place: int, wire: Array, samples: Array, unit: int | None = None) -> None:
        """What an edit overwrote stays as it was overwritten."""
        for at, edit in self._patches:
            row, column = edit.index
            if at == place and unit in (None, column):
                wire[samples == row, slice(None) if unit is not None else column] = edit.value


def there(frame: Frame, name: str) -> Array:
    """A tensor that the frame must hold."""
    array = frame.tensors[name]
    assert array is not None, "after step `loss` the forward pass is there"
    return array


def elementwise(layer: Layer) -> bool:
    """Whether each output is made of one input."""
    rule = layer.rules["output"]
    return dict(rule.reads) == {"input": rule.produced}


def kinks(layer: ReLU, wire: Array, before: Array) -> npt.NDArray[np.bool_]:
    """Where a ReLU's input has left the side of zero that it is on; 0 is on the side that the layer means."""
    # Its own attribute, not what it does with it: that is what is to be checked.
    crossed: npt.NDArray[np.bool_] = (
        (wire >= 0) != (before >= 0) if layer.at_zero else (wire > 0) != (before > 0)
    )
    return crossed
