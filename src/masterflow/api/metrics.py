"""Metrics for Prometheus, for this machine or for who has the token; a worker serves them on a port of its own."""

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, FastAPI, Request
from pydantic import SecretStr
from starlette.responses import Response

from masterflow.api import errors, health
from masterflow.api.parts import Parts
from masterflow.api.telling import Telling
from masterflow.errors import NotAllowed, NotAuthenticated
from masterflow.logs.metrics import CONTENT_TYPE, exposition
from masterflow.orchestrator.vitals.service import Vitals

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **errors.problems(401, 403)},
)
async def get_metrics(request: Request, services: Parts) -> Response:
    """What this process counts, in Prometheus' text form."""
    return await _answer(request, services.vitals, services.metrics_token)


def worker_application(vitals: Vitals, token: SecretStr | None) -> FastAPI:
    """What a worker serves: metrics, and whether it lives."""
    app = FastAPI(title="Masterflow worker", openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/metrics")
    async def get_worker_metrics(request: Request) -> Response:
        return await _answer(request, vitals, token)

    app.get("/health/live")(health.live)
    errors.install(app)
    app.add_middleware(Telling)
    return app


async def _answer(request: Request, vitals: Vitals | None, token: SecretStr | None) -> Response:
    _let_in(request, token)
    content = exposition() if vitals is None else await vitals.exposition()
    return Response(content, headers={"Content-Type": CONTENT_TYPE})


def _let_in(request: Request, token: SecretStr | None) -> None:
    """Let in who has the token; where there is none, who asks from this machine and for nobody else."""
    if token is None:
        if not _from_here(request):
            raise NotAllowed(
                "Metrics are for this machine.", hint="Set MASTERFLOW_METRICS_TOKEN and send it as a bearer."
            )
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        raise NotAuthenticated(
            "Metrics need their token.", hint="Send `Authorization: Bearer` and MASTERFLOW_METRICS_TOKEN."
        )


def _from_here(request: Request) -> bool:
    if any(name in request.headers for name in FORWARDED):  # a proxy on this machine asks for somebody elsewhere
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
