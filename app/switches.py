"""A run under a preset of conventions: the same spec with its rules, each switched alone and all together."""

from dataclasses import dataclass
from typing import Any

from app.build import Live
from app.limits import check_position
from app.normalise import head_of, rules_of
from app.runs import Runs
from app.schemas.spec import Conventions, Edit, Preset, Spec
from engine.run import Frame
from engine.switch import RULES, Rule, aligned, carried


@dataclass(frozen=True)
class Switch:
    """A run, and what becomes of it.

    Attributes:
        preset: The conventions' name.
        run: As it is.
        now: Its frame.
        then: With every rule switched; the run itself where none is.
        then_position: Where it has done as much.
        alone: The frame with each of the rules that are switched, by itself.
        rules: Each rule's value now and then.
        fusible: Whether the last layer and the loss have a fused head.
        dropped: Edits that have no place in the other run.
    """

    preset: Preset
    run: Live
    now: Frame
    then: Live
    then_position: int
    alone: dict[Rule, Frame]
    rules: dict[Rule, tuple[Any, Any]]
    fusible: bool
    dropped: int

    @property
    def after(self) -> Frame:
        """The frame of `then` that is aligned with `now`."""
        return self.then.run.frame(self.then_position)

    @property
    def changes(self) -> dict[str, Any]:
        """What a fork of the run is asked for, to be `then`."""
        spec = self.then.wire_spec
        fields = ["conventions", "head", "edits"] if self.run.spec.edits else ["conventions", "head"]
        return {name: spec[name] for name in fields if spec[name] != self.run.wire_spec[name]}


def switch(run: Live, position: int, preset: Preset, runs: Runs) -> Switch:
    """The run under a preset, which every rule is switched to.

    Raises:
        Problem: The runs together would take too long to replay, or one of them cannot be.
    """
    spec = run.spec
    head = head_of(preset, spec.loss, spec.layers)
    fusible = head_of("pytorch", spec.loss, spec.layers) == "fused"
    before, after = _values(spec), _values(_under(spec, rules_of(preset, spec.dtype), head))
    rules = {rule: (before[rule], after[rule]) for rule in RULES}
    other: list[Rule] = [rule for rule in RULES if before[rule] != after[rule]]
    check_position(position, run.plan, run.settings, "path.position", runs=2 + len(other))
    alone = {rule: _with(run, {**before, rule: after[rule]}, runs) for rule in other}
    then = alone[other[0]] if len(other) == 1 else _with(run, after, runs) if other else run
    return Switch(
        preset,
        run,
        run.run.frame(position),
        then,
        aligned(run.run.steps, then.run.steps, position),
        {rule: one.run.frame(aligned(run.run.steps, one.run.steps, position)) for rule, one in alone.items()},
        rules,
        fusible,
        len(run.run.edits) - len(then.run.edits),
    )


def _with(run: Live, values: dict[str, Any], runs: Runs) -> Live:
    """The run of these rules, neither stored nor kept."""
    rules = Conventions.model_validate({name: values[name] for name in Conventions.model_fields})
    spec = _under(run.spec, rules, values["head"])
    if spec.head == run.spec.head or not spec.edits:
        return runs.imagined(spec)
    # Another head has other steps, and so other positions.
    bare = runs.imagined(spec.model_copy(update={"edits": []}))
    edits = [
        Edit(position=one.position, tensor=one.tensor, index=list(one.index), value=float(one.value))
        for one in carried(run.run.edits, run.run.steps, bare.run.steps)
    ]
    return runs.imagined(spec.model_copy(update={"edits": edits}))


def _under(spec: Spec, rules: Conventions, head: str) -> Spec:
    return spec.model_copy(update={"conventions": rules, "head": head})


def _values(spec: Spec) -> dict[str, Any]:
    assert isinstance(spec.conventions, Conventions), "a normalised spec has its rules written out"
    return {**spec.conventions.model_dump(), "head": spec.head}
