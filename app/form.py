"""The spec as a form: a control for each of its fields, so that the page can forget none.

Names, kinds, ranges and choices are read from the spec's own schema; words are the catalogues', by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from app.schemas.optimizers import KINDS
from app.schemas.spec import Spec
from engine.conventions import PRESETS

Schema = dict[str, Any]
Kind = Literal["integer", "number", "boolean", "choice"]

SECTIONS = {
    "data": ("dataset",),
    "network": ("layers",),
    "loss": ("loss", "head", "conventions"),
    "training": ("batch", "optimizer"),
    "numbers": ("dtype", "seed"),
    "faults": ("faults",),
}
"""The form's sections, and the fields of the spec in each; edits are made on the stage."""

STANDING = {
    "dataset.name": ("upload", "given"),
    "layers[].initializer.type": ("given",),
    "conventions": ("own",),
}
"""What a choice may stand at without a name in the spec: data, arrays or rules of one's own."""

RULES = {name: asdict(rules) for name, rules in PRESETS.items()}
"""The rules of each preset of conventions."""


OPTIMIZERS = {kind: model.model_validate({"type": kind}).model_dump() for kind, model in KINDS.items()}
"""Every optimiser with its defaults: what stands in the form when it is chosen."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control.

    Attributes:
        name: The field's, as problems name it; `[]` stands for the number of a layer.
        kind: What it takes.
        choices: The values to choose from, where they are few; "" is null.
        minimum: Of a number.
        maximum: Of a number.
    """

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def words(self) -> str:
        """The field's name in the keys of the catalogues."""
        return self.name.replace("[]", "")


def controls(name: str, schema: Schema, definitions: Schema) -> Iterator[Control]:
    """The controls of a part of the spec's schema; arrays of numbers have none."""
    if schema.get("title") == "Array":
        return
    found = [_resolved(one, definitions) for one in schema.get("oneOf") or schema.get("anyOf") or [schema]]
    for one in found:
        if "enum" in one:
            choices = ("",) * ({"type": "null"} in found) + tuple(one["enum"])
            yield _choice(name, choices)
        elif one.get("type") in ("integer", "number", "boolean"):
            yield _scalar(name, one)
        elif one.get("type") == "array" and "oneOf" in one["items"]:
            yield from controls(f"{name}[]", one["items"], definitions)
        elif one.get("type") == "array" and "enum" in one["items"]:
            yield from (Control(f"{name}.{member}", "boolean") for member in one["items"]["enum"])
    for member, schemas in _members(found).items():
        tags = tuple(one["const"] for one in schemas if "const" in one)
        if not tags:
            yield from controls(f"{name}.{member}", schemas[0], definitions)
        elif len(tags) > 1:
            yield _choice(f"{name}.{member}", tags)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    return cast(Schema, definitions[schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema


def _members(found: Sequence[Schema]) -> dict[str, list[Schema]]:
    """The properties of all variants by name, each as every variant has it."""
    members: dict[str, list[Schema]] = {}
    for one in found:
        for name, schema in one.get("properties", {}).items():
            members.setdefault(name, []).append(schema)
    return members


def _choice(name: str, choices: tuple[str, ...]) -> Control:
    return Control(name, "choice", (*choices, *STANDING.get(name, ())))


def _scalar(name: str, schema: Schema) -> Control:
    kind, low, high = schema["type"], schema.get("minimum"), schema.get("maximum")
    if kind == "integer" and (low, high) == (0, 1):
        return Control(name, kind, ("0", "1"))
    return Control(name, kind, (), low, high)


def _form() -> dict[str, list[Control]]:
    schema = Spec.model_json_schema()
    parts, definitions = schema["properties"], schema["$defs"]
    return {
        section: [control for name in names for control in controls(name, parts[name], definitions)]
        for section, names in SECTIONS.items()
    }


FORM = _form()
"""The controls by section, in the order in which the spec has them."""
