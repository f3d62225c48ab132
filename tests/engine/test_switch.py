"""Other conventions: what each rule changes by itself and with the others, and why it changes nothing."""

from collections.abc import Mapping

import numpy as np
import pytest

from engine.arrays import Array
from engine.conventions import PRESETS, Conventions
from engine.layers import Dense, ReLU, Sigmoid, Softmax
from engine.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, Frame, Run
from engine.switch import RULES, Rule, Switched, aligned, carried, quiet, switched

DOCUMENT, PYTORCH = PRESETS["document"], PRESETS["pytorch"]
WEIGHT = np.array([[1.0, -1.0], [-1.0, 0.5]])
INPUT = np.array([[1.0, 1.0], [0.5, 2.0], [-3.0, 1.0]])
"""The first sample's first unit is exactly 0."""


def loss_of(kind: str, rules: Conventions, head: str) -> Loss:
    if kind == "cce":
        return SoftmaxCategoricalCrossentropy() if head == "fused" else CategoricalCrossentropy(rules.clip)
    if head == "fused":
        return SigmoidBinaryCrossentropy(rules.bce_outputs)
    return BinaryCrossentropy(rules.clip, rules.bce_outputs)


def run_of(
    kind: str,
    rules: Conventions = DOCUMENT,
    head: str = "separate",
    scale: float = 1.0,
    edits: tuple[Edit, ...] = (),
) -> Run:
    """2-2-2 with an input of the ReLU that is exactly 0."""
    weight = scale * np.array([[1.0, -0.5], [0.25, 2.0]])
    layers = [
        Dense(2, 2, weight=WEIGHT),
        ReLU(rules.relu_at_zero),
        Dense(2, 2, weight=weight),
        Softmax() if kind == "cce" else Sigmoid(),
    ]
    target = np.array([0, 1, 0]) if kind == "cce" else np.array([[0, 1], [1, 1], [1, 0]])
    return Run(Network(layers, loss_of(kind, rules, head)), SGD(0.5), INPUT, target, edits=edits)


def frames(
    kind: str, to: Conventions, head: str, scale: float = 1.0, position: int = 11
) -> tuple[Frame, Frame, dict[Rule, Frame]]:
    """Now, then, and each rule that differs by itself."""
    before = {"relu_at_zero": 1, "bce_outputs": "sum", "clip": DOCUMENT.clip, "head": "separate"}
    after = {"relu_at_zero": to.relu_at_zero, "bce_outputs": to.bce_outputs, "clip": to.clip, "head": head}
    now = run_of(kind, scale=scale)

    def under(values: Mapping[str, object]) -> Frame:
        rules = Conventions(**{name: value for name, value in values.items() if name != "head"})  # type: ignore[arg-type]
        run = run_of(kind, rules, str(values["head"]), scale)
        return run.frame(aligned(now.steps, run.steps, position))

    alone = {rule: under({**before, rule: after[rule]}) for rule in RULES if before[rule] != after[rule]}
    return now.frame(position), under(after), alone


def found(
    kind: str, name: str, to: Conventions = PYTORCH, head: str = "fused", scale: float = 1.0
) -> Switched:
    one = switched(*frames(kind, to, head, scale), name)
    assert one is not None
    return one


def test_the_cell_whose_input_is_zero_is_the_one_that_its_rule_changes() -> None:
    one = found("cce", "relu_1.dinput")
    np.testing.assert_array_equal(one.by["relu_at_zero"], [[True, False], [False, False], [False, False]])
    np.testing.assert_array_equal(one.changed, one.by["relu_at_zero"])
    assert one.then[0, 0] == 0 != one.now[0, 0]
    # The other cells' gradients come by another way, and are the same but for rounding.
    assert not one.by["head"].any()
    assert not one.together.any()
    np.testing.assert_array_equal(one.rounding, (one.now != one.then) & ~one.changed)


def test_two_rules_in_one_cell_are_not_their_sum() -> None:
    one = found("bce", "relu_1.dinput", head="separate")
    assert one.by["relu_at_zero"][0, 0]
    assert one.by["bce_outputs"][0, 0]
    # Half of a gradient that is not let through is still none.
    assert one.together[0, 0]
    assert one.difference[0, 0] == -one.now[0, 0]
    assert one.together.sum() == 1
    np.testing.assert_allclose(one.difference[1:], one.now[1:] * -0.5)


def test_a_clip_is_seen_where_a_probability_is_beyond_it_and_the_fused_head_masks_it() -> None:
    now, _, _ = frames("cce", PYTORCH, "fused", scale=40)
    one = found("cce", "loss.output", scale=40)
    prediction = now.tensors["softmax_1.output"]
    assert prediction is not None
    of_label = prediction[[0, 1, 2], [0, 1, 0]][:, None]
    beyond = (of_label < 1e-7) | (of_label > 1 - 1e-7)
    assert beyond.any()
    assert not beyond.all()
    np.testing.assert_array_equal(one.by["clip"], beyond)
    np.testing.assert_array_equal(one.changed, beyond)
    lost = of_label[:, 0] < 1e-7
    np.testing.assert_allclose(one.now[lost], -np.log(1e-7))
    np.testing.assert_allclose(one.then[lost], -np.log(of_label[lost]), rtol=1e-9)


def test_what_one_of_the_two_never_forms_is_not_compared() -> None:
    assert switched(*frames("cce", PYTORCH, "fused"), "loss.dinput") is None
    assert switched(*frames("cce", PYTORCH, "separate"), "loss.dinput") is not None
    assert switched(*frames("cce", PYTORCH, "separate", position=3), "relu_1.dinput") is None


def test_infinities_and_nan_are_the_same_where_both_have_them() -> None:
    def frame(values: list[float]) -> Frame:
        tensors: dict[str, Array | None] = {"x": np.array([values])}
        return Frame(1, "batch", 0, tensors, {"x": 1}, None)

    now = frame([np.inf, np.nan, 1.0, np.nan, 0.0])
    then = frame([np.inf, np.nan, np.inf, 2.0, -0.0])
    one = switched(now, then, {"clip": then}, "x")
    assert one is not None
    np.testing.assert_array_equal(one.changed, [[False, False, True, True, False]])
    np.testing.assert_array_equal(one.difference, [[0, 0, np.inf, np.nan, 0]])
    assert not one.together.any()


def test_a_position_in_a_run_of_other_steps() -> None:
    separate, fused = run_of("cce").steps, run_of("cce", head="fused").steps
    assert (len(separate), len(fused)) == (12, 11)
    for position in range(30):
        for a, b in ((separate, fused), (fused, separate)):
            there = aligned(a, b, position)
            assert (there - 1) // len(b) == (position - 1) // len(a) if position else there == 0
            name = a[(position - 1) % len(a)]
            if position and name in b:
                assert b[(there - 1) % len(b)] == name
    assert aligned(separate, fused, 7) == aligned(separate, fused, 8) == 7
    assert aligned(fused, separate, 7) == 8
    assert aligned(separate, fused, 12 + 12) == 22


def test_edits_move_with_their_steps() -> None:
    separate, fused = run_of("cce").steps, run_of("cce", head="fused").steps
    edits = [
        Edit(9, "dense_2.dinput", (0, 0), 1.0),
        Edit(7, "loss.dinput", (0, 0), 1.0),
        Edit(0, "dense_1.weight", (0, 0), 2.0),
    ]
    assert carried(edits, separate, separate) == edits
    assert carried(edits, separate, fused) == [Edit(8, *_of(edits[0])), edits[2]]
    assert carried(carried(edits, separate, fused), fused, separate) == [edits[0], edits[2]]


def _of(edit: Edit) -> tuple[str, tuple[int, int], float]:
    return edit.tensor, edit.index, edit.value


@pytest.mark.parametrize(
    ("kind", "rule", "head", "position", "word"),
    [
        ("cce", "relu_at_zero", "separate", 3, "not_yet"),
        ("cce", "bce_outputs", "separate", 11, "not_binary"),
        ("bce", "bce_outputs", "separate", 3, "not_yet"),
        ("cce", "clip", "separate", 3, "not_yet"),
        ("cce", "clip", "separate", 11, "inside"),
        ("cce", "clip", "fused", 10, "fused"),
        ("cce", "head", "separate", 3, "not_yet"),
        ("cce", "head", "separate", 11, "agree"),
    ],
)
def test_why_a_rule_changes_nothing(kind: str, rule: Rule, head: str, position: int, word: str) -> None:
    run = run_of(kind, head=head)
    assert quiet(run, run.frame(position), rule, (1e-7, 0))[0] == word


def test_zeros_and_probabilities_are_told_of_where_they_do_nothing() -> None:
    moved = run_of("cce", edits=(Edit(2, "dense_1.output", (0, 0), 0.25),))
    assert quiet(moved, moved.frame(11), "relu_at_zero", ()) == ("no_zero", {})
    # A zero through which no gradient comes.
    blocked = run_of("cce", edits=(Edit(9, "dense_2.dinput", (0, 0), 0.0),))
    assert quiet(blocked, blocked.frame(11), "relu_at_zero", ()) == ("no_gradient", {"cells": 1})
    prediction = run_of("cce").frame(11).tensors["softmax_1.output"]
    assert prediction is not None
    ends = {"min": prediction.min(), "max": prediction.max()}
    assert quiet(run_of("cce"), run_of("cce").frame(11), "clip", (1e-7, 0)) == ("inside", ends)
