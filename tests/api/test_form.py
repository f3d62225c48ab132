"""The builder's form: no field of the spec without a control, a name and a sentence in every language."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.form import FORM, SECTIONS, Control
from app.locales import LANGUAGES, Language, catalogue
from app.schemas.optimizers import KINDS
from app.schemas.spec import Spec
from engine.faults import FAULTS
from tests.api.conftest import SMALL, made

pytestmark = pytest.mark.anyio

CONTROLS = [control for section in FORM.values() for control in section]


def leaves(value: Any, name: str) -> Iterator[str]:
    """The names of a spec's numbers, words and nulls, every layer's alike."""
    if isinstance(value, dict):
        for member, part in value.items():
            yield from leaves(part, f"{name}.{member}")
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, f"{name}[]")
    else:
        yield name


async def test_every_field_of_a_spec_has_its_control(client: httpx.AsyncClient) -> None:
    layers = [{"type": "dense", "units": 3, "initializer": {"type": "normal"}}, {"type": "softmax"}]
    run = await made(client, SMALL | {"layers": layers})
    fields = {leaf for name, part in run["spec"].items() for leaf in leaves(part, name)}
    for dataset in (await client.get("/datasets")).json()["datasets"]:
        fields |= {f"dataset.{option['name']}" for option in dataset["options"]}
    for kind in KINDS:
        run = await made(client, SMALL | {"optimizer": {"type": kind}})
        fields |= set(leaves(run["spec"]["optimizer"], "optimizer"))
    fields |= {f"faults.{fault}" for fault in FAULTS}
    # Arrays are made elsewhere.
    fields -= {"layers[].weight", "layers[].bias", "edits", "faults"}
    page = (await client.get("http://backglass/")).text
    assert fields | {"conventions"} == {control.name for control in CONTROLS}
    assert fields <= set(re.findall(r'name="([^"]+)"', page))
    assert {name for names in SECTIONS.values() for name in names} == set(Spec.model_fields) - {"edits"}


async def test_every_data_set_can_be_chosen(client: httpx.AsyncClient) -> None:
    names = [dataset["name"] for dataset in (await client.get("/datasets")).json()["datasets"]]
    assert [*names, "upload", "given"] == list(CONTROLS[0].choices)


def test_ranges_are_the_specs_own() -> None:
    wanted = [
        Control("conventions.clip", "number", (), 0, 0.4),
        Control("optimizer.momentum", "number", (), 0, 1),
        Control("optimizer.decay", "number", (), 0),
        Control("layers[].units", "integer", (), 1, 2**53 - 1),
        Control("conventions.relu_at_zero", "integer", ("0", "1")),
    ]
    assert [control for control in wanted if control not in CONTROLS] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_control_has_its_words(lang: Language) -> None:
    names = [control.words for control in CONTROLS] + ["edits"]
    wanted = {f"builder.field.{name}{part}" for name in names for part in ("", ".help")}
    wanted.add("builder.field.layers")  # as a whole, in the line that says what a change did
    wanted |= {f"builder.section.{name}" for name in FORM}
    wanted |= {f"builder.choice.{c.words}.{value or 'none'}" for c in CONTROLS for value in c.choices}
    families = ("builder.field.", "builder.section.", "builder.choice.")
    assert {key for key in catalogue(lang) if key.startswith(families)} == wanted
