"""The HTML pages: one so far, the laboratory, served with a living run in it."""

from typing import Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from app.api.dependencies import RunsDep
from app.api.frames import describe as describe_frame
from app.api.runs import describe as describe_run
from app.locales import Language, catalogue, negotiate
from app.presets import DEFAULT, OPENS_AT, OPENS_WITH, PRESETS
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


@router.get("/", response_class=HTMLResponse)
def lab(request: Request, runs: RunsDep) -> HTMLResponse:
    """The stage, on the default run, which needs no further request to be painted."""
    lang = negotiate(request)
    page = ENVIRONMENT.get_template("lab.html").render(
        lang=lang,
        t=catalogue(lang),
        presets=list(PRESETS),
        favicon=ICON,
        boot=_script_json(_boot(runs, lang)),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})


def _boot(runs: Runs, lang: Language) -> dict[str, Any]:
    live, _ = runs.create(Spec.model_validate(PRESETS[DEFAULT]))
    last = live.run.steps_per_iteration - 1
    return {
        "build": BUILD,
        "lang": lang,
        "catalogue": catalogue(lang),
        "scales": orjson.loads((STATIC / "scales.json").read_bytes()),
        "presets": PRESETS,
        "opens": {"preset": DEFAULT, "position": OPENS_AT, "selection": OPENS_WITH},
        "run": describe_run(live),
        "frames": [describe_frame(live, live.run.frame(position)) for position in (0, last)],
    }


def _script_json(value: object) -> Markup:
    """JSON that no HTML parser takes for the end of its script element."""
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return Markup(text.replace("<", "\\u003c"))
