"""Requests with an `Idempotency-Key`: sent once or ten times, they have one effect and one answer.

The body is read before anything else, for its digest; then all that the route does is one transaction, and its answer
is kept in it. An answer of 400 or more undoes everything and is not kept: the same key may be tried again.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping
from typing import IO

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masterflow.api.errors import answer, refusal
from masterflow.db.calls import IdempotencyKey
from masterflow.db.keys import Answer, KeyPlace
from masterflow.db.session import Database
from masterflow.errors import InvalidInput, MasterflowError
from masterflow.tenancy.types import Principal

KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200  # characters
KEPT_HEADERS = ("content-type", "etag", "location")
KEPT_IN_MEMORY = 1_048_576  # bytes of a body before it goes to a temporary file


def key_given(headers: Headers) -> str | None:
    """The key of a request, if it has one.

    Raises:
        InvalidInput: it is not 1 to 200 visible ASCII characters, or there are several.
    """
    given = headers.getlist(KEY)
    if not given:
        return None
    text = given[0]
    if len(given) > 1 or not 0 < len(text) <= LONGEST_KEY or not all("!" <= character <= "~" for character in text):
        raise InvalidInput(
            f"{KEY} is {', '.join(given)[:80]!r}, which is no key.",
            hint=f"Send one of 1 to {LONGEST_KEY} visible ASCII characters, such as a new UUID for every request.",
        )
    return text


class BodyDigest:
    """The SHA-256 of a request: its method, its path, and its body, however its parts are told from each other.

    A form that is sent again has a boundary of its own each time; it is the same form.
    """

    def __init__(self, scope: Scope) -> None:
        target = f"{scope['method']} {scope['path']}?".encode() + scope["query_string"]
        self._hash = hashlib.sha256(hashlib.sha256(target).digest())
        self._boundary = _boundary(Headers(scope=scope))
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        if not self._boundary:
            self._hash.update(chunk)
            return
        *whole, rest = (self._rest + chunk).split(self._boundary)
        for part in whole:
            self._hash.update(part + b"\0boundary\0")
        known = max(0, len(rest) - len(self._boundary) + 1)  # what comes after may be the rest of a boundary
        self._hash.update(rest[:known])
        self._rest = rest[known:]

    def value(self) -> bytes:
        """The digest of all that was taken."""
        self._hash.update(self._rest)
        self._rest = b""
        return self._hash.digest()


class Body:
    """A body that was read to its end, to be read again by the route."""

    def __init__(self, file: IO[bytes], size_bytes: int, receive: Receive) -> None:
        self._file = file
        self._left = size_bytes
        self._receive = receive
        self._ended = False

    async def receive(self) -> Message:
        """The body in pieces, and then what else the caller sends."""
        if self._ended:
            return await self._receive()
        piece = await asyncio.to_thread(self._file.read, KEPT_IN_MEMORY) if self._left else b""
        self._left -= len(piece)
        self._ended = self._left == 0
        return {"type": "http.request", "body": piece, "more_body": not self._ended}


class Buffered:
    """An answer that is held back until what it says is kept."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        """Take a message of the answer."""
        self._messages.append(message)

    async def release(self, send: Send) -> None:
        """Let the answer go."""
        for message in self._messages:
            await send(message)

    @property
    def status(self) -> int:
        """What the answer begins with."""
        status: int = self._messages[0]["status"]
        return status

    def answer(self) -> Answer:
        """The answer as it is kept."""
        headers = Headers(raw=self._messages[0]["headers"])
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        return Answer(self.status, kept, b"".join(message.get("body", b"") for message in self._messages[1:]))


class Keyed:
    """Serves one request under its key."""

    def __init__(self, app: ASGIApp, database: Database, actor: Principal, key: str) -> None:
        self._app = app
        self._database = database
        self._actor = actor
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as before if the request was answered before; else serve it and keep the answer."""
        with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY) as file:
            digest = BodyDigest(scope)
            try:
                size = await _read(receive, file, digest)
                served = await self._serve(scope, Body(file, size, receive), digest.value())
            except _Gone:
                return
            except HTTPException as error:
                served = refusal(error.status_code, str(error.detail))
            except MasterflowError as error:
                served = answer(error)
            await (served.release(send) if isinstance(served, Buffered) else served(scope, receive, send))

    async def _serve(self, scope: Scope, body: Body, digest: bytes) -> Buffered | Response:
        tenant, key = self._actor.tenant, IdempotencyKey(text=self._key, digest=digest)
        place = KeyPlace(tenant.client_account_id, tenant.engagement_id, self._actor.user_id, key)
        known = await self._database.answered(place)
        if known is not None:
            return _replay(known)
        async with self._database.together(tenant, place) as together:
            buffered = Buffered()
            await self._app(scope, body.receive, buffered.send)
            if buffered.status < 400:
                await together.conclude(buffered.answer())
        return buffered


class _Gone(Exception):
    """The caller went away before the body was there."""


async def _read(receive: Receive, file: IO[bytes], digest: BodyDigest) -> int:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        digest.add(chunk)
        if size > KEPT_IN_MEMORY:
            await asyncio.to_thread(file.write, chunk)
        else:
            file.write(chunk)
    file.seek(0)
    return size


def _replay(known: Answer) -> Response:
    headers: Mapping[str, str] = {**known.headers, REPLAYED: "true"}
    return Response(known.body, status_code=known.status, headers=dict(headers))


def _boundary(headers: Headers) -> bytes:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "multipart/form-data":
        return b""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "boundary":
            return value.strip('"').encode("latin-1")
    return b""
