"""Layers in a row, with a loss at their end: names, wires, and one pass without a run."""

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.arrays import Array
from engine.layers import Dense, Layer
from engine.losses import FusedHead, Loss
from engine.penalties import Penalty

Shape = tuple[int, int]


class Network:
    """Layers named by type and count, and the tensors between them.

    A wire has two names: a layer's `input` is the previous one's `output` (or `batch.input`), its `dvalue`
    the next one's `dinput` (or `loss.dinput`). The canonical name is the producer's.

    Args:
        layers: From the first to the last; none is the loss alone.
        loss: None where the gradient comes from outside.

    Attributes:
        names: `["dense_1", "relu_1", ...]`.
        aliases: For each canonical name, the other names of the same tensor.

    Raises:
        ValueError: A fused head after a layer that it does not fuse; the same layer twice.
    """

    def __init__(self, layers: Sequence[Layer], loss: Loss | None = None) -> None:
        self.layers = tuple(layers)
        self.loss = loss
        if len(set(map(id, self.layers))) < len(self.layers):
            raise ValueError("layers: expected each layer once, got one twice")
        count: Counter[str] = Counter()
        self.names: list[str] = []
        for layer in self.layers:
            count[layer.kind] += 1
            self.names.append(f"{layer.kind}_{count[layer.kind]}")
        if isinstance(loss, FusedHead):
            last = self.layers[-1].kind if self.layers else "none"
            if last != loss.layer:
                raise ValueError(f"head: the fused {loss.kind} expects a last layer {loss.layer}, got {last}")
        self._producer = self._wires()
        self.aliases: dict[str, list[str]] = {}
        for alias, producer in self._producer.items():
            self.aliases.setdefault(producer, []).append(alias)

    @property
    def parameters(self) -> list[str]:
        """The canonical names of what training changes."""
        return [f"{name}.{p}" for name, layer in self.named() for p in layer.parameters]

    def named(self) -> list[tuple[str, Layer]]:
        """The layers with their names."""
        return list(zip(self.names, self.layers, strict=True))

    def wire(self, tensor: str) -> str:
        """The canonical name of a tensor that has two, else the same name."""
        return self._producer.get(tensor, tensor)

    @property
    def prediction(self) -> str:
        """The canonical name of what the loss reads."""
        return f"{self.names[-1]}.output" if self.names else "batch.input"

    @property
    def penalties(self) -> dict[str, Penalty]:
        """What weights cost beside the data's loss, by their canonical names."""
        dense = [(name, layer) for name, layer in self.named() if isinstance(layer, Dense)]
        return {f"{name}.weight": layer.penalty for name, layer in dense if layer.penalty}

    def settled(self, value: Array) -> Array:
        """The mean loss of the data, and what the weights cost beside it: (1, 1)."""
        weights = self.tensors()
        return sum((p.value(weights[name]) for name, p in self.penalties.items()), value)

    def forward(self, input: Array) -> Array:
        """The last layer's output: (samples, inputs) -> (samples, outputs)."""
        for layer in self.layers:
            input = layer.forward(input)
        return input

    def predicted(self, input: Array, tensors: Mapping[str, Array | None]) -> tuple[Array, Array]:
        """The last layer's input and output for any samples, with the parameters of a frame."""
        logits = input
        for name, layer in self.named():
            held = {p: array for p in layer.parameters if (array := tensors[f"{name}.{p}"]) is not None}
            logits, input = input, layer.holding(held).forward(input)
        return logits, input

    def backward(self, dvalue: Array) -> Array:
        """The first layer's dinput, from the last one's dvalue (a fused head's: its dinput)."""
        layers = self.layers[:-1] if isinstance(self.loss, FusedHead) else self.layers
        if isinstance(self.loss, FusedHead):
            self.layers[-1].dinput = dvalue
        for layer in reversed(layers):
            dvalue = layer.backward(dvalue)
        return dvalue

    def tensors(self) -> dict[str, Array]:
        """What the last pass left behind, by canonical names."""
        parts = [*self.named(), *([("loss", self.loss)] if self.loss else [])]
        kept = ("weight", "bias", "output", "value", "dinput", "dweight", "dbias")
        found = {f"{name}.{a}": vars(part)[a] for name, part in parts for a in kept if a in vars(part)}
        if isinstance(self.loss, FusedHead):
            # Of the fused head's gradient the last layer's dinput is the name.
            found.pop("loss.dinput", None)
        return found

    def shapes(self, samples: int, inputs: int, target_columns: int) -> dict[str, Shape]:
        """The shapes of a batch's tensors by canonical names, in the order in which a pass writes them.

        Raises:
            ValueError: A weight that does not fit, naming its layer.
        """
        forward: dict[str, Shape] = {
            "batch.input": (samples, inputs),
            "batch.target": (samples, target_columns),
        }
        backward: dict[str, Shape] = {}
        columns = inputs
        for name, layer in self.named():
            gradients: dict[str, Shape] = {}
            for p in layer.parameters:
                rows, units = vars(layer)[p].shape
                forward[f"{name}.{p}"] = gradients[f"{name}.d{p}"] = (rows, units)
            gradients[f"{name}.dinput"] = (samples, columns)
            backward = gradients | backward
            try:
                columns = layer.outputs(columns)
            except ValueError as error:
                raise ValueError(f"{name}.{error}") from None
            forward[f"{name}.output"] = (samples, columns)
        loss: dict[str, Shape] = {"loss.output": (samples, 1)}
        if self.penalties:
            loss["loss.penalty"] = (1, 1)
        loss |= {"loss.value": (1, 1), "loss.dinput": (samples, columns)}
        return forward | (loss if self.loss else {}) | backward

    def _wires(self) -> Mapping[str, str]:
        wires: dict[str, str] = {}
        previous = "batch.input"
        for name in self.names:
            wires[f"{name}.input"] = previous
            previous = f"{name}.output"
        following = "loss.dinput"
        for name in reversed(self.names):
            wires[f"{name}.dvalue"] = following
            following = f"{name}.dinput"
        return wires
