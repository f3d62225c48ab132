"""A spec -> the live run that it says: normalised, within the limits, assembled, and named by its content."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.assembly import data_of, expect_fitting, loss_of, network_of, optimizer_of, target_of
from app.encoding import json_bytes, nested
from app.identity import Identity, identify
from app.limits import Plan, check, check_position
from app.normalise import normalise
from app.problems import Problem
from app.schemas.arrays import GivenArray
from app.schemas.spec import Conventions, Edit, GivenData, Spec, Uploading
from app.settings import Settings
from app.uploads import Uploads
from engine.arrays import Array
from engine.batching import Batching
from engine.cache import Cache
from engine.faults import spoiled, spoiled_optimizer
from engine.run import Edit as EngineEdit
from engine.run import EditError, Run


@dataclass(frozen=True)
class Live:
    """A run, ready to compute frames.

    Attributes:
        spec: Normalised: complete, under canonical names.
        identity: Its id and its canonical JSON.
        plan: Its sizes.
        run: The engine's.
        settings: Whose limits hold.
        test: The samples that the data set holds back for testing, and their targets.
        names: Of the features and of the classes, where the data have some.
        parent: The id of the run that it was first made from.
    """

    spec: Spec
    identity: Identity
    plan: Plan
    run: Run
    settings: Settings
    test: tuple[Array, Array] | None = None
    names: dict[str, tuple[str, ...]] | None = None
    parent: str | None = None

    @property
    def id(self) -> str:
        """The run's id."""
        return self.identity.id

    @cached_property
    def wire_spec(self) -> dict[str, Any]:
        """The complete spec for a response; posted again, it is this run."""
        members: dict[str, Any] = plain(self.spec.model_dump())
        return members

    @cached_property
    def link_spec(self) -> bytes:
        """The JSON of the same without its defaults."""
        members = plain(self.spec.model_dump(exclude_defaults=True))
        return json_bytes({**members, "conventions": self.wire_spec["conventions"]})

    @property
    def portable_spec(self) -> bytes | None:
        """The same for servers that have never seen the run; None where its data were uploaded."""
        return None if isinstance(self.spec.dataset, Uploading) else self.link_spec

    def expect_position(self, position: int, field: str) -> None:
        """Refuse a position that would take too long to replay."""
        check_position(position, self.plan, self.settings, field)


def plain(value: Any) -> Any:
    """A dumped spec with its arrays as what JSON carries."""
    if isinstance(value, GivenArray):
        return nested(value.array)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def build(asked: Spec, settings: Settings, cache: Cache, uploads: Uploads | None = None) -> Live:
    """The live run of a spec.

    Args:
        asked: As it came.
        settings: The limits.
        cache: Where computed frames are kept, shared by all runs.
        uploads: Where data are found that it names by their hash.

    Raises:
        Problem: It contradicts itself, costs too much, or asks for what is not there.
    """
    spec = normalise(asked)
    uploaded = None
    if isinstance(spec.dataset, Uploading):
        assert uploads is not None, "there is a store behind every build that may name an upload"
        uploaded = uploads.get(spec.dataset.upload)
    plan = check(spec, settings, None if uploaded is None else uploaded.shape)
    assert isinstance(spec.conventions, Conventions), "a normalised spec has its rules written out"
    loss = loss_of(spec.loss, spec.head, spec.conventions)
    network = network_of(spec.layers, plan.features, spec.seed, spec.conventions, spec.dtype, loss)
    expect_fitting(network, spec.faults)
    data = data_of(spec, uploaded)
    outputs = plan.widths[-1]
    target = target_of(loss, data.target, outputs, spec.dtype, "body.dataset")
    test = data.test and (data.test[0], target_of(loss, data.test[1], outputs, spec.dtype, "body.dataset"))
    if isinstance(spec.dataset, GivenData):
        settled = spec.dataset.model_copy(update={"target": GivenArray(target)})
        spec = spec.model_copy(update={"dataset": settled})
    try:
        run = Run(
            spoiled(network, spec.faults),
            spoiled_optimizer(optimizer_of(spec.optimizer), spec.faults),
            data.input,
            target,
            batching=Batching(spec.batch.size, spec.batch.order == "shuffled", spec.seed),
            edits=[EngineEdit(one.position, one.tensor, _pair(one.index), one.value) for one in spec.edits],
            key=identify(spec.model_copy(update={"edits": []})).id,
            cache=cache,
        )
    except KeyError as error:
        raise _unknown_tensor(spec, error) from None
    except EditError as error:
        field = f"body.edits[{error.number}]"
        raise Problem("invalid", f"{field}: {error}.", field=field) from None
    spec = spec.model_copy(update={"edits": [_edit(one) for one in run.edits]})
    return Live(spec, identify(spec), plan, run, settings, test, data.names)


def _unknown_tensor(spec: Spec, error: KeyError) -> Problem:
    number = next(n for n, edit in enumerate(spec.edits) if edit.tensor == error.args[0])
    field = f"body.edits[{number}].tensor"
    return Problem("unknown_value", f"{field}: expected a tensor of this run.", field=field)


def _edit(edit: EngineEdit) -> Edit:
    return Edit(position=edit.position, tensor=edit.tensor, index=list(edit.index), value=float(edit.value))


def _pair(index: list[int]) -> tuple[int, int]:
    row, column = index
    return row, column
