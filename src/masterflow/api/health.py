"""Whether the process lives, and whether it can work: over a connection of its own, so a full pool does not lie.

Anybody may ask, so one probe runs at a time and its answer is good for a second.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from masterflow.api.parts import Services, services_of
from masterflow.db.health import WORKER_SEEN_WITHIN, Health


class Alive(BaseModel):
    """The process answers."""

    status: str


class Check(BaseModel):
    """One thing that was looked at."""

    name: str
    ok: bool
    says: str


class Ready(BaseModel):
    """`ready`; `degraded` while no worker moves flows; `unavailable` (503) while nothing can be read."""

    status: str
    checks: list[Check]


UNKNOWN = "unknown while the database does not answer"

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", response_model=Alive)
async def live() -> Alive:
    """Whether the process answers."""
    return Alive(status="alive")


@router.get("/ready", response_model=Ready, responses={503: {"model": Ready, "description": "Nothing can be read"}})
async def ready(services: Annotated[Services, Depends(services_of)]) -> Response:
    """Whether the database answers, is migrated, and a worker was seen within 30 seconds."""
    checks = _checks(await services.probed.health(services.urls))
    works, worker = all(check.ok for check in checks[:-1]), checks[-1].ok
    status = "ready" if works and worker else "degraded" if works else "unavailable"
    body = Ready(status=status, checks=checks)
    return Response(body.model_dump_json(), status_code=200 if works else 503, media_type="application/json")


def _checks(health: Health) -> list[Check]:
    if health.trouble is not None:
        return [
            Check(name="database", ok=False, says=health.trouble),
            Check(name="migrations", ok=False, says=UNKNOWN),
            Check(name="worker", ok=False, says=UNKNOWN),
        ]
    migrated = health.migrated
    seen = health.worker_age is not None and health.worker_age <= WORKER_SEEN_WITHIN
    return [
        Check(name="database", ok=True, says="answers"),
        Check(
            name="migrations",
            ok=migrated,
            says=f"at {health.revision}"
            if migrated
            else f"at {health.revision}, newest is {health.newest_revision}: run `masterflow db migrate`",
        ),
        Check(name="worker", ok=seen, says=_worker(health.worker_age)),
    ]


def _worker(age: timedelta | None) -> str:
    if age is None:
        return "none was ever seen: start `masterflow worker`"
    seconds = round(age.total_seconds())
    return (
        f"seen {seconds} s ago"
        if age <= WORKER_SEEN_WITHIN
        else f"last seen {seconds} s ago: start `masterflow worker`"
    )
