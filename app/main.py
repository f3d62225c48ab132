"""The application: its parts put together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from app import docs, pages, sign_in, validation
from app.admission import Admission
from app.api import (
    autopsy,
    backprop,
    chains,
    checks,
    compare,
    conventions,
    datasets,
    faults,
    figures,
    frames,
    grade,
    heads,
    health,
    history,
    history_figures,
    jacobians,
    layers,
    regions,
    runs,
    samples,
    snippets,
    stream,
    tensors,
)
from app.api.dependencies import problems
from app.bodies import BodyLimit
from app.csv_data import table_of
from app.desk import PLACES, Desk
from app.examples import PLANE, SPEC, TABLE
from app.gate import REFUSALS, Gate
from app.metrics import Metrics
from app.middleware import SecurityHeaders
from app.observed import Observed
from app.problems import Problem
from app.resources import STATIC
from app.runs import Runs
from app.schemas.spec import Spec
from app.sessions import Sessions
from app.settings import Settings
from app.static_files import PageFiles
from app.store import Store
from app.training import Trainer


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service.

    Args:
        settings: From the environment unless given.
    """
    settings = settings or Settings()
    store = Store(settings.database_url, settings.store_bytes)
    trainer = Trainer(settings)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        trainer.close()
        store.close()

    app = FastAPI(
        title="Backglass",
        version=docs.VERSION,
        description=docs.DESCRIPTION,
        lifespan=lifespan,
        openapi_url=docs.OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.store = store
    app.state.runs = Runs(settings, store)
    app.state.trainer = trainer
    app.state.metrics = metrics
    app.state.sessions = Sessions(settings)
    _keep_examples(app.state.runs)
    app.state.desk = Desk(PLACES, settings.max_waiting)
    validation.install(app)
    app.include_router(health.router)
    app.include_router(_api())
    app.include_router(docs.router)
    app.include_router(pages.router)
    app.include_router(sign_in.router)
    app.mount("/static", PageFiles(directory=STATIC), name="static")
    app.add_middleware(Admission, most=settings.max_requests, threads=settings.threads)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(Gate, settings=settings, sessions=app.state.sessions)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observed, metrics=metrics, gauges=lambda: metrics.measure(app.state.runs, trainer))
    return app


def _keep_examples(runs: Runs) -> None:
    """What the documentation's examples speak of."""
    try:
        for spec in (PLANE, SPEC):
            runs.keep_example(Spec.model_validate(spec))
        runs.uploads.add_example(table_of(TABLE.encode(), None))
    except Problem as problem:  # smaller limits than they need
        logging.getLogger(__name__).warning("the documentation's examples do not work: %s", problem)


def _api() -> APIRouter:
    api = APIRouter(prefix=docs.API, responses=problems(*REFUSALS))
    single = (backprop, layers, heads)
    of_frames = (frames, samples, tensors, snippets, chains, jacobians, figures, regions)
    of_proof = (
        autopsy,
        checks,
        conventions,
        faults,
        grade,
    )
    of_training = (stream, history, history_figures)
    for part in (*single, runs, *of_frames, *of_proof, *of_training, compare, datasets):
        api.include_router(part.router)
    return api
