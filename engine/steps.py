"""The steps of an iteration: what each reads, what it writes, and why a cell that it wrote is what it is.

Here tensors go by their canonical names, and layers, losses and optimisers do the arithmetic. A step is a
pure function of the tensors before it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from engine.arrays import Array
from engine.explain import Cell, Explanation, Rule, Term, read
from engine.layers import Layer
from engine.losses import FusedHead, Loss
from engine.network import Network, Shape
from engine.optimizers import Optimizer
from engine.penalties import Penalty

PENALTY = "loss.penalty"

Tensors = Mapping[str, Array | None]
Index = tuple[int, int]
P = TypeVar("P", Layer, Loss)


class Step(ABC):
    """One step, by its name: `batch`, `forward:dense_1`, `loss`, …, `update`."""

    name: str

    @property
    @abstractmethod
    def writes(self) -> frozenset[str]:
        """The tensors that it writes."""

    @abstractmethod
    def run(self, before: Tensors, iteration: int) -> dict[str, Array]:
        """What it writes, in fresh arrays."""

    @abstractmethod
    def explain(self, tensor: str, index: Index, before: Tensors, iteration: int) -> Explanation:
        """The terms of a cell that it writes.

        A cell among the factors that the step itself writes is meant as it wrote it, the explained tensor's
        own as it was before; all others as they were before.
        """

    @abstractmethod
    def users(self, cell: Cell, iteration: int, shapes: Mapping[str, Shape]) -> Iterator[Cell]:
        """The cells, among those that it writes, that read this one."""


@dataclass(frozen=True)
class BatchStep(Step):
    """The samples are laid in: batch.input and batch.target are rows of data.input and data.target."""

    rows: Callable[[int], Array]
    name: str = "batch"

    @property
    def writes(self) -> frozenset[str]:
        """The batch."""
        return frozenset({"batch.input", "batch.target"})

    def run(self, before: Tensors, iteration: int) -> dict[str, Array]:
        """The iteration's rows."""
        rows = self.rows(iteration)
        return {f"batch.{kind}": _there(before, f"data.{kind}")[rows] for kind in ("input", "target")}

    def explain(self, tensor: str, index: Index, before: Tensors, iteration: int) -> Explanation:
        """One cell of the data."""
        data = tensor.replace("batch", "data")
        row = int(self.rows(iteration)[index[0]])
        factor = read("data", data, _there(before, data), row, index[1])
        return Explanation(Cell(tensor, index), factor.value, (Term.product(factor),))

    def users(self, cell: Cell, iteration: int, shapes: Mapping[str, Shape]) -> Iterator[Cell]:
        """The sample's row in the batch, if it is in it."""
        if cell.tensor in ("data.input", "data.target"):
            tensor = cell.tensor.replace("data", "batch")
            for row in (self.rows(iteration) == cell.index[0]).nonzero()[0]:
                yield Cell(tensor, (int(row), cell.index[1]))


@dataclass(frozen=True)
class PartStep(Step, Generic[P]):
    """One pass of one layer or loss.

    `reads` and `wrote` tell the part's own attributes from the tensors' canonical names.
    """

    name: str
    part: P
    act: Callable[[P], object]
    reads: Mapping[str, str]
    wrote: Mapping[str, str]

    @property
    def writes(self) -> frozenset[str]:
        """What the part's pass computes."""
        return frozenset(self.wrote.values())

    def run(self, before: Tensors, iteration: int) -> dict[str, Array]:
        """The part, holding what it reads, does its pass."""
        part = self._ran(before)
        return {tensor: vars(part)[attribute] for attribute, tensor in self.wrote.items()}

    def explain(self, tensor: str, index: Index, before: Tensors, iteration: int) -> Explanation:
        """As the part says, under the canonical names."""
        explanation = self._ran(before).explain(Cell(self._attribute(tensor), index))
        return renamed(explanation, {**self.reads, **self.wrote})

    def users(self, cell: Cell, iteration: int, shapes: Mapping[str, Shape]) -> Iterator[Cell]:
        """By the part's rules."""
        names = {**self.reads, **self.wrote}
        rules = {attribute: self.part.rules[attribute] for attribute in self.wrote}
        yield from _users(rules, names, cell, shapes)

    def _attribute(self, tensor: str) -> str:
        return next(attribute for attribute, name in self.wrote.items() if name == tensor)

    def _ran(self, before: Tensors) -> P:
        part = self.part.holding({attribute: _there(before, name) for attribute, name in self.reads.items()})
        self.act(part)
        return part


@dataclass(frozen=True)
class PenalisedLossStep(Step):
    """The loss of the data, and what the weights cost: loss.value is the two together.

    `penalties` names the weights.
    """

    data: Step
    penalties: Mapping[str, Penalty]
    name: str = "loss"

    @property
    def writes(self) -> frozenset[str]:
        """What the data's loss writes, and the penalty."""
        return self.data.writes | {PENALTY}

    def run(self, before: Tensors, iteration: int) -> dict[str, Array]:
        """The data's loss first."""
        written = self.data.run(before, iteration)
        costs = [penalty.value(_there(before, weight)) for weight, penalty in self.penalties.items()]
        penalty: Array = np.sum(costs, axis=0)
        return written | {PENALTY: penalty, "loss.value": written["loss.value"] + penalty}

    def explain(self, tensor: str, index: Index, before: Tensors, iteration: int) -> Explanation:
        """The penalty is a term of the loss, and a sum over weights itself."""
        written = self.run(before, iteration)
        if tensor == PENALTY:
            costs = [p.terms(weight, _there(before, weight)) for weight, p in self.penalties.items()]
            terms = tuple(term for cost in costs for term in cost)
            return Explanation(Cell(tensor, index), float(written[tensor][index]), terms)
        explanation = self.data.explain(tensor, index, before, iteration)
        if tensor != "loss.value":
            return explanation
        penalty = Term.product(read("penalty", PENALTY, written[PENALTY], 0, 0))
        value = float(written[tensor][index])
        return replace(explanation, value=value, terms=(*explanation.terms, penalty))

    def users(self, cell: Cell, iteration: int, shapes: Mapping[str, Shape]) -> Iterator[Cell]:
        """The data's loss's, and the penalty of every weight."""
        yield from self.data.users(cell, iteration, shapes)
        if cell.tensor in self.penalties:
            yield Cell(PENALTY, (0, 0))
        if cell.tensor == PENALTY:
            yield Cell("loss.value", (0, 0))


@dataclass(frozen=True)
class UpdateStep(Step):
    """Every parameter moves."""

    optimizer: Optimizer
    parameters: tuple[str, ...]
    name: str = "update"

    @property
    def writes(self) -> frozenset[str]:
        """The parameters and the optimiser's state."""
        return frozenset(name for p in self.parameters for name in self._written(p).values())

    def run(self, before: Tensors, iteration: int) -> dict[str, Array]:
        """The parameters one by one."""
        after: dict[str, Array] = {}
        for parameter in self.parameters:
            state = {name: _there(before, f"{parameter}.{name}") for name in self.optimizer.state}
            gradient = _there(before, gradient_of(parameter))
            moved, new = self.optimizer.update(_there(before, parameter), gradient, state, iteration)
            after[parameter] = moved
            after |= {f"{parameter}.{name}": array for name, array in new.items()}
        return after

    def explain(self, tensor: str, index: Index, before: Tensors, iteration: int) -> Explanation:
        """As the optimiser says, under the canonical names."""
        parameter, names = self._local(tensor)
        name = next(local for local, canonical in names.items() if canonical == tensor)
        after = self.run(before, iteration)
        terms = self.optimizer.terms(
            name,
            index,
            {local: _there(before, canonical) for local, canonical in names.items()},
            {local: after[f"{parameter}.{local}"] for local in self.optimizer.state},
            iteration,
        )
        attribute = parameter.rpartition(".")[2]
        labels = {"parameter": attribute, "gradient": f"d{attribute}"}
        terms = tuple(_labelled(term, labels) for term in terms)
        return renamed(Explanation(Cell(name, index), float(after[tensor][index]), terms), names)

    def users(self, cell: Cell, iteration: int, shapes: Mapping[str, Shape]) -> Iterator[Cell]:
        """Cell by cell, in the parameter that the cell belongs to."""
        for parameter in self.parameters:
            names = self._names(parameter)
            if cell.tensor in names.values():
                yield from _users(self.optimizer.rules, names, cell, shapes)

    def _written(self, parameter: str) -> dict[str, str]:
        return {"parameter": parameter} | {name: f"{parameter}.{name}" for name in self.optimizer.state}

    def _names(self, parameter: str) -> dict[str, str]:
        return self._written(parameter) | {"gradient": gradient_of(parameter)}

    def _local(self, tensor: str) -> tuple[str, dict[str, str]]:
        parameter = next(p for p in self.parameters if tensor in self._written(p).values())
        return parameter, self._names(parameter)


def gradient_of(parameter: str) -> str:
    """`dense_1.weight` -> `dense_1.dweight`."""
    layer, _, attribute = parameter.partition(".")
    return f"{layer}.d{attribute}"


def _labelled(term: Term, labels: Mapping[str, str]) -> Term:
    return replace(term, factors=tuple(replace(f, label=labels.get(f.label, f.label)) for f in term.factors))


def renamed(explanation: Explanation, names: Mapping[str, str]) -> Explanation:
    """The same explanation with other names for its tensors."""

    def cell(old: Cell) -> Cell:
        return replace(old, tensor=names[old.tensor])

    terms = tuple(
        replace(
            term,
            factors=tuple(replace(f, cells=tuple(cell(c) for c in f.cells)) for f in term.factors),
        )
        for term in explanation.terms
    )
    return replace(explanation, cell=cell(explanation.cell), terms=terms)


def steps_of(network: Network, loss: Loss, rows: Callable[[int], Array], optimizer: Optimizer) -> list[Step]:
    """An iteration: batch, forward, loss, backward in reverse, update."""
    forward = [_forward(network, name, layer) for name, layer in network.named()]
    backward = [_backward(network, name, layer) for name, layer in reversed(network.named())]
    turn: list[Step] = list(_loss(network, loss))
    if network.penalties:
        turn[0] = PenalisedLossStep(turn[0], network.penalties)
    if isinstance(loss, FusedHead):
        backward = backward[1:]
    update = UpdateStep(optimizer, tuple(network.parameters))
    return [BatchStep(rows), *forward, *turn, *backward, update]


def _forward(network: Network, name: str, layer: Layer) -> Step:
    own = {p: f"{name}.{p}" for p in layer.parameters}
    reads = {"input": network.wire(f"{name}.input")} | own
    return PartStep(
        f"forward:{name}", layer, lambda part: part.forward(part.input), reads, {"output": f"{name}.output"}
    )


def _backward(network: Network, name: str, layer: Layer) -> Step:
    reads = {a: network.wire(f"{name}.{a}") for a in ("input", "output", "dvalue", *layer.parameters)}
    wrote = {f"d{p}": f"{name}.d{p}" for p in ("input", *layer.parameters)}
    return PartStep(f"backward:{name}", layer, lambda part: part.backward(part.dvalue), reads, wrote)


def _loss(network: Network, loss: Loss) -> tuple[Step, Step]:
    reads = {"prediction": network.prediction, "target": "batch.target"}
    wrote = {"output": "loss.output", "value": "loss.value"}
    if isinstance(loss, FusedHead):
        last = network.names[-1]
        logits = {"logits": network.wire(f"{last}.input"), "target": "batch.target"}
        return (
            PartStep(
                "loss", loss, lambda part: part.forward(vars(part)["logits"], part.target), logits, wrote
            ),
            PartStep("fused_backward", loss, _loss_backward, reads, {"dinput": f"{last}.dinput"}),
        )
    return (
        PartStep("loss", loss, lambda part: part.forward(part.prediction, part.target), reads, wrote),
        PartStep("loss_backward", loss, _loss_backward, reads, {"dinput": "loss.dinput"}),
    )


def _loss_backward(loss: Loss) -> object:
    return loss.backward(loss.prediction, loss.target)


def _users(
    rules: Mapping[str, Rule], names: Mapping[str, str], cell: Cell, shapes: Mapping[str, Shape]
) -> Iterator[Cell]:
    for produced, rule in rules.items():
        for local in rule.reads:
            if names.get(local) == cell.tensor:
                for index in rule.users(local, cell.index, shapes[names[produced]]):
                    yield Cell(names[produced], index)


def _there(tensors: Tensors, name: str) -> Array:
    array = tensors[name]
    if array is None:
        raise LookupError(f"{name} has not been computed")
    return array
