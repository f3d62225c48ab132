"""One run under other conventions: which cells change, and which rule does it.

Each rule is switched alone and all of them together, so that a change has a rule to its name. Two heads
compute the same gradient in two ways: where they agree to half of their digits, that is rounding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.edits import Edit
from engine.layers import ReLU
from engine.losses import FusedHead
from engine.losses.base import clipped
from engine.run import Frame, Run

Rule: TypeAlias = Literal["relu_at_zero", "bce_outputs", "clip", "head"]
RULES: tuple[Rule, ...] = ("relu_at_zero", "bce_outputs", "clip", "head")
Cells: TypeAlias = npt.NDArray[np.bool_]

ROUNDINGS = 2.0**10
"""What so many rounding errors of a tensor's largest cell make is rounding in each of its cells."""

FUSED = "fused_backward"
LOSS_BACKWARD = "loss_backward"


@dataclass(frozen=True, slots=True)
class Switched:
    """One tensor under the present conventions and under the others.

    Attributes:
        now: As it is.
        then: With every rule switched.
        difference: then − now, in float64; 0 where both are the same, finite or not.
        alone: The same difference for each rule switched by itself.
        by: The cells that each rule changes by itself, rounding apart.
        changed: The cells that all the rules change.
        rounding: The cells that differ, but only by rounding.
        together: The cells whose change is not the sum of what each rule does by itself.
    """

    now: Array
    then: Array
    difference: Array
    alone: Mapping[Rule, Array]
    by: Mapping[Rule, Cells]
    changed: Cells
    rounding: Cells
    together: Cells


def switched(now: Frame, then: Frame, alone: Mapping[Rule, Frame], name: str) -> Switched | None:
    """How one tensor changes; None where it is not computed in all of the frames.

    Args:
        now: Under the present conventions.
        then: With every rule switched, at the position that is `aligned` with it.
        alone: With each of the rules switched by itself.
        name: The tensor's canonical name.
    """
    before, after = now.tensors.get(name), then.tensors.get(name)
    others = {rule: frame.tensors.get(name) for rule, frame in alone.items()}
    if before is None or after is None or any(one is None for one in others.values()):
        return None
    found = {rule: one for rule, one in others.items() if one is not None}
    by = {rule: _far(before, one) if rule == "head" else _other(before, one) for rule, one in found.items()}
    whole = _other(before, after)
    sure = np.logical_or.reduce([cells for rule, cells in by.items() if rule != "head"], initial=False)
    changed = whole & (_far(before, after) | sure) if "head" in by else whole
    differences = {rule: _less(before, one) for rule, one in found.items()}
    difference = _less(before, after)
    with np.errstate(all="ignore"):
        added = before + sum(differences.values(), np.zeros_like(difference))
    # To a sum with what is not finite nothing adds up: then one rule must do it all.
    by_one = np.logical_or.reduce([~_other(one, after) for one in found.values()], initial=False)
    apart = np.where(np.isfinite(added), _far(added.astype(before.dtype), after), ~by_one)
    together = apart & (changed | np.logical_or.reduce([*by.values()], initial=False))
    return Switched(before, after, difference, differences, by, changed, whole & ~changed, together)


def aligned(steps: Sequence[str], others: Sequence[str], position: int) -> int:
    """The position in a run of other steps that has done as much.

    The loss's gradient and the last layer's are one step of a fused head, done where the first of the two is.
    """
    if position == 0:
        return 0
    iteration, step = divmod(position - 1, len(steps))
    name = steps[step]
    if name not in others:
        name = FUSED if FUSED in others else others[others.index(LOSS_BACKWARD) + 1]
    return iteration * len(others) + others.index(name) + 1


def carried(edits: Sequence[Edit], steps: Sequence[str], others: Sequence[str]) -> list[Edit]:
    """The edits at their aligned positions; without those of a gradient that a fused head never forms."""
    return [
        Edit(aligned(steps, others, edit.position), edit.tensor, edit.index, edit.value)
        for edit in edits
        if edit.tensor != "loss.dinput" or LOSS_BACKWARD in others
    ]


def quiet(run: Run, frame: Frame, rule: Rule, clips: Sequence[float]) -> tuple[str, dict[str, Any]]:
    """Why a rule by itself changes no cell of a frame: a word, and its figures.

    Args:
        run: Under the present conventions.
        frame: Of it.
        rule: The rule that is switched.
        clips: Both values of the rule `clip`.
    """
    if rule == "relu_at_zero":
        return _no_zero(run, frame)
    if rule == "bce_outputs":
        return _no_outputs(run, frame)
    if rule == "clip":
        return _no_clip(run, frame, clips)
    return "not_yet" if frame.loss is None else "agree", {}


def _no_zero(run: Run, frame: Frame) -> tuple[str, dict[str, Any]]:
    network = run.network
    names = [name for name, layer in network.named() if isinstance(layer, ReLU)]
    if not names:
        return "no_relu", {}
    ran = [name for name in names if frame.tensors[f"{name}.dinput"] is not None]
    if not ran:
        return "not_yet", {}
    inputs = [frame.tensors[network.wire(f"{name}.input")] for name in ran]
    zeros = sum(int((array == 0).sum()) for array in inputs if array is not None)
    return ("no_gradient", {"cells": zeros}) if zeros else ("no_zero", {})


def _no_outputs(run: Run, frame: Frame) -> tuple[str, dict[str, Any]]:
    assert run.network.loss is not None, "a run has a loss"
    if run.network.loss.kind != "binary_crossentropy":
        return "not_binary", {}
    if run.shapes()["loss.dinput"][1] == 1:
        return "one_output", {}
    return ("not_yet" if frame.tensors["loss.output"] is None else "agree"), {}


def _no_clip(run: Run, frame: Frame, clips: Sequence[float]) -> tuple[str, dict[str, Any]]:
    network = run.network
    if isinstance(network.loss, FusedHead):
        return "fused", {}
    prediction = frame.tensors[network.prediction]
    if prediction is None or frame.tensors["loss.output"] is None:
        return "not_yet", {}
    beyond = sum(int((clipped(prediction, clip) != prediction).sum()) for clip in clips)
    if beyond:
        return "unread", {"cells": beyond}
    return "inside", {"min": float(prediction.min()), "max": float(prediction.max())}


def _other(left: Array, right: Array) -> Cells:
    """Where the two are not the same number."""
    other: Cells = (left != right) & ~((left != left) & (right != right))
    return other


def _far(left: Array, right: Array) -> Cells:
    """Where they differ by more than rounding: in the first half of their digits."""
    if left.dtype.kind != "f":
        return _other(left, right)
    eps = float(np.finfo(left.dtype).eps)
    largest = max((float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in (left, right)), default=0.0)
    with np.errstate(all="ignore"):
        own = np.maximum(np.abs(left), np.abs(right)) * np.sqrt(eps)
        near = np.abs(_less(left, right)) <= np.maximum(own, ROUNDINGS * eps * largest)
    finite = np.isfinite(left) & np.isfinite(right)
    far: Cells = _other(left, right) & ~(near & finite)
    return far


def _less(left: Array, right: Array) -> Array:
    """right − left in float64, and 0 where both are the same, whatever they are."""
    with np.errstate(all="ignore"):
        found: Array = right.astype(np.float64) - left.astype(np.float64)
    return np.where(_other(left, right), found, 0.0)
