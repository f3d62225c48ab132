"""A run under other conventions: which cells change, by how much, and which rule does it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.dependencies import (
    IMMUTABLE,
    IN_TURN,
    PositionDep,
    RunDep,
    RunsDep,
    SettingsDep,
    TensorDep,
    problems,
)
from app.api.slices import Slice, span
from app.api.tensors import not_computed
from app.encoding import json_bytes, nested, number, respond
from app.examples import shown
from app.limits import check_cells
from app.schemas.answers import ConventionsAnswer, SwitchedAnswer
from app.schemas.spec import Preset
from app.switches import Switch, switch
from engine.arrays import Array
from engine.switch import RULES, Rule, Switched, quiet, switched

router = APIRouter(
    prefix="/runs/{id}/frames/{position}/conventions/{preset}", tags=["conventions"], dependencies=[IN_TURN]
)


def switch_of(
    run: RunDep,
    position: PositionDep,
    preset: Annotated[
        Preset, Path(description="The conventions to switch to.", openapi_examples=shown("book"))
    ],
    runs: RunsDep,
) -> Switch:
    """The run of the path under the path's conventions."""
    return switch(run, position, preset, runs)


SwitchDep = Annotated[Switch, Depends(switch_of)]


@router.get("", response_model=ConventionsAnswer, responses=problems(404, 410, 422), dependencies=IMMUTABLE)
def conventions(request: Request, found: SwitchDep) -> Response:
    """What changes in a run, at a position, under other conventions from its beginning."""
    names = [name for name in found.run.run.shapes() if not name.startswith("data.")]
    tensors = {name: switched(found.now, found.after, found.alone, name) for name in names}
    members = {
        "run": found.run.id,
        "position": found.now.position,
        "then_position": found.then_position,
        "preset": found.preset,
        "loss": [number(found.now.loss), number(found.after.loss)],
        "rules": {rule: _rule(found, rule, tensors) for rule in RULES},
        "changes": found.changes,
        "dropped": found.dropped,
        "tensors": {
            name: {"shape": list(found.run.run.shape_at(name, found.now.position)), **_counted(one)}
            for name, one in tensors.items()
        },
    }
    return respond(request, json_bytes(members))


@router.get(
    "/tensors/{tensor}",
    response_model=SwitchedAnswer,
    responses=problems(404, 409, 410, 422),
    dependencies=IMMUTABLE,
)
def switched_tensor(
    request: Request,
    found: SwitchDep,
    name: TensorDep,
    settings: SettingsDep,
    rows: Slice = None,
    columns: Slice = None,
) -> Response:
    """One tensor, now and then, with the rules that change each cell."""
    shape = found.run.run.shape_at(name, found.now.position)
    (top, bottom), (left, right) = span(rows, shape[0], "rows"), span(columns, shape[1], "columns")
    matrices = 4 + len(found.alone)
    check_cells(matrices * (bottom - top) * (right - left), settings, "Ask for rows and columns.")
    one = switched(found.now, found.after, found.alone, name)
    if one is None:
        if found.now.tensors[name] is None:
            raise not_computed(name, found.now.position)
        raise not_computed(name, found.then_position)

    def part(array: Array) -> Array:
        return array[top:bottom, left:right]

    members = {
        "name": name,
        "shape": list(shape),
        "rows": [top, bottom],
        "columns": [left, right],
        "now": nested(part(one.now)),
        "then": nested(part(one.then)),
        "difference": nested(part(one.difference)),
        "alone": {rule: nested(part(array)) for rule, array in one.alone.items()},
        "by": _marks([*one.by.items(), ("together", one.together), ("rounding", one.rounding)], part),
    }
    return respond(request, json_bytes(members))


def _rule(found: Switch, rule: Rule, tensors: dict[str, Switched | None]) -> dict[str, Any]:
    now, then = found.rules[rule]
    members: dict[str, Any] = {"now": now, "then": then, "switched": now != then, "changed": 0}
    members |= {"rounding": 0, "reason": None, "params": {}}
    if now == then:
        unfused = rule == "head" and not found.fusible
        return {**members, "reason": "not_fusible" if unfused else "same"}
    there = [one for one in tensors.values() if one is not None]
    for one in there:
        members["changed"] += int(one.by[rule].sum())
        members["rounding"] += int(((one.alone[rule] != 0) & ~one.by[rule]).sum())
    if not members["changed"]:
        clips = found.rules["clip"]
        members["reason"], members["params"] = quiet(found.run.run, found.now, rule, clips)
        if members["rounding"]:
            members["reason"], members["params"] = "rounding", {}
    return members


def _counted(one: Switched | None) -> dict[str, Any]:
    if one is None:
        return {**dict.fromkeys(("changed", "rounding", "together", "largest")), "rules": {}}
    by = {
        rule: {"changed": int(cells.sum()), "largest": _largest(one.alone[rule])}
        for rule, cells in one.by.items()
    }
    return {
        "changed": int(one.changed.sum()),
        "rounding": int(one.rounding.sum()),
        "together": int(one.together.sum()),
        "largest": _largest(one.difference),
        "rules": by,
    }


def _largest(difference: Array) -> Any:
    """The largest change either way; NaN where one is none."""
    return number(float(np.abs(difference).max(initial=0)))


def _marks(cells: Sequence[tuple[str, Array]], part: Callable[[Array], Array]) -> list[list[list[str]]]:
    grids = {word: part(grid).tolist() for word, grid in cells}
    rows, columns = np.shape(next(iter(grids.values())))
    return [
        [[word for word, grid in grids.items() if grid[row][column]] for column in range(columns)]
        for row in range(rows)
    ]
