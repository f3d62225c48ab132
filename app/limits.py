"""What a spec would cost, from arithmetic alone, before it costs it.

`np.zeros` of more memory than there is returns at once, and a replay of 10^12 steps starts like any other; so
nothing is allocated or stepped before these figures are within the settings' limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.assembly import optimizer_of
from app.normalise import expect_inputs
from app.problems import Problem
from app.schemas.spec import Dense, GivenData, Spec
from app.settings import Settings
from engine.datasets import DATASETS, Shape, shape

SECONDS_A_STEP = 25e-6
SECONDS_A_FLOP = 1e-10
SECONDS_A_CELL = 1e-8
"""Measured on one thread of a small, busy machine, rounded up."""

SECONDS_A_CHUNK = 0.05
"""How long a training works before it asks whether somebody still waits for it: 20 frames a second."""

SECONDS_A_PICTURE = 0.25
"""How long the decision regions beside a streamed frame may take, so that leaving still stops the work."""

BYTES_A_SECOND = 1 << 30
"""How fast a checkpoint travels between processes: of a large run it takes longer, and so its chunks do."""

MOST_RECORDS = 100_000
"""Records of a history in one answer."""

MOST_TERMS = 100_000
"""Terms that an explanation is made of; more take seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes that a spec implies.

    Attributes:
        samples: Of the data.
        features: Of a sample.
        columns: Of the target.
        widths: The network's: the features, then each layer's outputs.
        parameters: Cells of all weights and biases.
        steps: Of an iteration.
        batch: Samples of a full batch.
        bytes: The data and one iteration's tensors.
        seconds: One iteration, roughly.
    """

    samples: int
    features: int
    columns: int
    widths: tuple[int, ...]
    parameters: int
    steps: int
    batch: int
    bytes: int
    seconds: float

    def longest(self, settings: Settings, runs: int = 1) -> int:
        """The last position that a replay of so many runs may lead to."""
        return int(settings.max_replay_seconds / (self.seconds * runs)) * self.steps


def plan(spec: Spec, uploaded: Shape | None = None) -> Plan:
    """The sizes of a normalised spec.

    Args:
        spec: The spec.
        uploaded: The size of the data that it names by their hash, if it does.

    Raises:
        Problem: Shapes that do not fit each other.
    """
    samples, features, columns = _data_sizes(spec, uploaded)
    widths, parameters, flops = [features], 0, 0
    batch = min(spec.batch.size or samples, samples)
    for number, layer in enumerate(spec.layers):
        inputs = units = widths[-1]
        if isinstance(layer, Dense):
            assert layer.units is not None, "a normalised dense layer has its units"
            units = layer.units
            expect_inputs(layer, inputs, f"body.layers[{number}]")
            parameters += (inputs + 1) * units
            flops += 6 * batch * inputs * units
        widths.append(units)
    # A parameter stands with its gradient and its successor, each of the optimiser's states before and after.
    copies = 3 + 2 * len(optimizer_of(spec.optimizer).state)
    wires = batch * (2 * sum(widths) + columns + 2)
    itemsize = np.dtype(spec.dtype).itemsize
    data = samples * (features + columns) * (8 + itemsize)
    steps = 2 * len(spec.layers) + (4 if spec.head == "separate" else 3)
    return Plan(
        samples,
        features,
        columns,
        tuple(widths),
        parameters,
        steps,
        batch,
        data + itemsize * (copies * parameters + wires),
        SECONDS_A_STEP * steps + SECONDS_A_FLOP * flops + SECONDS_A_CELL * (copies * parameters + wires),
    )


def check(spec: Spec, settings: Settings, uploaded: Shape | None = None) -> Plan:
    """The plan of a spec that is within the limits.

    Raises:
        Problem: It is not, with the figure and the limit.
    """
    found = plan(spec, uploaded)
    most_bytes, most_seconds = settings.max_run_bytes, settings.max_replay_seconds
    said = f"One iteration needs {found.bytes} bytes; the limit is {most_bytes}."
    _expect_at_most(most_bytes, found.bytes, "too_much_memory", said, "body")
    said = f"One iteration takes about {found.seconds:.3g} s; the limit is {most_seconds:g}."
    _expect_at_most(most_seconds, found.seconds, "too_long", said, "body")
    for number, edit in enumerate(spec.edits):
        check_position(edit.position, found, settings, f"body.edits[{number}].position")
    return found


def check_position(position: int, found: Plan, settings: Settings, field: str, runs: int = 1) -> None:
    """Refuse a position whose replay, in so many runs of this size, would take too long.

    Raises:
        Problem: With the position and the last one allowed.
    """
    longest = found.longest(settings, runs)
    said = (
        f"{field}: expected a position up to {longest}, as far as {settings.max_replay_seconds:g} s"
        f" of replay reach, got {position}."
    )
    _expect_at_most(longest, position, "too_long", said, field)


def check_training(found: Plan, stop: int, seconds: float, field: str) -> None:
    """Refuse a history that would take too long to compute.

    Raises:
        Problem: With the estimate and the limit.
    """
    if found.seconds * stop > seconds:
        longest = int(seconds / found.seconds)
        raise Problem(
            "too_long",
            f"{field}: expected at most {longest} iterations, as far as {seconds:g} s of training reach,"
            f" got {stop}.",
            field=field,
            figure=stop,
            limit=longest,
        )


def check_trials(found: Plan, trials: int, settings: Settings, field: str) -> None:
    """Refuse to run an iteration so many times, twice each, where that would take too long.

    Raises:
        Problem: With the estimate and the limit.
    """
    seconds, most = 2 * trials * found.seconds, settings.max_replay_seconds
    said = f"{field}: {trials} trials of an iteration take about {seconds:.3g} s; the limit is {most:g}."
    _expect_at_most(most, seconds, "too_long", said, field)


def check_regions(found: Plan, resolution: int, most: float, field: str) -> None:
    """Refuse a picture of the plane, and a judgement of every sample, that would take too long.

    Raises:
        Problem: With the estimate and the limit.
    """
    points = resolution**2 + found.samples
    seconds = points * (2 * SECONDS_A_FLOP * found.parameters + SECONDS_A_CELL * sum(found.widths))
    said = f"{field}: {points} points take about {seconds:.3g} s; the limit is {most:g}."
    _expect_at_most(most, seconds, "too_long", said, field)


def seconds_of_differences(found: Plan, spec: Spec, names: Sequence[str]) -> dict[str, float]:
    """What it takes to find each gradient by differences too, roughly.

    A weight's cell moves all samples and a wire's its own: each is run on from there, at four points.

    Args:
        found: The sizes.
        spec: The normalised spec.
        names: The layers'.
    """
    widths = found.widths
    onward = [0.0]  # from each place to the loss, a sample
    for layer, inputs, outputs in reversed(list(zip(spec.layers, widths, widths[1:], strict=False))):
        flops = 2 * inputs * outputs if isinstance(layer, Dense) else 0
        onward.insert(0, onward[0] + SECONDS_A_FLOP * flops + SECONDS_A_CELL * outputs)
    points = 4 * found.batch
    seconds = {"loss.dinput": points * widths[-1] * SECONDS_A_CELL * 4}
    for place, (name, layer) in enumerate(zip(names, spec.layers, strict=True)):
        inputs, outputs = widths[place], widths[place + 1]
        if isinstance(layer, Dense):
            column = onward[place + 1] + 2 * inputs * SECONDS_A_FLOP
            seconds[f"{name}.dweight"] = points * inputs * outputs * column
            seconds[f"{name}.dbias"] = points * outputs * column
        seconds[f"{name}.dinput"] = points * inputs * (onward[place] + SECONDS_A_CELL * 4)
    return seconds


def check_differences(seconds: float, most: float) -> None:
    """Refuse to find gradients by differences where that would take too long.

    Args:
        seconds: What it takes.
        most: The limit.

    Raises:
        Problem: With the estimate and the limit.
    """
    said = f"The differences take about {seconds:.3g} s; the limit is {most:g}."
    _expect_at_most(most, round(seconds), "check_too_long", said)


def check_terms(found: Plan) -> None:
    """Refuse to explain a cell in a run whose sums may have too many terms.

    Raises:
        Problem: With the figure and the limit.
    """
    terms = max(found.batch, 2 * max(found.widths) + 1)
    said = f"A cell of this run may be the sum of {terms} terms; the limit is {MOST_TERMS}."
    _expect_at_most(MOST_TERMS, terms, "too_many_cells", said)


def check_cells(cells: int, settings: Settings, hint: str) -> None:
    """Refuse an answer in JSON of too many cells.

    Raises:
        Problem: With the figure and the limit.
    """
    most = settings.max_response_cells
    said = f"The answer would have {cells} cells; the limit is {most}. {hint}"
    _expect_at_most(most, cells, "too_many_cells", said)


def check_product(seconds: float, most: float, field: str) -> None:
    """Refuse a product of Jacobians that would take too long.

    Raises:
        Problem: With the estimate and the limit.
    """
    said = f"{field}: so many rows take about {seconds:.3g} s; the limit is {most:g}."
    _expect_at_most(most, seconds, "too_long", said, field)


def _expect_at_most(limit: float, figure: float, code: str, said: str, field: str | None = None) -> None:
    if figure > limit:
        raise Problem(code, said, field=field, figure=figure, limit=limit)


def _data_sizes(spec: Spec, uploaded: Shape | None) -> tuple[int, int, int]:
    if isinstance(spec.dataset, GivenData):
        input, target = spec.dataset.input.array, spec.dataset.target.array
        if len(input) != len(target):
            raise Problem(
                "wrong_shape",
                f"body.dataset.target: expected {len(input)} rows, one a sample, got {len(target)}.",
                field="body.dataset.target",
                expected=len(input),
                got=len(target),
            )
        return len(input), input.shape[1], target.shape[1] if target.ndim == 2 else 1
    options = spec.dataset.model_dump()
    if uploaded is not None:
        return min(options["samples"] or uploaded.samples, uploaded.samples), uploaded.features, 1
    size = shape(**options)
    columns = 1 if DATASETS[options["name"]].target == "index" else size.classes
    return size.samples, size.features, columns
