"""The HTML pages: one so far, the laboratory, served with a living run in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.background import BackgroundTask

from app.api.dependencies import RunsDep
from app.api.runs import describe as describe_run
from app.build import Live
from app.encoding import json_bytes, respond
from app.form import FORM, OPTIMIZERS, RULES
from app.frames import describe as describe_frame
from app.locales import Language, catalogue, negotiate
from app.presets import DEFAULT, OPENS_AT, OPENS_WITH, PRESETS
from app.problems import Problem, brief
from app.resources import BUILD, STATIC, TEMPLATES
from app.runs import Runs
from app.schemas.spec import Spec

router = APIRouter(include_in_schema=False)

ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
)

ICON = "data:image/svg+xml," + quote((STATIC / "icon.svg").read_text(encoding="utf-8"))

LATER = "proof."
"""What the keys of all words begin with that come with the dialog of the proof, when it is first opened."""

PATIENCE = 0.25
"""Seconds of replay that a page is held back for; frames farther away are asked for by the page itself."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the page opens with: a preset, where in it, and a sentence where the address asked for another."""

    live: Live
    preset: str = DEFAULT
    position: int = OPENS_AT
    selection: dict[str, Any] | None = None
    notice: dict[str, Any] | None = None


@router.get("/", response_class=HTMLResponse)
def lab(request: Request, runs: RunsDep) -> HTMLResponse:
    """The stage, on the run that it opens with, which needs no further request to be painted.

    `/?preset=vanishing&p=11&sel=dense_1.dweight,0,0` is another run than the default, at a position, with a
    cell open. An address that names none shows the default and says why.
    """
    lang = negotiate(request)
    try:
        opening = _asked(request.query_params, runs)
    except Problem as problem:
        notice = {"key": f"problem.{problem.code}", "params": problem.params}
        opening = Opening(_preset(DEFAULT, runs), selection=OPENS_WITH, notice=notice)
    page = ENVIRONMENT.get_template("lab.html").render(
        lang=lang,
        t=catalogue(lang),
        presets=list(PRESETS),
        form=FORM,
        rules=RULES,
        optimizers=OPTIMIZERS,
        favicon=ICON,
        boot=_script_json(_boot(opening, lang)),
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, headers=headers, background=BackgroundTask(request.app.state.trainer.warm))


@router.get("/parts/proof")
def proof(request: Request) -> Response:
    """The dialog of the proof with its words in one language: most pages are never asked for it."""
    lang = negotiate(request)
    words = catalogue(lang)
    markup = ENVIRONMENT.get_template("partials/proof.html").render(t=words, form=FORM, rules=RULES)
    own = {key: text for key, text in words.items() if key.startswith(LATER)}
    return respond(request, json_bytes({"markup": markup, "words": own}))


def _asked(query: Mapping[str, str], runs: Runs) -> Opening:
    """What the address asks for.

    Raises:
        Problem: There is no such preset, or no such position.
    """
    if "preset" not in query:
        return Opening(_preset(DEFAULT, runs), selection=OPENS_WITH)
    preset, text = query["preset"], query.get("p", "0")
    live = _preset(preset, runs)
    if not re.fullmatch("[0-9]{1,15}", text):
        raise Problem("position_unknown", "Expected a whole number.", p=brief(text))
    position = int(text)
    live.expect_position(position, "query.p")
    return Opening(live, preset, position, _cell(query.get("sel", ""), position))


def _preset(name: str, runs: Runs) -> Live:
    if name not in PRESETS:
        raise Problem("preset_unknown", "There is no preset of this name.", preset=brief(name))
    return runs.create(Spec.model_validate(PRESETS[name]))[0]


def _cell(text: str, position: int) -> dict[str, Any] | None:
    """`TENSOR,row,column`; whether the run has such a cell is the page's to see, as with every link."""
    found = re.fullmatch("([a-z0-9_.]{1,100}),([0-9]{1,9}),([0-9]{1,9})", text)
    if found is None:
        return None
    return {"tensor": found[1], "index": [int(found[2]), int(found[3])], "position": position}


def _boot(opening: Opening, lang: Language) -> dict[str, Any]:
    live = opening.live
    steps = live.run.steps_per_iteration
    iteration = opening.position // steps
    near = (iteration + 1) * live.plan.seconds <= PATIENCE
    ends = (iteration * steps, (iteration + 1) * steps - 1) if near else ()
    return {
        "build": BUILD,
        "lang": lang,
        "catalogue": {key: text for key, text in catalogue(lang).items() if not key.startswith(LATER)},
        "scales": orjson.loads((STATIC / "scales.json").read_bytes()),
        "presets": PRESETS,
        "opens": {"preset": opening.preset, "position": opening.position, "selection": opening.selection},
        "notice": opening.notice,
        "run": describe_run(live),
        "frames": [describe_frame(live, live.run.frame(position)) for position in ends],
    }


def _script_json(value: object) -> Markup:
    """JSON that no HTML parser takes for the end of its script element."""
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return Markup(text.replace("<", "\\u003c"))
