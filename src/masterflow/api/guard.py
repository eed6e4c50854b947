"""What every request passes before a route sees it, and every answer before it leaves.

Nothing under `/api` is open but signing in: who asks is known before the first byte of a body is read. A body is
refused by its declared type and by its size, an error nobody foresaw is logged once and answered without its details.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masterflow.api.calls import serve_call
from masterflow.api.credentials import admit, is_open
from masterflow.api.errors import answer, breakdown, refusal
from masterflow.errors import MasterflowError
from masterflow.logs import get_logger

REQUEST_ID = "Masterflow-Request-Id"
PRIVATE = "/api/"
MAX_JSON_BYTES = 16_000_000
MAX_OPEN_BYTES = 4_000  # from somebody who is not known yet
MULTIPART_OVERHEAD_BYTES = 64_000

API_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BodyRule:
    """The media types that one route takes."""

    path: re.Pattern[str]
    method: str
    media_types: frozenset[str]


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, max_upload_bytes: int) -> None:
        self._app = app
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        started = False

        async def send_secured(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _secure(MutableHeaders(scope=message), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._serve(scope, receive, send_secured, request_id)
            except Exception:  # boundary: one HTTP request
                _log.exception("request broke", method=scope["method"], path=scope["path"])
                if started:
                    raise
                await breakdown(request_id)(scope, receive, send_secured)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        try:
            await self._let_in(scope)
        except MasterflowError as error:
            _log.info("request refused", method=scope["method"], path=scope["path"], code=error.code)
            await answer(error)(scope, receive, send)
            return
        limit, refused = self._judge_body(scope)
        await serve_call(refused or self._app, scope, _bounded(receive, limit), send, request_id=request_id)

    async def _let_in(self, scope: Scope) -> None:
        if scope["path"].startswith(PRIVATE) and not is_open(scope):
            state = scope.setdefault("state", {})
            state["admission"] = await admit(scope)
            state["let_in_again"] = partial(self._let_in, scope)  # for an answer that lasts longer than a right may

    def _judge_body(self, scope: Scope) -> tuple[int, Response | None]:
        """How many bytes the body may have, and the refusal if it is known already."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        given = headers.get("content-type", "").partition(";")[0].strip().lower()
        is_upload = given == "multipart/form-data"
        limit = self._max_upload_bytes + MULTIPART_OVERHEAD_BYTES if is_upload else MAX_JSON_BYTES
        if is_open(scope):
            limit = MAX_OPEN_BYTES
        if length.isdigit() and int(length) > limit:
            return limit, refusal(413, _too_large(limit))
        has_body = length not in {"", "0"} or "transfer-encoding" in headers
        taken = _media_types(scope) if has_body else None
        if taken and given not in taken:
            return limit, refusal(
                415, f"This route takes {' or '.join(sorted(taken))}, not {given or 'an unnamed type'}."
            )
        return limit, None


def _media_types(scope: Scope) -> frozenset[str] | None:
    rules: tuple[BodyRule, ...] = scope["app"].state.body_rules
    for rule in rules:
        if rule.method == scope["method"] and rule.path.fullmatch(scope["path"]):
            return rule.media_types
    return None


def body_rules(openapi: Mapping[str, Mapping[str, Mapping[str, object]]]) -> tuple[BodyRule, ...]:
    """The media types of every route that takes a body, read from the application's own description."""
    rules = []
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody") if isinstance(operation, Mapping) else None
            if isinstance(body, Mapping):
                pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
                rules.append(BodyRule(re.compile(pattern), method.upper(), frozenset(body["content"])))
    return tuple(rules)


def _request_id(headers: Headers) -> str:
    """The caller's own id for the request if it is safe to log, or a new one."""
    given = headers.get(REQUEST_ID, "")
    return given if _GIVEN_ID.fullmatch(given) else uuid4().hex


def _secure(headers: MutableHeaders, request_id: str) -> None:
    for name, value in API_HEADERS.items():
        headers.setdefault(name, value)
    headers[REQUEST_ID] = request_id


def _bounded(receive: Receive, limit: int) -> Receive:
    """`receive`, until the body is longer than `limit` bytes: its declared length need not be true."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return bounded


def _too_large(limit: int) -> str:
    return f"The body is larger than the limit of {limit / 1_000_000:,.6g} MB."
