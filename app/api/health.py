"""Is the service there, can it work, and what does it do?"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.api.dependencies import TrainerDep, problems
from app.encoding import json_bytes
from app.metrics import MEDIA_TYPE
from app.schemas.answers import Health, Ready

router = APIRouter(tags=["service"])

NOT_KEPT = {"Cache-Control": "no-store"}


@router.get("/healthz", response_model=Health)
async def health() -> Response:
    """Whether the service answers."""
    return Response(json_bytes({"status": "ok"}), media_type="application/json", headers=NOT_KEPT)


@router.get("/readyz", response_model=Ready, responses=problems(503))
def ready(request: Request, trainer: TrainerDep) -> Response:
    """Whether the service can take work: its store answers, and it is not being stopped.

    Raises:
        Problem: 503, with the reason.
    """
    trainer.expect_open()
    request.app.state.store.expect_there()
    return Response(json_bytes({"status": "ready"}), media_type="application/json", headers=NOT_KEPT)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Requests, latencies, caches, queues and streams, in Prometheus' text format."""
    state = request.app.state
    state.metrics.measure(state.runs, state.trainer)
    return Response(state.metrics.text(), media_type=MEDIA_TYPE, headers=NOT_KEPT)
