"""An iteration's forward pass, run on from any of its places by the layers' own operations."""

import numpy as np

from engine.arrays import Array
from engine.check.columns import by_column, by_feature, elementwise, kinks, whole
from engine.check.differences import EPS
from engine.check.result import REASONS, Reasons
from engine.layers import Dense, ReLU
from engine.losses import FusedHead, Loss
from engine.losses.base import clipped
from engine.losses.categorical import holds_labels, of_labels
from engine.run import Frame, Run

MOST_ROWS = 2**13
NUMBERS = 2**18
"""Samples run on at once, and what they may carry between them."""

DIGITS = 4
"""Roundings that a prediction or a loss has behind it."""

KEPT_BYTES = 2**24

CLIPPED = REASONS.index("clipped")


class Rerun:
    """The forward pass as it ran, place by place: place k is the input of layer k, the last the loss's.

    Args:
        run: With the edits.
        frame: Right after step `loss`.

    Attributes:
        layers: Holding the iteration's parameters; without the one that a fused head brings with it.
        wires: What stood at each place.
        names: What stands at each place, by its producer's name.
        gradients: The name of the loss's gradient by it.
        target: The batch's.
        losses: Of each sample, with nothing moved.
        rounding: What is rounded off each of them: last digits of a logarithm of nearly 1, and what the loss
            makes of the last digits of the prediction or the logits.
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
        self.names = names
        self.wires = [there(frame, name) for name in names]
        self.target = there(frame, "batch.target")
        self.losses, self.rounding = self._still()
        # Once it has seen so large a block freed, glibc keeps what is freed instead of giving it back, and
        # the arrays of one chunk find the memory of those before them.
        np.empty(KEPT_BYTES, np.int8)
        start = frame.iteration * run.steps_per_iteration
        self._patches = [
            (names.index(edit.tensor), edit)
            for edit in run.edits
            if start < edit.position <= frame.position and edit.tensor in names
        ]

    def rows(self, place: int) -> int:
        """How many samples are run on at once from a place, so that what they carry stays in the cache."""
        widest: int = max(wire.shape[1] for wire in self.wires[place:])
        return min(MOST_ROWS, NUMBERS // widest)

    def onward(self, place: int, wire: Array, samples: Array) -> tuple[Array, Reasons]:
        """The loss of each row of a wire, each the values of one of the samples, and why it may be none."""
        reason = np.zeros(len(wire), np.int8)
        for number in range(place, len(self.layers)):
            layer = self.layers[number]
            if isinstance(layer, ReLU):
                reason |= kinks(layer, wire, self.wires[number][samples]).any(axis=1)
            wire = by_feature(layer.forward(wire))
            self._patch(number + 1, wire, samples)
        target = self.target[samples]
        if clip := getattr(self._loss, "clip", 0):
            reason[self._beyond(clip, wire, samples)] = CLIPPED
        loss = self._loss.holding({})
        return loss.forward(wire, target)[:, 0], reason

    def columns_onward(self, place: int, units: Array, columns: Array) -> tuple[Array, Reasons]:
        """The losses of all samples with one column of a wire replaced, another in each variant.

        Shapes: (variants,), (samples, variants) -> (variants, samples).
        """
        n, variants = columns.shape
        reason = np.zeros((n, variants), np.int8)
        self._patch_columns(place, columns, units)
        while place < len(self.layers) and elementwise(self.layers[place]):
            layer = self.layers[place]
            if isinstance(layer, ReLU):
                reason |= kinks(layer, columns, self.wires[place][:, units])
            columns = layer.forward(columns)
            place += 1
            self._patch_columns(place, columns, units)
        samples = np.tile(np.arange(n), variants)
        behind = self.layers[place] if place < len(self.layers) else None
        if isinstance(behind, Dense) and (units == units[0]).all():
            wire = by_column(behind, self.wires[place], int(units[0]), columns)
            place += 1
            self._patch(place, wire, samples)
        else:
            wire = whole(self.wires[place], units, columns)
        found, late = self.onward(place, wire, samples)
        return found.reshape(variants, n), np.maximum(late.reshape(variants, n), reason.T)

    def _still(self) -> tuple[Array, Array]:
        last = self.wires[-1]
        with np.errstate(all="ignore"):
            losses, beside = (
                self._loss.holding({}).forward(wire, self.target)[:, 0]
                for wire in (last, np.nextafter(last, np.zeros_like(last)))
            )
            rounding = DIGITS * np.maximum(np.nan_to_num(np.abs(beside - losses), posinf=0), EPS)
        return losses, rounding

    def _beyond(self, clip: float, prediction: Array, samples: Array) -> Array:
        """The rows whose loss reads a probability that has moved and is beyond its clip."""
        before, target = self.wires[-1], self.target
        if self._loss.kind == "categorical_crossentropy" and holds_labels(target, before):
            prediction, before = of_labels(prediction, target[samples]), of_labels(before, target)
        beyond = clipped(prediction, clip) != prediction
        if beyond.any():
            beyond &= prediction != before[samples]
        return np.asarray(beyond.any(axis=1))

    def _patch(self, place: int, wire: Array, samples: Array) -> None:
        """What an edit overwrote stays as it was overwritten."""
        for at, edit in self._patches:
            if at == place:
                wire[samples == edit.index[0], edit.index[1]] = edit.value

    def _patch_columns(self, place: int, columns: Array, units: Array) -> None:
        for at, edit in self._patches:
            if at == place:
                columns[edit.index[0], units == edit.index[1]] = edit.value


def there(frame: Frame, name: str) -> Array:
    """A tensor that the frame must hold."""
    array = frame.tensors[name]
    assert array is not None, "after step `loss` the forward pass is there"
    return array
