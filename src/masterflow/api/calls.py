"""The call that a request is: told to everything that serves it, and recorded in the audit if it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masterflow.api.csrf import READING
from masterflow.api.errors import PROBLEM_JSON, answer
from masterflow.api.keys import Keyed, key_given
from masterflow.api.operations import meant
from masterflow.api.parts import Admission
from masterflow.db.calls import Call, Ongoing, calling
from masterflow.db.session import Database
from masterflow.errors import InvalidInput, Unavailable
from masterflow.logs import get_logger
from masterflow.tenancy.types import Principal

_log = get_logger(__name__)


async def serve_call(app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, request_id: str) -> None:
    """Serve a request that the guard let in, as the call of whoever asks; a refusal is recorded before it is sent."""
    admission: Admission | None = scope.get("state", {}).get("admission")
    if admission is None:
        await app(scope, receive, send)
        return
    actor = admission.access.principal
    database: Database = scope["app"].state.services.database
    with calling(_call(scope, actor, request_id)) as ongoing:
        ongoing.flow_id = _flow_id(ongoing.call.detail)
        recorder = _Recorder(scope, send, database, actor, ongoing)
        await _keyed(app, scope, database, actor)(scope, receive, recorder.send)


class _Recorder:
    """Passes an answer on; one that refuses only after the audit knows of it."""

    def __init__(self, scope: Scope, send: Send, database: Database, actor: Principal, ongoing: Ongoing) -> None:
        self._scope = scope
        self._send = send
        self._database = database
        self._actor = actor
        self._ongoing = ongoing
        self._held: list[Message] = []

    async def send(self, message: Message) -> None:
        """Take a message of the answer."""
        if not self._held and not self._refuses(message):
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._record()
            for held in self._held:
                await self._send(held)

    def _refuses(self, message: Message) -> bool:
        """A command that is refused is worth a line; a read only if the person may not see what they asked for."""
        if message["type"] != "http.response.start":
            return False
        status: int = message["status"]
        return status == HTTPStatus.FORBIDDEN if self._ongoing.call.reads else 400 <= status < 500

    async def _record(self) -> None:
        code, message = _said(self._held)
        ongoing = self._ongoing
        if ongoing.call.reads:
            name, ids = _meant(self._scope)
            ongoing = Ongoing(replace(ongoing.call, action=name, detail=ids), flow_id=_flow_id(ids))
        try:
            await self._database.note_refusal(self._actor.tenant, ongoing, code=code, message=message)
        except Unavailable:
            _log.warning("refusal_not_recorded", action=ongoing.call.action, code=code)


def _said(messages: Sequence[Message]) -> tuple[str, str]:
    """Code and words of a refusal; what is no problem document has a status and no words."""
    start, *pieces = messages
    if Headers(raw=start["headers"]).get("content-type") != PROBLEM_JSON:
        return f"http.{start['status']}", ""
    problem = orjson.loads(b"".join(piece.get("body", b"") for piece in pieces))
    return problem["code"], problem["detail"]


def _keyed(app: ASGIApp, scope: Scope, database: Database, actor: Principal) -> ASGIApp:
    if scope["method"] in READING:
        return app
    try:
        key = key_given(Headers(scope=scope))
    except InvalidInput as error:
        return answer(error)
    return Keyed(app, database, actor, key) if key else app


def _call(scope: Scope, actor: Principal, request_id: str) -> Call:
    reads = scope["method"] in READING
    name, ids = ("", {}) if reads else _meant(scope)
    return Call(
        actor=actor.email,
        user_id=actor.user_id,
        through=actor.through,
        action=name,
        request_id=request_id,
        detail=ids,
        reads=reads,
    )


def _meant(scope: Scope) -> tuple[str, Mapping[str, str]]:
    return meant(scope["app"].state.operations, scope["method"], scope["path"])


def _flow_id(ids: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(ids["flow_id"]) if "flow_id" in ids else None
    except ValueError:
        return None
