"""The Jacobian between any two places of a network, its singular values, and its picture."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.chain_parts import Spectra, Without, chain_of, part_of
from app.api.dependencies import (
    IMMUTABLE,
    IN_TURN,
    PositionDep,
    RunDep,
    Sample,
    SettingsDep,
    problems,
)
from app.api.figures import Colours, Lang
from app.api.slices import Slice
from app.encoding import json_bytes, nested, number, respond
from app.figures import jacobian_figure
from app.schemas.answers import ChainAnswer, FigureAnswer
from engine.arrays import Array
from engine.chain import Chain, Link
from engine.singular import Singular

router = APIRouter(
    prefix="/runs/{id}/frames/{position}/jacobians", tags=["jacobians"], dependencies=[IN_TURN]
)

REFUSALS = problems(404, 409, 410, 422)

PLACE = "A place: `batch.input`, a layer's `input` or `output`, or `loss.output`, the sample's own loss."


class Ends:
    """Between which places, under their canonical names, and for which sample."""

    def __init__(
        self,
        run: RunDep,
        position: PositionDep,
        start: Annotated[
            str, Query(alias="from", max_length=200, description=f"{PLACE} The first unless given.")
        ] = "batch.input",
        end: Annotated[
            str | None,
            Query(alias="to", max_length=200, description=f"{PLACE} The network's output unless given."),
        ] = None,
        sample: Sample = 0,
    ) -> None:
        wanted = end or (f"{run.run.network.names[-1]}.output" if run.run.network.names else "loss.output")
        self.chain: Chain = chain_of(run, position, start, wanted, sample)
        self.start, self.end = run.run.canonical(start), run.run.canonical(wanted)
        self.sample = sample


EndsDep = Annotated[Ends, Depends(Ends)]


@router.get("", response_model=ChainAnswer, responses=REFUSALS, dependencies=IMMUTABLE)
def between(
    request: Request,
    run: RunDep,
    position: PositionDep,
    ends: EndsDep,
    settings: SettingsDep,
    rows: Slice = None,
    columns: Slice = None,
    values: Annotated[
        Literal["json", "none"], Query(description="`none`: without the Jacobian's cells.")
    ] = "json",
) -> Response:
    """J[j, k] = ∂to_j / ∂from_k of one sample, the layers' Jacobians multiplied; dvalue · J = dinput.

    A Jacobian too large to be sent comes in part, `rows` and `columns` saying which; all that follows from it
    follows from the whole.
    """
    chain = ends.chain
    part = part_of(chain, rows, columns, settings)
    spectra = Spectra(chain, settings)
    members: dict[str, Any] = {
        "run": run.id,
        "position": position,
        "from": ends.start,
        "to": ends.end,
        "sample": ends.sample,
        "samples": chain.samples,
        "shape": list(chain.shape),
        "rows": list(part.rows),
        "columns": list(part.columns),
        "jacobian": nested(part.values) if values == "json" else None,
        "layers": [_link(*found) for found in zip(chain.links, spectra.links, strict=True)],
        "dvalue": _row(chain.dvalue, part.rows),
        "product": _row(chain.product(), part.columns),
        "dinput": _row(chain.dinput, part.columns),
        "agrees": chain.agrees,
        "singular": _spectrum(spectra.whole) if isinstance(spectra.whole, Singular) else None,
        "without": None if isinstance(spectra.whole, Singular) else spectra.whole,
    }
    return respond(request, json_bytes(members))


@router.get("/figure", response_model=FigureAnswer, responses=REFUSALS, dependencies=IMMUTABLE)
def figure_between(
    request: Request,
    ends: EndsDep,
    settings: SettingsDep,
    rows: Slice = None,
    columns: Slice = None,
    lang: Lang = "en",
    theme: Colours = "light",
) -> Response:
    """The same as a heatmap, dvalue beside its rows, the product under its columns."""
    part = part_of(ends.chain, rows, columns, settings)
    figure = jacobian_figure(
        ends.chain.links[0].name if len(ends.chain.links) == 1 else "",
        ends.sample,
        part.values,
        _cut(ends.chain.dvalue, part.rows),
        _cut(ends.chain.dinput, part.columns),
        ends=(ends.start, ends.end),
        first=part.first(ends.chain.shape),
        agrees=ends.chain.agrees is not False,
        lang=lang,
        theme=theme,
    )
    return respond(request, json_bytes(figure.to_plotly_json()))


def _link(link: Link, found: Singular | Without) -> dict[str, Any]:
    diagonal = link.diagonal
    return {
        "layer": link.name,
        "shape": list(link.shape),
        "structure": link.structure,
        "zeros": None if diagonal is None else int((diagonal == 0).sum()),
        "rank": found.rank if isinstance(found, Singular) else None,
        "largest": float(found.values[0]) if isinstance(found, Singular) else None,
    }


def _spectrum(found: Singular) -> dict[str, Any]:
    return {
        "values": nested(found.values),
        "rank": found.rank,
        "condition": number(found.condition),
        "tolerance": found.tolerance,
    }


def _cut(array: Array | None, span: tuple[int, int]) -> Array | None:
    return None if array is None else array[slice(*span)]


def _row(array: Array | None, span: tuple[int, int]) -> Any:
    return None if array is None else nested(array[slice(*span)])
