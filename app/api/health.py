"""Is the service there?"""

from fastapi import APIRouter, Response

from app.encoding import json_bytes
from app.schemas.answers import Health

router = APIRouter(tags=["service"])


@router.get("/healthz", response_model=Health)
async def health() -> Response:
    """Whether the service answers."""
    return Response(
        json_bytes({"status": "ok"}), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
