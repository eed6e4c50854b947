"""What is told of every request: one line of log, one count, one span. The outermost layer of the application."""

import re
from time import perf_counter

from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masterflow.api.guard import REQUEST_ID
from masterflow.api.parts import Admission
from masterflow.logs import get_logger
from masterflow.logs.metrics import METHODS, OTHER, count_request
from masterflow.logs.spans import failed, span

RESOURCES = "/api/v1"  # below it lies every resource
SILENT = ("/health/", "/metrics")  # asked every few seconds: counted, but not logged

_AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # what a caller wrote otherwise is not told
_log = get_logger(__name__)


class Telling:
    """Wraps the application, guard and all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and tell of it; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, request_id = perf_counter(), 500, ""

        async def send_seen(message: Message) -> None:
            nonlocal status, request_id
            if message["type"] == "http.response.start":
                status = message["status"]
                request_id = Headers(raw=message["headers"]).get(REQUEST_ID, "")
            await send(message)

        traceparent = Headers(scope=scope).get("traceparent")
        parent = {"traceparent": traceparent} if traceparent else None
        verb = verb_of(scope)
        with span(verb, {"http.request.method": verb}, kind=SpanKind.SERVER, parent=parent) as seen:
            try:
                await self._app(scope, receive, send_seen)
            finally:
                route = route_of(scope)
                seen.update_name(f"{verb} {route or ''}".strip())
                seen.set_attribute("http.response.status_code", status)
                seen.set_attributes({"http.route": route or "", "masterflow.request_id": request_id, **_ids(scope)})
                if status >= 500:
                    failed(seen, str(status))
                seconds = perf_counter() - started
                count_request(route=route, method=verb, status=status, seconds=seconds)
                _tell(scope, route=route, status=status, seconds=seconds, request_id=request_id)


def route_of(scope: Scope) -> str | None:
    """The template of the path, such as `/api/v1/flows/{flow_id}`; None when no route has it."""
    path = str(getattr(scope.get("route"), "path", ""))
    # An included router names only its own part of the path.
    under = RESOURCES if scope["path"].startswith(RESOURCES) and not path.startswith(RESOURCES) else ""
    return f"{under}{path}" if path else None


def verb_of(scope: Scope) -> str:
    """The method, or `other` for one that nobody knows: callers may send any word."""
    return scope["method"] if scope["method"] in METHODS else OTHER


def _tell(scope: Scope, *, route: str | None, status: int, seconds: float, request_id: str) -> None:
    if scope["path"].startswith(SILENT):
        return
    _log.info(
        "request",
        method=verb_of(scope),
        route=route,
        status=status,
        duration_ms=round(seconds * 1000, 1),
        request_id=request_id,
        **_ids(scope),
    )


def _ids(scope: Scope) -> dict[str, str]:
    """Whose request it was, and about which flow."""
    admission = scope.get("state", {}).get("admission")
    ids = {}
    if isinstance(admission, Admission):
        actor = admission.access.principal
        ids = {
            "client_account_id": str(actor.tenant.client_account_id),
            "engagement_id": str(actor.tenant.engagement_id),
            "user_id": str(actor.user_id),
        }
    flow_id = str(scope.get("path_params", {}).get("flow_id", ""))
    return ids | ({"flow_id": flow_id} if _AN_ID.fullmatch(flow_id) else {})
