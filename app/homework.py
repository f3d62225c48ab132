"""A tensor that somebody worked out, graded against the sound engine; known faults are tried on it."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from app.assembly import loss_of, network_of, optimizer_of
from app.build import Live
from app.problems import Problem
from app.schemas.arrays import GivenArray
from app.schemas.spec import Conventions
from engine.arrays import Array
from engine.faults import can_have, spoiled, spoiled_optimizer
from engine.grade import Grade, Mistake, Tolerance, grade
from engine.run import Frame

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}

DOCUMENT_CLIP = 1e-7

FAULTS: tuple[Mistake, ...] = (
    "softmax_scalar",
    "missing_transpose",
    "bias_not_summed",
    "input_overwritten",
    "unsigned_label",
    "wrong_sign",
)
"""Those that no factor and no other convention stands for."""


def graded(
    live: Live, frame: Frame, name: str, given: GivenArray, tolerance: Tolerance
) -> tuple[Grade, Array]:
    """The grade, and the right values.

    A run that carries faults is no measure: the right values are what a sound network makes of its iteration.

    Raises:
        Problem: The shape is another.
    """
    frame = _again(live, frame.position, _rules(live)) if live.spec.faults else frame
    right = _values(frame, name)
    samples = live.run.shape_at("batch.input", frame.position)[0]
    values = given.array.astype(np.float64)
    if values.ndim == 1:
        values = values.reshape(right.shape if right.shape == (values.size, 1) else (1, -1))
    # No more than a replay may take, by arithmetic.
    known = islice(
        _known(live, frame.position, name), int(live.settings.max_replay_seconds / live.plan.seconds)
    )
    try:
        # An overflow is something to look at, not an error.
        with np.errstate(all="ignore"):
            return grade(values, right, samples, tolerance, known), right
    except ValueError:
        shape, got = list(right.shape), list(given.array.shape)
        said = f"body.values: expected shape {shape} or its transpose's, got {got}."
        raise Problem("wrong_shape", said, field="body.values", expected=shape, got=got) from None


def same_as(frame: Frame, name: str, given: Array, tolerance: Tolerance) -> str | None:
    """Another tensor that has these very values: the name may have been taken for this one."""
    for other, array in frame.tensors.items():
        if other != name and array is not None and array.shape == given.shape and array.any():
            with np.errstate(all="ignore"):
                alike = tolerance.holds(given, array.astype(np.float64))
            if alike.all():
                return other
    return None


def _known(live: Live, position: int, name: str) -> Iterator[tuple[Mistake, Array]]:
    """What other rules and known faults make of the tensor, each computed when it is asked for."""
    rules = _rules(live)
    mean = rules.bce_outputs == "mean"
    others: list[tuple[Mistake, dict[str, object]]] = [
        ("unclipped", {"clip": 0.0}) if rules.clip else ("clipped", {"clip": DOCUMENT_CLIP}),
        ("outputs_sum" if mean else "outputs_mean", {"bce_outputs": "sum" if mean else "mean"}),
        ("relu_at_zero", {"relu_at_zero": 1 - rules.relu_at_zero}),
    ]
    for mistake, update in others:
        yield mistake, _values(_again(live, position, rules.model_copy(update=update)), name)
    for mistake in FAULTS:
        if can_have(live.run.network, mistake):
            yield mistake, _values(_again(live, position, rules, mistake), name)


def _again(live: Live, position: int, rules: Conventions, *faults: str) -> Frame:
    """The frame at a position, its iteration run anew under these rules, with these faults and no other."""
    spec = live.spec
    loss = loss_of(spec.loss, spec.head, rules)
    network = network_of(spec.layers, live.plan.features, spec.seed, rules, spec.dtype, loss)
    optimizer = spoiled_optimizer(optimizer_of(spec.optimizer), faults)
    return live.run.otherwise(position, spoiled(network, faults), optimizer)


def _rules(live: Live) -> Conventions:
    rules = live.spec.conventions
    assert isinstance(rules, Conventions), "a normalised spec has its rules written out"
    return rules


def _values(frame: Frame, name: str) -> Array:
    array = frame.tensors[name]
    assert array is not None, "what is computed at a position is, whatever the rules"
    return array.astype(np.float64)
